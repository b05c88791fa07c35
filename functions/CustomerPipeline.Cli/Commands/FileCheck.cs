using System.Globalization;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Cli.Commands;

/// <summary>
/// What would become of a file: its first records as they are understood, what is refused and why, and sums of the whole file. Nothing is sent or stored. Identifiers are shortened.
/// </summary>
internal sealed class FileCheck(TextWriter output, NormalizationRules rules)
{
    private const int MostShown = 10;
    private const int LongestId = 40;
    private const int ShownCharacters = 2;

    private readonly SortedDictionary<string, (long Count, SortedDictionary<string, long> Amounts)> _sums = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _ignored = new(StringComparer.Ordinal);
    private int _shown;

    /// <summary>Reads a file.</summary>
    /// <param name="parts">Its payloads, in order.</param>
    /// <param name="envelope">Wraps a payload as it would be sent.</param>
    /// <returns>How many payloads are understood, and those that would be rejected or go to quarantine.</returns>
    public (long Understood, IReadOnlyList<RejectedPayload> Refused) Read(IEnumerable<PayloadPart> parts, Func<PayloadPart, MessageEnvelope> envelope)
    {
        var understood = 0L;
        var refused = new List<RejectedPayload>();
        foreach (var (index, part) in parts.Index())
        {
            var read = part.Rejected is null ? Normalizer.Normalize(envelope(part).Wrap(), rules) : null;
            switch (read)
            {
                case Normalization.Normalized { Records: var records }:
                    understood++;
                    Show(part.Place ?? $"message {index}", records);
                    break;
                case Normalization.Ignored { Reason: var reason }:
                    _ignored[reason] = _ignored.GetValueOrDefault(reason) + 1;
                    break;
                case Normalization.Quarantined { Reason: var reason }:
                    refused.Add(new RejectedPayload(index, reason.Code, reason.Advice));
                    break;
                case null:
                    refused.Add(part.Rejected!);
                    break;
                default:
                    understood++;
                    break;
            }
        }

        return (understood, refused);
    }

    /// <summary>Writes what was refused, and the sums.</summary>
    public void Close(long understood, IReadOnlyList<RejectedPayload> refused)
    {
        foreach (var problem in refused.Take(MostShown))
        {
            output.WriteLine($"    refused: {problem.Code}: {problem.Detail}");
        }

        if (refused.Count > MostShown)
        {
            output.WriteLine($"    and {refused.Count - MostShown} more: --rejects FILE writes all of them.");
        }

        foreach (var (kind, (count, amounts)) in _sums)
        {
            output.WriteLine($"    {count} x {kind}{string.Concat(amounts.Select(a => $", {a.Key.Split(' ')[1]} {Major(a.Value, a.Key.Split(' ')[0])}"))}");
        }

        foreach (var (reason, count) in _ignored)
        {
            output.WriteLine($"    {count} x ignored: {reason}");
        }

        output.WriteLine($"{understood} understood, {refused.Count} refused. Nothing was stored.");
    }

    private void Show(string place, IReadOnlyList<InteractionRecord> records)
    {
        foreach (var record in records)
        {
            Add(record);
            if (_shown++ < MostShown)
            {
                output.WriteLine($"    {place}: {Describe(record)}{People(record)}{(record.Flags is { Count: > 0 } flags ? $"; flags {string.Join(", ", flags)}" : "")}");
            }
        }
    }

    private void Add(InteractionRecord record)
    {
        var kind = record switch { { Refunds.Count: > 0 } => "refund", { Ticket: not null } => "ticket", { Person: not null } => "person", { Spend: not null } => record.Deleted == true ? "spend, void" : "spend", { Order: { } sale } => OrderKind(record, sale), _ => "other" };
        var (count, amounts) = _sums.TryGetValue(kind, out var sums) ? sums : (0, new SortedDictionary<string, long>(StringComparer.Ordinal));
        void Sum(string currency, string name, long amount) => amounts[$"{currency} {name}"] = amounts.GetValueOrDefault($"{currency} {name}") + amount;
        if (record.Order is { } order)
        {
            Sum(order.Currency, "gross", order.Gross);
            Sum(order.Currency, "discounts", order.Discounts);
            if (order.WithoutLines().Costs is { } costs)
            {
                Sum(order.Currency, "cost", costs.Cost);
            }
        }

        if (record.Spend is { } spend)
        {
            Sum(spend.Currency, "amount", spend.Amount);
        }

        foreach (var refund in (record.Refunds ?? []).Where(r => r is { Amount: not null, Currency: not null }))
        {
            Sum(refund.Currency!, "returned", refund.Amount!.Value);
        }

        _sums[kind] = (count + 1, amounts);
    }

