using System.Collections.Concurrent;
using System.Net.Mime;
using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>What a program hears that subscribed to the local host.</summary>
public sealed class Events_to_subscribers : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<CloudEvent> _heard = new();
    private WebApplication _subscriber = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        _subscriber = builder.Build();
        _subscriber.Run(async context =>
        {
            _heard.Enqueue(await new JsonEventFormatter().DecodeStructuredModeMessageAsync(context.Request.Body, new ContentType(context.Request.ContentType!), null));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        await _subscriber.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _subscriber.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Tell_of_published_figures_that_late_data_changed()
    {
        var url = _subscriber.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await File.WriteAllTextAsync(
            Path.Combine(_folder.Path, "settings.json"), JsonSerializer.Serialize(new { EventSubscribers = new[] { new { Url = url, Secret = Convert.ToBase64String(new byte[32]) } } }));
        await using var host = await HostProcess.StartAsync(_folder.Path);
        string Order(int number) => $$"""{"id":{{number}},"admin_graphql_api_id":"gid://shopify/Order/{{number}}","created_at":"2026-02-01T10:00:00Z","currency":"USD","source_name":"web","email":"jo{{number}}@example.com","line_items":[{"id":1,"price":"10.00","quantity":1}]}""";
        foreach (var number in new[] { 1, 2 })
        {
            await host.PostAsync("/api/ingest/shopify", Order(number), headers: [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Shop-Domain", "s.example")]);
            await host.DrainAsync();
            await host.PostAsync("/api/snapshots", "");
        }

        var restated = (await host.GetAsync("/api/restatements")).GetProperty("value").EnumerateArray().ToDictionary(r => r.GetProperty("id").GetString()!);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_heard.Count(e => e.Type == EventTypes.MetricRestated) < restated.Count || !_heard.Any(e => e.Type == EventTypes.MetricChanged) || !_heard.Any(e => e.Type == EventTypes.CustomerStageChanged))
        {
            await Task.Delay(20, patience.Token);
        }

        Assert.NotEmpty(restated);
        Assert.Equal(restated.Keys.Order(StringComparer.Ordinal), _heard.Where(e => e.Type == EventTypes.MetricRestated).Select(e => e.Id!).Order(StringComparer.Ordinal));
        Assert.All(_heard, e => CollectedEvents.AssertDescribed(e.Type!, (JsonElement)e.Data!));
        Assert.All(EventTypes.All, type => Assert.False(CollectedEvents.IsDescribed(type, JsonElement.Parse("""{"metric":"net-sales"}""")), $"The schema of {type} takes anything."));
        var sales = Assert.Single(_heard, e => e.Type == EventTypes.MetricRestated && e.Subject == "gross-sales/2026-02-01");
        var data = (JsonElement)sales.Data!;
        Assert.Equal(("10.00", "20.00"), (data.GetProperty("old").GetString(), data.GetProperty("new").GetString()));
        Assert.DoesNotContain("jo1", string.Join('\n', _heard.Select(e => e.Data!.ToString())), StringComparison.Ordinal);
    }
}
