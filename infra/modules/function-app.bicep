// The app on the Flex Consumption plan.
param name string
param location string
param tags object
param identityId string
param clientId string
param maximumInstances int

@description('Of the virtual network; empty for none.')
param subnetId string
param deploymentContainerUri string
param hostBlobUri string
param applicationInsightsConnectionString string

@description('What the code reads, besides what the platform needs.')
param appSettings object

@description('Memory of an instance: its share of processor time goes with it.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

// Triggers find the identity by their connection's name.
var identityOf = [
  { connection: 'AzureWebJobsStorage' }
  { connection: 'CosmosConnection' }
  { connection: 'ServiceBusConnection' }
]

var platformSettings = union(
  {
    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
    AZURE_CLIENT_ID: clientId
    AzureWebJobsStorage__blobServiceUri: hostBlobUri
  },
  toObject(identityOf, item => '${item.connection}__credential', item => 'managedidentity'),
  toObject(identityOf, item => '${item.connection}__clientId', item => clientId)
)

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${name}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled', http20Enabled: true }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUri
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: { maximumInstanceCount: maximumInstances, instanceMemoryMB: instanceMemoryMB }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(platformSettings, appSettings)
  }

  // No passwords to deploy with.
  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

output functionAppName string = app.name
output uri string = 'https://${app.properties.defaultHostName}'
