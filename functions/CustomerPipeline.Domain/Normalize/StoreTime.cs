using System.Globalization;
using NodaTime;
using NodaTime.TimeZones;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>
/// Local times of tills to instants. The zones are those of the tz database that NodaTime carries, so that every machine gives the same answer.
/// </summary>
public static class StoreTime
{
    /// <summary>Flag: the time stands twice in the store's day, because clocks were set back. The earlier one is taken.</summary>
    public const string Ambiguous = "local-time-ambiguous";

    /// <summary>Flag: the time does not exist, because clocks were set forward. It is moved forward by the gap.</summary>
    public const string Skipped = "local-time-skipped";

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd"];

    /// <summary>Whether a name is a zone of the tz database, such as Europe/Stockholm.</summary>
    public static bool IsZone(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is not null;

    /// <summary>The zone of a store by the rules.</summary>
    /// <exception cref="UnreadableFieldException">No zone is configured for it.</exception>
    internal static string ZoneOf(string? store, NormalizationRules rules) =>
        store is not null && rules.StoreTimeZones.TryGetValue(store, out var own) ? own
        : rules.StoreTimeZones.TryGetValue(NormalizationRules.AnyStore, out var any) ? any
        : throw new UnreadableFieldException("missing-time-zone", "Times have no offset, and no time zone is configured for this store. Set StoreTimeZones for it (or for *), and retry.");

    /// <summary>An ISO 8601 time; one without an offset is a wall-clock time in <paramref name="zone"/>.</summary>
    /// <param name="text">What the till wrote.</param>
    /// <param name="zone">Gives the zone, when it is needed.</param>
    /// <param name="field">Its name, for the reason.</param>
    /// <param name="flags">Takes what had to be decided.</param>
    /// <exception cref="UnreadableFieldException">The text is no such time, or lies outside the years of interactions.</exception>
    internal static DateTimeOffset Read(string? text, Func<string> zone, string field, ICollection<string> flags)
    {
        var trimmed = SourceJson.Required(text, field);
        if (HasOffset(trimmed) && DateTimeOffset.TryParse(trimmed, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return SourceJson.Time(time, field);
        }

        if (DateTime.TryParseExact(trimmed, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            // Not every wall-clock time of the years 1 and 9999 is an instant.
            return SourceJson.Time(
                local.Year is > 1 and < 9999 ? ToInstant(LocalDateTime.FromDateTime(local), zone(), flags) : new DateTimeOffset(local, TimeSpan.Zero), field);
        }

        throw new UnreadableFieldException("invalid-time", $"{field} is no ISO 8601 time, such as 2026-01-31T09:30:00. Mend the payload and retry.");
    }

    /// <summary>The day of a text that is a day without a time; null where it is none.</summary>
    internal static DateOnly? DayAlone(string? text) =>
        DateOnly.TryParseExact(text?.Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static DateTimeOffset ToInstant(LocalDateTime local, string zoneName, ICollection<string> flags)
    {
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(zoneName)
            ?? throw new UnreadableFieldException("unknown-time-zone", "The time zone configured for this store is none of the tz database, such as Europe/Stockholm. Mend the setting, and retry.");
        var mapping = zone.MapLocal(local);
        if (mapping.Count != 1)
        {
            flags.Add(mapping.Count == 0 ? Skipped : Ambiguous);
        }

        return Resolvers.LenientResolver(mapping).ToDateTimeOffset();
    }

    // DateTimeOffset.TryParse would take the machine's zone for a time without one.
    private static bool HasOffset(string text) =>
        text.Length > 10 && char.IsAsciiDigit(text[0]) && (text[^1] is 'Z' or 'z' || text.AsSpan(10).ContainsAny('+', '-'));
}
