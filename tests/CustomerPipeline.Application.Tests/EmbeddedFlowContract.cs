using CustomerPipeline.Contracts;

namespace CustomerPipeline.Application.Tests;

/// <summary>Invariants 1 to 4 on the embedded adapters.</summary>
public sealed class EmbeddedFlowContract : FlowContract
{
    protected override Task<TestAdapters> NewAdaptersAsync() => Task.FromResult<TestAdapters>(new EmbeddedTestAdapters());
}
