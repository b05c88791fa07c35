using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using Azure.Core;
using CustomerPipeline.Application.Ports;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.AzureServices.ServiceBus;

/// <summary>
/// How many messages the queues hold, as the resource manager tells (https://learn.microsoft.com/rest/api/servicebus/controlplane-stable/queues/get): the roles that let the app send and receive allow it (docs/decisions/0037).
/// A figure is asked for once in ten seconds at most.
/// </summary>
/// <param name="http">To the resource manager; its base address names it.</param>
/// <param name="namespaceId">Resource id of the namespace: /subscriptions/…/namespaces/….</param>
/// <param name="credential">Of the app's identity.</param>
/// <param name="clock">For the age of a figure.</param>
/// <param name="logger">For the reason when there is none.</param>
public sealed partial class ServiceBusDepths(HttpClient http, string namespaceId, TokenCredential credential, TimeProvider clock, ILogger<ServiceBusDepths> logger)
{
    private const string Scope = "https://management.azure.com/.default";
    private const string Version = "2024-01-01";
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, Counts? Counts)> _known = new(StringComparer.Ordinal);

    /// <summary>The depth of a queue or a dead-letter queue; null when the resource manager does not say.</summary>
    public async ValueTask<long?> ReadAsync(string queue, CancellationToken cancellationToken)
    {
        var isDeadLetters = queue.EndsWith(Queues.DeadLetterSuffix, StringComparison.Ordinal);
        var name = isDeadLetters ? queue[..^Queues.DeadLetterSuffix.Length] : queue;
        if (!_known.TryGetValue(name, out var known) || (clock.GetUtcNow() - known.At).Duration() >= KeptFor)
        {
            _known[name] = known = (clock.GetUtcNow(), await AskAsync(name, cancellationToken));
        }

        return isDeadLetters ? known.Counts?.DeadLetters : known.Counts?.Active;
    }

    private async Task<Counts?> AskAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext([Scope]), cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{namespaceId}/queues/{queue}?api-version={Version}", UriKind.Relative));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
            using var answer = await http.SendAsync(request, cancellationToken);
            answer.EnsureSuccessStatusCode();
            using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            var counts = body.RootElement.GetProperty("properties").GetProperty("countDetails");
            return new Counts(counts.GetProperty("activeMessageCount").GetInt64(), counts.GetProperty("deadLetterMessageCount").GetInt64());
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or Azure.Identity.AuthenticationFailedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnknown(logger, e, queue);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The resource manager does not say how deep the queue {Queue} is")]
    private static partial void LogUnknown(ILogger logger, Exception exception, string queue);

    private sealed record Counts(long Active, long DeadLetters);
}
