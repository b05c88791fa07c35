using Xunit.v3;

namespace CustomerPipeline.Contracts;

/// <summary>Tests that take long: a default run leaves them out by their trait <c>speed=slow</c>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class SlowAttribute : Attribute, ITraitAttribute
{
    internal static KeyValuePair<string, string> Trait { get; } = new("speed", "slow");

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [Trait];
}
