using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using CustomerPipeline.FunctionsHost.Wire;

namespace CustomerPipeline.FunctionsHost;

/// <summary>A worker process with its stream: what the host asks of it, and what it answered.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<Message> _toWorker = Channel.CreateUnbounded<Message>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Message>> _awaited = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private volatile bool _isGone;

    private static int _started;

    private WorkerProcess(Process process)
    {
        _process = process;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => End();
        process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
    }

    public IReadOnlyDictionary<string, string> Capabilities { get; private set; } = new Dictionary<string, string>();

    public IReadOnlyList<HostedFunction> Functions { get; private set; } = [];

    /// <summary>Lines that the process has written, and its log.</summary>
    public string Output => string.Join('\n', _output);

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts the process as the host does: with the address of the stream among its arguments, and the directory of the app in its environment.</summary>
    public static async Task<WorkerProcess> StartAsync(string assembly, Uri stream, WorkerStreams streams, IReadOnlyDictionary<string, string> settings)
    {
        var (id, directory) = ($"worker-{Interlocked.Increment(ref _started)}", Path.GetDirectoryName(assembly)!);
        var start = new ProcessStartInfo(
            "dotnet",
            [
                assembly, "--functions-uri", stream.ToString(), "--functions-worker-id", id, "--functions-request-id", id,
                "--functions-grpc-max-message-length", FunctionsTestHost.LargestMessage.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ])
        { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = directory;
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = directory;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var worker = new WorkerProcess(new Process { StartInfo = start });
        streams.Await(id, worker);
        worker._process.Start();
        worker._process.BeginOutputReadLine();
        worker._process.BeginErrorReadLine();
        await worker.PrepareAsync(directory);
        return worker;
    }

    /// <summary>Has a function run, and waits until it has.</summary>
    /// <exception cref="FunctionFailedException">It threw.</exception>
    /// <exception cref="WorkerDiedException">The process ended before it had answered.</exception>
    public async Task InvokeAsync(Invocation invocation)
    {
        var answer = await AskAsync(invocation.Id, new Message { Invocation = invocation }, Timeout.InfiniteTimeSpan);
        if (answer.InvocationResult.Outcome.Status != Outcome.Types.Status.Success)
        {
            throw new FunctionFailedException($"{answer.InvocationResult.Outcome.Fault?.Text}\n{answer.InvocationResult.Outcome.Fault?.StackTrace}");
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        End();
    }

    /// <summary>Reads what the worker sends, and writes what it is asked, until one of both ends.</summary>
    public async Task ServeAsync(IAsyncEnumerable<Message> fromWorker, Func<Message, Task> write, CancellationToken ended)
    {
        _connected.TrySetResult();
        var writing = Task.Run(async () =>
        {
            await foreach (var message in _toWorker.Reader.ReadAllAsync(ended))
            {
                await write(message);
            }
        }, ended);
        try
        {
            await foreach (var message in fromWorker.WithCancellation(ended))
            {
                Take(message);
            }
        }
        finally
        {
            End();
            await writing.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task PrepareAsync(string directory)
    {
        await Task.WhenAny(_connected.Task, Task.Delay(Patience), _process.WaitForExitAsync());
        if (!_connected.Task.IsCompleted)
        {
            throw new InvalidOperationException($"The worker did not connect: {Output}");
        }

        var ready = await AskAsync("init", new Message { Init = new Init { HostVersion = "4.0.0", WorkerDirectory = directory, AppDirectory = directory } }, Patience);
        Check(ready.InitResult.Outcome, "initialize");
        Capabilities = ready.InitResult.Capabilities.ToDictionary();

        var list = await AskAsync("list", new Message { ListFunctions = new ListFunctions { AppDirectory = directory } }, Patience);
        Check(list.FunctionList.Outcome, "list its functions");
        Functions = [.. list.FunctionList.Functions.Select(f => new HostedFunction(f)).OrderBy(f => f.Name, StringComparer.Ordinal)];
        foreach (var function in Functions)
        {
            var loaded = await AskAsync(function.Described.Id, new Message { Load = new Load { FunctionId = function.Described.Id, Function = function.Described } }, Patience);
            Check(loaded.LoadResult.Outcome, $"load {function.Name}");
        }
    }

    private void Check(Outcome outcome, string what)
    {
        if (outcome.Status != Outcome.Types.Status.Success)
        {
            throw new InvalidOperationException($"The worker did not {what}: {outcome.Fault?.Text} {Output}");
        }
    }

    private async Task<Message> AskAsync(string key, Message question, TimeSpan patience)
    {
        var answer = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[key] = answer;
        if (_isGone)
        {
            throw new WorkerDiedException();
        }

        question.RequestId = key;
        _toWorker.Writer.TryWrite(question);
        return await answer.Task.WaitAsync(patience);
    }

    private void Take(Message message)
    {
        if (message.ContentCase == Message.ContentOneofCase.Log)
        {
            _output.Enqueue($"{message.Log.Category}: {message.Log.Text} {message.Log.Fault?.Text} {message.Log.Fault?.StackTrace}");
            return;
        }

        var key = message.ContentCase switch
        {
            Message.ContentOneofCase.InitResult => "init",
            Message.ContentOneofCase.FunctionList => "list",
            Message.ContentOneofCase.LoadResult => message.LoadResult.FunctionId,
            Message.ContentOneofCase.InvocationResult => message.InvocationResult.Id,
            _ => "",
        };
        if (_awaited.TryRemove(key, out var awaited))
        {
            awaited.TrySetResult(message);
        }
    }

    private void End()
    {
        _isGone = true;
        _toWorker.Writer.TryComplete();
        foreach (var key in _awaited.Keys)
        {
            if (_awaited.TryRemove(key, out var awaited))
            {
                awaited.TrySetException(new WorkerDiedException());
            }
        }
    }
}

/// <summary>A function threw; the message is the worker's.</summary>
public sealed class FunctionFailedException(string message) : Exception(message);

/// <summary>The worker process ended before it had answered.</summary>
public sealed class WorkerDiedException() : Exception("The worker process ended before it had answered.");
