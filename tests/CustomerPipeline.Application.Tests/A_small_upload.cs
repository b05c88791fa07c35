using System.Text;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>A few bytes of an upload can become a message of some hundred bytes: 16 MB of two bytes a message filled 4 GB of memory.</summary>
[Collection(nameof(Alone))]
public sealed class A_small_upload : IAsyncLifetime
{
    private const string Columns =
        """{"kind":"order","system":"s","fields":{"id":"id","placed_at":"when","channel":{"constant":"online"},"currency":{"constant":"%"}}}""";

    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Theory]
    [InlineData("segment", "application/x-ndjson", "", "1\n", "")]
    [InlineData("segment", "application/x-ndjson", "", "x\n", "")]
    [InlineData("segment", "application/json", "[1", ",1", "]")]
    [InlineData("segment", "application/json", "[{}", ",{}", "]")]
    [InlineData("segment", "application/json", "{\"batch\":[1", ",1", "]}")]
    [InlineData("zendesk", "application/json", "{\"results\":[{}", ",{}", "]}")]
    [InlineData("poslog", "application/xml", "<a>", "<Transaction/>", "</a>")]
    [InlineData("import", "text/csv", "id,when\n", "1,\n", "")]
    [InlineData("import", "text/csv", "id,when\n", "1\n", "")]
    public async Task Of_very_many_messages_is_refused_before_they_are_split(string source, string mediaType, string first, string repeated, string last)
    {
        var body = Encoding.UTF8.GetBytes(first + string.Concat(Enumerable.Repeat(repeated, 4_000_000 / repeated.Length)) + last);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);

        var reception = await PostAsync(source, mediaType, body, mediaType == "text/csv" ? Columns : null);

        Assert.Contains("50000 messages", Assert.IsType<Reception.TooMany>(reception).Detail, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - allocated, 0, 500L << 20);
        foreach (var queue in Queues.All)
        {
            Assert.Equal(0, await _pipeline.Get<IMessageSender>().DepthAsync(queue, default));
        }
    }

    [Fact]
    public async Task Of_very_many_events_is_refused_before_they_are_read()
    {
        var body = Encoding.UTF8.GetBytes("[1" + string.Concat(Enumerable.Repeat(",1", 2_000_000)) + "]");

        var events = new PostedEvents("application/cloudevents-batch+json", [], body);

        Assert.IsType<Reception.TooMany>(await _pipeline.Get<ReceiveEventsHandler>().HandleAsync(events, default));
    }

    /// <summary>What an upload says once, and each of its messages repeats.</summary>
    [Theory]
    [InlineData("segment", "application/json", "{\"sentAt\":\"$\",\"batch\":[1", ",{\"a\":1}", "]}")]
    [InlineData("poslog", "application/xml", "<a xmlns:b=\"$\">", "<Transaction/>", "</a>")]
    [InlineData("import", "text/csv", "id,when\n", "#,2\n", "")]
    public async Task Makes_no_messages_of_many_times_its_bytes(string source, string mediaType, string first, string repeated, string last)
    {
        var once = first.Replace("$", new string('x', 1 << 20), StringComparison.Ordinal);
        var all = Enumerable.Range(0, 20_000).Select(i => repeated.Replace("#", $"{i}", StringComparison.Ordinal));
        var body = Encoding.UTF8.GetBytes(once + string.Concat(all) + last);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);

        var reception = await PostAsync(
            source, mediaType, body, mediaType == "text/csv" ? Columns.Replace("%", new string('x', 20_000), StringComparison.Ordinal) : null);

        Assert.True(reception is Reception.TooMany or Reception.Accepted, $"{reception}");
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - allocated, 0, 600L << 20);
    }

    /// <summary>A body that cannot be split shows that it was not.</summary>
    [Fact]
    public async Task Is_not_split_while_the_queue_is_full()
    {
        await using var pipeline = new TestPipeline(receive: new ReceiveOptions { DeepestQueue = 1 });
        var handler = pipeline.Get<ReceiveMessagesHandler>();

        Task<Reception> PostAsync(string body) =>
            handler.HandleAsync(new PostedMessages("segment", "application/json", _ => null, Encoding.UTF8.GetBytes(body)), default);

        Assert.IsType<Reception.Accepted>(await PostAsync("{}"));
        Assert.IsType<Reception.Busy>(await PostAsync("not json"));
    }

    private Task<Reception> PostAsync(string source, string mediaType, byte[] body, string? mapping) => _pipeline.Get<ReceiveMessagesHandler>().HandleAsync(
        new PostedMessages(source, mediaType, _ => null, body, mapping is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(mapping)), default);
}

/// <summary>Allocations are counted for the whole process.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
