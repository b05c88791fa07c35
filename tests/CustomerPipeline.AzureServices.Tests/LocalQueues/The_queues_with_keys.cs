using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>From the first API key on, the endpoint asks its peers for one, as the host asks callers over HTTP.</summary>
public sealed class The_queues_with_keys : LocalEndpoint
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private ApiKeys Keys => Host.Services.GetRequiredService<ApiKeys>();

    [Fact]
    public async Task Take_messages_of_everybody_only_while_there_are_none()
    {
        var early = await ConnectAsync("");
        await SendAsync(early);
        Keys.Add("any", [Scope.MetricsRead]);

        await RefusedAsync(() => SendAsync(early), "Show an API key");
        await RefusedAsync(async () => await SendAsync(await ConnectAsync("")), "Show an API key");
        await RefusedAsync(async () => await SendAsync(await ConnectAsync("anybody:anything@")), "");
        await RefusedAsync(async () => await SendAsync(await ConnectAsync("anybody:cp_wrong@")), "");
        Assert.Equal(1, await DepthAsync());
    }

    [Fact]
    public async Task Take_messages_for_the_scope_and_until_the_key_is_removed()
    {
        var reader = await ConnectAsync($"reader:{Keys.Add("reader", [Scope.MetricsRead])}@");
        var sender = await ConnectAsync($"anything:{Keys.Add("sender", [Scope.MessagesWrite])}@");

        await RefusedAsync(() => SendAsync(reader), Scope.MessagesWrite);
        await SendAsync(sender);
        var link = new SenderLink(new Session(sender), "kept", Queues.Online);
        await link.SendAsync(Message(), Patience);
        Keys.Remove("sender");

        await RefusedAsync(() => link.SendAsync(Message(), Patience), "no such API key");
        Assert.Equal(2, await DepthAsync());
    }

    [Fact]
    public async Task Give_messages_to_nobody_who_may_only_send()
    {
        var sender = await ConnectAsync($"sender:{Keys.Add("sender", [Scope.MessagesWrite])}@");
        var reader = await ConnectAsync($"reader:{Keys.Add("reader", [Scope.CustomersRead, Scope.OperationsWrite])}@");
        await SendAsync(sender);

        await RefusedAsync(() => new ReceiverLink(new Session(sender), "r", Queues.Online).ReceiveAsync(Patience), Scope.CustomersRead);
        Assert.Contains(Scope.CustomersRead, await AskAsync(sender, $"{Queues.Online}/$management", Peek()), StringComparison.Ordinal);
        Assert.NotNull(await new ReceiverLink(new Session(reader), "r", Queues.Online).ReceiveAsync(Patience));
    }

    /// <summary>
    /// Claims-based security, as clients of Service Bus do it. A shared access signature needs the key itself at both ends, and this host keeps hashes only.
    /// </summary>
    [Fact]
    public async Task Take_a_key_as_a_token()
    {
        var key = Keys.Add("sender", [Scope.MessagesWrite]);
        var connection = await ConnectAsync("");

        Assert.Contains("no such API key", await AskAsync(connection, "$cbs", Token("cp_wrong")), StringComparison.Ordinal);
        Assert.Contains("only hashes", await AskAsync(connection, "$cbs", Token("SharedAccessSignature sr=a&sig=b&se=1&skn=c")), StringComparison.Ordinal);
        await RefusedAsync(() => SendAsync(connection), "Show an API key");
        Assert.Equal("Accepted", await AskAsync(connection, "$cbs", Token(key)));
        await SendAsync(connection);

        Assert.Equal(1, await DepthAsync());
    }

    private static Message Token(string token) => new()
    {
        ApplicationProperties = new ApplicationProperties { ["operation"] = "put-token", ["type"] = "jwt", ["name"] = $"amqp://localhost/{Queues.Online}" },
        BodySection = new AmqpValue { Value = token },
    };

    private static Message Peek() => new()
    {
        ApplicationProperties = new ApplicationProperties { ["operation"] = "com.microsoft:peek-message" },
        BodySection = new AmqpValue { Value = new Amqp.Types.Map { ["from-sequence-number"] = 0L, ["message-count"] = 1 } },
    };

    private static Message Message() => new() { BodySection = new Data { Binary = "{}"u8.ToArray() } };

    private static async Task<string> AskAsync(Connection connection, string node, Message request)
    {
        var session = new Session(connection);
        var answers = new ReceiverLink(session, $"answers-{node}", node);
        var requests = new SenderLink(session, $"requests-{node}", node);
        request.Properties = new Properties { MessageId = "1", ReplyTo = answers.Name };
        await requests.SendAsync(request, Patience);
        var answer = await answers.ReceiveAsync(Patience);
        await session.CloseAsync();
        return (string)answer.ApplicationProperties["status-description"];
    }

    private static async Task SendAsync(Connection connection)
    {
        var link = new SenderLink(new Session(connection), "s", Queues.Online);
        await link.SendAsync(Message(), Patience);
        await link.CloseAsync();
    }

    private static async Task RefusedAsync(Func<Task> attempt, string why)
    {
        var refusal = await Assert.ThrowsAnyAsync<AmqpException>(attempt);
        Assert.Contains(why, refusal.Error?.Description ?? refusal.Message, StringComparison.Ordinal);
    }

    private Task<Connection> ConnectAsync(string credentials)
    {
        var factory = new ConnectionFactory();
        factory.SASL.Profile = credentials.Length == 0 ? SaslProfile.Anonymous : null;
        return factory.CreateAsync(new Address($"amqp://{credentials}127.0.0.1:{Port}"));
    }

    private Task<long?> DepthAsync() => Host.Services.GetRequiredService<RocksQueues>().DepthAsync(Queues.Online, default).AsTask();
}
