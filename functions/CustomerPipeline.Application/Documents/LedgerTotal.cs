using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>Outcomes of one slice of a queue's deliveries.</summary>
public sealed record LedgerTotal
{
    [JsonRequired]
    public long Received { get; init; }

    public long Stored { get; init; }

    public long Duplicate { get; init; }

    public long Ignored { get; init; }

    public long Quarantined { get; init; }

    /// <summary>Quarantined, and given up by a person.</summary>
    public long Discarded { get; init; }

    /// <summary>Stored once, or quarantined, and erased with the person it was about.</summary>
    public long Erased { get; init; }

    public static LedgerTotal operator +(LedgerTotal left, LedgerTotal right) => left.Plus(right, 1);

    public static LedgerTotal Add(LedgerTotal left, LedgerTotal right) => left + right;

    public LedgerTotal Count(Outcome outcome, int sign) => Plus(
        new LedgerTotal
        {
            Stored = outcome == Outcome.Stored ? 1 : 0,
            Duplicate = outcome == Outcome.Duplicate ? 1 : 0,
            Ignored = outcome == Outcome.Ignored ? 1 : 0,
            Quarantined = outcome == Outcome.Quarantined ? 1 : 0,
            Discarded = outcome == Outcome.Discarded ? 1 : 0,
            Erased = outcome == Outcome.Erased ? 1 : 0,
        },
        sign);

    private LedgerTotal Plus(LedgerTotal other, int sign) => new()
    {
        Received = Received + (sign * other.Received),
        Stored = Stored + (sign * other.Stored),
        Duplicate = Duplicate + (sign * other.Duplicate),
        Ignored = Ignored + (sign * other.Ignored),
        Quarantined = Quarantined + (sign * other.Quarantined),
        Discarded = Discarded + (sign * other.Discarded),
        Erased = Erased + (sign * other.Erased),
    };
}

/// <summary>A letter for each delivery of a block of sequence numbers: its <see cref="Outcome"/>, or a blank.</summary>
public sealed record LedgerBlock([property: JsonRequired] string Outcomes);

/// <summary>What became of a delivered message; exactly one each.</summary>
public enum Outcome
{
    Stored = 'S',
    Duplicate = 'D',
    Ignored = 'I',
    Quarantined = 'Q',
    Discarded = 'X',
    Erased = 'E',
}
