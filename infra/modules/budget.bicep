// Tells the operators before a month costs more than was meant. It stops nothing.
param name string
param email string

@description('In the currency of the subscription\'s bills.')
@minValue(1)
param monthlyAmount int

@description('First day of a month.')
param start string

resource budget 'Microsoft.Consumption/budgets@2026-06-01' = {
  name: 'budget-${name}'
  properties: {
    category: 'Cost'
    timeGrain: 'Monthly'
    amount: monthlyAmount
    timePeriod: { startDate: start }
    notifications: {
      spent: { enabled: true, operator: 'GreaterThan', threshold: 80, thresholdType: 'Actual', contactEmails: [email] }
      foreseen: { enabled: true, operator: 'GreaterThan', threshold: 100, thresholdType: 'Forecasted', contactEmails: [email] }
    }
  }
}
