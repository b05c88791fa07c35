using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Documents;

/// <summary>Documents of the interactions container as this program understands them, whichever version of it wrote them.</summary>
internal static class StoredInteractions
{
    /// <exception cref="CorruptDocumentException">The document is neither a record nor a state.</exception>
    public static InteractionDocument AsInteraction(this Document document)
    {
        var stored = document.As(DocumentJson.Default.InteractionDocument);
        if (stored is { Record: null, State: null })
        {
            throw new CorruptDocumentException(document);
        }

        if (stored.Record is not { Schema: not InteractionRecord.CurrentSchema })
        {
            return stored;
        }

        var json = JsonNode.Parse(document.Body.Span)!.AsObject();
        RecordUpcasters.Lift(json["record"]!.AsObject());
        return (document with { Body = JsonSerializer.SerializeToUtf8Bytes(json) }).As(DocumentJson.Default.InteractionDocument);
    }
}
