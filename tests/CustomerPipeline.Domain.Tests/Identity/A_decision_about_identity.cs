using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Identity;

/// <summary>What a person decided, as a message and as records.</summary>
public sealed class A_decision_about_identity
{
    [Fact]
    public void Is_a_record_of_each_entity_after_all_that_its_source_ever_says()
    {
        var records = Read.All(Decision(
            new EntityDecision { Entity = "shopify:order:1", Edge = "d-1", Cut = ["phone:+1", "email:a@x.example", "phone:+1", null], Side = "d-1/a" },
            new EntityDecision { Entity = "zendesk:ticket:7", Ends = "d-0" }));

        Assert.Equal(["shopify:order:1", "zendesk:ticket:7"], records.Select(r => r.Entity.Text));
        Assert.Equal(["edge:d-1"], records[0].Identifiers.Select(i => i.Key));
        Assert.Equal(("d-1", "email:a@x.example phone:+1", "d-1/a", null), (records[0].Identity!.Decision, string.Join(' ', records[0].Identity!.Cut), records[0].Identity!.Side, records[0].Identity!.Ends));
        Assert.Equal(("d-1", "", null, "d-0"), (records[1].Identity!.Decision, string.Join(' ', records[1].Identity!.Cut), records[1].Identity!.Side, records[1].Identity!.Ends));
        Assert.All(records, r => Assert.True(r.Version > DateTimeOffset.MaxValue.UtcTicks));
        Assert.Distinct(records.Select(r => r.Id));
    }

    [Fact]
    public void That_is_a_part_of_another_bears_its_name() =>
        Assert.Equal("whole", Read.One(new IdentityDecision { Id = "part", Decision = "whole", At = Some.Moment, Entities = [new EntityDecision { Entity = "s:order:1" }] }.ToEnvelope().Wrap()).Identity!.Decision);

    [Fact]
    public void That_makes_no_sense_is_quarantined()
    {
        Assert.Equal("missing-field", Read.Quarantined(Decision()).Code);
        Assert.Equal("missing-field", Read.Quarantined(Decision(new EntityDecision())).Code);
        Assert.Equal("invalid-field", Read.Quarantined(Decision(new EntityDecision { Entity = "order 1" })).Code);
        Assert.Equal(IdentityDecision.MostEntities, Read.All(Decision(Many(IdentityDecision.MostEntities))).Count);
        Assert.Equal("too-many-entities", Read.Quarantined(Decision(Many(IdentityDecision.MostEntities + 1))).Code);
        Assert.Equal("invalid-field", Read.Quarantined(Decision(new EntityDecision { Entity = "s:order:1", Side = "left" })).Code);
        Assert.Equal("invalid-field", Read.Quarantined(Decision(new EntityDecision { Entity = "s:order:1", Cut = ["somebody"] })).Code);
    }

    private static EntityDecision[] Many(int number) => [.. Enumerable.Range(1, number).Select(i => new EntityDecision { Entity = $"s:order:{i}", Edge = "d" })];

    [Fact]
    public void Cannot_be_sent_by_a_source() => Assert.Null(Normalizer.Find(IdentityDecision.Source));

    private static byte[] Decision(params EntityDecision[] entities) => new IdentityDecision { Id = "d-1", At = Some.Moment, Entities = entities }.ToEnvelope().Wrap();
}
