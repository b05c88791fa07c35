using CustomerPipeline.Contracts;

namespace CustomerPipeline.EndToEnd.Tests;

public sealed class SharedLocalHost : SharedHost
{
    protected override async Task<RunningHost> StartAsync(string folder) => await HostProcess.StartAsync(folder);
}

/// <summary>The local host as users run it.</summary>
public sealed class A_host_without_data(SharedLocalHost shared) : EmptyHostContract(shared), IClassFixture<SharedLocalHost>
{
    /// <summary>What no function answers. In Azure the platform answers it. A path with %00 is refused by the web server before any code of this host
    /// runs.</summary>
    [Theory]
    [InlineData("GET", "/api/moons", 404, "unknown-address")]
    [InlineData("GET", "/api/metrics/net-sales/moons", 404, "unknown-address")]
    [InlineData("GET", "/api/..%2fkeys.json", 404, "unknown-address")]
    [InlineData("GET", "/api/ingest/shopify", 405, "method-not-allowed")]
    [InlineData("PUT", "/api/status", 405, "method-not-allowed")]
    [InlineData("GET", "/dashboard/moons.js", 404, "unknown-file")]
    public async Task An_address_or_method_without_a_function_is_answered_with_problem_details(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        await ProblemAsync(status, code, await Host.Http.SendAsync(request));
    }
}
