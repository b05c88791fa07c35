using System.Text.Json.Serialization;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>Source-generated readers of the vendors' shapes: unknown fields are skipped without a copy.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = MessageEnvelope.DeepestJson)]
[JsonSerializable(typeof(SegmentMessage))]
[JsonSerializable(typeof(ShopifyPayload))]
[JsonSerializable(typeof(SquareEvent))]
[JsonSerializable(typeof(ZendeskMessage))]
[JsonSerializable(typeof(IntercomObject))]
[JsonSerializable(typeof(ImportedEntity))]
[JsonSerializable(typeof(IdentityDecision))]
internal sealed partial class SourceShapes : JsonSerializerContext;
