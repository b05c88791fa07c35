using CsCheck;

namespace CustomerPipeline.Domain.Tests;

public sealed class Amounts
{
    [Fact]
    public void Survive_the_way_to_minor_units_and_back() => Gen.Select(Gen.Long[-1_000_000_000_000, 1_000_000_000_000], Gen.Int[0, 2].Select(i => new[] { "USD", "JPY", "KWD" }[i])).Sample((minor, code) =>
    {
        var major = decimal.Parse(Money.ToMajor(minor, code), System.Globalization.CultureInfo.InvariantCulture);

        Assert.True(Money.TryToMinor(major, Currency.Of(code), out var back, out var rounded));
        Assert.Equal((minor, false), (back, rounded));
    });

    [Theory]
    [InlineData("0.125", 12)]
    [InlineData("0.135", 14)]
    [InlineData("-0.125", -12)]
    public void Are_rounded_half_to_even(string major, long minor)
    {
        Assert.True(Money.TryToMinor(decimal.Parse(major, System.Globalization.CultureInfo.InvariantCulture), Currency.Of("USD"), out var actual, out var rounded));
        Assert.Equal((minor, true), (actual, rounded));
    }

    [Fact]
    public void Beyond_anything_that_is_money_are_refused() => Assert.False(Money.TryToMinor(decimal.MaxValue, Currency.Of("USD"), out _, out _));

    [Theory]
    [InlineData("usd", true)]
    [InlineData("XXX", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Need_a_currency_in_use(string? code, bool known) => Assert.Equal(known, Currency.TryParse(code, out _));
}
