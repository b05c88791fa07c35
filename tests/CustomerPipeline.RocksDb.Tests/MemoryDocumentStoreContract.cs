using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;

namespace CustomerPipeline.RocksDb.Tests;

/// <summary>The store that protocol tests run on does what the real ones do.</summary>
public sealed class MemoryDocumentStoreContract : DocumentStoreContract
{
    protected override IDocumentStore Store { get; } = new MemoryDocumentStore();
}
