// For some hundred messages a second (docs/scale.md): the containers that drive the flow have throughput of their own.
using 'main.bicep'

param environmentName = 'prod'
param location = 'westeurope'
param alertEmail = 'operators@example.com'
param pipelineSettings = { DefaultCurrency: 'EUR', BusinessTimeZone: 'Europe/Stockholm' }
param webhookSources = ['shopify', 'zendesk']
param sharedThroughput = 4000
param dedicatedThroughput = { interactions: 20000, identifiers: 10000, customers: 20000, values: 20000 }
param maximumInstances = 100
param privateNetwork = true
param monthlyBudget = 5000
