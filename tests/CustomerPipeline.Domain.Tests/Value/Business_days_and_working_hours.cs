using System.Globalization;
using CustomerPipeline.Domain.Value;
using NodaTime;

namespace CustomerPipeline.Domain.Tests.Value;

/// <summary>Which day an instant belongs to, and how long the company worked between two: one example a rule.</summary>
public sealed class Business_days_and_working_hours
{
    private static readonly BusinessCalendar Stockholm = BusinessCalendar.In("Europe/Stockholm")! with
    {
        Hours = new[] { IsoDayOfWeek.Monday, IsoDayOfWeek.Tuesday, IsoDayOfWeek.Wednesday, IsoDayOfWeek.Thursday, IsoDayOfWeek.Friday }.ToDictionary(d => d, _ => (new TimeOnly(9, 0), new TimeOnly(17, 0))),
        Holidays = new HashSet<DateOnly> { new(2026, 12, 25) },
    };

    [Theory]
    [InlineData("2026-01-31T22:59:59Z", "2026-01-31")]
    [InlineData("2026-01-31T23:00:00Z", "2026-02-01")] // Midnight in winter, an hour ahead of UTC.
    [InlineData("2026-06-30T21:59:59Z", "2026-06-30")]
    [InlineData("2026-06-30T22:00:00Z", "2026-07-01")] // And in summer, two hours.
    [InlineData("2026-02-01T05:00:00+14:00", "2026-01-31")] // The sender's own offset does not matter.
    public void A_day_begins_at_midnight_of_the_business_time_zone(string at, string day) => Assert.Equal(DateOnly.Parse(day, CultureInfo.InvariantCulture), Stockholm.DayOf(At(at)));

    [Theory]
    [InlineData("2026-01-12T08:00:00+01:00", "2026-01-12T10:30:00+01:00", 5_400)] // Before opening, to half past ten.
    [InlineData("2026-01-12T16:00:00+01:00", "2026-01-13T10:00:00+01:00", 7_200)] // Over night.
    [InlineData("2026-01-16T16:00:00+01:00", "2026-01-19T10:00:00+01:00", 7_200)] // Over a weekend.
    [InlineData("2026-12-24T16:00:00+01:00", "2026-12-28T10:00:00+01:00", 7_200)] // Over a holiday and a weekend.
    [InlineData("2026-03-27T16:00:00+01:00", "2026-03-30T10:00:00+02:00", 7_200)] // Over the night in which clocks are set forward.
    [InlineData("2026-01-17T10:00:00+01:00", "2026-01-17T12:00:00+01:00", 0)] // On a Saturday.
    public void Working_time_is_what_lies_within_the_hours(string from, string to, long seconds) => Assert.Equal(seconds, Stockholm.WorkingSeconds(At(from), At(to)));

    [Fact]
    public void Where_clocks_are_set_forward_within_the_hours_there_is_an_hour_less() => Assert.Equal(
        3 * 3_600,
        (Stockholm with { Hours = new Dictionary<IsoDayOfWeek, (TimeOnly From, TimeOnly To)> { [IsoDayOfWeek.Sunday] = (new TimeOnly(1, 0), new TimeOnly(5, 0)) } })
        .WorkingSeconds(At("2026-03-29T00:00:00Z"), At("2026-03-29T12:00:00Z")));

    [Fact]
    public void Without_hours_there_is_no_working_time()
    {
        Assert.Null(BusinessCalendar.Utc.WorkingSeconds(At("2026-01-12T08:00:00Z"), At("2026-01-13T08:00:00Z")));
        Assert.Null(Stockholm.WorkingSeconds(At("2000-01-12T08:00:00Z"), At("2026-01-13T08:00:00Z")));
    }

    [Fact]
    public void Ten_years_are_still_told_and_a_day_more_is_not()
    {
        var (from, to) = (At("2016-01-13T00:00:00Z"), At("2016-01-13T00:00:00Z").AddDays(3_660));

        Assert.NotNull(Stockholm.WorkingSeconds(from, to));
        Assert.Null(Stockholm.WorkingSeconds(from, to.AddDays(1)));
    }

    [Fact]
    public void A_calendar_is_one_line_in_the_order_of_the_week() => Assert.Equal(
        "Europe/Stockholm;Monday 09:00-17:00;Tuesday 09:00-17:00;Wednesday 09:00-17:00;Thursday 09:00-17:00;Friday 09:00-17:00;2026-12-25", Stockholm.Text);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
