using System.Globalization;

namespace CustomerPipeline.Domain.Value;

/// <summary>What money of other currencies is worth in one, by day: a table that the company states, never a guess.</summary>
public sealed class ReportingRates
{
    private const string Header = "date,currency,rate";

    private readonly Dictionary<string, List<(DateOnly Day, decimal Rate)>> _rates;

    private ReportingRates(Currency currency, Dictionary<string, List<(DateOnly Day, decimal Rate)>> rates) => (Currency, _rates) = (currency, rates);

    /// <summary>The currency that everything is told in.</summary>
    public Currency Currency { get; }

    /// <summary>Reads a table with the columns <c>date,currency,rate</c>: so many units of the reporting currency for one of the other, from that day on.</summary>
    /// <exception cref="FormatException">A line is none; the message says which.</exception>
    public static ReportingRates Parse(string reporting, string csv)
    {
        if (!Currency.TryParse(reporting, out var currency))
        {
            throw new FormatException($"'{reporting}' is not an ISO 4217 currency code, such as USD.");
        }

        var rates = new Dictionary<string, List<(DateOnly Day, decimal Rate)>>(StringComparer.Ordinal);
        var lines = csv.Split('\n').Select(l => l.Trim()).ToList();
        if (lines[0] != Header)
        {
            throw new FormatException($"The table of rates begins with the line {Header}.");
        }

        foreach (var (line, number) in lines.Select((l, i) => (l, i + 1)).Skip(1).Where(l => l.l.Length > 0))
        {
            var parts = line.Split(',');
            if (parts.Length != 3 || !DateOnly.TryParseExact(parts[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || !Currency.TryParse(parts[1], out var from)
                || !decimal.TryParse(parts[2], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) || rate <= 0)
            {
                throw new FormatException($"Line {number} of the table of rates is no date, currency and rate, such as 2026-01-31,EUR,1.0837.");
            }

            (rates.TryGetValue(from.Code, out var known) ? known : rates[from.Code] = []).Add((day, rate));
        }

        foreach (var days in rates.Values)
        {
            days.Sort((left, right) => left.Day.CompareTo(right.Day));
        }

        return new ReportingRates(currency, rates);
    }

    /// <summary>The rate of a day: the last one stated until then; null where none was.</summary>
    public (DateOnly Day, decimal Rate)? Find(string currency, DateOnly day)
    {
        if (currency == Currency.Code)
        {
            return (day, 1);
        }

        if (!_rates.TryGetValue(currency, out var days))
        {
            return null;
        }

        var last = days.FindLastIndex(d => d.Day <= day);
        return last < 0 ? null : days[last];
    }

    /// <summary>Minor units of a currency in minor units of the reporting one, rounded half to even.</summary>
    public long Convert(long minor, string currency, decimal rate) => Money.Convert(minor, Currency.Of(currency), Currency, rate);
}
