using CsCheck;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Domain.Tests.Snapshots;

/// <summary>Conditions on what is known of customers, as they are written in addresses and in saved audiences.</summary>
public sealed class A_filter_of_customers
{
    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static readonly Gen<KeyValuePair<string, string>[]> Conditions = Gen.Select(
        OneOf("segment=at-risk", "segment=at-risk,cant-lose-them", "segment=", ""),
        OneOf("stage=new", "stage=at-risk,lapsed", ""),
        OneOf("identified=true", "identified=false", ""),
        OneOf("currency=USD", "currency=usd", "currency=EUR,USD", ""),
        OneOf("consent=required", ""),
        OneOf("leastValue=20.00", "mostValue=20", ""),
        OneOf("leastRecencyDays=10", "mostRecencyDays=10", "leastFrequency=2", "mostProbabilityActive=0.5", "leastPredictedValue=0", ""))
        .Select((a, b, c, d, e, f, g) => new[] { a, b, c, d, e, f, g }.Where(t => t.Length > 0).Select(t => t.Split('='))
            .Select(t => KeyValuePair.Create(t[0], t[1])).ToArray());

    private static readonly Gen<CustomerStanding> Customers = Gen.Select(
        Gen.Bool, Gen.Bool, Gen.Enum<LifecycleStage>(), Gen.Bool, OneOf("USD", "EUR"), Gen.Int[0, 20], Gen.Int[1, 4], Gen.Long[1_000, 3_000])
        .Select((identified, consent, stage, bought, currency, days, frequency, value) => new CustomerStanding
        {
            Customer = "c1",
            IsIdentified = identified,
            MayBeWrittenTo = consent,
            Stage = identified ? stage : null,
            Purchases = !bought ? null : new PurchaseStanding
            {
                Currency = currency,
                RecencyDays = days,
                Frequency = frequency,
                Value = value,
                FirstDay = new(2026, 1, 1),
                LastDay = new(2026, 1, 2),
                ProbabilityActive = frequency == 1 ? null : days / 20m,
                PredictedValue = frequency == 1 ? null : value,
                Repeats = default,
                Spend = default,
                Scores = identified ? new RfmScore(frequency, frequency, frequency) : null,
            },
        });

    [Fact]
    public void Is_the_same_after_it_was_saved() => Conditions.Sample(
        conditions =>
        {
            if (CustomerFilter.Read(conditions.ToDictionary()) is not ({ } filter, _))
            {
                return;
            }

            var (again, fault) = CustomerFilter.Read(filter.ToParameters());

            Assert.Null(fault);
            Assert.Equal(filter.ToParameters(), again!.ToParameters());
            Assert.Equal(conditions.Length, filter.ToParameters().Count);
        });

    [Fact]
    public void Has_a_customer_for_whom_each_of_its_conditions_holds() => Gen.Select(Conditions, Customers).Sample(
        (conditions, customer) =>
        {
            if (CustomerFilter.Read(conditions.ToDictionary()) is not ({ } filter, _))
            {
                return;
            }

            Assert.Equal(conditions.All(c => Holds(c.Key, c.Value, customer)), filter.Has(customer));
        });

    [Theory]
    [InlineData("segment", "whales", "unknown-segment", "champions, loyal")]
    [InlineData("stage", "at risk", "unknown-stage", "at-risk, lapsed")]
    [InlineData("currency", "dollars", "unknown-currency", "ISO 4217")]
    [InlineData("identified", "yes", "invalid-identified", "true or false")]
    [InlineData("consent", "given", "invalid-consent", "required")]
    [InlineData("leastFrequency", "three", "invalid-number", "leastFrequency is a number")]
    [InlineData("mostRecencyDays", "1e3", "invalid-number", "mostRecencyDays is a number")]
    [InlineData("leastValue", "20", "currency-needed", "leastValue compares amounts of one currency")]
    [InlineData("atLeast", "20", "unknown-parameter", "leastValue, mostValue")]
    public void That_cannot_be_meant_is_refused_with_what_there_is(string name, string value, string code, string told)
    {
        var (filter, fault) = CustomerFilter.Read(new Dictionary<string, string> { [name] = value });

        Assert.Null(filter);
        Assert.Equal(code, fault!.Code);
        Assert.Contains(told, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_anything_between_its_bounds_is_refused()
    {
        Assert.Equal("empty-range", CustomerFilter.Read(new Dictionary<string, string> { ["leastFrequency"] = "3", ["mostFrequency"] = "2" }).Fault!.Code);
        Assert.Null(CustomerFilter.Read(new Dictionary<string, string> { ["leastFrequency"] = "3", ["mostFrequency"] = "3" }).Fault);
    }

    // What each condition means, said once more.
    private static bool Holds(string name, string value, CustomerStanding customer) => (name, customer.Purchases) switch
    {
        ("segment", _) => value.Split(',').Any(s => customer.Segment is { } segment && Rfm.KebabOf(segment) == s),
        ("stage", _) => value.Split(',').Any(s => customer.Stage?.Name() == s),
        ("identified", _) => value == (customer.IsIdentified ? "true" : "false"),
        ("consent", _) => customer.MayBeWrittenTo,
        (_, null) => false,
        ("currency", { } p) => value.ToUpperInvariant().Split(',').Contains(p.Currency),
        ("leastValue", { } p) => p.Value >= 2_000,
        ("mostValue", { } p) => p.Value <= 2_000,
        ("leastRecencyDays", { } p) => p.RecencyDays >= 10,
        ("mostRecencyDays", { } p) => p.RecencyDays <= 10,
        ("leastFrequency", { } p) => p.Frequency >= 2,
        ("mostProbabilityActive", { } p) => p.ProbabilityActive <= 0.5m,
        _ => customer.Purchases!.PredictedValue >= 0,
    };
}
