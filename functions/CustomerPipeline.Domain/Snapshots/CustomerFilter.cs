using System.Globalization;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>Why parameters are no filter.</summary>
/// <param name="Code">Stable, kebab-case.</param>
/// <param name="Detail">What was wrong, and what there is.</param>
public sealed record FilterFault(string Code, string Detail);

/// <summary>Bounds of a figure, both included; null for none. A customer of whom the figure is not known is outside of every bound.</summary>
/// <param name="Figure">The figure's name, as parameters have it behind <c>least</c> and <c>most</c>.</param>
/// <param name="Least">The least; null for none.</param>
/// <param name="Most">The most; null for none.</param>
public sealed record FigureBounds(string Figure, decimal? Least, decimal? Most);

/// <summary>Conditions on what is known of a customer. All of them must hold; without any, every customer is meant.</summary>
public sealed record CustomerFilter
{
    private const string Segment = "segment";
    private const string Stage = "stage";
    private const string Identified = "identified";
    private const string CurrencyName = "currency";
    private const string Consent = "consent";
    private const string Required = "required";
    private const string Least = "least";
    private const string Most = "most";
    private const int LongestNumber = 30;
    private const int LongestShown = 40;

    private static readonly string SegmentNames = string.Join(", ", Rfm.Segments.Select(Rfm.KebabOf));
    private static readonly string StageNames = string.Join(", ", Enum.GetValues<LifecycleStage>().Select(s => s.Name()));

    private static readonly IReadOnlyList<(string Name, bool IsMoney, Func<PurchaseStanding, decimal?> Of)> Figures =
    [
        ("Value", true, p => p.ValueInMajor),
        ("RecencyDays", false, p => p.RecencyDays),
        ("Frequency", false, p => p.Frequency),
        ("ProbabilityActive", false, p => p.ProbabilityActive),
        ("PredictedValue", true, p => p.PredictedValueInMajor),
    ];

    /// <summary>The filter that every customer passes.</summary>
    public static CustomerFilter None { get; } = new();

    /// <summary>The names of all parameters.</summary>
    public static IReadOnlyList<string> Parameters { get; } =
        [Segment, Stage, Identified, CurrencyName, Consent, .. Figures.SelectMany(f => new[] { Least + f.Name, Most + f.Name })];

    /// <summary>RFM segments, any of them; empty for all customers.</summary>
    public IReadOnlyList<string> Segments { get; init; } = [];

    /// <summary>Stages of life, any of them; empty for all customers.</summary>
    public IReadOnlyList<LifecycleStage> Stages { get; init; } = [];

    /// <summary>Whether an identifier says who the customer is; null for both.</summary>
    public bool? IsIdentified { get; init; }

    /// <summary>Currencies of the purchases, any of them; empty for all customers.</summary>
    public IReadOnlyList<string> Currencies { get; init; } = [];

    /// <summary>Whether only customers are meant who may be written to.</summary>
    public bool NeedsConsent { get; init; }

    /// <summary>Bounds of figures. Amounts are in major units of the one currency of <see cref="Currencies"/>.</summary>
    public IReadOnlyList<FigureBounds> Bounds { get; init; } = [];

    /// <summary>Whether a customer passes.</summary>
    public bool Has(CustomerStanding customer) =>
        (Segments.Count == 0 || (customer.Segment is { } segment && Segments.Contains(segment, StringComparer.Ordinal)))
        && (Stages.Count == 0 || (customer.Stage is { } stage && Stages.Contains(stage)))
        && (Currencies.Count == 0 || (customer.Purchases is { } purchases && Currencies.Contains(purchases.Currency, StringComparer.Ordinal)))
        && (IsIdentified is null || IsIdentified == customer.IsIdentified)
        && (!NeedsConsent || customer.MayBeWrittenTo)
        && Bounds.All(b => IsWithin(b, customer));

