// One resource's address inside the network.
param name string
param location string
param tags object
param subnetId string
param zoneId string
param groupId string
param targetId string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [{ name: groupId, properties: { privateLinkServiceId: targetId, groupIds: [groupId] } }]
  }

  resource zone 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: groupId, properties: { privateDnsZoneId: zoneId } }] }
  }
}
