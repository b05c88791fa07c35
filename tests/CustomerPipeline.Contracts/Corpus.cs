using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Contracts;

/// <summary>Payloads of every source in the shapes its vendor documents, made up for this project: the start of mutations, and of broken input.</summary>
public static class Corpus
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Corpus");

    /// <summary>Stands in every personal field: it must never show in a reason.</summary>
    public const string Personal = "sentinel";

    public static IReadOnlyList<byte[]> Of(string source) => [.. NamedOf(source).Select(p => p.Payload)];

    /// <summary>The payloads of a source with the names of their files.</summary>
    public static IEnumerable<(string Name, byte[] Payload)> NamedOf(string source) => In(Path.Combine(Folder, source));

    /// <summary>The payloads of a folder with the names of their files, in order of these.</summary>
    public static IEnumerable<(string Name, byte[] Payload)> In(string folder) =>
        Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file)));

    /// <summary>A payload in its envelope, as the queue has it.</summary>
    public static ReadOnlyMemory<byte> Message(SourceSystem source, ReadOnlyMemory<byte> payload) =>
        new MessageEnvelope($"/{source.Name}/test", StableHash.Of(payload.Span), source.Name, null, HasVendorId: false, payload)
        {
            ContentType = source.Format == PayloadFormat.Json ? MessageEnvelope.Json : MessageEnvelope.Xml,
            Received = Some.Received,
        }.Wrap();
}
