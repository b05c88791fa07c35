using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain.Customers;

namespace CustomerPipeline.Application.Report.Audiences;

/// <summary>A page of the members of an audience who may be written to.</summary>
/// <param name="Page">The page of members that it was made of, of whom some are left out.</param>
/// <param name="Customers">Those who may be written to, by what is stored of them now.</param>
/// <param name="WithoutConsent">How many members of the page may not be written to.</param>
/// <param name="Gone">How many members of the page were merged into another customer, or erased, since the customer base was read.</param>
public sealed record ExportedAudience(StandingPage Page, IReadOnlyList<CustomerSummary> Customers, int WithoutConsent, int Gone);

/// <summary>
/// Exports the identifiers of those members of an audience who may be written to. The entry of a page in the audit log is written before the page is answered.
/// </summary>
public sealed class ExportAudience(StandingsReader standings, CustomersReader customers, AuditLog audit)
{
    /// <summary>The action in the audit.</summary>
    public const string Action = "export-audience";

    /// <summary>The most members of a page: the customer of each is read.</summary>
    public const int LargestPage = 200;

    /// <summary>Returns a page of the export, in order of opaque ids.</summary>
    /// <param name="audience">The audience.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="size">How many members are looked at, at most.</param>
    /// <param name="continuation">From the page before; null for the first.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<ExportedAudience> RunAsync(Audience audience, string by, int size, string? continuation, CancellationToken cancellationToken)
    {
        var question = new StandingQuestion(audience.Conditions, StandingOrder.Customer, IsDescending: false);
        var page = await standings.ListAsync(question, size, continuation, cancellationToken);
        var (allowed, withoutConsent, gone) = (new List<CustomerSummary>(), 0, 0);
        foreach (var member in page.Customers)
        {
            // The figures may be of a moment ago: what counts is the consent of now.
            var summary = await customers.FindAsync(member.Customer, cancellationToken);
            if (summary is null || summary.Customer != member.Customer)
            {
                gone++;
            }
            else if (summary.MayBeWrittenTo)
            {
                allowed.Add(summary);
            }
            else
            {
                withoutConsent++;
            }
        }

        await audit.WriteAsync(by, Action, [.. allowed.Select(c => c.Customer)], cancellationToken, of: audience.Name);
        return new ExportedAudience(page, allowed, withoutConsent, gone);
    }
}
