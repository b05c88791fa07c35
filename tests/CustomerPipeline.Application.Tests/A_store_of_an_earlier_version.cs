using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Application.Tests;

/// <summary>Documents as version 0.1 wrote them (record schema 1): a newer program reads them, goes on from them and verifies them.</summary>
public sealed class A_store_of_an_earlier_version : IAsyncLifetime
{
    private const string Entity = "zendesk:ticket:7";

    private static readonly string[] Documents =
    [
        """
        rec:a {"record":{"schema":1,"entity":"zendesk:ticket:7","id":"a","version":639079200000000000,"kind":"ticket","channel":"service","occurredAt":"2026-03-01T10:00:00+00:00","identifiers":["account:zendesk:900"],"ticket":{"createdAt":"2026-03-01T10:00:00+00:00","status":"new","publicAgentReply":false,"handoff":false}},"by":"channel-service:0","revision":0}
        """,
        """
        rec:b {"record":{"schema":1,"entity":"zendesk:ticket:7","id":"b","version":639079236000000000,"kind":"ticket","channel":"service","occurredAt":"2026-03-01T11:00:00+00:00","identifiers":["account:zendesk:900"],"ticket":{"createdAt":"2026-03-01T10:00:00+00:00","status":"solved","publicAgentReply":false,"satisfaction":"good","handoff":false}},"by":"channel-service:1","revision":0}
        """,
        """
        state {"state":{"entity":"zendesk:ticket:7","kind":"ticket","last":{"version":639079236000000000,"recordId":"b"},"channel":"service","firstAt":"2026-03-01T10:00:00+00:00","lastAt":"2026-03-01T11:00:00+00:00","identifiers":["account:zendesk:900"],"ticket":{"createdAt":"2026-03-01T10:00:00+00:00","solvedAt":"2026-03-01T11:00:00+00:00","status":"solved","reopens":0,"handoffs":0,"satisfaction":"good","satisfactionAt":"2026-03-01T11:00:00+00:00"}},"revision":2}
        """,
    ];

    private readonly TestPipeline _pipeline = new();

    public async ValueTask InitializeAsync() => await _pipeline.Get<IDocumentStore>().CommitAsync(
        Containers.Interactions, Entity, [.. Documents.Select(d => d.Trim().Split(' ', 2)).Select(d => Write.Create(d[0], Encoding.UTF8.GetBytes(d[1])))], default);

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Is_read_as_if_this_version_had_written_it()
    {
        await _pipeline.DrainAsync(most => most, () => false);

        Assert.Equal(["= 1"], await _pipeline.AskAsync("csat"));
        Assert.DoesNotContain((await _pipeline.VerifyAsync()).Differences, d => d.Check != "ledger");
    }

    [Theory]
    [InlineData(2, "= 0.5")]
    [InlineData(-2, "= 1")]
    public async Task Takes_new_records_after_and_between_the_old_ones(int hours, string satisfaction)
    {
        // Another ticket rated badly shows that old and new ratings are counted alike.
        await _pipeline.SendAsync("zendesk", Some.ZendeskTicket("status_changed", "7", at: Some.Moment.AddHours(hours), current: "OPEN"));
        if (hours > 0)
        {
            await _pipeline.SendAsync("zendesk", Some.ZendeskTicket("satisfaction_changed", "8", at: Some.Moment.AddHours(hours), current: "bad"));
        }

        Assert.Equal([satisfaction], await _pipeline.AskAsync("csat"));
        Assert.DoesNotContain((await _pipeline.VerifyAsync()).Differences, d => d.Check != "ledger");
    }

    /// <summary>Schema 2 had the letters of an address as they were sent, in the record and in the state made of it.</summary>
    [Fact]
    public async Task Is_brought_up_to_date_by_a_rebuild()
    {
        const string Composed = "ren\u00e9@example.com";
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: Composed), Some.ShopifyOrder(2, email: Composed));
        var store = _pipeline.Get<IDocumentStore>();
        foreach (var document in await store.ReadPartitionAsync(Containers.Interactions, "shopify:order:1", "", default).ToListAsync())
        {
            var earlier = JsonNode.Parse(document.Body.Span)!;
            (earlier["record"] ?? earlier["state"])!["identifiers"] = new JsonArray("email:rene\u0301@example.com");
            if (earlier["record"] is { } record)
            {
                record["schema"] = 2;
            }

            await store.CommitAsync(Containers.Interactions, document.Partition, [Write.Upsert(document.Id, JsonSerializer.SerializeToUtf8Bytes(earlier))], default);
        }

        await _pipeline.DrainAsync(most => most, () => false);
        Assert.Contains((await _pipeline.VerifyAsync()).Differences, d => d.Check == "entity");

        Assert.Equal(1, (await _pipeline.Get<RebuildStore>().RunAsync(null, default)).Entities.Mended);

        Assert.Equal(["= 1"], await _pipeline.AskAsync("new-customers"));
        Assert.DoesNotContain((await _pipeline.VerifyAsync()).Differences, d => d.Check != "ledger");
    }
}
