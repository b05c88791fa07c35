// The topic that the pipeline tells its events to. Whoever wants them subscribes to it: retries, dead letters and filters are the subscription's.
param name string
param location string
param tags object
param principalId string
param privateNetwork bool
param workspaceId string

var dataSender = 'd5a91429-5739-47e2-a06b-3470a27159e7'

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: 'evgt-${name}'
  location: location
  tags: tags
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
  }
}

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(topic.id, principalId, dataSender)
  scope: topic
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataSender)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// Events that were not taken or not delivered.
#disable-next-line use-recent-api-versions // The only version that is no preview is of 2016.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: topic
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'PublishFailures', enabled: true }, { category: 'DeliveryFailures', enabled: true }]
  }
}

output topicId string = topic.id
output endpoint string = topic.properties.endpoint
