namespace CustomerPipeline.RocksDb.Native;

/// <summary>RocksDB could not do what it was asked to; the message is its own.</summary>
public sealed class RocksDbException(string message) : Exception(message);
