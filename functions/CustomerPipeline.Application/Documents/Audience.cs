using System.Globalization;
using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Application.Documents;

/// <summary>An audience: customers by a saved filter.</summary>
/// <param name="Name">What addresses and events call it (<see cref="IsName"/>).</param>
/// <param name="Title">What people call it.</param>
/// <param name="Filter">The parameters of the filter (<see cref="CustomerFilter.ToParameters"/>).</param>
/// <param name="CreatedAt">When it was defined first. An audience that was removed and defined again is another one.</param>
/// <param name="ChangedAt">When title or filter were defined last.</param>
public sealed record Audience(
    [property: JsonRequired] string Name, [property: JsonRequired] string Title, [property: JsonRequired] IReadOnlyDictionary<string, string> Filter,
    DateTimeOffset CreatedAt, DateTimeOffset ChangedAt)
{
    /// <summary>Partition of <see cref="Containers.Snapshots"/>.</summary>
    public const string Partition = "audiences";

    public const int LongestName = 40;

    public const int LongestTitle = 200;

    /// <summary>Which customers are members.</summary>
    [JsonIgnore]
    public CustomerFilter Conditions => CustomerFilter.Read(Filter).Filter
        ?? throw new InvalidOperationException($"The filter of audience '{Name}' cannot be read.");

    /// <summary>Reads a stored audience.</summary>
    /// <exception cref="CorruptDocumentException">It is something else, or its filter has a condition that this program does not know.</exception>
    public static Audience Of(Document document)
    {
        var audience = document.As(DocumentJson.Default.Audience);
        return CustomerFilter.Read(audience.Filter).Filter is null ? throw new CorruptDocumentException(document) : audience;
    }

    /// <summary>Whether a text can be the name of an audience: 1 to 40 lower-case letters, digits and hyphens, the first of them no hyphen.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && text[0] != '-' && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}

/// <summary>Members of an audience, of one slice of the customers, as the last pass found them: what the next pass is compared with.</summary>
public sealed record AudienceMembers([property: JsonRequired] IReadOnlyList<string> Members)
{
    private const string PartitionPrefix = "audience:";

    /// <summary>Partition of <see cref="Containers.Events"/> for an audience. One that was removed and defined again has another.</summary>
    public static string PartitionOf(Audience audience) =>
        PartitionPrefix + audience.Name + ":" + audience.CreatedAt.UtcTicks.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether a partition is one of these.</summary>
    public static bool IsPartition(string partition) => partition.StartsWith(PartitionPrefix, StringComparison.Ordinal);
}
