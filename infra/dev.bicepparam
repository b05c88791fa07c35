// As small as it goes: all containers share the least throughput there is.
using 'main.bicep'

param environmentName = 'dev'
param location = 'westeurope'
param alertEmail = 'operators@example.com'
param deleteLocks = false
