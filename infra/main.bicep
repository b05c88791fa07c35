// A resource group with all that one environment of CustomerPipeline needs. azd and the workflow deploy this file.
targetScope = 'subscription'

@description('Name of the environment, such as dev or prod: it is part of every name.')
@minLength(2)
@maxLength(10)
param environmentName string

@description('Where everything is. Strong consistency keeps Cosmos DB in one region.')
param location string

@description('Who is told by the alerts.')
param alertEmail string

@description('Container app settings of the section CustomerPipeline, such as { DefaultCurrency: \'EUR\' } (docs/operations.md).')
param pipelineSettings object = {}

@description('Sources whose webhooks are signed: their secrets are put into the key vault as webhook-NAME.')
param webhookSources array = []

@description('Client id of the app registration that stands for the API (docs/operations.md). Empty: nobody gets at personal data over HTTP.')
param apiClientId string = ''

@description('Request units a second that all containers share at most; autoscale goes down to a tenth.')
@minValue(1000)
param sharedThroughput int = 1000

@description('Request units a second at most for a container of its own, by container: those that drive the flow, once the shared ones are too few.')
param dedicatedThroughput object = {}

@description('Instances of the app at most.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Close the stores, the queues, the vault and the topic to the public internet: needs Service Bus Premium. The app itself stays open, because webhooks come from there.')
param privateNetwork bool = false

@description('How far back Cosmos DB can be restored. An erasure is complete when these days are over.')
@allowed(['Continuous7Days', 'Continuous30Days'])
param backupTier string = 'Continuous7Days'

@description('Refuse to delete what holds data, until somebody takes the lock away.')
param deleteLocks bool = true

@description('What a month may cost, in the currency of the bills: mails at 80 % spent and at 100 % foreseen. 0 for none.')
@minValue(0)
param monthlyBudget int = 0

@description('First day of the month that the budget begins in. The service refuses earlier months for a new budget.')
param budgetStart string = utcNow('yyyy-MM-01')

var tags = { 'azd-env-name': environmentName, application: 'customerpipeline' }

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-customerpipeline-${environmentName}'
  location: location
  tags: tags
}

module pipeline 'pipeline.bicep' = {
  scope: group
  params: {
    environmentName: environmentName
    location: location
    tags: tags
    alertEmail: alertEmail
    pipelineSettings: pipelineSettings
    webhookSources: webhookSources
    apiClientId: apiClientId
    sharedThroughput: sharedThroughput
    dedicatedThroughput: dedicatedThroughput
    maximumInstances: maximumInstances
    privateNetwork: privateNetwork
    backupTier: backupTier
    deleteLocks: deleteLocks
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
  }
}

@description('For the workflow that deploys the code.')
output AZURE_FUNCTION_APP_NAME string = pipeline.outputs.functionAppName

@description('For the workflow that deploys the code.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Where webhooks and queries go.')
output SERVICE_API_URI string = pipeline.outputs.uri

@description('For producers that write to the queues themselves.')
output SERVICE_BUS_NAMESPACE string = pipeline.outputs.serviceBusNamespace
