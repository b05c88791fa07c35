// What an operator must know of. Each alert is explained in docs/operations.md under the name it has here.
param name string
param location string
param tags object
param email string
param serviceBusId string
param cosmosId string
param workspaceId string

@description('Share of messages in quarantine that is no longer normal.')
param quarantineShare string = '0.02'

@description('Share of records whose lines do not add up to the total that their source states which is no longer normal.')
param totalDiffersShare string = '0.02'

@description('Seconds that a stage may be behind.')
param lagSeconds int = 300

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'pipeline'
    enabled: true
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var metricAlerts = [
  {
    name: 'dead-letters'
    severity: 1
    description: 'A queue gave up delivering a message.'
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'DeadletteredMessages'
    aggregation: 'Average'
    threshold: 0
    window: 'PT15M'
    dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'queue-backlog'
    severity: 2
    description: 'More comes in than is worked off.'
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ActiveMessages'
    aggregation: 'Average'
    threshold: 100000
    window: 'PT15M'
    dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'too-many-requests'
    severity: 2
    description: 'Cosmos DB refuses requests, as they ask for more request units than there are.'
    scope: cosmosId
    namespace: 'Microsoft.DocumentDB/databaseAccounts'
    metric: 'TotalRequests'
    aggregation: 'Count'
    threshold: 100
    window: 'PT5M'
    dimensions: [
      { name: 'StatusCode', operator: 'Include', values: ['429'] }
      { name: 'CollectionName', operator: 'Include', values: ['*'] }
    ]
  }
]

resource onMetrics 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for alert in metricAlerts: {
    name: '${alert.name}-${name}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [alert.scope]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: alert.namespace
            metricName: alert.metric
            operator: 'GreaterThan'
            threshold: alert.threshold
            timeAggregation: alert.aggregation
            dimensions: alert.dimensions
          }
        ]
      }
      actions: [{ actionGroupId: operators.id }]
    }
  }
]

var queryAlerts = [
  {
    name: 'quarantine-share'
    severity: 2
    description: 'A sender or a mapping changed: more messages than usual cannot be used.'
    query: 'AppMetrics | where Name == "customerpipeline.ingest.messages" | summarize Quarantined = sumif(Sum, tostring(Properties.outcome) == "quarantined"), All = sum(Sum) | where All > 100 and Quarantined > ${quarantineShare} * All'
  }
  {
    name: 'total-differs'
    severity: 2
    description: 'Lines of more records than usual do not add up to the total that their source states: a mapping no longer reads what the vendor sends.'
    query: 'AppMetrics | where Name == "customerpipeline.ingest.totals" | summarize Differing = sumif(Sum, tostring(Properties.total) == "differs"), All = sum(Sum) | where All > 100 and Differing > ${totalDiffersShare} * All'
  }
  {
    name: 'stage-lag'
    severity: 2
    description: 'A stage works on what has been waiting for too long.'
    query: 'AppMetrics | where Name == "customerpipeline.stage.lag" | summarize Lag = sum(Sum) / sum(ItemCount) by Stage = tostring(Properties.stage) | where Lag > ${lagSeconds}'
  }
  {
    name: 'damaged-documents'
    severity: 1
    description: 'A stored document is not what the app wrote: what stands on it is passed over.'
    query: 'AppMetrics | where Name == "customerpipeline.stage.damaged" | summarize Damaged = sum(Sum) | where Damaged > 0'
  }
]

resource onQueries 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in queryAlerts: {
    name: '${alert.name}-${name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.name
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT15M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        allOf: [{ query: alert.query, timeAggregation: 'Count', operator: 'GreaterThan', threshold: 0, failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 } }]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]
