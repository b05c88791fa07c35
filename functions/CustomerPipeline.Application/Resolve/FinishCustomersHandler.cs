using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Telemetry;

namespace CustomerPipeline.Application.Resolve;

/// <summary>
/// Finishes what a worker began with a customer and left for good. A worker that takes several steps marks the customer before the first one. One that dies is given the same entities again and goes on; but where another worker has
/// taken over its range of the feed and was done before the first one stopped, nothing brings the entities back. The mark does: it is a change of the customer, and is handed over like any other.
/// </summary>
public sealed class FinishCustomersHandler(CustomerStore customers, ReshapeCustomer reshape, StageTelemetry telemetry)
{
    public async Task HandleAsync(IReadOnlyList<CustomerChange> changes, CancellationToken cancellationToken)
    {
        foreach (var customer in changes.Where(c => c.Summary is { IsUnfinished: true }).Select(c => c.Customer).Distinct(StringComparer.Ordinal))
        {
            await telemetry.TryAsync(StageTelemetry.Resolve, 1, () => FinishAsync(customer, cancellationToken));
        }
    }

    // Most often the worker that began it has done it meanwhile.
    private async Task FinishAsync(string customer, CancellationToken cancellationToken)
    {
        if ((await customers.FindRootAsync(customer, cancellationToken)).Summary is { MustReshape: true } unfinished)
        {
            await reshape.RunAsync(unfinished.Customer, [], cancellationToken);
        }
    }
}
