using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>Far more than the host can work on: callers are told to come back, memory stays within bounds, and what was acknowledged is there.</summary>
public sealed class A_flood
{
    private const long MostMemory = 1_200L << 20;

    [Fact]
    public async Task Of_messages_is_sent_away_before_the_queue_overflows_and_what_was_acknowledged_counts()
    {
        const int Batch = 250;
        const int Deepest = 4_000;
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "settings.json"), $"{{\"DeepestQueue\":{Deepest}}}");
        await using var host = await HostProcess.StartAsync(folder.Path);
        var (acknowledged, sentAway, next) = (0, 0, 0);
        using var watching = new CancellationTokenSource();
        var deepest = WatchQueueAsync(host, watching.Token);

        // Eight senders that come back at once, against all advice.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= 400)
            {
                using var answer = await host.PostAsync("/api/ingest/segment", BatchOf(number, Batch), "application/x-ndjson");
                if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
                    Interlocked.Increment(ref sentAway);
                    continue;
                }

                Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
                Interlocked.Add(ref acknowledged, Batch);
            }
        })));
        await watching.CancelAsync();

        Assert.True(sentAway > 50, $"Of 400 uploads only {sentAway} were sent away: the test is asleep.");
        // Those who were let in at the same moment come on top.
        Assert.InRange(await deepest, 1, Deepest + (8 * Batch));
        Assert.InRange(host.PeakMemory, 1, MostMemory);
        var messages = (await host.DrainAsync()).GetProperty("messages");
        Assert.Equal((acknowledged, acknowledged), (messages.GetProperty("received").GetInt32(), messages.GetProperty("stored").GetInt32()));
        using var after = await host.PostAsync("/api/ingest/segment", BatchOf(0, 1), "application/x-ndjson");
        Assert.Equal(HttpStatusCode.Accepted, after.StatusCode);
    }

    [Slow]
    [Fact]
    public async Task Of_large_uploads_is_sent_away_before_it_fills_the_memory()
    {
        const int Uploads = 24;
        var upload = new byte[31 << 20];
        for (var i = 0; i < upload.Length; i++)
        {
            upload[i] = (byte)(i % 1_000 == 0 ? '\n' : ' ');
        }

        Encoding.UTF8.GetBytes(BatchOf(1, 1)).CopyTo(upload, upload.Length - 1000);
        using var folder = new TemporaryFolder();
        await using var host = await HostProcess.StartAsync(folder.Path);
        using var arrived = new CountdownEvent(Uploads);

        var codes = await Task.WhenAll(Enumerable.Range(0, Uploads).Select(_ => Task.Run(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ingest/segment") { Content = new HeldBack(upload, arrived) };
            request.Content.Headers.ContentType = new("application/x-ndjson");
            try
            {
                using var answer = await host.Http.SendAsync(request);
                return answer.StatusCode == HttpStatusCode.Accepted ? "accepted"
                    : answer.Headers.RetryAfter is null ? "no advice" : (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;
            }
            catch (HttpRequestException)
            {
                // It was answered before it was sent, and the connection closed under it.
                return "hung up";
            }
        })));

        Assert.InRange(host.PeakMemory, 1, MostMemory);
        Assert.Equal(Uploads, codes.Count(c => c is "accepted" or "too-many-uploads" or "hung up"));
        Assert.Contains("too-many-uploads", codes);
        Assert.Contains("accepted", codes);
        using var after = await host.PostAsync("/api/ingest/segment", BatchOf(0, 1), "application/x-ndjson");
        Assert.Equal(HttpStatusCode.Accepted, after.StatusCode);
    }

    private static async Task<long> WatchQueueAsync(HostProcess host, CancellationToken over)
    {
        var deepest = 0L;
        while (!over.IsCancellationRequested)
        {
            deepest = Math.Max(deepest, (await host.GetAsync("/api/status")).GetProperty("stages")[0].GetProperty("backlog").GetInt64());
            await Task.Delay(20, CancellationToken.None);
        }

        return deepest;
    }

    private static string BatchOf(int number, int count) => string.Join('\n', Enumerable.Range(0, count).Select(i =>
        $$"""{"type":"track","event":"Product Viewed","messageId":"{{number}}-{{i}}","anonymousId":"a{{number}}","timestamp":"2026-02-03T10:00:00Z","properties":{"product_id":"{{i}}"} }"""));

    /// <summary>A body whose last bytes wait until all others have come as far.</summary>
    private sealed class HeldBack(byte[] body, CountdownEvent arrived) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            try
            {
                await stream.WriteAsync(body.AsMemory(0, body.Length - 2_000));
                await stream.FlushAsync();
            }
            finally
            {
                arrived.Signal();
            }

            await Task.Run(() => arrived.Wait(TimeSpan.FromSeconds(30)));
            await stream.WriteAsync(body.AsMemory(body.Length - 2_000));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
