using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Identity;

public sealed class Keys_of_claims
{
    // More than are remembered, asked for by several at once.
    [Fact]
    public void Are_the_same_whatever_was_asked_for_before() => Parallel.For(0, 40_000, i =>
    {
        var text = $"number {i % 10_000}";

        Assert.Equal(StableHash.Of("identifier", $"email:{text}"), ClaimKey.Of(new Identifier(IdentifierType.Email, text)));
        Assert.Equal(StableHash.Of("identifier", $"phone:{text}"), ClaimKey.Of(new Identifier(IdentifierType.Phone, text)));
        Assert.Equal(StableHash.Of("entity", text), ClaimKey.Of(new EntityKey(text)));
    });
}
