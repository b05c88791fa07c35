using System.Globalization;
using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>One page of a timeline, oldest first.</summary>
/// <param name="Customer">The customer the asked id stands for today.</param>
/// <param name="Touches">Entries of the page.</param>
/// <param name="Continuation">Opaque; null on the last page.</param>
public sealed record TimelinePage(string Customer, IReadOnlyList<Touch> Touches, string? Continuation);

/// <summary>Looks at one customer.</summary>
public sealed class CustomersReader(CustomerStore customers, IdentifierClaims claims, IdentityRules rules, StageTelemetry telemetry)
{
    public const int LargestPage = 200;

    /// <summary>The summary of the customer an id stands for today; null when there never was one.</summary>
    public async Task<CustomerSummary?> FindAsync(string customer, CancellationToken cancellationToken)
    {
        var root = await customers.FindRootAsync(customer, cancellationToken);
        return root.Summary.Touches == 0 ? null : root.Summary;
    }

    /// <summary>The customer who carries an identifier; null when nobody does, or when the identifier identifies nobody, or several.</summary>
    public async Task<CustomerSummary?> LookUpAsync(Identifier identifier, CancellationToken cancellationToken)
    {
        if (!rules.Links(identifier))
        {
            return null;
        }

        var key = ClaimKey.Of(identifier);
        var known = await claims.ReadAsync([key], cancellationToken);
        var customer = known.GetValueOrDefault(key)?.Value is { IsShared: false, Customer: { } claimed } ? await FindAsync(claimed, cancellationToken) : null;
        return customer?.Identifiers.ContainsKey(identifier) == true ? customer : null;
    }

    /// <summary>A page of customers who agreed to be written to, after an id, in order of age. Who cannot be read is left out.</summary>
    public async Task<IReadOnlyList<CustomerSummary>> ListForMarketingAsync(int size, string after, CancellationToken cancellationToken) =>
        await customers.ListReadableAsync(telemetry, StageTelemetry.List, after, cancellationToken).Where(s => s.MayBeWrittenTo && s.Customer != after).Take(size).ToListAsync(cancellationToken);

    /// <summary>A page of the timeline after a continuation; null when there is no such customer.</summary>
    public async Task<TimelinePage?> ReadTimelineAsync(string customer, int size, string? continuation, CancellationToken cancellationToken)
    {
        var root = (await customers.FindRootAsync(customer, cancellationToken)).Summary.Customer;
        var touches = await customers.ReadLiveTouchesAsync(root, cancellationToken).Select(t => t.Value).ToListAsync(cancellationToken);
        if (touches.Count == 0)
        {
            return null;
        }

        var after = continuation is null ? null : Decode(continuation);
        var page = touches
            .OrderBy(PlaceOf, StringComparer.Ordinal)
            .Where(t => after is null || string.CompareOrdinal(PlaceOf(t), after) > 0)
            .Take(size + 1)
            .ToList();
        var hasMore = page.Count > size;
        return new TimelinePage(root, hasMore ? page.GetRange(0, size) : page, hasMore ? Encode(PlaceOf(page[size - 1])) : null);
    }

    /// <summary>Whether a text is a continuation this class made.</summary>
    public static bool IsContinuation(string text) => Decode(text) is not null;

    private static string PlaceOf(Touch touch) => touch.At.UtcTicks.ToString("D19", CultureInfo.InvariantCulture) + touch.Entity.Text;

    private static string Encode(string place) => Convert.ToBase64String(Encoding.UTF8.GetBytes(place)).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    private static string? Decode(string continuation)
    {
        var padded = continuation.Replace('-', '+').Replace('_', '/').PadRight((continuation.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) && length > 19 ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
