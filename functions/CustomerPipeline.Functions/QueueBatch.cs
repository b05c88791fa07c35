using System.Text.Json;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Receive;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>
/// A queue batch with what the host sends along: sequence numbers, which tell a redelivery from a second message that says the same, how often each message was delivered,
/// and, from Service Bus, content types and application properties, which hold the attributes of CloudEvents in binary mode. The worker hands over lists of numbers and of texts as such, and other lists as JSON.
/// </summary>
internal static class QueueBatch
{
    private const string SequenceNumbers = "SequenceNumberArray";
    private const string DeliveryCounts = "DeliveryCountArray";
    private const string ContentTypes = "ContentTypeArray";
    private const string ApplicationProperties = "ApplicationPropertiesArray";

    public static IReadOnlyList<Delivery> Of(byte[][] messages, FunctionContext context)
    {
        var data = context.BindingContext.BindingData;
        var numbers = NumbersOf(data.GetValueOrDefault(SequenceNumbers));
        if (numbers.Count != messages.Length)
        {
            throw new InvalidOperationException($"The host sent {messages.Length} messages and {numbers.Count} values of {SequenceNumbers}.");
        }

        var (contentTypes, properties) = (TextsOf(data.GetValueOrDefault(ContentTypes)), ElementsOf(data.GetValueOrDefault(ApplicationProperties)));
        var counts = NumbersOf(data.GetValueOrDefault(DeliveryCounts));
        return [.. messages.Select((message, i) => new Delivery(numbers[i], EventOf(message, contentTypes.ElementAtOrDefault(i), properties.ElementAtOrDefault(i))) { Count = (int)counts.ElementAtOrDefault(i) })];
    }

    private static IReadOnlyList<long> NumbersOf(object? array) => array switch
    {
        IEnumerable<long> list => [.. list],
        IEnumerable<int> list => [.. list.Select(number => (long)number)],
        string json => JsonSerializer.Deserialize<long[]>(json) ?? [],
        _ => [],
    };

    // A delivery has one outcome, so a batch of several events stays as it is: the quarantine says what to do.
    private static ReadOnlyMemory<byte> EventOf(byte[] body, string? contentType, JsonElement properties) =>
        AmqpEvents.Read(
            contentType,
            properties.ValueKind == JsonValueKind.Object ? properties.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, (object?)p.Value)) : [],
            body) is [var only] ? only : body;

    // A list of texts has an empty one where a message has none.
    private static IReadOnlyList<string?> TextsOf(object? array) => array switch
    {
        IEnumerable<string> texts => [.. texts.Select(text => text.Length == 0 ? null : text)],
        string json => JsonSerializer.Deserialize<string?[]>(json) ?? [],
        _ => [],
    };

    // The local queues hold structured events, and send nothing along.
    private static List<JsonElement> ElementsOf(object? array) =>
        array is string json && JsonSerializer.Deserialize<JsonElement>(json) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];
}
