using System.Text.Json.Serialization;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>
/// The JSON of the answers: properties in camel case, days as yyyy-MM-dd, and what is null left out, unless the property says that null tells something.
/// <see cref="AnswerWriter"/> writes them; the schemas of openapi.json are exported from the same metadata.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AudienceExportShape))]
[JsonSerializable(typeof(AudienceShape))]
[JsonSerializable(typeof(CustomerShape))]
[JsonSerializable(typeof(DecisionShape))]
[JsonSerializable(typeof(EventGridValidationShape))]
[JsonSerializable(typeof(EvidenceShape))]
[JsonSerializable(typeof(ExplanationByCustomersShape))]
[JsonSerializable(typeof(ExplanationShape))]
[JsonSerializable(typeof(HealthShape))]
[JsonSerializable(typeof(IdentityPlanShape))]
[JsonSerializable(typeof(LibraryReceiptShape))]
[JsonSerializable(typeof(ListedCustomerListShape))]
[JsonSerializable(typeof(ListShape<AudienceShape>))]
[JsonSerializable(typeof(ListShape<AuditEntryShape>))]
[JsonSerializable(typeof(ListShape<CustomerShape>))]
[JsonSerializable(typeof(ListShape<MetricShape>))]
[JsonSerializable(typeof(ListShape<PrivacyRequestShape>))]
[JsonSerializable(typeof(ListShape<QuarantineGroupShape>))]
[JsonSerializable(typeof(ListShape<RestatementShape>))]
[JsonSerializable(typeof(ListShape<SnapshotShape>))]
[JsonSerializable(typeof(ListShape<SuggestionShape>))]
[JsonSerializable(typeof(MetricAnswerShape))]
[JsonSerializable(typeof(OpenSuggestionsShape))]
[JsonSerializable(typeof(DecidedSuggestionsShape))]
[JsonSerializable(typeof(ProblemShape))]
[JsonSerializable(typeof(PublishedDayShape))]
[JsonSerializable(typeof(QuarantinedMessageListShape))]
[JsonSerializable(typeof(ReceiptShape))]
[JsonSerializable(typeof(RetriedShape))]
[JsonSerializable(typeof(SnapshotRowsShape))]
[JsonSerializable(typeof(StatusShape))]
[JsonSerializable(typeof(TimelineShape))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IEnumerable<MetricRowShape>>))]
internal sealed partial class AnswerJson : JsonSerializerContext;