    // Amounts of orders that are no sales stand apart.
    private static string OrderKind(InteractionRecord record, OrderSnapshot order) =>
        record.CancelledAt is not null ? "order, cancelled" : order.Status == SaleStatus.Placed ? "order" : $"order, {order.Status.ToString().ToLowerInvariant()}";

    private static string Describe(InteractionRecord record) => record switch
    {
        { Order: { } order } => $"order {IdOf(record)}, {order.Status.ToString().ToLowerInvariant()} {Time(order.PlacedAt)}{Day(order.BusinessDay)}, {ChannelOf(record)}, gross {Major(order.Gross, order.Currency)}, "
            + $"discounts {Major(order.Discounts, order.Currency)}, tax {Major(order.Tax, order.Currency)}, shipping {Major(order.Shipping, order.Currency)}, lines {order.Lines.Count}, units {order.Units}"
            + (order.WithoutLines().Costs is { } costs ? $", cost {Major(costs.Cost, order.Currency)} of {order.Lines.Count(l => l.Cost is not null)} lines" : "")
            + (record.CancelledAt is { } cancelled ? $", cancelled {Time(cancelled)}" : ""),
        { Refunds: { Count: > 0 } refunds } => string.Join("; ", refunds.Select(r =>
            $"refund of order {IdOf(record)}, {Time(r.At)}{Day(r.BusinessDay)}, {(r is { Amount: { } amount, Currency: { } currency } ? Major(amount, currency) : "all that is left")}")),
        { Ticket: { } ticket } => $"ticket {IdOf(record)}, {ticket.Status ?? "no status"}{Step("created", ticket.CreatedAt)}{Step("replied", ticket.FirstReplyAt)}{Step("solved", ticket.SolvedAt)}",
        { Spend: { } spend } => string.Create(CultureInfo.InvariantCulture, $"spend {IdOf(record)}, {spend.Day:yyyy-MM-dd}, campaign '{record.Campaign}', {Major(spend.Amount, spend.Currency)}{(record.Deleted == true ? ", void" : "")}"),
        { Person: { } person } => $"person, {string.Join(", ", Given(person).DefaultIfEmpty("no fields"))}",
        _ => record.Kind.ToString().ToLowerInvariant(),
    };

    private static string Step(string name, DateTimeOffset? at) => at is { } time ? $", {name} {Time(time)}" : "";

    // Which fields of a person there are, not what they say.
    private static IEnumerable<string> Given(PersonProfile person) =>
        new (string Name, bool IsGiven)[]
        {
            ("name", person.Name is not null), ("birth_date", person.BirthDate is not null), ("street", person.Street is not null), ("postal_code", person.PostalCode is not null),
            ("city", person.City is not null), ("country", person.Country is not null), ("marketing_consent", person.MarketingConsent is not null),
        }.Where(f => f.IsGiven).Select(f => f.Name);

    private static string People(InteractionRecord record) =>
        record.Identifiers.Count == 0 ? "; no customer" : $"; {string.Join(", ", record.Identifiers.Select(i => $"{Identifier.NameOf(i.Type)} {Shortened(i.Value)}"))}";

    private static string Shortened(string value)
    {
        var own = value[(value.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return $"{own[..Math.Min(ShownCharacters, own.Length / 2)]}…";
    }

    // A column of addresses may have been mapped by mistake.
    private static string IdOf(InteractionRecord record)
    {
        var key = record.Entity.Text;
        return key.Length <= LongestId && !key.Contains('@', StringComparison.Ordinal) ? $"'{key}'" : $"'{Shortened(key)}'";
    }

    private static string ChannelOf(InteractionRecord record) => record.Channel is { } channel ? channel.ToString().ToLowerInvariant() : "no channel";

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private static string Day(DateOnly? day) => day is { } own ? string.Create(CultureInfo.InvariantCulture, $" (day {own:yyyy-MM-dd})") : "";

    private static string Major(long minor, string currency) => $"{Money.ToMajor(minor, currency)} {currency}";
}
