using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests;

/// <summary>Normalizes a message and expects one kind of outcome.</summary>
internal static class Read
{
    public static InteractionRecord One(ReadOnlyMemory<byte> message) =>
        Assert.Single(Assert.IsType<Normalization.Normalized>(Normalizer.Normalize(message, NormalizationRules.Default)).Records);

    public static string Ignored(ReadOnlyMemory<byte> message) => Assert.IsType<Normalization.Ignored>(Normalizer.Normalize(message, NormalizationRules.Default)).Reason;

    public static Reason Quarantined(ReadOnlyMemory<byte> message) => Assert.IsType<Normalization.Quarantined>(Normalizer.Normalize(message, NormalizationRules.Default)).Reason;
}
