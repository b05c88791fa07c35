using System.Globalization;

namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>What one field says of a pair.</summary>
/// <param name="Field">The field.</param>
/// <param name="Level">different, weak, close or equal.</param>
/// <param name="Weight">How much it speaks for one person, in bits; negative against.</param>
public readonly record struct FieldWeight(LinkageField Field, string Level, double Weight);

/// <summary>Two records that may be one person.</summary>
/// <param name="Left">The one.</param>
/// <param name="Right">The other.</param>
/// <param name="Probability">That they are one, by the model.</param>
/// <param name="Evidence">What speaks for it and against; a field that one of them lacks, or that says nothing beyond the others, is not in it.</param>
public sealed record ScoredPair(string Left, string Right, double Probability, IReadOnlyList<FieldWeight> Evidence);

/// <summary>A field that records were compared by.</summary>
/// <param name="Field">The field.</param>
/// <param name="Filled">The share of records that have it.</param>
public readonly record struct ComparedField(LinkageField Field, double Filled);

/// <summary>Which records may be one person.</summary>
public sealed record LinkageResult
{
    /// <summary>With fewer pairs of one person, how alike records of one person are cannot be estimated.</summary>
    public const int FewestPairs = 10;

    /// <summary>Pairs from the asked probability on, the surest first. A pair that the other pairs of its records contradict is left out.</summary>
    public required IReadOnlyList<ScoredPair> Pairs { get; init; }

    /// <summary>Ids of the records of each chain, where a pair of the asked probability joins two records at least.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Chains { get; init; }

    /// <summary>How many pairs of records are one person, by estimate.</summary>
    public required double EstimatedPairs { get; init; }

    /// <summary>The fields that some records have.</summary>
    public required IReadOnlyList<ComparedField> Compared { get; init; }

    /// <summary>Why there are no pairs; null where the records tell which there are.</summary>
    public string? Refused { get; init; }

    /// <summary>Finds records that may be one person.</summary>
    /// <param name="people">Records of people; none, one or several a person.</param>
    /// <param name="least">The probability from which a pair is given back.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static LinkageResult Of(IReadOnlyList<PersonFields> people, double least, CancellationToken cancellationToken)
    {
        var compared = PersonFields.Fields
            .Select(f => new ComparedField(f, people.Count(p => p[f] is not null) / Math.Max(1.0, people.Count))).Where(f => f.Filled > 0).ToList();
        if (people.Count < 2)
        {
            return None(compared, 0, $"There are {people.Count} records with a name or another field to compare. At least 2 are needed.");
        }

        var model = LinkageModel.Fit(people, cancellationToken);
        var estimated = model.Candidates.Sum(c => c.Probability);
        if (estimated < FewestPairs)
        {
            return None(compared, estimated, Reason(people.Count, estimated, compared));
        }

        var likely = model.Candidates.Where(c => c.Probability >= least).OrderByDescending(c => c.Probability)
            .ThenBy(c => people[c.Left].Id, StringComparer.Ordinal).ThenBy(c => people[c.Right].Id, StringComparer.Ordinal).ToList();
        var chains = new LinkageChains(likely.Select(c => (c.Left, c.Right)), model.ProbabilityOf);
        return new LinkageResult
        {
            Pairs = [.. likely.Where(c => chains.Allow(c.Left, c.Right)).Select(c => model.Explain(c.Left, c.Right))],
            Chains = [.. chains.All.Select(chain => chain.Select(i => people[i].Id).ToList())],
            EstimatedPairs = estimated,
            Compared = compared,
        };
    }

    private static LinkageResult None(IReadOnlyList<ComparedField> compared, double estimated, string reason) =>
        new() { Pairs = [], Chains = [], EstimatedPairs = estimated, Compared = compared, Refused = reason };

    private static string Reason(int records, double estimated, List<ComparedField> compared) => string.Create(
        CultureInfo.InvariantCulture,
        $"About {estimated:N1} pairs of {records:N0} records are one person by estimate. "
        + $"At least {FewestPairs} are needed to estimate how alike records of one person are, so no pair can be told from chance. "
        + $"Compared: {string.Join(", ", compared.Select(c => $"{JsonName(c.Field)} ({c.Filled:P0} filled)"))}."
        + $"{(compared.Any(c => c.Field is LinkageField.BirthDate or LinkageField.Street) ? "" : " A birth date or an address may tell.")}");

    private static string JsonName(LinkageField field) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(field.ToString());
}
