using System.Text;
using System.Text.Json;
using CustomerPipeline.Flow.Ingest;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>A queue batch with the sequence numbers that the host sends along: they tell a redelivery from a second message that says the same.</summary>
internal static class QueueBatch
{
    private const string SequenceNumbers = "SequenceNumberArray";

    public static IReadOnlyList<Delivery> Of(string[] messages, FunctionContext context)
    {
        var numbers = context.BindingContext.BindingData.GetValueOrDefault(SequenceNumbers) switch
        {
            IEnumerable<long> list => [.. list],
            string json => JsonSerializer.Deserialize<long[]>(json)!,
            _ => Array.Empty<long>(),
        };
        return numbers.Length == messages.Length
            ? [.. messages.Select((message, i) => new Delivery(numbers[i], Encoding.UTF8.GetBytes(message)))]
            : throw new InvalidOperationException($"The host sent {messages.Length} messages and {numbers.Length} values of {SequenceNumbers}.");
    }
}
