using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CustomerPipeline.FunctionsHost.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.FunctionsHost;

/// <summary>
/// The addresses of the HTTP functions. A function that asks for a key gets none of the requests without it. The worker is told of an invocation over gRPC and is sent the request itself, with the invocation's id in a header
/// (the worker's capability <c>HttpUri</c>).
/// </summary>
public sealed class HttpFront : IAsyncDisposable
{
    /// <summary>The only function key.</summary>
    public const string Key = "key-of-the-host";

    private const string InvocationHeader = "x-ms-invocation-id";

    private static readonly HashSet<string> NotForwarded = new(["Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade"], StringComparer.OrdinalIgnoreCase);

    private readonly FunctionsTestHost _host;
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectCallback = ConnectAsync });

    private HttpFront(FunctionsTestHost host, string prefix)
    {
        _host = host;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = FunctionsTestHost.LargestMessage;
        });
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        foreach (var function in host.Functions.Where(f => f.TriggerType == "httpTrigger"))
        {
            var route = $"{prefix}/{function.Setting("route") ?? function.Name}".TrimStart('/');
            _app.MapMethods(route, function.Settings("methods").Select(m => m.ToUpperInvariant()), context => AnswerAsync(function, context));
        }
    }

    /// <summary>Where the functions are reached.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Listens on loopback, at any free port.</summary>
    /// <param name="host">Has the worker.</param>
    /// <param name="hostJson">Path of the app's host.json, which has the prefix of the routes.</param>
    public static async Task<HttpFront> StartAsync(FunctionsTestHost host, string hostJson)
    {
        using var settings = JsonDocument.Parse(await File.ReadAllBytesAsync(hostJson));
        var front = new HttpFront(host, settings.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString()!);
        await front._app.StartAsync();
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HostedFunction function, HttpContext context)
    {
        if (!IsAllowed(function, context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var (worker, id) = (await _host.WorkerAsync(), _host.NextInvocation());
        var url = $"{context.Request.Path}{context.Request.QueryString}";
        var invoked = FunctionsTestHost.InvokeAsync(
            worker, function.Name, id, new Value { Http = new HttpCall { Method = context.Request.Method, Url = url } },
            context.Request.RouteValues.ToDictionary(v => v.Key, v => v.Value is null ? null : (object)v.Value.ToString()!), retry: 0);
        try
        {
            var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            _ = CancelWhenDeadAsync(invoked, ended);
            await ForwardAsync(context, new Uri(new Uri(worker.Capabilities["HttpUri"]), url), id, ended.Token);
            await invoked;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or WorkerDiedException or FunctionFailedException && !context.Response.HasStarted)
        {
            context.Response.StatusCode = e is FunctionFailedException ? StatusCodes.Status500InternalServerError : StatusCodes.Status502BadGateway;
        }
    }

    private static async Task CancelWhenDeadAsync(Task invoked, CancellationTokenSource ended)
    {
        try
        {
            await invoked;
        }
        catch (WorkerDiedException)
        {
            await ended.CancelAsync();
        }
        catch (FunctionFailedException)
        {
            // The worker has an answer for that.
        }
    }

    private static bool IsAllowed(HostedFunction function, HttpRequest request) =>
        function.Setting("authLevel") == "Anonymous" || request.Headers["x-functions-key"] == Key || request.Query["code"] == Key;

    private async Task ForwardAsync(HttpContext context, Uri to, string invocation, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), to);
        if (context.Request.ContentLength > 0 || context.Request.Headers.ContainsKey("Transfer-Encoding"))
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, value) in context.Request.Headers.Where(h => !NotForwarded.Contains(h.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value.ToArray());
            }
        }

        request.Headers.Add(InvocationHeader, invocation);
        using var answer = await _http.SendAsync(request, cancellationToken);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => !NotForwarded.Contains(h.Key)))
        {
            context.Response.Headers.Append(name, values.ToArray());
        }

        await answer.Content.CopyToAsync(context.Response.Body, cancellationToken);
    }

    // A worker may be loaded before its web server listens; the host tries again then (RetryProxyHandler of azure-functions-host).
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                socket.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
