using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.CosmosServer;

/// <summary>
/// A server in memory that speaks as much of the Cosmos DB REST interface as the official clients need in gateway mode: items with ETags, transactional batches, queries, change
/// feeds, several physical partitions that split, the service's limits, and faults when a test asks for them.
/// </summary>
public sealed class CosmosTestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CosmosAccount _account;

    private CosmosTestServer(WebApplication app, CosmosAccount account) => (_app, _account) = (app, account);

    /// <summary>On loopback, any free port.</summary>
    public Uri Endpoint { get; private set; } = new("http://127.0.0.1");

    /// <summary>Decides for each call whether and how it fails.</summary>
    public Func<CosmosOperation, CosmosFault?> FaultOf { get; set; } = _ => null;

    /// <summary>Awaited before a call is worked on, so that a test can hold calls, or end the caller while it waits for the answer.</summary>
    public Func<CosmosOperation, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Starts a server.</summary>
    /// <param name="partitions">How many physical partitions a container begins with.</param>
    /// <param name="consistency">The account's default.</param>
    public static async Task<CosmosTestServer> StartAsync(int partitions = 3, string consistency = "Strong")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new CosmosTestServer(app, new CosmosAccount(partitions, consistency, TimeProvider.System));
        app.Run(server.HandleAsync);
        await app.StartAsync();
        server.Endpoint = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    /// <summary>Splits every physical partition of a container.</summary>
    public void Split(string database, string container) => _account.Container(database, container).Split();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var call = new CosmosCall(context.Request.Method, path, context.Request.Headers, body.ToArray());
        await Before(call.Operation());
        var fault = FaultOf(call.Operation());
        var answer = fault is { AfterTheWrite: false } ? null : Answer(call);
        if (fault is { Status: 0 })
        {
            context.Abort();
            return;
        }

        await WriteAsync(context, fault is null ? answer! : new CosmosRefusal(fault.Status, "A planned fault.", fault.SubStatus).ToAnswer());
    }

    private CosmosAnswer Answer(CosmosCall call)
    {
        try
        {
            return _account.Handle(call, Endpoint);
        }
        catch (CosmosRefusal refusal)
        {
            return refusal.ToAnswer();
        }
    }

    private static async Task WriteAsync(HttpContext context, CosmosAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        void Set(string name, string? value)
        {
            if (value is not null)
            {
                response.Headers[name] = value;
            }
        }

        Set("x-ms-activity-id", context.Request.Headers["x-ms-activity-id"]);
        Set("x-ms-request-charge", answer.Charge.ToString(CultureInfo.InvariantCulture));
        Set("x-ms-serviceversion", "test");
        Set("x-ms-session-token", answer.SessionToken ?? "0:-1#1");
        Set("etag", answer.ETag);
        Set("x-ms-continuation", answer.Continuation);
        Set("x-ms-item-count", answer.ItemCount?.ToString(CultureInfo.InvariantCulture));
        Set("x-ms-substatus", answer.SubStatus == 0 ? null : answer.SubStatus.ToString(CultureInfo.InvariantCulture));
        Set("x-ms-retry-after-ms", answer.Status == 429 ? "2" : null);
        if (answer.Body is { } body && answer.Status is not (204 or 304))
        {
            response.ContentType = "application/json";
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body);
        }
    }
}
