using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize.AddASource;

/// <summary>docs/add-a-source.md shows this very code: it compiles, and does what the page says.</summary>
public sealed class The_source_of_the_walkthrough
{
    [Fact]
    public void Stands_in_the_walkthrough_word_for_word()
    {
        var mapping = Repository.Read("tests", "CustomerPipeline.Domain.Tests", "Normalize", "AddASource", "AcmeTill.cs").ReplaceLineEndings("\n");
        var page = Repository.Read("docs", "add-a-source.md").ReplaceLineEndings("\n");

        Assert.Contains(mapping[mapping.IndexOf("/// <summary>Acme", StringComparison.Ordinal)..].TrimEnd(), page, StringComparison.Ordinal);
    }

    [Fact]
    public void Sells_without_the_tax_to_whoever_showed_a_card()
    {
        var record = Assert.Single(Assert.IsType<Normalization.Normalized>(
            Map("""{"event":"sale","id":1,"receipt":"R-7","store":3,"at":"2026-03-01T10:00:00+01:00","currency":"EUR","total":"11.90","tax":1.9,"card":"000123"}""")).Records);

        Assert.Equal("acme-till:order:R-7 loyalty:000123", $"{record.Entity} {record.Identifiers[0]}");
        Assert.Equal((1000L, 190L, "3"), (record.Order!.Gross, record.Order.Tax, record.Place));
    }

    [Fact]
    public void Cancels_what_was_voided() => Assert.NotNull(Assert.Single(Assert.IsType<Normalization.Normalized>(
        Map("""{"event":"void","id":2,"receipt":"R-7","at":"2026-03-01T10:05:00+01:00"}""")).Records).CancelledAt);

    [Theory]
    [InlineData("""{"event":"sale","id":1,"receipt":"R-7","currency":"EUR","total":1}""", "missing-field")]
    [InlineData("""{"event":"sale","id":1,"receipt":"R-7","at":"2026-03-01T10:00:00Z","currency":"XXX","total":1}""", "unknown-currency")]
    [InlineData("""{"event":"sale","total":"much"}""", "invalid-number")]
    [InlineData("""{"event":"dance"}""", "unknown-event")]
    public void Says_what_is_wrong(string payload, string code) => Assert.Equal(code, Assert.IsType<Normalization.Quarantined>(Map(payload)).Reason.Code);

    private static Normalization Map(string payload)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(payload);
        return AcmeTill.Normalize(new MessageEnvelope("/acme-till/test", "1", "acme-till", null, HasVendorId: false, bytes) { Received = Some.Received }, NormalizationRules.Default);
    }
}
