// One environment: the app, what it keeps its state in, and who may do what. The app's identity is all that holds it together: there are no keys.
@description('Name of the environment.')
@minLength(2)
param environmentName string

@description('Where everything is.')
param location string

@description('Tags of every resource.')
param tags object

@description('Who is told by the alerts.')
param alertEmail string

@description('App settings of the section CustomerPipeline.')
param pipelineSettings object

@description('Sources whose webhooks are signed.')
param webhookSources array

@description('Client id of the app registration that stands for the API; empty for none.')
param apiClientId string

@description('Request units a second that all containers share at most.')
param sharedThroughput int

@description('Request units a second at most for a container of its own, by container.')
param dedicatedThroughput object

@description('Instances of the app at most.')
param maximumInstances int

@description('Close the stores, the queues, the vault and the topic to the public internet.')
param privateNetwork bool

@description('How far back Cosmos DB can be restored.')
param backupTier string

@description('Refuse to delete what holds data.')
param deleteLocks bool

@description('What a month may cost; 0 for no alert.')
param monthlyBudget int

@description('First day of the month that the budget begins in.')
param budgetStart string

var name = 'cp-${environmentName}-${take(uniqueString(subscription().id, resourceGroup().id), 6)}'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${name}'
  location: location
  tags: tags
}

module network 'modules/network.bicep' = if (privateNetwork) {
  params: { name: name, location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  params: { name: name, location: location, tags: tags, principalId: identity.properties.principalId }
}

module storage 'modules/storage.bicep' = {
  params: { name: name, location: location, tags: tags, principalId: identity.properties.principalId, privateNetwork: privateNetwork, workspaceId: monitoring.outputs.workspaceId, deleteLocks: deleteLocks }
}

module serviceBus 'modules/service-bus.bicep' = {
  params: { name: name, location: location, tags: tags, principalId: identity.properties.principalId, privateNetwork: privateNetwork, workspaceId: monitoring.outputs.workspaceId, deleteLocks: deleteLocks }
}

module cosmos 'modules/cosmos.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    principalId: identity.properties.principalId
    sharedThroughput: sharedThroughput
    dedicatedThroughput: dedicatedThroughput
    privateNetwork: privateNetwork
    workspaceId: monitoring.outputs.workspaceId
    deleteLocks: deleteLocks
    backupTier: backupTier
  }
}

module vault 'modules/key-vault.bicep' = {
  params: { name: name, location: location, tags: tags, principalId: identity.properties.principalId, privateNetwork: privateNetwork, workspaceId: monitoring.outputs.workspaceId, deleteLocks: deleteLocks }
}

module events 'modules/event-grid.bicep' = {
  params: { name: name, location: location, tags: tags, principalId: identity.properties.principalId, privateNetwork: privateNetwork, workspaceId: monitoring.outputs.workspaceId }
}

module privateEndpoints 'modules/private-endpoint.bicep' = [
  for endpoint in [
    { key: 'cosmos', group: 'Sql', zone: 'privatelink.documents.azure.com' }
    { key: 'servicebus', group: 'namespace', zone: 'privatelink.servicebus.windows.net' }
    { key: 'host', group: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
    { key: 'archive', group: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
    { key: 'vault', group: 'vault', zone: 'privatelink.vaultcore.azure.net' }
    { key: 'events', group: 'topic', zone: 'privatelink.eventgrid.azure.net' }
  ]: if (privateNetwork) {
    name: 'endpoint-${endpoint.key}'
    params: {
      name: 'pe-${endpoint.key}-${name}'
      location: location
      tags: tags
      subnetId: network!.outputs.endpointSubnetId
      zoneId: resourceId('Microsoft.Network/privateDnsZones', endpoint.zone)
      groupId: endpoint.group
      targetId: {
        cosmos: cosmos.outputs.accountId
        servicebus: serviceBus.outputs.namespaceId
        host: storage.outputs.hostAccountId
        archive: storage.outputs.archiveAccountId
        vault: vault.outputs.vaultId
        events: events.outputs.topicId
      }[endpoint.key]
    }
  }
]

module app 'modules/function-app.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    identityId: identity.id
    clientId: identity.properties.clientId
    maximumInstances: maximumInstances
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    deploymentContainerUri: storage.outputs.deploymentContainerUri
    hostBlobUri: storage.outputs.hostBlobUri
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    appSettings: union(
      {
        CosmosConnection__accountEndpoint: cosmos.outputs.endpoint
        CosmosDatabase: cosmos.outputs.databaseName
        ServiceBusConnection__fullyQualifiedNamespace: serviceBus.outputs.host
        ServiceBusResourceId: serviceBus.outputs.namespaceId
        RawArchive: storage.outputs.rawArchiveUri
        FigureFiles: storage.outputs.figureFilesUri
        EraseSchedule: '0 */5 * * * *'
        MetricEventsSchedule: '30 */5 * * * *'
        EventTopic: events.outputs.endpoint
        EntraAuthority: environment().authentication.loginEndpoint
        EntraTenantId: tenant().tenantId
        EntraClientId: apiClientId
      },
      toObject(items(pipelineSettings), item => 'CustomerPipeline__${item.key}', item => string(item.value)),
      toObject(
        webhookSources,
        source => 'CustomerPipeline__Webhooks__${source}__Secrets__0',
        source => '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/webhook-${source})'
      )
    )
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    email: alertEmail
    serviceBusId: serviceBus.outputs.namespaceId
    cosmosId: cosmos.outputs.accountId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  params: { name: name, email: alertEmail, monthlyAmount: monthlyBudget, start: budgetStart }
}

output functionAppName string = app.outputs.functionAppName
output uri string = app.outputs.uri
output serviceBusNamespace string = serviceBus.outputs.host
