using System.Text;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>One document of each kind there is, damaged, and then everything that the pipeline does: what fails is what stands on the document, and nothing else.</summary>
public sealed class What_a_damaged_document_holds_up : IAsyncLifetime
{
    private const string Somebody = "somebody@example.com";

    private static readonly Uri Subscriber = new("https://subscriber.example/events");

    private readonly TestPipeline _pipeline = new();
    private int _newcomers;

    /// <summary>Kinds of documents, and what fails while one is damaged.</summary>
    public static TheoryData<string, string> Kinds => new()
    {
        { "audit", "" },
        { "customers summary", "table" },
        { "customers touch", "census, table" },
        { "events figures", "" },
        { "events stages", "" },
        { "events undelivered", "" },
        { "identifiers claim", "" },
        { "identifiers stamp", "" },
        { "interactions rec", "" },
        { "interactions state", "" },
        { "ledger block", "" },
        { "ledger total", "" },
        { "privacy flow", "census, erasures, figures, news of figures, publication, table" },
        { "privacy head", "census, erasures, figures, news of figures, publication, table" },
        { "privacy hour", "" },
        { "privacy key", "" },
        { "privacy requests", "" },
        { "privacy tombstone", "" },
        { "quarantine", "" },
        { "snapshots day", "" },
        { "snapshots index", "" },
        { "snapshots metric", "" },
        { "snapshots news", "" },
        { "snapshots old", "" },
        { "snapshots restated", "" },
        { "suggestions", "" },
        { "values flow", "census, figures, news of figures, publication, table" },
        { "values head", "census, figures, news of figures, publication, table" },
        { "values order", "figures, publication" },
        { "values ticket", "publication" },
        { "values uncounted", "census, table" },
    };

    private IDocumentStore Store => _pipeline.Get<IDocumentStore>();

