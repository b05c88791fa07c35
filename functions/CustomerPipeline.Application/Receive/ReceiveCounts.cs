using System.Diagnostics.Metrics;

namespace CustomerPipeline.Application.Receive;

/// <summary>What was turned away at the door since this process started; exported under the meter <c>CustomerPipeline</c>.</summary>
public sealed class ReceiveCounts : IDisposable
{
    private readonly Meter _meter = new("CustomerPipeline");
    private readonly Counter<long> _unsigned;
    private long _wrongSignatures;

    public ReceiveCounts() => _unsigned = _meter.CreateCounter<long>("customerpipeline.receive.wrong_signatures", "{request}", "Webhooks whose signature was missing or wrong.");

    /// <summary>Webhooks whose signature was missing or wrong.</summary>
    public long WrongSignatures => Interlocked.Read(ref _wrongSignatures);

    public void CountWrongSignature(string source)
    {
        Interlocked.Increment(ref _wrongSignatures);
        _unsigned.Add(1, new KeyValuePair<string, object?>("source", source));
    }

    public void Dispose() => _meter.Dispose();
}
