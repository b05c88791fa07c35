using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class Imported_costs_and_spend
{
    [Fact]
    public void A_cost_is_for_one_piece_and_rounded_once_for_the_line()
    {
        var order = Read.One(Order("""[{"price":10,"quantity":3,"cost":3.335},{"price":1}]""")).Order!;

        Assert.Equal([1000L, null], order.Lines.Select(l => l.Cost));
        Assert.Equal(new CostedLines(30_00, 10_00), order.WithoutLines().Costs);
    }

    [Theory]
    [InlineData("""[{"price":10,"cost":-1}]""", "negative-amount: The cost of a line is below zero")]
    [InlineData("""[{"price":10,"cost":"x"}]""", "invalid-")]
    public void A_cost_that_is_none_is_refused(string lines, string problem) => Assert.StartsWith(problem, ProblemOf(Order(lines)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""[{"price":10,"cost":4},{"price":5,"quantity":2,"cost":1}]""", 6_00L)]
    [InlineData("""[{"price":10,"cost":0}]""", 0L)]
    [InlineData("""[{"price":10,"cost":4},{"price":5}]""", null)]
    [InlineData("[]", null)]
    public void A_refund_states_a_cost_where_each_of_its_lines_does(string lines, long? cost) => Assert.Equal(cost, Read.One(Message(
        $$"""{"kind":"refund","system":"erp","id":"r","order":"1","refunded_at":"2026-03-02T10:00:00Z","currency":"EUR","lines":{{lines}}}""")).Refunds![0].Cost);

    [Fact]
    public void Spend_is_known_by_its_system_and_id_and_belongs_to_no_person()
    {
        var record = Read.One(Spend());

        Assert.Equal("ads:spend:7 spring 2026-03-14 EUR 12.50", $"{record.Entity} {record.Campaign} {record.Spend!.Day:yyyy-MM-dd} {record.Spend.Currency} {Money.ToMajor(record.Spend.Amount, record.Spend.Currency)}");
        Assert.Empty(record.Identifiers);
        Assert.Null(record.Channel);
        Assert.False(record.Deleted);
    }

    [Fact]
    public void Spend_that_is_void_is_deleted() => Assert.True(Read.One(Spend("\"status\":\"void\"")).Deleted);

    [Theory]
    [InlineData("\"amount\":-1", "negative-amount: amount is below zero")]
    [InlineData("\"amount\":null", "missing-amount: The spend has no amount")]
    [InlineData("\"day\":\"2026-03-14T10:00:00Z\"", "invalid-time: day is no day such as 2026-01-31")]
    [InlineData("\"day\":\"14.03.2026\"", "invalid-time: day is no day such as 2026-01-31")]
    [InlineData("\"day\":null", "missing-field")]
    [InlineData("\"campaign\":null", "missing-field")]
    [InlineData("\"campaign\":\" \"", "missing-field")]
    [InlineData("\"id\":null", "missing-field")]
    [InlineData("\"currency\":\"XXZ\"", "")]
    [InlineData("\"status\":\"gone\"", "invalid-field: status is none of placed and void")]
    [InlineData("\"email\":\"ann@example.com\"", "invalid-field: Spend belongs to no person")]
    [InlineData("\"customer\":\"k1\"", "invalid-field: Spend belongs to no person")]
    [InlineData("\"system\":\"shopify\"", "invalid-field: system")]
    public void Spend_that_cannot_be_read_is_refused(string field, string problem) => Assert.StartsWith(problem, ProblemOf(Spend(field)), StringComparison.Ordinal);

    private static string ProblemOf(ReadOnlyMemory<byte> message)
    {
        var reason = Assert.IsType<Normalization.Quarantined>(Normalizer.Normalize(message, NormalizationRules.Default)).Reason;
        return $"{reason.Code}: {reason.Advice}";
    }

    private static ReadOnlyMemory<byte> Order(string lines) =>
        Message($$"""{"kind":"order","system":"erp","id":"1","placed_at":"2026-03-01T10:00:00Z","currency":"EUR","channel":"online","lines":{{lines}}}""");

    // A field that is named takes the place of the usual one.
    private static ReadOnlyMemory<byte> Spend(string field = "\"updated_at\":null")
    {
        string[] usual = ["\"kind\":\"spend\"", "\"system\":\"ads\"", "\"id\":7", "\"day\":\"2026-03-14\"", "\"campaign\":\"spring\"", "\"currency\":\"EUR\"", "\"amount\":\"12.50\""];
        return Message($"{{{string.Join(',', usual.Where(u => u.Split(':')[0] != field.Split(':')[0]).Append(field))}}}");
    }

    private static ReadOnlyMemory<byte> Message(string payload) => Some.Wrap("import", System.Text.Encoding.UTF8.GetBytes(payload));
}
