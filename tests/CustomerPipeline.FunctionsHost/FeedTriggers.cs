using System.Collections.Concurrent;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace CustomerPipeline.FunctionsHost;

/// <summary>
/// Runs the change-feed functions as the Cosmos DB extension of the host does: documents pass through Newtonsoft.Json with its default reading of dates on their way to the worker, a batch that failed after its last retry counts as done
/// (CosmosDBTriggerListener of azure-webjobs-sdk-extensions goes on to the next batch whatever became of the last one), and the order is kept in each range of the feed.
/// </summary>
public sealed class FeedTriggers : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<(string Function, int Range), bool> _isIdle = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly FunctionsTestHost _host;
    private readonly List<Task> _readers = [];

    private FeedTriggers(FunctionsTestHost host) => _host = host;

    /// <summary>Whether the last look at every feed found nothing.</summary>
    public bool AreIdle => _isIdle.Values.All(idle => idle);

    /// <summary>How many batches counted as done although their function had not returned, because the worker died in the middle of them.</summary>
    public int Lost => _lost;

    /// <summary>How many batches the worker has now.</summary>
    public int InHand => Volatile.Read(ref _inHand);

    private int _lost;
    private int _inHand;

    /// <summary>Whether the death of the worker in the middle of a batch counts the batch as done. The extension may do either.</summary>
    public bool LosesWhatAWorkerDiesOn { get; set; }

    /// <summary>Starts to read.</summary>
    /// <param name="host">Has the functions.</param>
    /// <param name="database">Has the containers.</param>
    public static async Task<FeedTriggers> StartAsync(FunctionsTestHost host, Database database)
    {
        var triggers = new FeedTriggers(host);
        foreach (var function in host.Functions.Where(f => f.TriggerType == "cosmosDBTrigger"))
        {
            var container = database.GetContainer(function.Setting("containerName"));
            var ranges = await container.GetFeedRangesAsync();
            for (var range = 0; range < ranges.Count; range++)
            {
                var (number, start) = (range, ranges[range]);
                triggers._isIdle[(function.Name, number)] = false;
                triggers._readers.Add(Task.Run(() => triggers.ReadAsync(function, container, start, number)));
            }
        }

        return triggers;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_readers);
        _stopping.Dispose();
    }

    private async Task ReadAsync(HostedFunction function, Container container, FeedRange range, int number)
    {
        using var pages = container.GetChangeFeedStreamIterator(
            ChangeFeedStartFrom.Beginning(range), ChangeFeedMode.Incremental,
            new ChangeFeedRequestOptions { PageSizeHint = int.Parse(function.Setting("maxItemsPerInvocation")!, System.Globalization.CultureInfo.InvariantCulture) });
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                using var page = await pages.ReadNextAsync(_stopping.Token);
                _isIdle[(function.Name, number)] = page.StatusCode == System.Net.HttpStatusCode.NotModified;
                if (!page.IsSuccessStatusCode)
                {
                    await Task.Delay(LookEvery, _stopping.Token);
                    continue;
                }

                using var text = new StreamReader(page.Content);
                await RunAsync(function, DocumentsOf(await text.ReadToEndAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping: the reader ends.
        }
    }

    private static string DocumentsOf(string page) => JArray.FromObject(JsonConvert.DeserializeObject<JObject>(page)!["Documents"]!.Cast<JObject>().ToList()).ToString(Formatting.None);

    private async Task RunAsync(HostedFunction function, string documents)
    {
        for (var retry = 0; ; retry++)
        {
            try
            {
                await InvokeAsync(function, documents, retry);
                return;
            }
            catch (WorkerDiedException) when (LosesWhatAWorkerDiesOn)
            {
                Interlocked.Increment(ref _lost);
                return;
            }
            catch (Exception e) when (e is WorkerDiedException or FunctionFailedException)
            {
                if (function.DelayBefore(retry) is not { } delay)
                {
                    return;
                }

                await Task.Delay(delay, _stopping.Token);
            }
        }
    }

    private async Task InvokeAsync(HostedFunction function, string documents, int retry)
    {
        Interlocked.Increment(ref _inHand);
        try
        {
            await _host.InvokeAsync(function.Name, documents, new Dictionary<string, object?>(), retry);
        }
        finally
        {
            Interlocked.Decrement(ref _inHand);
        }
    }
}
