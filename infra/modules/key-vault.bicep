// The secrets that vendors sign their webhooks with. Nothing else is secret.
param name string
param location string
param tags object
param principalId string
param privateNetwork bool
param workspaceId string
param deleteLocks bool

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: take('kv-${name}', 24)
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAcls: { bypass: 'None', defaultAction: privateNetwork ? 'Deny' : 'Allow' }
  }
}

resource mayReadSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// Who read a secret.
#disable-next-line use-recent-api-versions // The only version that is no preview is of 2016.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: vault
  properties: { workspaceId: workspaceId, logs: [{ category: 'AuditEvent', enabled: true }] }
}

resource keep 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLocks) {
  name: 'keep'
  scope: vault
  properties: { level: 'CanNotDelete', notes: 'The secrets that webhooks are signed with are here.' }
}

output vaultId string = vault.id
output uri string = vault.properties.vaultUri
