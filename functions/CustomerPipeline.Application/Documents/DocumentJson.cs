using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Documents;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ExactInt64Converter), typeof(ExactDecimalConverter)])]
[JsonSerializable(typeof(InteractionDocument))]
[JsonSerializable(typeof(EntityChange))]
[JsonSerializable(typeof(Changed<EntityChange>))]
[JsonSerializable(typeof(CustomerDocument))]
[JsonSerializable(typeof(CustomerChange))]
[JsonSerializable(typeof(Changed<CustomerChange>))]
[JsonSerializable(typeof(Claim))]
[JsonSerializable(typeof(Suggestion))]
[JsonSerializable(typeof(Tombstone))]
[JsonSerializable(typeof(IgnoredDeliveries))]
[JsonSerializable(typeof(StoredKey))]
[JsonSerializable(typeof(PrivacyRequest))]
[JsonSerializable(typeof(RulesStamp))]
[JsonSerializable(typeof(FirstInstances))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(ShardHead))]
[JsonSerializable(typeof(Fact))]
[JsonSerializable(typeof(FlowDay))]
[JsonSerializable(typeof(QuarantinedMessage))]
[JsonSerializable(typeof(LedgerTotal))]
[JsonSerializable(typeof(LedgerBlock))]
[JsonSerializable(typeof(Domain.Snapshots.CustomerSnapshot))]
[JsonSerializable(typeof(Domain.Snapshots.SnapshotRows))]
[JsonSerializable(typeof(PublishedDay))]
[JsonSerializable(typeof(Restatement))]
[JsonSerializable(typeof(PublishedChange))]
[JsonSerializable(typeof(Changed<PublishedChange>))]
[JsonSerializable(typeof(FiguresChange))]
[JsonSerializable(typeof(Changed<FiguresChange>))]
[JsonSerializable(typeof(UndeliveredEvent))]
[JsonSerializable(typeof(CustomerNewsItem))]
[JsonSerializable(typeof(ToldStages))]
[JsonSerializable(typeof(Audience))]
[JsonSerializable(typeof(AudienceMembers))]
[JsonSerializable(typeof(ToldFigures))]
[JsonSerializable(typeof(InteractionRecord))]
[JsonSerializable(typeof(EntityState))]
[JsonSerializable(typeof(Touch))]
[JsonSerializable(typeof(CustomerSummary))]
[JsonSerializable(typeof(IReadOnlyList<FlowPosting>))]
public sealed partial class DocumentJson : JsonSerializerContext;
