namespace CustomerPipeline.Domain.Normalize;

/// <summary>Turns one message's decimal amounts into minor units of its currency, and remembers what had to be bent.</summary>
internal sealed class MinorUnits(Currency currency)
{
    /// <summary>No number of a payload is larger, so that sums of as many as fit in a message stay in the range of decimal.</summary>
    public const decimal LargestNumber = 1_000_000_000_000_000_000m;

    // Most messages have none.
    private SortedSet<string>? _flags;

    public Currency Currency { get; } = currency;

    /// <summary>Peculiarities seen so far, each once, in order.</summary>
    public SortedSet<string> Flags => _flags ??= new SortedSet<string>(StringComparer.Ordinal);

    public IReadOnlyList<string>? FlagsOrNull => _flags is null || _flags.Count == 0 ? null : [.. _flags];

    /// <summary>Items in a quantity: a weighed article (0.42 kg) is one item.</summary>
    public static long Units(decimal quantity) => quantity == decimal.Truncate(quantity) ? (long)quantity : 1;

    /// <summary>Whether mappings may calculate with a number.</summary>
    public static bool IsReadable(decimal number) => Math.Abs(number) <= LargestNumber;

    /// <summary>An amount; nothing is zero.</summary>
    /// <exception cref="UnreadableFieldException">The amount is beyond anything that is money.</exception>
    public long Of(decimal? amount, string field)
    {
        if (amount is not { } major)
        {
            return 0;
        }

        if (!Money.TryToMinor(major, Currency, out var minor, out var rounded))
        {
            throw TooLarge(field);
        }

        if (rounded)
        {
            Flags.Add("rounded-amount");
        }

        return minor;
    }

    /// <summary>Price times quantity, rounded once.</summary>
    /// <exception cref="UnreadableFieldException">The product is beyond anything that is money.</exception>
    public long Product(decimal price, decimal quantity, string field) => Of(Exactly(price, quantity, field), field);

    /// <summary>Price times quantity in major units, not rounded.</summary>
    /// <exception cref="UnreadableFieldException">The product is beyond anything that is money.</exception>
    public static decimal Exactly(decimal price, decimal quantity, string field) =>
        Math.Abs(price) > 1_000_000_000_000m || Math.Abs(quantity) > 1_000_000_000m ? throw TooLarge(field) : price * quantity;

    /// <summary>Holds the source's own total against what was read, and flags the record where they differ. Each line may have been rounded once.</summary>
    /// <param name="stated">In major units; null where the source states none.</param>
    /// <param name="read">In minor units.</param>
    /// <param name="lines">How many lines were read.</param>
    /// <param name="field">The source's name for the total.</param>
    public TotalCheck? Check(decimal? stated, long read, int lines, string field) => stated is null ? null : Check(Of(stated, field), read, lines + 1);

    /// <summary>The same of a total in minor units.</summary>
    public TotalCheck Check(long stated, long read, long tolerance)
    {
        var check = new TotalCheck(stated, read, tolerance);
        if (check.Differs)
        {
            Flags.Add(TotalCheck.Flag);
        }

        return check;
    }

    private static UnreadableFieldException TooLarge(string field) =>
        new("invalid-number", $"{field} is too large to be money. Mend the payload and retry.");
}
