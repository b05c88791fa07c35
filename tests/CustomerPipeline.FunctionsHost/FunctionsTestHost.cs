using System.Net;
using CustomerPipeline.FunctionsHost.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.FunctionsHost;

/// <summary>
/// What the host of Azure Functions does with an app of the isolated worker, for tests: it starts the app as a process, asks it for its functions over gRPC, loads them, and has them run. It can end the process at any moment and start another.
/// </summary>
public sealed class FunctionsTestHost : IAsyncDisposable
{
    internal const int LargestMessage = 128 * 1024 * 1024;

    private readonly WorkerStreams _streams = new();
    private readonly string _assembly;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly WebApplication _rpc;
    private TaskCompletionSource<WorkerProcess> _worker = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _invocations;

    private FunctionsTestHost(string assembly, IReadOnlyDictionary<string, string> settings)
    {
        (_assembly, _settings) = (assembly, settings);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(grpc => (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (LargestMessage, LargestMessage));
        builder.Services.AddSingleton(_streams);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _rpc = builder.Build();
        _rpc.MapGrpcService<WorkerStreams>();
    }

    /// <summary>The functions that the worker has, by name.</summary>
    public IReadOnlyList<HostedFunction> Functions => Worker.Functions;

    /// <summary>What the worker says it can do.</summary>
    public IReadOnlyDictionary<string, string> Capabilities => Worker.Capabilities;

    /// <summary>What the worker has written and logged.</summary>
    public string Output => Worker.Output;

    /// <summary>What the worker has taken so far.</summary>
    public TimeSpan ProcessorTime => Worker.ProcessorTime;

    /// <summary>Starts the app.</summary>
    /// <param name="assembly">Path of the app's assembly; the folder is the app's.</param>
    /// <param name="settings">The app's settings, as variables of its environment.</param>
    public static async Task<FunctionsTestHost> StartAsync(string assembly, IReadOnlyDictionary<string, string> settings)
    {
        var host = new FunctionsTestHost(assembly, settings);
        await host._rpc.StartAsync();
        await host.StartWorkerAsync();
        return host;
    }

    private WorkerProcess Worker => _worker.Task is { IsCompletedSuccessfully: true, Result: var worker } ? worker : throw new InvalidOperationException("The worker is being started.");

    /// <summary>kill -9 of the worker, and another one in its place. What is to run meanwhile waits for it.</summary>
    public async Task ReplaceWorkerAsync()
    {
        var killed = Worker;
        _worker = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await killed.DisposeAsync();
        await StartWorkerAsync();
    }

    /// <summary>Has a function run once.</summary>
    /// <param name="function">By name.</param>
    /// <param name="trigger">The value of the trigger parameter: text, bytes, a list of either, or what becomes JSON.</param>
    /// <param name="metadata">What the trigger tells beside it.</param>
    /// <param name="retry">How often it was retried before.</param>
    /// <exception cref="FunctionFailedException">It threw.</exception>
    /// <exception cref="WorkerDiedException">The worker ended before it had answered.</exception>
    public async Task InvokeAsync(string function, object trigger, IReadOnlyDictionary<string, object?> metadata, int retry = 0) =>
        await InvokeAsync(await WorkerAsync(), function, NextInvocation(), Values.Of(trigger), metadata, retry);

    /// <summary>Has a timer function run, as when its time has come.</summary>
    /// <param name="function">By name.</param>
    public Task FireAsync(string function) =>
        InvokeAsync(function, new { Schedule = new { AdjustForDST = true }, IsPastDue = false }, new Dictionary<string, object?>());

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _rpc.StopAsync(new CancellationToken(true));
        await _rpc.DisposeAsync();
    }

    internal string NextInvocation() => new Guid((int)Interlocked.Increment(ref _invocations), 0, 0, new byte[8]).ToString();

    /// <summary>The worker, as soon as there is one.</summary>
    internal Task<WorkerProcess> WorkerAsync() => _worker.Task;

    internal static async Task InvokeAsync(WorkerProcess worker, string function, string id, Value trigger, IReadOnlyDictionary<string, object?> metadata, int retry)
    {
        var called = worker.Functions.Single(f => f.Name == function);
        var invocation = new Invocation
        {
            Id = id,
            FunctionId = called.Described.Id,
            Inputs = { new Input { Name = called.Parameter, Value = trigger } },
            Trace = new Trace { TraceParent = $"00-{id.Replace("-", "", StringComparison.Ordinal)}-{id[..8]}00000001-01" },
        };
        foreach (var (name, value) in metadata)
        {
            invocation.TriggerMetadata[name] = Values.Of(value);
        }

        if (retry > 0)
        {
            invocation.Retry = new RetryState { Count = retry, Most = called.Described.Retry?.Most ?? 0 };
        }

        await worker.InvokeAsync(invocation);
    }

    private async Task StartWorkerAsync()
    {
        var address = _rpc.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _worker.SetResult(await WorkerProcess.StartAsync(_assembly, new Uri(address), _streams, _settings));
    }
}
