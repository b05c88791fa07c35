using System.Text;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Privacy;

/// <summary>Messages that ask to erase or export people, or say who is one customer: the right goes with who brought them.</summary>
public sealed class Who_may_decide_about_people : IAsyncLifetime
{
    private const string Order = """{"id":1,"created_at":"2026-03-01T10:00:00Z","currency":"EUR","customer":{"id":4711,"email":"eva@mail.example"},"line_items":[{"id":1,"price":"20.00","quantity":1}]}""";
    private const string Redact = """{"shop_id":1,"shop_domain":"s.example","customer":{"id":4711,"email":"eva@mail.example"},"orders_to_redact":[1]}""";
    private const string DataRequest = """{"shop_id":1,"shop_domain":"s.example","customer":{"id":4711,"email":"eva@mail.example"},"orders_requested":[1],"data_request":{"id":9}}""";

    private readonly TestPipeline _pipeline = new();

    public async ValueTask InitializeAsync() => await _pipeline.SendAsync("shopify", Some.Wrap("shopify", Encoding.UTF8.GetBytes(Order), "orders/create"));

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    public static TheoryData<string> Attacks =>
    [
        "straight into the queue", "with a seal of its own making", "with the seal of another message", "with the seal of another caller", "as an order under the topic of a request",
        "as a request for a copy under the topic of an erasure", "through /api/ingest without the right", "through /api/events without the right", "through /api/events with a seal of its own making",
        "as an edited copy in quarantine", "as a decision in an edited copy", "as a decision straight into the queue",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Is_not_whoever_brings_a_message(string attack)
    {
        await AttackAsync(attack);
        await _pipeline.WorkOffErasuresAsync();

        Assert.Equal(1, (await _pipeline.LookUpAsync("email:eva@mail.example"))!.Orders);
        Assert.Empty(await _pipeline.Get<PrivacyRequests>().ListAsync(default));
        Assert.Empty(await _pipeline.Get<AuditLog>().ListAsync(StageTelemetry.Erase, default).ToListAsync());
        var waiting = await _pipeline.Get<QuarantineStore>().ListAsync(from: "", default).ToListAsync();
        Assert.All(waiting, message => Assert.Contains(message.Reason.Code, new[] { "not-allowed", "topic-disagrees", "missing-currency" }));
        Assert.NotEmpty(waiting);
    }

    [Fact]
    public async Task Is_who_retries_with_the_right_for_it()
    {
        await _pipeline.SendAsync("shopify", Message(Redact, "customers/redact"));
        var waiting = await _pipeline.Get<QuarantineStore>().ListAsync(from: "", default).SingleAsync();
        Assert.Equal("not-allowed", Assert.IsType<RetryResult.Kept>(await _pipeline.Review().RetryAsync(waiting.DeliveryId, default)).Reason.Code);

        var retried = await _pipeline.Review().RetryAsync(waiting.DeliveryId, default, scope => ValueTask.FromResult(scope == Scope.PrivacyManage ? "officer" : null));
        await _pipeline.WorkOffErasuresAsync();

        Assert.IsType<RetryResult.Released>(retried);
        Assert.Null(await _pipeline.LookUpAsync("email:eva@mail.example"));
        var entry = (await _pipeline.Get<AuditLog>().ListAsync(StageTelemetry.Erase, default).ToListAsync()).Single().Value;
        Assert.Equal("shopify, officer", entry.By);
    }

    [Theory]
    [InlineData("ingest")]
    [InlineData("events")]
    public async Task Is_a_caller_of_the_right(string door)
    {
        await PostAsync(door, "officer", Redact, "customers/redact");
        await _pipeline.WorkOffErasuresAsync();

        Assert.Null(await _pipeline.LookUpAsync("email:eva@mail.example"));
    }

    private async Task AttackAsync(string attack)
    {
        switch (attack)
        {
            case "straight into the queue":
                await _pipeline.SendAsync("shopify", Message(Redact, "customers/redact"));
                break;
            case "with a seal of its own making":
                await _pipeline.SendAsync("shopify", Message(Redact, "customers/redact", ("broughtby", "officer"), ("seal", new string('0', 64))));
                break;
            case "with the seal of another message":
                await _pipeline.SendAsync("shopify", Message(Redact, "customers/redact", [.. await SealOfAsync(Message(DataRequest, "customers/data_request"))]));
                break;
            case "with the seal of another caller":
                await _pipeline.SendAsync("shopify", Message(Redact, "customers/redact", [("broughtby", "another"), .. (await SealOfAsync(Message(Redact, "customers/redact"))).Where(h => h.Item1 == "seal")]));
                break;
            case "as an order under the topic of a request":
                await _pipeline.SendAsync("shopify", await _pipeline.SealAsync(Message(Order, "customers/redact")));
                break;
            case "as a request for a copy under the topic of an erasure":
                await _pipeline.SendAsync("shopify", await _pipeline.SealAsync(Message(DataRequest, "customers/redact")));
                break;
            case "through /api/ingest without the right":
                await PostAsync("ingest", null, Redact, "customers/redact");
                break;
            case "through /api/events without the right":
                await PostAsync("events", null, Redact, "customers/redact");
                break;
            case "through /api/events with a seal of its own making":
                await PostAsync("events", null, Redact, "customers/redact", ("broughtby", "officer"), ("seal", new string('0', 64)));
                break;
            case "as an edited copy in quarantine":
                await RetryEditedAsync(Message(Redact, "customers/redact"));
                break;
            case "as a decision in an edited copy":
                await RetryEditedAsync(Decision());
                break;
            case "as a decision straight into the queue":
                await _pipeline.SendAsync("zendesk", Decision());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(attack));
        }
    }

