using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Contracts;

/// <summary>What every document store does. An adapter's test class derives from this and says how to make one.</summary>
public abstract class DocumentStoreContract
{
    protected const string Container = Containers.Customers;

    protected abstract IDocumentStore Store { get; }

    [Fact]
    public async Task What_was_committed_can_be_read()
    {
        await CommitAsync("p", Write.Create("a", Json("1")));

        var document = await Store.ReadAsync(Container, "p", "a", default);

        Assert.Equal(("p", "a", "1"), (document!.Partition, document.Id, Text(document)));
    }

    [Fact]
    public async Task What_was_never_written_is_null() => Assert.Null(await Store.ReadAsync(Container, "p", "a", default));

    [Fact]
    public async Task Partitions_do_not_share_ids()
    {
        await CommitAsync("p", Write.Create("a", Json("1")));

        Assert.True((await CommitAsync("q", Write.Create("a", Json("2")))).IsCommitted);
        Assert.Equal("1", Text((await Store.ReadAsync(Container, "p", "a", default))!));
    }

    [Fact]
    public async Task A_create_of_what_exists_is_a_conflict_that_names_it()
    {
        await CommitAsync("p", Write.Create("a", Json("1")));

        var result = await CommitAsync("p", Write.Create("b", Json("2")), Write.Create("a", Json("3")));

        Assert.Equal("a", result.ConflictingId);
        Assert.Null(await Store.ReadAsync(Container, "p", "b", default));
    }

    [Fact]
    public async Task A_replace_needs_the_version_it_was_read_in()
    {
        await CommitAsync("p", Write.Create("a", Json("1")));
        var read = await Store.ReadAsync(Container, "p", "a", default);
        await CommitAsync("p", Write.Upsert("a", Json("2")));

        Assert.Equal("a", (await CommitAsync("p", Write.Replace("a", Json("3"), read!.ETag))).ConflictingId);

        var again = await Store.ReadAsync(Container, "p", "a", default);
        Assert.True((await CommitAsync("p", Write.Replace("a", Json("3"), again!.ETag))).IsCommitted);
    }

    [Fact]
    public async Task A_replace_of_what_is_gone_is_a_conflict()
    {
        await CommitAsync("p", Write.Create("a", Json("1")));
        var read = await Store.ReadAsync(Container, "p", "a", default);
        await CommitAsync("p", Write.Delete("a"));

        Assert.Equal("a", (await CommitAsync("p", Write.Replace("a", Json("2"), read!.ETag))).ConflictingId);
    }

