using System.Collections.Concurrent;
using CustomerPipeline.FunctionsHost.Wire;
using Grpc.Core;

namespace CustomerPipeline.FunctionsHost;

/// <summary>Brings each stream together with the process that opened it, by the id that the host gave the process.</summary>
internal sealed class WorkerStreams : FunctionRpc.FunctionRpcBase
{
    private readonly ConcurrentDictionary<string, WorkerProcess> _awaited = new();

    public void Await(string id, WorkerProcess worker) => _awaited[id] = worker;

    public override async Task EventStream(IAsyncStreamReader<Message> requestStream, IServerStreamWriter<Message> responseStream, ServerCallContext context)
    {
        if (await requestStream.MoveNext(context.CancellationToken) && requestStream.Current.Hello is { } hello && _awaited.TryRemove(hello.WorkerId, out var worker))
        {
            try
            {
                await worker.ServeAsync(requestStream.ReadAllAsync(context.CancellationToken), message => responseStream.WriteAsync(message), context.CancellationToken);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
            {
                // The process ended: whoever waits for an answer is told by the process itself.
            }
        }
    }
}
