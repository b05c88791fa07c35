using Microsoft.Azure.Cosmos.Serialization.HybridRow;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.IO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Layouts;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.RecordIO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Schemas;

namespace CustomerPipeline.CosmosServer;

internal enum BatchOperationKind
{
    Create = 0,
    Patch = 1,
    Read = 2,
    Delete = 4,
    Replace = 5,
    Upsert = 20,
}

/// <summary>One operation of a batch.</summary>
internal sealed record BatchOperation
{
    public BatchOperationKind Kind { get; set; }

    public string? Id { get; set; }

    public byte[]? Body { get; set; }

    public string? IfMatch { get; set; }

    public bool WantsNoContent { get; set; }

    /// <summary>As JSON; only operations that are no transaction have each their own.</summary>
    public string? PartitionKey { get; set; }
}

/// <summary>What became of one operation.</summary>
internal sealed record BatchResult(int Status, string? ETag = null, byte[]? Body = null)
{
    public const int FailedDependency = 424;
}

/// <summary>The binary format of batches, HybridRow: its schema and its reader and writer come with the client library.</summary>
internal static class BatchWire
{
    private static readonly (LayoutResolverNamespace Resolver, Layout Operation, Layout Result) Schema = ReadSchema();

    public static List<BatchOperation> ReadOperations(byte[] body)
    {
        var operations = new List<BatchOperation>();
        var result = new MemoryStream(body).ReadRecordIOAsync(
            (ReadOnlyMemory<byte> record) =>
            {
                var operation = new BatchOperation();
                var read = ReadOperation(record, operation);
                operations.Add(operation);
                return read;
            },
            resizer: new MemorySpanResizer<byte>(Math.Max(body.Length, 1024))).GetAwaiter().GetResult();
        return result == Result.Success ? operations : throw new CosmosRefusal(400, $"The batch cannot be read: {result}.");
    }

    public static byte[] WriteResults(IReadOnlyList<BatchResult> results)
    {
        var stream = new MemoryStream();
        var resizer = new MemorySpanResizer<byte>(results.Sum(r => r.Body?.Length ?? 0) + 4096);
        var written = stream.WriteRecordIOAsync(default(Segment), (long index, out ReadOnlyMemory<byte> buffer) =>
        {
            buffer = default;
            if (index >= results.Count)
            {
                return Result.Success;
            }

            var row = new RowBuffer(resizer.Memory.Length, resizer);
            row.InitLayout(HybridRowVersion.V1, Schema.Result, Schema.Resolver);
            var result = RowWriter.WriteBuffer(ref row, results[(int)index], WriteResult);
            buffer = resizer.Memory[..row.Length];
            return result;
        }).GetAwaiter().GetResult();
        return written == Result.Success ? stream.ToArray() : throw new CosmosRefusal(500, $"The batch's results cannot be written: {written}.");
    }

    private static Result ReadOperation(ReadOnlyMemory<byte> record, BatchOperation operation)
    {
        var row = new RowBuffer(record.Length);
        if (!row.ReadFrom(record.Span, HybridRowVersion.V1, Schema.Resolver))
        {
            return Result.Failure;
        }

        var reader = new RowReader(ref row);
        while (reader.Read())
        {
            var result = Result.Success;
            switch ((string)reader.Path)
            {
                case "operationType":
                    result = reader.ReadInt32(out var kind);
                    operation.Kind = (BatchOperationKind)kind;
                    break;
                case "id":
                    result = reader.ReadString(out string id);
                    operation.Id = id;
                    break;
                case "resourceBody":
                    result = reader.ReadBinary(out byte[] body);
                    operation.Body = body;
                    break;
                case "partitionKey":
                    result = reader.ReadString(out string partitionKey);
                    operation.PartitionKey = partitionKey;
                    break;
                case "ifMatch":
                    result = reader.ReadString(out string ifMatch);
                    operation.IfMatch = ifMatch;
                    break;
                case "minimalReturnPreference":
                    result = reader.ReadBool(out var wantsNoContent);
                    operation.WantsNoContent = wantsNoContent;
                    break;
            }

            if (result != Result.Success)
            {
                return result;
            }
        }

        return Result.Success;
    }

    private static Result WriteResult(ref RowWriter writer, TypeArgument type, BatchResult value)
    {
        var result = writer.WriteInt32("statusCode", value.Status);
        if (result == Result.Success && value.ETag is not null)
        {
            result = writer.WriteString("eTag", value.ETag);
        }

        if (result == Result.Success && value.Body is not null)
        {
            result = writer.WriteBinary("resourceBody", value.Body.AsSpan());
        }

        return result == Result.Success ? writer.WriteFloat64("requestCharge", 1) : result;
    }

    private static (LayoutResolverNamespace Resolver, Layout Operation, Layout Result) ReadSchema()
    {
        var client = typeof(Microsoft.Azure.Cosmos.CosmosClient).Assembly;
        var name = client.GetManifestResourceNames().Single(n => n.EndsWith("HybridRowBatchSchemas.json", StringComparison.Ordinal));
        using var reader = new StreamReader(client.GetManifestResourceStream(name)!);
        var schemas = Namespace.Parse(reader.ReadToEnd());
        var resolver = new LayoutResolverNamespace(schemas);
        Layout LayoutOf(string schema) => resolver.Resolve(schemas.Schemas.First(s => s.Name == schema).SchemaId);
        return (resolver, LayoutOf("BatchOperation"), LayoutOf("BatchResult"));
    }
}