    [Fact]
    public async Task Of_many_racing_creates_exactly_one_wins()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => CommitAsync("p", Write.Create("a", Json($"{i}"))))));

        Assert.Single(results, r => r.IsCommitted);
    }

    [Fact]
    public async Task Racing_read_modify_writes_lose_no_update()
    {
        await CommitAsync("p", Write.Create("n", Json("0")));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 25;)
            {
                var read = await Store.ReadAsync(Container, "p", "n", default);
                var next = int.Parse(Text(read!), System.Globalization.CultureInfo.InvariantCulture) + 1;
                done += (await CommitAsync("p", Write.Replace("n", Json($"{next}"), read!.ETag))).IsCommitted ? 1 : 0;
            }
        })));

        Assert.Equal("200", Text((await Store.ReadAsync(Container, "p", "n", default))!));
    }

    [Fact]
    public async Task A_partition_is_read_in_order_of_id_from_a_prefix()
    {
        await CommitAsync("p", Write.Create("touch:b", Json("1")), Write.Create("summary", Json("2")), Write.Create("touch:a", Json("3")));
        await CommitAsync("pp", Write.Create("touch:c", Json("4")));

        var ids = await Store.ReadPartitionAsync(Container, "p", "touch:", default).Select(d => d.Id).ToListAsync();

        Assert.Equal(["touch:a", "touch:b"], ids);
    }

    [Fact]
    public async Task A_partition_is_read_behind_an_id()
    {
        await CommitAsync("p", [.. new[] { "summary", "touch:a", "touch:a1", "touch:b", "touch:å", "touches" }.Select(id => Write.Create(id, Json("1")))]);
        await CommitAsync("p0", Write.Create("touch:z", Json("2")));

        async Task<string> BehindAsync(string prefix, string after) =>
            string.Join(' ', await Store.ReadPartitionAsync(Container, "p", prefix, after, default).Select(d => d.Id).ToListAsync());
        Assert.Equal("touch:a touch:a1 touch:b touch:å", await BehindAsync("touch:", ""));
        Assert.Equal("touch:a touch:a1 touch:b touch:å", await BehindAsync("touch:", "summary"));
        Assert.Equal("touch:a1 touch:b touch:å", await BehindAsync("touch:", "touch:a"));
        Assert.Equal("touch:b touch:å", await BehindAsync("touch:", "touch:a2"));
        Assert.Equal("", await BehindAsync("touch:", "touch:å"));
        Assert.Equal("", await BehindAsync("touch:", "touches"));
        Assert.Equal("touch:å touches", await BehindAsync("", "touch:b"));
    }

    [Fact]
    public async Task A_scan_begins_at_a_partition()
    {
        foreach (var partition in new[] { "c1", "c10", "c2", "c3", "å" })
        {
            await CommitAsync(partition, Write.Create("b", Json("1")), Write.Create("a", Json("2")));
        }

        async Task<string> FromAsync(string from) =>
            string.Join(' ', await Store.ScanAsync(Container, from, default).Select(d => $"{d.Partition}/{d.Id}").ToListAsync());
        Assert.Equal("c1/a c1/b c10/a c10/b c2/a c2/b c3/a c3/b å/a å/b", await FromAsync(""));
        Assert.Equal("c2/a c2/b c3/a c3/b å/a å/b", await FromAsync("c2"));
        Assert.Equal("c3/a c3/b å/a å/b", await FromAsync("c20"));
        Assert.Equal("å/a å/b", await FromAsync("d"));
        Assert.Equal("", await FromAsync("ø"));
    }

    [Fact]
    public async Task Reading_many_keeps_the_order_of_the_keys()
    {
        await CommitAsync("p", Write.Create("a", Json("1")));
        await CommitAsync("q", Write.Create("b", Json("2")));

        var documents = await Store.ReadManyAsync(Container, [new("q", "b"), new("p", "missing"), new("p", "a")], default);

        Assert.Equal(["2", null, "1"], documents.Select(d => d is null ? null : Text(d)));
    }

    [Fact]
    public async Task A_scan_finds_every_document_partition_by_partition()
    {
        await CommitAsync("p", Write.Create("b", Json("1")), Write.Create("a", Json("2")));
        await CommitAsync("q", Write.Create("a", Json("3")));

        var found = await Store.ScanAsync(Container, default).Select(d => $"{d.Partition}/{d.Id}").ToListAsync();

        Assert.Equal(["p/a", "p/b", "q/a"], found.Order());
        Assert.Equal(1, Math.Abs(found.IndexOf("p/a") - found.IndexOf("p/b")));
    }

    [Fact]
    public async Task One_id_is_read_across_partitions_in_their_order_from_one_on()
    {
        string[] partitions = ["c1", "c10", "c2", "c2-1", "c20", "å", "c3"];
        foreach (var (number, partition) in partitions.Index())
        {
            await CommitAsync(partition, Write.Create("summary", Json($"{number}")), Write.Create("touch:a", Json("1")), Write.Create("a-summary", Json("2")));
        }

        await CommitAsync("c15", Write.Create("touch:summary", Json("3")));

        async Task<List<string>> FromAsync(string from) => await Store.ReadAcrossAsync(Container, "summary", from, default).Select(d => $"{d.Partition} {d.Id} {Text(d)}").ToListAsync();
        var all = partitions.Index().OrderBy(p => p.Item, StringComparer.Ordinal).Select(p => $"{p.Item} summary {p.Index}").ToList();
        Assert.Equal(all, await FromAsync(""));
        Assert.Equal(all[2..], await FromAsync("c2"));
        Assert.Equal(all[2..], await FromAsync("c10!"));
        Assert.Equal(all[^1..], await FromAsync("d"));
        Assert.Empty(await FromAsync("ø"));
        Assert.Empty(await Store.ReadAcrossAsync(Container, "nothing", "", default).ToListAsync());
    }

    [Fact]
    public async Task A_body_may_have_an_id_of_its_own()
    {
        const string body = """{"id":"mine","pk":{"a":[1]},"_etag":"mine","text":"a\u0000\"å"}""";
        await CommitAsync("p", Write.Create("a", Encoding.UTF8.GetBytes(body)));

        var read = await Store.ReadAsync(Container, "p", "a", default);

        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(body), System.Text.Json.Nodes.JsonNode.Parse(read!.Body.Span)));
    }

    [Fact]
    public async Task Deletes_of_what_is_not_there_are_done_with_the_others()
    {
        Assert.True((await CommitAsync("p", Write.Delete("gone"), Write.Create("a", Json("1")), Write.Delete("never"))).IsCommitted);
        Assert.True((await CommitAsync("p", Write.Delete("gone"))).IsCommitted);
        Assert.Equal("gone", (await CommitAsync("p", Write.Delete("gone", "etag"))).ConflictingId);

        Assert.NotNull(await Store.ReadAsync(Container, "p", "a", default));
    }

    [Fact]
    public async Task Many_documents_come_in_order_and_whole()
    {
        var ids = Enumerable.Range(0, 1_200).Select(i => $"touch:{i * 7919 % 1_200:D4}").ToList();
        foreach (var some in ids.Chunk(CommitLimits.Writes))
        {
            await CommitAsync("p", [.. some.Select(id => Write.Create(id, Json("1")))]);
        }

        await Task.WhenAll(ids.Take(100).Select(id => CommitAsync($"other-{id}", Write.Create("z", Json("2")), Write.Create("a", Json("2")))));

        Assert.Equal(ids.Order(StringComparer.Ordinal), await Store.ReadPartitionAsync(Container, "p", "touch:", default).Select(d => d.Id).ToListAsync());
        Assert.Equal(ids, (await Store.ReadManyAsync(Container, [.. ids.Select(id => new DocumentKey("p", id))], default)).Select(d => d!.Id));
        var scanned = await Store.ScanAsync(Container, default).ToListAsync();
        Assert.Equal(ids.Count + 200, scanned.Count);
        Assert.Equal(101, scanned.Zip(scanned.Skip(1)).Count(pair => pair.First.Partition != pair.Second.Partition) + 1);
        Assert.All(scanned.Zip(scanned.Skip(1)), pair => Assert.True(pair.First.Partition != pair.Second.Partition || string.CompareOrdinal(pair.First.Id, pair.Second.Id) < 0));
    }

    [Fact]
    public async Task A_commit_over_the_limits_is_refused()
    {
        var tooMany = Enumerable.Range(0, CommitLimits.Writes + 1).Select(i => Write.Create($"{i}", Json("1"))).ToArray();

        await Assert.ThrowsAsync<ArgumentException>(() => CommitAsync("p", tooMany));
        await Assert.ThrowsAsync<ArgumentException>(() => CommitAsync("p", Write.Create("a", new byte[CommitLimits.Bytes + 1])));
    }

    private Task<CommitResult> CommitAsync(string partition, params Write[] writes) => Store.CommitAsync(Container, partition, writes, default).AsTask();

    private static ReadOnlyMemory<byte> Json(string number) => Encoding.UTF8.GetBytes($$"""{"n":{{number}}}""");

    private static string Text(Document document) => System.Text.Json.Nodes.JsonNode.Parse(document.Body.Span)!["n"]!.ToJsonString();
}
