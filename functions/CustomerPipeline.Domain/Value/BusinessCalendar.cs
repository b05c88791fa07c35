using NodaTime;

namespace CustomerPipeline.Domain.Value;

/// <summary>
/// Which day an instant belongs to, and when the company works. The zones are those of the tz database that NodaTime carries, so that every machine gives the same answer.
/// </summary>
public sealed record BusinessCalendar
{
    // Durations that take longer are told in calendar time only: nobody waits for ten years.
    private const int MostDays = 3_660;

    private readonly DateTimeZone _zone;

    private BusinessCalendar(DateTimeZone zone) => _zone = zone;

    /// <summary>Days in UTC, and no working hours.</summary>
    public static BusinessCalendar Utc { get; } = new(DateTimeZone.Utc);

    /// <summary>The zone's name in the tz database.</summary>
    public string Zone => _zone.Id;

    /// <summary>When the company works on each day of the week, in local time; empty where durations are told in calendar time only.</summary>
    public IReadOnlyDictionary<IsoDayOfWeek, (TimeOnly From, TimeOnly To)> Hours { get; init; } = new Dictionary<IsoDayOfWeek, (TimeOnly From, TimeOnly To)>();

    /// <summary>Days on which it does not.</summary>
    public IReadOnlySet<DateOnly> Holidays { get; init; } = new HashSet<DateOnly>();

    /// <summary>What figures depend on, in one line.</summary>
    public string Text => string.Join(';', [Zone, .. Hours.OrderBy(h => h.Key).Select(h => $"{h.Key} {h.Value.From:HH:mm}-{h.Value.To:HH:mm}"), .. Holidays.Order().Select(h => h.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture))]);

    /// <summary>The calendar of a zone of the tz database, such as Europe/Stockholm; null where there is no such zone.</summary>
    public static BusinessCalendar? In(string zone) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is { } known ? new BusinessCalendar(known) : null;

    /// <summary>The calendar day of an instant.</summary>
    public DateOnly DayOf(DateTimeOffset at) =>
        ReferenceEquals(_zone, DateTimeZone.Utc) ? DateOnly.FromDateTime(at.UtcDateTime) : Instant.FromDateTimeOffset(at).InZone(_zone).Date.ToDateOnly();

    /// <summary>
    /// Working time between two instants, in seconds; null without working hours, and for more than ten years. Where clocks are set forward over a working hour it is
    /// that much shorter.
    /// </summary>
    public long? WorkingSeconds(DateTimeOffset from, DateTimeOffset to)
    {
        var (first, last) = (DayOf(from), DayOf(to));
        if (Hours.Count == 0 || last.DayNumber - first.DayNumber > MostDays)
        {
            return null;
        }

        var (start, end) = (Instant.FromDateTimeOffset(from), Instant.FromDateTimeOffset(to));
        var seconds = 0.0;
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            var date = LocalDate.FromDateOnly(day);
            if (!Holidays.Contains(day) && Hours.TryGetValue(date.DayOfWeek, out var hours))
            {
                var opens = Instant.Max(start, Local(date, hours.From));
                var closes = Instant.Min(end, Local(date, hours.To));
                seconds += Math.Max(0, (closes - opens).TotalSeconds);
            }
        }

        return (long)seconds;
    }

    private Instant Local(LocalDate date, TimeOnly time) => _zone.AtLeniently(date.At(LocalTime.FromTimeOnly(time))).ToInstant();
}
