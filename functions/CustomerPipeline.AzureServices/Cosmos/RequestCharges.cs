using System.Diagnostics.Metrics;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>What the store charges, as a metric: request units by container. Stages own containers, so that it is what each stage costs.</summary>
public sealed class RequestCharges : IDisposable
{
    public const string MeterName = "CustomerPipeline.Azure";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<double> _charged;

    public RequestCharges() => _charged = _meter.CreateCounter<double>("customerpipeline.cosmos.request_charge", "{RU}", "Request units that Cosmos DB charged.");

    internal void Add(string container, double units) => _charged.Add(units, new KeyValuePair<string, object?>("container", container));

    public void Dispose() => _meter.Dispose();
}
