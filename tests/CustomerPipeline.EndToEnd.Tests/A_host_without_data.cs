using CustomerPipeline.Contracts;

namespace CustomerPipeline.EndToEnd.Tests;

public sealed class SharedLocalHost : SharedHost
{
    protected override async Task<RunningHost> StartAsync(string folder) => await HostProcess.StartAsync(folder);
}

/// <summary>The local host as users run it.</summary>
public sealed class A_host_without_data(SharedLocalHost shared) : EmptyHostContract(shared), IClassFixture<SharedLocalHost>;
