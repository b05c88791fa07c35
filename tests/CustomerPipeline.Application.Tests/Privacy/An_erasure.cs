using System.Text;
using System.Text.Json;
using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Maintenance.Erasing;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Application.Tests.Privacy;

/// <summary>Invariant 7: after an erasure no byte of the person is left, figures keep sums of nobody, and old messages bring nobody back.</summary>
public sealed class An_erasure : IAsyncLifetime
{
    private static readonly string[] Values =
        ["josephine.quimby@example.com", "+12025550142", "2025550142", "(202) 555-0142", "Josephine Quimby", "7 Rue de l\u00e9toile", "QUIMBYSQ", "Quimby-Visitor-1", "9007199254740993"];

    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Leaves_no_byte_of_the_person_in_any_file()
    {
        await TellOfJosephineAsync();
        Assert.All(Values[..2], v => Assert.True(IsInFiles(v), $"{v} was never there: the test is asleep."));

        await _pipeline.EraseAsync("email:josephine.quimby@example.com");

        Assert.All(Values, v => Assert.False(IsInFiles(v), $"{v} is left."));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
        Assert.All(await _pipeline.Get<PrivacyRequests>().ListAsync(default), r => Assert.NotNull(r.Value.DoneAt));
    }

    [Fact]
    public async Task Leaves_others_and_the_sums_as_they_were()
    {
        await TellOfJosephineAsync();
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(500, email: "other@example.com"));
        var before = await FiguresAsync();

        await _pipeline.EraseAsync("email:josephine.quimby@example.com");

