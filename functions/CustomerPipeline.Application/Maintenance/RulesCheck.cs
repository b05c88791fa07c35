using CustomerPipeline.Application.Ports;
using Microsoft.Extensions.Hosting;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>Refuses to start on customers that other rules made. Each host that works on messages runs it first.</summary>
public sealed class RulesCheck(RulesInForce rules) : IHostedService
{
    /// <exception cref="SettingsException">Other rules are in force; the message says what to do.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await rules.EnterAsync(cancellationToken) is { } problem)
        {
            throw new SettingsException(problem);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
