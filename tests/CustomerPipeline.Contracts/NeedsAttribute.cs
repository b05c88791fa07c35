using Xunit.v3;

namespace CustomerPipeline.Contracts;

/// <summary>Tests that need a program, and are skipped where it is missing; a default run leaves them out, as it does slow ones.</summary>
/// <param name="program">The value of the trait <c>needs</c>: browser, npm or rabbitmq.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NeedsAttribute(string program) : Attribute, ITraitAttribute
{
    public string Program => program;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [SlowAttribute.Trait, new("needs", program)];
}