        Assert.Equal(before, await FiguresAsync());
        Assert.Equal(1, (await _pipeline.LookUpAsync("email:other@example.com"))!.Orders);
        Assert.Null(await _pipeline.LookUpAsync("email:josephine.quimby@example.com"));
    }

    [Fact]
    public async Task Leaves_no_byte_of_the_person_in_an_order_that_is_somebody_elses_now()
    {
        await _pipeline.SendAsync(
            "shopify",
            Some.ShopifyOrder(501, email: "josephine.quimby@example.com", customer: 9007199254740993),
            Some.ShopifyOrder(500, email: "josephine.quimby@example.com", customer: 9007199254740993),
            Some.ShopifyOrder(500, email: "other@example.com", customer: 2, updatedAt: Some.Moment.AddDays(1)));
        Assert.Equal((1, 1), ((await _pipeline.LookUpAsync("email:josephine.quimby@example.com"))!.Orders, (await _pipeline.LookUpAsync("email:other@example.com"))!.Orders));
        var figures = await FiguresAsync();

        await _pipeline.EraseAsync("email:josephine.quimby@example.com");

        Assert.All(Values, v => Assert.False(IsInFiles(v), $"{v} is left."));
        Assert.Equal(1, (await _pipeline.LookUpAsync("email:other@example.com"))!.Orders);
        Assert.Equal(figures, await FiguresAsync());
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Refuses_old_messages_and_welcomes_who_comes_back()
    {
        await TellOfJosephineAsync();
        await _pipeline.EraseAsync("email:josephine.quimby@example.com");
        var figures = await FiguresAsync();

        await TellOfJosephineAsync();

        Assert.Equal(figures, await FiguresAsync());
        Assert.Null(await _pipeline.LookUpAsync("email:josephine.quimby@example.com"));
        await _pipeline.Get<IShredder>().ShredAsync(default);
        Assert.False(IsInFiles(Values[0]));

        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(900, email: "josephine.quimby@example.com", at: TimeProvider.System.GetUtcNow().AddMinutes(1)));
        Assert.Equal(1, (await _pipeline.LookUpAsync("email:josephine.quimby@example.com"))!.Orders);
    }

    /// <summary>A message that nothing can read names the person as people at home do.</summary>
    [Theory]
    [InlineData("no json: 070 123 45 67", true)]
    [InlineData("no json: 070-1234567.", true)]
    [InlineData("no json: (070) 123.45.67", true)]
    [InlineData("no json: 0046701234567", true)]
    [InlineData("no json: 46701234567", true)]
    [InlineData("no json: +46 (0)70 123 45 67", true)]
    [InlineData("{\"phone\":\"0701234567\"", true)]
    [InlineData("no json: 070 123 45 68", false)]
    [InlineData("no json: order 46701234567890123 of 70123456", false)]
    public async Task Refuses_old_messages_that_name_the_phone_number_in_any_form(string text, bool isRefused)
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "eva@example.com", phone: "+46701234567"));
        await _pipeline.EraseAsync("email:eva@example.com");

        await _pipeline.SendAsync("shopify", Encoding.UTF8.GetBytes(text));

        Assert.Equal(isRefused ? 0 : 1, await _pipeline.Get<QuarantineStore>().ListAsync(from: "", default).CountAsync());
    }

    [Fact]
    public async Task Lets_the_phone_number_of_one_who_came_back_pass_in_any_form()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "eva@example.com", phone: "+46701234567"));
        await _pipeline.EraseAsync("email:eva@example.com");
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(2, phone: "+46701234567", at: TimeProvider.System.GetUtcNow().AddMinutes(1)));

        await _pipeline.SendAsync("shopify", Encoding.UTF8.GetBytes("no json: 070 123 45 67"));

        Assert.Equal(1, await _pipeline.Get<QuarantineStore>().ListAsync(from: "", default).CountAsync());
    }

    /// <summary>A request is carried out some seconds, in Azure some minutes, after it was made.</summary>
    [Fact]
    public async Task Leaves_what_was_done_after_the_request()
    {
        await TellOfJosephineAsync();
        await _pipeline.Get<PrivacyRequests>().TakeAsync(PrivacyRequest.Erasure, "tester", [(await _pipeline.LookUpAsync("email:josephine.quimby@example.com"))!.Customer], default);
        var sums = await SumsAsync(_pipeline);
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(900, email: "josephine.quimby@example.com", at: TimeProvider.System.GetUtcNow().AddMinutes(1)));
        Assert.True((await _pipeline.LookUpAsync("email:josephine.quimby@example.com"))!.Orders > 1);

        await _pipeline.WorkOffErasuresAsync();

        var back = await _pipeline.LookUpAsync("email:josephine.quimby@example.com");
        Assert.Equal((1, 1), (back!.Orders, back.Touches));
        Assert.All(Values[1..], v => Assert.False(IsInFiles(v), $"{v} is left."));
        Assert.NotEqual(sums, await SumsAsync(_pipeline));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
        Assert.All(await _pipeline.Get<PrivacyRequests>().ListAsync(default), r => Assert.NotNull(r.Value.DoneAt));
    }

    /// <summary>Messages that a queue holds back until they are due are seen by no stage.</summary>
    [Fact]
    public async Task Looks_through_what_is_scheduled()
    {
        var queues = _pipeline.Get<RocksQueues>();
        var due = TimeProvider.System.GetUtcNow().AddDays(30);
        await TellOfJosephineAsync();
        await queues.EnqueueAsync(Queues.Online, [new NewMessage(Encoding.UTF8.GetBytes("no json: (202) 555 01 42"), null, due), new NewMessage(Some.ShopifyOrder(77, email: "other@example.com"), null, due)]);

        var customer = (await _pipeline.LookUpAsync("email:josephine.quimby@example.com"))!.Customer;
        var export = JsonDocument.Parse((await _pipeline.Get<ExportPersonHandler>().ExportAsync(customer, "tester", default))!.Value);
        Assert.Equal("no json: (202) 555 01 42", Assert.Single(export.RootElement.GetProperty("scheduled").EnumerateArray()).GetProperty("payload").GetString());
        await _pipeline.EraseAsync("email:josephine.quimby@example.com");

        Assert.Equal(1, queues.ScheduledOf(Queues.Online));
        Assert.False(IsInFiles("(202) 555 01 42"));
    }

    /// <summary>A clock that is ahead by a little puts the only order after the request.</summary>
    [Fact]
    public async Task Of_one_whose_only_order_is_later_than_the_request_is_complete()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "fay@example.com", at: TimeProvider.System.GetUtcNow().AddMinutes(1)));
        await _pipeline.EraseAsync("email:fay@example.com");

        Assert.Null(await _pipeline.LookUpAsync("email:fay@example.com"));
        Assert.False(IsInFiles("fay@example.com"));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task That_is_asked_for_again_in_the_same_words_is_another_one()
    {
        var words = Some.Message("shopify", new { shop_id = 1, customer = new { id = 4_711, email = "josephine.quimby@example.com" }, orders_to_redact = Array.Empty<int>() }, "customers/redact");
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, customer: 4_711, email: "josephine.quimby@example.com"));
        await _pipeline.SendAsync("shopify", await _pipeline.SealAsync(words));
        await _pipeline.WorkOffErasuresAsync();
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(2, customer: 4_711, email: "josephine.quimby@example.com", at: TimeProvider.System.GetUtcNow()));
        Assert.Equal(1, (await _pipeline.LookUpAsync("email:josephine.quimby@example.com"))!.Orders);

        var later = MessageEnvelope.TryRead(words, out var envelope, out _) ? (envelope! with { Received = TimeProvider.System.GetUtcNow() }).Wrap() : [];
        await _pipeline.SendAsync("shopify", await _pipeline.SealAsync(later));
        await _pipeline.SendAsync("shopify", await _pipeline.SealAsync(words));
        await _pipeline.WorkOffErasuresAsync();

        Assert.Null(await _pipeline.LookUpAsync("email:josephine.quimby@example.com"));
        Assert.Equal(2, (await _pipeline.Get<PrivacyRequests>().ListAsync(default)).Count);
    }

    /// <summary>Of an ignored message nobody knows whom it is about: what no search finds in it is gone in a stated time.</summary>
    [Theory]
    [InlineData(31, false)]
    [InlineData(29, true)]
    public async Task Of_what_was_ignored_comes_by_itself(int days, bool isKept)
    {
        var ignored = new MessageEnvelope("/shopify/test", "1", "shopify", "products/update", true, Encoding.UTF8.GetBytes("{\"title\":\"Ask J. about it\"}")) { Received = TimeProvider.System.GetUtcNow().AddDays(-days) }.Wrap();
        await _pipeline.SendAsync("shopify", ignored, Some.ShopifyOrder(1));

        await _pipeline.Get<KeepForHandler>().RunAsync(default);

        var kept = await _pipeline.Get<IRawArchive>().ScanAsync(default).ToListAsync();
        Assert.Equal(isKept ? 2 : 1, kept.Count);
    }

    [Fact]
    public async Task Counts_what_was_erased_and_still_reconciles()
    {
        await TellOfJosephineAsync();
        await _pipeline.EraseAsync("email:josephine.quimby@example.com");

        var messages = (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
        Assert.True(messages.Erased > 0);
        Assert.Equal(messages.Received, messages.Stored + messages.Duplicate + messages.Ignored + messages.Quarantined + messages.Discarded + messages.Erased);
    }

    [Fact]
    public async Task That_a_shop_forwards_is_carried_out()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, customer: 4_711, email: "josephine.quimby@example.com"));
        await _pipeline.SendAsync("shopify", await _pipeline.SealAsync(Some.Message(
            "shopify", new { shop_id = 1, customer = new { id = 4_711, email = "josephine.quimby@example.com", phone = (string?)null }, orders_to_redact = new[] { 1 } }, "customers/redact")));

        await _pipeline.WorkOffErasuresAsync();

        Assert.Null(await _pipeline.LookUpAsync("email:josephine.quimby@example.com"));
        Assert.False(IsInFiles("josephine.quimby@example.com"));
    }

    [Fact]
    public async Task Of_one_who_shared_a_phone_leaves_it_shared()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com", phone: "+12025550142"), Some.ShopifyOrder(2, email: "b@example.com", phone: "+12025550142"));
        await _pipeline.EraseAsync("email:a@example.com");

        await _pipeline.SendAsync("square", Some.SquareCustomer("C1", phone: "+12025550142"));

        Assert.Equal(2, (await _pipeline.VerifyAsync()).Customers);
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
        await _pipeline.Get<IShredder>().ShredAsync(default);
        Assert.False(IsInFiles("a@example.com"));
    }

    [Fact]
    public Task At_any_time_leaves_the_sums_and_reconciles() => Gen.Select(StoryMessage.Any.Array[10, 50], Gen.Int[0, 1_000_000]).SampleAsync(
        async (story, seed) =>
        {
            await using var pipeline = new TestPipeline();
            await pipeline.TellAsync(story);
            var before = await SumsAsync(pipeline);
            var customers = await pipeline.Get<CustomerStore>().ListAsync(from: "", default).Select(s => s.Customer).ToListAsync();
            foreach (var customer in customers.Where((_, i) => (i + seed) % 3 == 0))
            {
                await pipeline.Get<PrivacyRequests>().TakeAsync(PrivacyRequest.Erasure, "tester", [customer], default);
            }

            await pipeline.WorkOffErasuresAsync();

            Assert.Equal(before, await SumsAsync(pipeline));
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
            Assert.All(await pipeline.Get<PrivacyRequests>().ListAsync(default), r => Assert.NotNull(r.Value.DoneAt));
        },
        iter: Effort.Of(all: 15, usual: 4), threads: 1);

    [Fact]
    public async Task Of_a_customer_whose_summary_is_gone_takes_the_interactions_out_all_the_same()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "josephine.quimby@example.com"), Some.ShopifyOrder(2, email: "josephine.quimby@example.com"));
        var customer = (await _pipeline.LookUpAsync("email:josephine.quimby@example.com"))!.Customer;
        var store = _pipeline.Get<IDocumentStore>();
        Assert.True((await store.CommitAsync(Containers.Customers, customer, [Write.Delete(Containers.SummaryId)], default)).IsCommitted);

        await _pipeline.Get<PrivacyRequests>().TakeAsync(PrivacyRequest.Erasure, "tester", [customer], default);
        await _pipeline.WorkOffErasuresAsync();

        Assert.All(await _pipeline.Get<PrivacyRequests>().ListAsync(default), r => Assert.NotNull(r.Value.DoneAt));
        Assert.DoesNotContain(await store.ScanAsync(Containers.Customers, default).ToListAsync(), d => Encoding.UTF8.GetString(d.Body.Span).Contains("quimby", StringComparison.OrdinalIgnoreCase));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public Task Of_one_of_two_that_were_merged_leaves_the_other_however_often_it_fails_and_is_run_at_once() => Gen.Int[0, 1_000_000].SampleAsync(
        async seed =>
        {
            var adapters = new EmbeddedTestAdapters();
            await using var pipeline = new TestPipeline(adapters: adapters);
            await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"), Some.ShopifyOrder(2, email: "b@example.com"));
            var (one, other) = ((await pipeline.LookUpAsync("email:a@example.com"))!.Customer, (await pipeline.LookUpAsync("email:b@example.com"))!.Customer);
            var merged = Assert.IsType<DecisionResult.Accepted>(await pipeline.Get<DecideIdentityHandler>().MergeAsync(one, other, "tester", default));
            await pipeline.DrainAsync(most => most, () => false);
            await pipeline.Get<DecideIdentityHandler>().TakeBackAsync(merged.Decision, "tester", default);
            await pipeline.DrainAsync(most => most, () => false);
            await pipeline.Get<PrivacyRequests>().TakeAsync(PrivacyRequest.Erasure, "tester", [(await pipeline.LookUpAsync("email:a@example.com"))!.Customer], default);

            adapters.Fail(seed, oneIn: 10);
            for (var i = 0; i < 6; i++)
            {
                // As a timer and a caller do.
                await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => RunAsync(pipeline, adapters))));
            }

            adapters.StopFailing();
            await pipeline.WorkOffErasuresAsync();

            Assert.Empty((await pipeline.VerifyAsync()).Differences);
            Assert.Null(await pipeline.LookUpAsync("email:a@example.com"));
            Assert.NotNull(await pipeline.LookUpAsync("email:b@example.com"));
        },
        iter: Effort.Of(all: 40, usual: 8), threads: 1);

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Into_which_somebody_is_merged_at_any_moment_leaves_nothing_half_gone(int moment, bool isTakenBack)
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"), Some.ShopifyOrder(2, email: "b@example.com"), Some.ShopifyOrder(3, email: "b@example.com"));
        var (one, other) = ((await pipeline.LookUpAsync("email:a@example.com"))!.Customer, (await pipeline.LookUpAsync("email:b@example.com"))!.Customer);
        var before = await SumsAsync(pipeline);
        await pipeline.Get<PrivacyRequests>().TakeAsync(PrivacyRequest.Erasure, "tester", [one], default);

        // Decided before the erasure began, and carried out while it goes on.
        var merged = Assert.IsType<DecisionResult.Accepted>(await pipeline.Get<DecideIdentityHandler>().MergeAsync(one, other, "tester", default));
        await pipeline.IngestSentAsync();
        var meanwhile = new StoreWithVisitor(pipeline.Get<IDocumentStore>(), moment, async () =>
        {
            await pipeline.DrainAsync(most => most, () => false);
            if (isTakenBack)
            {
                await pipeline.Get<DecideIdentityHandler>().TakeBackAsync(merged.Decision, "tester", default);
                await pipeline.DrainAsync(most => most, () => false);
            }
        });

        var takeOut = pipeline.Make<TakeOutPeople>(pipeline.Make<EraseDocuments>(meanwhile), pipeline.Make<EraseCustomers>(meanwhile));
        await pipeline.Make<ErasePeopleHandler>(pipeline.Make<FindErasedPeople>(meanwhile), takeOut).RunAsync(default);
        await pipeline.WorkOffErasuresAsync();

        Assert.Equal(before, await SumsAsync(pipeline));
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
        Assert.All(await pipeline.Get<PrivacyRequests>().ListAsync(default), r => Assert.NotNull(r.Value.DoneAt));
    }

    // The calls of the store in the first part of an erasure.
    public static MatrixTheoryData<int, bool> Moments { get; } = new(Enumerable.Range(0, 8), [true, false]);

    private static async Task RunAsync(TestPipeline pipeline, TestAdapters adapters)
    {
        try
        {
            await pipeline.Get<ErasePeopleHandler>().RunAsync(default);
        }
        catch (Exception e) when (adapters.IsFault(e))
        {
            // The next run goes on.
        }
    }

    private async Task TellOfJosephineAsync()
    {
        var at = Some.Moment;
        await _pipeline.SendAsync("shopify",
            Some.ShopifyOrder(1, email: "josephine.quimby@example.com", phone: "(202) 555-0142"),
            Some.ShopifyOrder(2, email: "Josephine.Quimby@example.com", at: at.AddDays(3)),
            Some.ShopifyRefund(2, 3, 4m, at: at.AddDays(4)),
            Some.Message("shopify", new { id = 9007199254740993, admin_graphql_api_id = "gid://shopify/Customer/9007199254740993", created_at = at, first_name = "Josephine", last_name = "Quimby", email = "josephine.quimby@example.com", default_address = new { address1 = "7 Rue de l\u00e9toile", zip = "75001" } }, "customers/create"),
            Some.ShopifyOrder(3, email: "josephine.quimby@example.com", isTest: true),
            Some.Message("shopify", new { email = "josephine.quimby@example.com", broken = true }, "orders/create"),
            Encoding.UTF8.GetBytes("{ not even json, Josephine Quimby"));
        await _pipeline.SendAsync("square", Some.SquareCustomer("QUIMBYSQ", "josephine.quimby@example.com", "+12025550142"), Some.SquarePayment("qp", customer: "QUIMBYSQ"));
        await _pipeline.SendAsync("segment", Some.Segment("Product Viewed", new { product_id = "7" }, user: null, anonymous: "Quimby-Visitor-1", email: "josephine.quimby@example.com"));
        await _pipeline.SendAsync("zendesk", Some.ZendeskUser("900", "josephine.quimby@example.com"), Some.ZendeskTicket());
    }

    private Task<List<string>> FiguresAsync() => SumsAsync(_pipeline);

    // People who are gone are not counted as people any more; what they added is.
    private static async Task<List<string>> SumsAsync(TestPipeline pipeline)
    {
        var figures = new List<string>();
        foreach (var metric in MetricCatalog.All.Where(m => m.Name is "orders" or "units" or "gross-sales" or "net-sales" or "refunds" or "tickets" or "identified-share" or "first-reply-time" or "csat"))
        {
            figures.AddRange((await pipeline.AskAsync(metric.Name, [.. metric.Dimensions])).Select(row => $"{metric.Name}: {row}"));
        }

        return figures;
    }

    private bool IsInFiles(string value)
    {
        var needles = new[] { value, JsonEncodedText.Encode(value).ToString(), Uri.EscapeDataString(value), value.ToLowerInvariant(), Convert.ToBase64String(Encoding.UTF8.GetBytes(value)).TrimEnd('=')[..^1] }
            .Distinct().SelectMany(v => new[] { Encoding.UTF8.GetBytes(v), Encoding.Unicode.GetBytes(v) }).ToList();
        return Directory.EnumerateFiles(_pipeline.Folder, "*", SearchOption.AllDirectories)
            .Select(file =>
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                return bytes.ToArray();
            })
            .Any(bytes => needles.Any(n => bytes.AsSpan().IndexOf(n) >= 0));
    }
}
