using CustomerPipeline.Contracts;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>The local host as users run it.</summary>
public sealed class Over_http : HttpContract
{
    protected override async Task<RunningHost> StartAsync(string folder) => await HostProcess.StartAsync(folder);
}
