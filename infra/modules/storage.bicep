// Two accounts: what the Functions host needs for itself, where its role must be broad, and the archive of raw messages, where it is not.
param name string
param location string
param tags object
param principalId string
param privateNetwork bool
param workspaceId string
param deleteLocks bool

@description('Days after which raw messages move to cheaper storage; they are read by replays and erasures only.')
param coolAfterDays int = 30

@description('Days that a deleted blob can be brought back. An erasure is complete when they are over (docs/privacy.md).')
param softDeleteDays int = 7

var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var deploymentContainer = 'app-package'
var archiveContainer = 'raw'
var figuresContainer = 'parquet'
var compactName = replace(name, '-', '')

var closed = {
  accessTier: 'Hot'
  allowBlobPublicAccess: false
  allowCrossTenantReplication: false
  allowSharedKeyAccess: false
  defaultToOAuthAuthentication: true
  minimumTlsVersion: 'TLS1_2'
  supportsHttpsTrafficOnly: true
  publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
  networkAcls: { bypass: 'None', defaultAction: privateNetwork ? 'Deny' : 'Allow' }
}

// Without versions: the pipeline writes a blob once, and overwrites it only to erase a person, of whom no version may stay.
var softDelete = {
  deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
  containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
  isVersioningEnabled: false
}

resource host 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: take('sth${compactName}', 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: closed

  resource blobs 'blobServices' = {
    name: 'default'
    properties: softDelete

    resource package 'containers' = {
      name: deploymentContainer
      properties: { publicAccess: 'None' }
    }
  }
}

resource archive 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: take('sta${compactName}', 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: closed

  resource blobs 'blobServices' = {
    name: 'default'
    properties: softDelete

    resource raw 'containers' = {
      name: archiveContainer
      properties: { publicAccess: 'None' }
    }

    // Give analysts Storage Blob Data Reader here: it has sums only, nobody's data.
    resource figures 'containers' = {
      name: figuresContainer
      properties: { publicAccess: 'None' }
    }
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'cool'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['${archiveContainer}/'] }
              actions: { baseBlob: { tierToCool: { daysAfterModificationGreaterThan: coolAfterDays } } }
            }
          }
        ]
      }
    }
  }
}

// The host keeps its locks, keys and timers here: https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
resource hostRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(host.id, principalId, blobDataOwner)
  scope: host
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource archiveRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(archive::blobs::raw.id, principalId, blobDataContributor)
  scope: archive::blobs::raw
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource figuresRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(archive::blobs::figures.id, principalId, blobDataContributor)
  scope: archive::blobs::figures
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// Raw messages are personal data: who read or deleted them. The host account has none, and its host writes there all the time.
#disable-next-line use-recent-api-versions // The only version that is no preview is of 2016.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: archive::blobs
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageRead', enabled: true }, { category: 'StorageDelete', enabled: true }]
  }
}

#disable-next-line use-recent-api-versions // The only version that is no preview is of 2016.
resource hostLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: host::blobs
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

resource keep 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLocks) {
  name: 'keep'
  scope: archive
  properties: { level: 'CanNotDelete', notes: 'The raw messages that everything can be made from again are here.' }
}

output hostAccountId string = host.id
output archiveAccountId string = archive.id
output hostBlobUri string = host.properties.primaryEndpoints.blob
output deploymentContainerUri string = '${host.properties.primaryEndpoints.blob}${deploymentContainer}'
output rawArchiveUri string = '${archive.properties.primaryEndpoints.blob}${archiveContainer}'
output figureFilesUri string = '${archive.properties.primaryEndpoints.blob}${figuresContainer}'
