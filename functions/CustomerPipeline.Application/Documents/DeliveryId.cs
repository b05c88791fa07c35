using System.Globalization;

namespace CustomerPipeline.Application.Documents;

/// <summary>The id of a delivery, in documents and in the raw archive: <c>{queue}:{sequence number}</c>, and of an edited copy <c>{queue}:{sequence number}:{edition}</c>.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="SequenceNumber">What the queue numbers its messages by.</param>
/// <param name="Edition">Which edited copy of a quarantined message; null of the message as it came.</param>
public readonly record struct DeliveryId(string Queue, long SequenceNumber, string? Edition = null)
{
    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is no id of a delivery.</exception>
    public static DeliveryId Parse(string text) => text.Split(':', 3) is [var queue, var number, .. var edition]
        ? new DeliveryId(queue, long.Parse(number, CultureInfo.InvariantCulture), edition is [var which] ? which : null)
        : throw new FormatException($"'{text}' is no delivery.");

    /// <inheritdoc />
    public override string ToString()
    {
        var id = $"{Queue}:{SequenceNumber.ToString(CultureInfo.InvariantCulture)}";
        return Edition is null ? id : $"{id}:{Edition}";
    }
}