    public async ValueTask InitializeAsync()
    {
        await _pipeline.Get<RulesInForce>().EnterAsync(default);
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: Somebody), Some.ShopifyOrder(2, email: "b@example.com"), Some.ShopifyOrder(3, email: "c@example.com"), Some.ShopifyOrder(4, email: "d@example.com"), "broken"u8.ToArray());
        await _pipeline.SendAsync("zendesk", Some.ZendeskTicket("1"));
        await _pipeline.SendAsync("shopify", new MessageEnvelope("/shopify/test", "1", "shopify", "products/update", true, "{}"u8.ToArray()) { Received = TimeProvider.System.GetUtcNow() }.Wrap());
        await _pipeline.SendAsync("import", Some.Message("import", SomePeople.ToImport("p1", SomePeople.Number(1))), Some.Message("import", SomePeople.ToImport("p2", SomePeople.Misspelt(SomePeople.Number(1), 0))));
        var suggestion = new Suggestion { Id = "pair", Left = "c1", Right = "c2", Probability = 0.9, Evidence = [], At = TimeProvider.System.GetUtcNow() };
        await Store.CommitAsync(Containers.Suggestions, "pair", [Write.Create(Containers.SuggestionId, suggestion.ToBody(DocumentJson.Default.Suggestion))], default);
        await _pipeline.Get<DecideIdentityHandler>().MergeAsync(
            (await _pipeline.LookUpAsync($"email:{Somebody}"))!.Customer, (await _pipeline.LookUpAsync("email:b@example.com"))!.Customer, "tester", default);
        await _pipeline.DrainAsync(most => most, () => false);
        await _pipeline.Get<TakeSnapshotHandler>().HandleAsync(null, default);
        await _pipeline.SendAsync("shopify", Some.ShopifyRefund(3));
        await _pipeline.Get<TakeSnapshotHandler>().HandleAsync(null, default);
        await _pipeline.Get<TellMetricChangesHandler>().HandleAsync(default);
        await _pipeline.Get<UndeliveredEvents>().KeepAsync(Subscriber, (await _pipeline.PublishAsync())[0], "unreachable", default);
        await _pipeline.EraseAsync("email:d@example.com");
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Is_what_stands_on_it(string kind, string fails)
    {
        var (container, document) = await DocumentsAsync().FirstAsync(d => KindOf(d.Container, d.Document) == kind);
        foreach (var damage in Effort.IsFull ? new[] { "{}", "\0" } : ["\0"])
        {
            // Of nobody and nothing: that is a claim, too.
            if (kind == "identifiers claim" && damage == "{}")
            {
                continue;
            }

            await _pipeline.OverwriteAsync(container, document, Encoding.UTF8.GetBytes(damage));
            var where = $"{container}/{document.Partition}/{document.Id}";
            Assert.Equal((damage, where), (damage, await DamagedAsync()));

            var failed = await DoEverythingAsync();

            // Some are made anew by what comes next: then the old text is not put back.
            var isStillDamaged = (await Store.ReadAsync(container, document.Partition, document.Id, default))!.Body.Span.SequenceEqual(Encoding.UTF8.GetBytes(damage));
            Assert.Equal((damage, isStillDamaged ? where : ""), (damage, await DamagedAsync()));
            Assert.Equal((damage, fails), (damage, string.Join(", ", failed)));
            if (isStillDamaged)
            {
                await _pipeline.OverwriteAsync(container, document, document.Body);
            }
        }
    }

    [Fact]
    public async Task Is_known_of_every_kind_of_document()
    {
        var kinds = await DocumentsAsync().Select(d => KindOf(d.Container, d.Document)).Distinct().ToListAsync();

        await foreach (var (container, document) in DocumentsAsync())
        {
            // Each kind is described, or no erasure, verification or copy would know of it.
            Assert.NotNull(Containers.Of(container).Read(document));
        }

        // Of a mark it counts that it is there.
        Assert.Equal(Kinds.Select(k => k.Data.Item1).Append("privacy mark").Order(StringComparer.Ordinal), kinds.Order(StringComparer.Ordinal));
    }

    private static string KindOf(string container, Document document) => (container, document.Partition, document.Id.Split(':')[0]) switch
    {
        (Containers.Audit or Containers.Suggestions or Containers.Quarantine, _, _) => container,
        (Containers.Snapshots, "index", _) => "snapshots index",
        (Containers.Events, "stages" or "figures", _) => $"events {document.Partition}",
        (Containers.Events, _, _) => "events undelivered",
        (Containers.Privacy, "requests" or "key", _) => $"privacy {document.Partition}",
        (Containers.Values, "uncounted", _) => "values uncounted",
        var (_, _, id) => $"{container} {id}",
    };

    private async IAsyncEnumerable<(string Container, Document Document)> DocumentsAsync()
    {
        foreach (var container in Containers.All)
        {
            await foreach (var document in Store.ScanAsync(container, default))
            {
                yield return (container, document);
            }
        }
    }

    private async Task<string> DamagedAsync() => string.Join(' ', (await _pipeline.VerifyAsync()).Differences.Where(d => d.Check == "damaged").Select(d => d.Where));

    // What failed of it, and always for a damaged document.
    private async Task<SortedSet<string>> DoEverythingAsync()
    {
        var failed = new SortedSet<string>(StringComparer.Ordinal);
        async Task TryAsync(string what, Func<Task> work)
        {
            try
            {
                await work();
            }
            catch (CorruptDocumentException)
            {
                failed.Add(what);
            }
        }

        var newcomer = $"newcomer{_newcomers}@example.com";
        await TryAsync("ingest", () => _pipeline.SendAsync("shopify", Some.ShopifyOrder(1_000 + _newcomers, email: newcomer), Encoding.UTF8.GetBytes($"broken {_newcomers++}")));
        await TryAsync("ingest", () => _pipeline.SendAsync("shopify", Some.ShopifyOrder(4, email: "d@example.com"), Some.ShopifyOrder(1, "11.00", email: Somebody, updatedAt: Some.Moment.AddDays(_newcomers))));
        await TryAsync("ingest", () => _pipeline.IngestAsync(Queues.Online, new Delivery(4, "broken"u8.ToArray())));
        await TryAsync("status", () => _pipeline.Get<StatusReader>().ReadAsync(default));
        await TryAsync("quarantine", () => _pipeline.Review().GroupAsync(default));
        await TryAsync("audit", () => _pipeline.Get<AuditLog>().ListAsync(StageTelemetry.List, default).ToListAsync().AsTask());
        await TryAsync("requests", () => _pipeline.Get<PrivacyRequests>().ListAsync(default));
        await TryAsync("suggestions", () => _pipeline.Get<SuggestMergesHandler>().ListAsync(100, null, default));
        await TryAsync("suggestions", () => _pipeline.Get<SuggestMergesHandler>().RunAsync(0.9, default));
        await TryAsync("marketing", () => _pipeline.Get<CustomersReader>().ListForMarketingAsync(100, "", default));
        await TryAsync("snapshots", () => _pipeline.Get<TakeSnapshotHandler>().ListAsync(100, "", default));
        await TryAsync("restatements", () => _pipeline.Get<PublishFigures>().ListAsync(100, "", default));
        await TryAsync("figures", () => _pipeline.AskAsync("net-sales"));
        await TryAsync("figures", () => _pipeline.AskAsync("returning-customers"));
        await TryAsync("census", () => _pipeline.AskAsync("active-customers"));
        await TryAsync("table", () => _pipeline.Get<FigureTables>().ReadAsync(FigureTables.All.Single(t => t.Name == "Customers"), from: null, default).ToListAsync().AsTask());
        await TryAsync("one customer", () => _pipeline.Get<StandingsReader>().FindAsync("c1", default));
        await TryAsync("publication", () => _pipeline.Get<PublishFigures>().RunAsync(TimeProvider.System.GetUtcNow(), default));
        await TryAsync("census", () => _pipeline.Get<TakeSnapshotHandler>().HandleAsync(TimeProvider.System.GetUtcNow(), default));
        await TryAsync("news of figures", () => _pipeline.Get<TellMetricChangesHandler>().HandleAsync(default));
        await TryAsync("events", () => _pipeline.PublishAsync());
        await TryAsync("files", async () =>
        {
            for (var range = 0; range < 8; range++)
            {
                await _pipeline.WriteFilesAsync(range);
            }
        });
        await TryAsync("undelivered events", () => _pipeline.Get<UndeliveredEvents>().ListAsync(Subscriber, default).ToListAsync().AsTask());
        await TryAsync("erasures", () => _pipeline.EraseAsync($"email:{newcomer}"));
        await TryAsync("retention", () => _pipeline.Make<KeepForHandler>(new RetentionOptions { ArchiveDays = 4_000, AuditDays = 4_000, QuarantineDays = 4_000, CustomerDays = 4_000 }).RunAsync(default));

        var isKnown = await _pipeline.LookUpAsync($"email:{newcomer}") is not null;
        Assert.Equal(failed.Contains("erasures"), isKnown);
        var messages = (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
        Assert.Equal(messages.Received, messages.Stored + messages.Duplicate + messages.Ignored + messages.Quarantined + messages.Discarded + messages.Erased);
        return failed;
    }
}
