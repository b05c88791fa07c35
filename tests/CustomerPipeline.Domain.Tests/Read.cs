using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests;

/// <summary>Normalizes a message and expects one kind of outcome.</summary>
internal static class Read
{
    public static InteractionRecord One(ReadOnlyMemory<byte> message, NormalizationRules? rules = null) => Assert.Single(All(message, rules));

    public static IReadOnlyList<InteractionRecord> All(ReadOnlyMemory<byte> message, NormalizationRules? rules = null) =>
        Assert.IsType<Normalization.Normalized>(Normalizer.Normalize(message, rules ?? NormalizationRules.Default)).Records;

    public static string Ignored(ReadOnlyMemory<byte> message, NormalizationRules? rules = null) =>
        Assert.IsType<Normalization.Ignored>(Normalizer.Normalize(message, rules ?? NormalizationRules.Default)).Reason;

    public static Reason Quarantined(ReadOnlyMemory<byte> message, NormalizationRules? rules = null) =>
        Assert.IsType<Normalization.Quarantined>(Normalizer.Normalize(message, rules ?? NormalizationRules.Default)).Reason;
}
