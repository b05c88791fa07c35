using System.Globalization;
using System.Text;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.Application.Tests;

/// <summary>The expected values were computed by another program (Python's hmac module) from the vendors' descriptions.</summary>
public sealed class A_webhook_signature
{
    private const string Timestamp = "2026-03-01T10:00:00Z";

    private static readonly byte[] Body = Encoding.UTF8.GetBytes("{\"id\":1,\"name\":\"é\"}");
    private static readonly WebhookSecrets Secrets = new() { Secrets = ["s3cret"], NotificationUrl = "https://hook.example/square" };

    public static TheoryData<string, string, string> Examples => new()
    {
        { "shopify", "X-Shopify-Hmac-Sha256", "9EzfpdmFIqX7UBt8tR6f5q0atS/5SOCiH1r2c8zvaJw=" },
        { "square", "x-square-hmacsha256-signature", "pU6tzFQWy0F845iW2cmVvp+KDq96rRAA2oep3WuUQDA=" },
        { "zendesk", "X-Zendesk-Webhook-Signature", "uT4Vx+MRi/a6shsQ5JaZBPfZwmwYnPbEdL0HBhHkhTU=" },
        { "segment", "X-Signature", "376a6975e35c10884de174b7b40ad2167f924b08" },
        { "intercom", "X-Hub-Signature", "sha1=376a6975e35c10884de174b7b40ad2167f924b08" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void Of_the_vendor_is_valid(string source, string header, string value) => Assert.True(IsValid(source, header, value, Secrets, Body));

    [Theory]
    [MemberData(nameof(Examples))]
    public void Is_one_of_the_secrets_while_they_are_being_changed(string source, string header, string value) =>
        Assert.True(IsValid(source, header, value, Secrets with { Secrets = ["new", "s3cret"] }, Body));

    [Theory]
    [MemberData(nameof(Examples))]
    public void Of_another_secret_or_body_is_wrong(string source, string header, string value)
    {
        Assert.False(IsValid(source, header, value, Secrets with { Secrets = ["other"] }, Body));
        Assert.False(IsValid(source, header, value, Secrets, [.. Body, (byte)' ']));
        Assert.False(IsValid(source, "X-Other", value, Secrets, Body));
        Assert.False(IsValid(source, header, "", Secrets, Body));
        Assert.False(IsValid(source, header, value[..^2], Secrets, Body));
        Assert.False(IsValid(source, header, "no signature at all, and long: " + new string('x', 400), Secrets, Body));
    }

    [Fact]
    public void Covers_zendesks_timestamp_and_squares_address()
    {
        Assert.False(WebhookSignature.IsValid("zendesk", Secrets, name => name == "X-Zendesk-Webhook-Signature" ? "uT4Vx+MRi/a6shsQ5JaZBPfZwmwYnPbEdL0HBhHkhTU=" : null, Body));
        Assert.False(IsValid("square", "x-square-hmacsha256-signature", "pU6tzFQWy0F845iW2cmVvp+KDq96rRAA2oep3WuUQDA=", Secrets with { NotificationUrl = "https://elsewhere.example" }, Body));
    }

    [Fact]
    public async Task That_is_wrong_keeps_the_message_out_and_is_counted()
    {
        await using var pipeline = new TestPipeline();
        var options = new ReceiveOptions { Webhooks = new Dictionary<string, WebhookSecrets> { ["shopify"] = Secrets } };
        var counts = pipeline.Get<ReceiveCounts>();
        var handler = new ReceiveMessagesHandler(new QueueIntake(pipeline.Get<IMessageSender>(), options), options, counts, pipeline.Get<MessageSeals>(), TimeProvider.System);
        Task<Reception> PostAsync(string source, string? signature) =>
            handler.HandleAsync(new PostedMessages(source, "application/json", name => name == "X-Shopify-Hmac-Sha256" ? signature : null, Body), default);

        Assert.IsType<Reception.WrongSignature>(await PostAsync("shopify", null));
        Assert.IsType<Reception.WrongSignature>(await PostAsync("shopify", "AAAA"));
        Assert.IsType<Reception.Accepted>(await PostAsync("shopify", "9EzfpdmFIqX7UBt8tR6f5q0atS/5SOCiH1r2c8zvaJw="));
        Assert.IsType<Reception.Accepted>(await PostAsync("segment", null));

        Assert.Equal(2, counts.WrongSignatures);
        Assert.Equal(2, await pipeline.Get<IMessageSender>().DepthAsync(Queues.Online, default));
    }

    /// <summary>Zendesk signs the time. Who has seen a webhook could send it again, for ever.</summary>
    [Theory]
    [InlineData("2026-03-01T10:04:59Z", true)]
    [InlineData("2026-03-01T09:55:01Z", true)]
    [InlineData("2026-03-01T10:05:01Z", false)]
    [InlineData("2026-03-01T09:54:59Z", false)]
    [InlineData("2033-03-01T10:00:00Z", false)]
    public async Task Of_zendesk_counts_for_five_minutes(string receivedAt, bool isTaken)
    {
        await using var pipeline = new TestPipeline();
        var options = new ReceiveOptions { Webhooks = new Dictionary<string, WebhookSecrets> { ["zendesk"] = Secrets } };
        var clock = new FakeTimeProvider(DateTimeOffset.Parse(receivedAt, CultureInfo.InvariantCulture));
        var handler = new ReceiveMessagesHandler(
            new QueueIntake(pipeline.Get<IMessageSender>(), options), options, pipeline.Get<ReceiveCounts>(), pipeline.Get<MessageSeals>(), clock);

        var reception = await handler.HandleAsync(new PostedMessages("zendesk", "application/json", name => name switch
        {
            "X-Zendesk-Webhook-Signature" => "uT4Vx+MRi/a6shsQ5JaZBPfZwmwYnPbEdL0HBhHkhTU=",
            "X-Zendesk-Webhook-Signature-Timestamp" => Timestamp,
            _ => null,
        }, Body), default);

        Assert.IsType(isTaken ? typeof(Reception.Accepted) : typeof(Reception.OldSignature), reception);
    }

    private static bool IsValid(string source, string header, string value, WebhookSecrets secrets, byte[] body) => WebhookSignature.IsValid(
        source, secrets, name => string.Equals(name, header, StringComparison.OrdinalIgnoreCase) ? value : name == "X-Zendesk-Webhook-Signature-Timestamp" ? Timestamp : null, body);
}