    private async Task RetryEditedAsync(ReadOnlyMemory<byte> edited)
    {
        await _pipeline.SendAsync("shopify", Some.Message("shopify", new { id = 2, line_items = new[] { new { price = "1", quantity = 1 } } }, "orders/create"));
        var waiting = await _pipeline.Get<QuarantineStore>().ListAsync(from: "", default).SingleAsync();
        await _pipeline.Review().RetryEditedAsync(waiting.DeliveryId, edited, default, scope => ValueTask.FromResult(scope == Scope.OperationsWrite ? "operator" : null));
    }

    private async Task PostAsync(string door, string? privileged, string body, string topic, params (string Name, string Value)[] attributes)
    {
        ValueTask<string?> Privileged() => ValueTask.FromResult(privileged);
        var reception = door == "ingest"
            ? await _pipeline.Get<ReceiveMessagesHandler>().HandleAsync(
                new PostedMessages("shopify", "application/json", name => name == "X-Shopify-Topic" ? topic : null, Encoding.UTF8.GetBytes(body)) { Privileged = Privileged }, default)
            : await _pipeline.Get<ReceiveEventsHandler>().HandleAsync(new PostedEvents("application/cloudevents+json", [], Message(body, topic, attributes)) { Privileged = Privileged }, default);
        Assert.IsType<Reception.Accepted>(reception);
        await _pipeline.IngestSentAsync(Queues.Online);
        await _pipeline.DrainAsync(ranges => ranges, redeliver: () => false);
    }

    private async Task<IEnumerable<(string, string)>> SealOfAsync(ReadOnlyMemory<byte> message)
    {
        Assert.True(MessageEnvelope.TryRead(await _pipeline.SealAsync(message), out var envelope, out _));
        return envelope!.Headers.Select(h => (h.Key, h.Value));
    }

    private static byte[] Decision() => new IdentityDecision
    {
        Id = "d-1",
        At = Some.Moment,
        Entities = [new EntityDecision { Entity = "shopify:order:1", Cut = ["email:eva@mail.example"] }],
    }.ToEnvelope().Wrap();

    private static ReadOnlyMemory<byte> Message(string body, string topic, params (string Name, string Value)[] attributes) =>
        new MessageEnvelope("/shopify/s.example", "e-1", "shopify", topic, HasVendorId: true, Encoding.UTF8.GetBytes(body))
        {
            Headers = [.. attributes.Select(a => KeyValuePair.Create(a.Name, a.Value))],
        }.Wrap();
}
