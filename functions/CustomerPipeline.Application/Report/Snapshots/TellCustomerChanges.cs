using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Report.Audiences;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Application.Report.Snapshots;

/// <summary>Writes down what became of customers since the snapshot before: stages of life, and audiences.</summary>
public sealed class TellCustomerChanges(CustomerNews news, TellAudiences audiences)
{
    /// <param name="customers">All customers, as of the instant.</param>
    /// <param name="at">The instant.</param>
    /// <param name="cancellationToken">Stops the work; the next snapshot tells the rest.</param>
    public async Task RunAsync(IReadOnlyList<CustomerStanding> customers, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await news.TellStagesAsync(customers.Where(c => c.Stage is not null).Select(c => (c.Customer, c.Stage!.Value)), at, cancellationToken);
        await audiences.RunAsync(customers, at, cancellationToken);
    }
}
