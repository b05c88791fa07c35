using System.Net;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalRuntime;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>The app started as a process by a Functions host: the worker of the packages, its stream, its metadata and its HTTP.</summary>
public sealed class The_worker_that_ships
{
    [Fact]
    public async Task Loads_every_function_and_answers_over_http_whom_the_key_allows()
    {
        await using var app = await AppProcess.StartAsync();

        Assert.Equal(
            BoundFunction.Discover(typeof(Functions.IngestFunctions).Assembly).Select(f => f.Name).Order(StringComparer.Ordinal), app.Host.Functions.Select(f => f.Name));
        Assert.Equal("True", app.Host.Capabilities["TypedDataCollection"]);
        Assert.Equal("healthy", (await app.GetAsync("/health")).GetProperty("status").GetString());
        using var stranger = new HttpClient { BaseAddress = app.Http.BaseAddress };
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(new Uri("/api/metrics", UriKind.Relative))).StatusCode);
        Assert.NotEmpty((await app.GetAsync("/api/metrics")).GetProperty("value").EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync(new Uri("/api/metrics/no-such-metric", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Is_started_again_after_it_was_killed()
    {
        await using var app = await AppProcess.StartAsync();

        await app.Host.ReplaceWorkerAsync();

        Assert.Equal("healthy", (await app.GetAsync("/health")).GetProperty("status").GetString());
    }
}
