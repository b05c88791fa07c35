using System.Globalization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>One page of a timeline, oldest first.</summary>
/// <param name="Customer">The customer the asked id stands for today.</param>
/// <param name="Touches">Entries of the page.</param>
/// <param name="Continuation">The position behind which the next page begins; null on the last.</param>
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

    /// <summary>
    /// A page of the timeline behind a position; null when there is no such customer. All interactions of the customer are read for each page,
    /// because they are stored by their ids and not by time.
    /// </summary>
    public async Task<TimelinePage?> ReadTimelineAsync(string customer, int size, string? continuation, CancellationToken cancellationToken)
    {
        var root = (await customers.FindRootAsync(customer, cancellationToken)).Summary.Customer;
        var page = await customers.ReadLiveTouchesAsync(root, cancellationToken).Select(t => t.Value)
            .PageAsync(PositionOf, size, continuation, cancellationToken);
        return page.Items.Count == 0 && !await customers.ReadLiveTouchesAsync(root, cancellationToken).AnyAsync(cancellationToken)
            ? null
            : new TimelinePage(root, page.Items, page.Next);
    }

    private static string PositionOf(Touch touch) => touch.At.UtcTicks.ToString("D19", CultureInfo.InvariantCulture) + touch.Entity.Text;
}
