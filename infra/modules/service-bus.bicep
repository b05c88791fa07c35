// The three queues. A batch is worked off in seconds, and its locks are not renewed: five minutes leave room for a store that is slow.
@minLength(3)
param name string
param location string
param tags object
param principalId string
param privateNetwork bool
param workspaceId string
param deleteLocks bool

@description('How long a message may wait before it is dead-lettered.')
param timeToLive string = 'P14D'

var queueNames = ['channel-online', 'channel-instore', 'channel-service']
var dataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var dataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: 'sb-${name}'
  location: location
  tags: tags
  sku: privateNetwork ? { name: 'Premium', tier: 'Premium', capacity: 1 } : { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
  }
}

resource queues 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = [
  for queue in queueNames: {
    parent: namespace
    name: queue
    properties: {
      // A sender that repeats itself within ten minutes is heard once; later repetitions are duplicates to the pipeline.
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT10M'
      lockDuration: 'PT5M'
      maxDeliveryCount: 10
      deadLetteringOnMessageExpiration: true
      defaultMessageTimeToLive: timeToLive
      maxSizeInMegabytes: 5120
      // Places in the queue must be numbers that grow: docs/decisions/0019.
      enablePartitioning: false
    }
  }
]

// These roles may also read the settings of their queue (Microsoft.ServiceBus/*/queues/read), such as its length: docs/decisions/0037.
resource mayReceive 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, i) in queueNames: {
    name: guid(queues[i].id, principalId, dataReceiver)
    scope: queues[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataReceiver)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, i) in queueNames: {
    name: guid(queues[i].id, principalId, dataSender)
    scope: queues[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataSender)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

// Who changed the namespace, and who was let in or not.
#disable-next-line use-recent-api-versions // The only version that is no preview is of 2016.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'OperationalLogs', enabled: true }, { category: 'VNetAndIPFilteringLogs', enabled: true }]
  }
}

resource keep 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLocks) {
  name: 'keep'
  scope: namespace
  properties: { level: 'CanNotDelete', notes: 'Messages that were accepted and not yet worked on are here only.' }
}

output namespaceId string = namespace.id
output host string = '${namespace.name}.servicebus.windows.net'