    /// <summary>Reads a filter, or says what is wrong.</summary>
    /// <param name="parameters">Texts by the names of <see cref="Parameters"/>; several values of one parameter are separated by commas.</param>
    public static (CustomerFilter? Filter, FilterFault? Fault) Read(IReadOnlyDictionary<string, string> parameters)
    {
        string? Text(string name) => parameters.FirstOrDefault(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

        if (parameters.Keys.FirstOrDefault(k => !Parameters.Contains(k, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            var shown = unknown[..Math.Min(unknown.Length, LongestShown)];
            return Refuse("unknown-parameter", $"A filter has no parameter '{shown}'. It has: {string.Join(", ", Parameters)}.");
        }

        var segments = ValuesOf(Text(Segment)).Select(Rfm.SegmentNamed).ToList();
        var stages = ValuesOf(Text(Stage)).Select(Lifecycle.StageNamed).ToList();
        var currencies = ValuesOf(Text(CurrencyName)).Select(code => Currency.TryParse(code, out var known) ? known.Code : null)
            .Distinct(StringComparer.Ordinal).ToList();
        var (identified, consent) = (Text(Identified) ?? "", Text(Consent) ?? "");
        var (bounds, fault) = BoundsOf(Text, currencies.Count);
        return segments.Any(s => s is null) ? Refuse("unknown-segment", $"segment is one or several of {SegmentNames}.")
            : stages.Any(s => s is null) ? Refuse("unknown-stage", $"stage is one or several of {StageNames}.")
            : currencies.Any(c => c is null) ? Refuse("unknown-currency", "currency is one or several codes of ISO 4217, such as USD.")
            : identified is not ("" or "true" or "false") ? Refuse("invalid-identified", "identified is true or false.")
            : consent is not ("" or Required) ? Refuse("invalid-consent", "consent is required, or left out.")
            : bounds is null ? (null, fault)
            : (new CustomerFilter
            {
                Segments = [.. segments.OfType<string>()],
                Stages = [.. stages.OfType<LifecycleStage>()],
                IsIdentified = identified.Length == 0 ? null : identified == "true",
                Currencies = [.. currencies.OfType<string>()],
                NeedsConsent = consent == Required,
                Bounds = bounds,
            }, null);
    }

    /// <summary>The filter as parameters, one text for each: <see cref="Read"/> makes the same filter of them.</summary>
    public IReadOnlyDictionary<string, string> ToParameters()
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        void Set(string name, string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                parameters[name] = text;
            }
        }

        Set(Segment, string.Join(',', Segments.Select(Rfm.KebabOf)));
        Set(Stage, string.Join(',', Stages.Select(s => s.Name())));
        Set(Identified, IsIdentified is { } identified ? (identified ? "true" : "false") : null);
        Set(CurrencyName, string.Join(',', Currencies));
        Set(Consent, NeedsConsent ? Required : null);
        foreach (var bounds in Bounds)
        {
            Set(Least + bounds.Figure, bounds.Least?.ToString(CultureInfo.InvariantCulture));
            Set(Most + bounds.Figure, bounds.Most?.ToString(CultureInfo.InvariantCulture));
        }

        return parameters;
    }

    private static bool IsWithin(FigureBounds bounds, CustomerStanding customer) =>
        customer.Purchases is { } purchases && Figures.First(f => f.Name == bounds.Figure).Of(purchases) is { } figure
        && (bounds.Least is null || figure >= bounds.Least) && (bounds.Most is null || figure <= bounds.Most);

    private static (IReadOnlyList<FigureBounds>? Bounds, FilterFault? Fault) BoundsOf(Func<string, string?> textOf, int currencies)
    {
        var all = new List<FigureBounds>();
        foreach (var (name, isMoney, _) in Figures)
        {
            var texts = new[] { Least + name, Most + name }.Select(p => (Name: p, Text: textOf(p))).Where(p => p.Text is not null).ToList();
            if (texts.FirstOrDefault(p => NumberOf(p.Text!) is null) is { Name: { } invalid })
            {
                return (null, new FilterFault("invalid-number", $"{invalid} is a number with a decimal point, such as 12.50."));
            }

            if (texts.Count == 0)
            {
                continue;
            }

            if (isMoney && currencies != 1)
            {
                return (null, new FilterFault("currency-needed", $"{texts[0].Name} compares amounts of one currency. Say which, for example currency=USD."));
            }

            var (least, most) = (Bound(textOf(Least + name)), Bound(textOf(Most + name)));
            if (least > most)
            {
                return (null, new FilterFault("empty-range", $"{Least}{name} must not be above {Most}{name}."));
            }

            all.Add(new FigureBounds(name, least, most));
        }

        return (all, null);
    }

    private static decimal? Bound(string? text) => text is null ? null : NumberOf(text);

    private static decimal? NumberOf(string text) =>
        text.Length <= LongestNumber
        && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static IEnumerable<string> ValuesOf(string? text) => text is null
        ? []
        : text.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal);

    private static (CustomerFilter?, FilterFault?) Refuse(string code, string detail) => (null, new FilterFault(code, detail));
}
