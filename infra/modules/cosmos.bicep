// Documents. Nothing expires by itself: what is kept for how long is the pipeline's own rule (docs/privacy.md), as figures must outlive what they were made of.
param name string
param location string
param tags object
param principalId string
param sharedThroughput int
param dedicatedThroughput object
param privateNetwork bool
param workspaceId string
param deleteLocks bool

@description('How far back the account can be restored.')
param backupTier string

var database = 'customerpipeline'
var dataContributor = '00000000-0000-0000-0000-000000000002'

// Everything is found by partition and id; whole containers are read in their order. Nothing else is asked, so nothing else is indexed.
var documents = {
  partitionKey: { paths: ['/pk'], kind: 'Hash', version: 2 }
  indexingPolicy: {
    indexingMode: 'consistent'
    automatic: true
    includedPaths: [{ path: '/pk/?' }]
    excludedPaths: [{ path: '/*' }]
    compositeIndexes: [[{ path: '/pk', order: 'ascending' }, { path: '/id', order: 'ascending' }]]
  }
}

var containers = union(
  toObject(
    ['interactions', 'identifiers', 'customers', 'values', 'snapshots', 'quarantine', 'ledger', 'audit', 'privacy', 'suggestions', 'events'],
    container => container,
    container => documents
  ),
  {
    leases: {
      partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 }
    }
  }
)

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-10-15' = {
  name: 'cosmos-${name}'
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [{ locationName: location, failoverPriority: 0, isZoneRedundant: false }]
    // Workers must read what others have written: docs/decisions/0018.
    consistencyPolicy: { defaultConsistencyLevel: 'Strong' }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: backupTier } }
  }

  resource db 'sqlDatabases' = {
    name: database
    properties: {
      resource: { id: database }
      options: { autoscaleSettings: { maxThroughput: sharedThroughput } }
    }

    resource container 'containers' = [
      for item in items(containers): {
        name: item.key
        properties: {
          resource: union({ id: item.key }, item.value)
          options: contains(dedicatedThroughput, item.key) ? { autoscaleSettings: { maxThroughput: dedicatedThroughput[item.key] } } : {}
        }
      }
    ]
  }

  resource mayUseDocuments 'sqlRoleAssignments' = {
    name: guid(account.id, principalId, dataContributor)
    properties: {
      principalId: principalId
      roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
      scope: '${account.id}/dbs/${db.name}'
    }
  }
}

// Who changed the account. What is asked of the data is left out: ids of documents are in it.
#disable-next-line use-recent-api-versions // The only version that is no preview is of 2016.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: account
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ category: 'ControlPlaneRequests', enabled: true }]
  }
}

resource keep 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLocks) {
  name: 'keep'
  scope: account
  properties: { level: 'CanNotDelete', notes: 'All records, customers and figures are here.' }
}

output accountId string = account.id
output endpoint string = account.properties.documentEndpoint
output databaseName string = account::db.name
