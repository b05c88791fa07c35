using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Lifetime;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.Configuration;
using NodaTime;

namespace CustomerPipeline.Application.Tests;

public sealed class Settings_of_value
{
    [Fact]
    public void Say_when_a_day_begins_when_the_company_works_and_what_money_is_told_in()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "rates.csv"), "date,currency,rate\n2026-01-01,EUR,1.10\n");

        var value = Read(
            folder.Path, ("BusinessTimeZone", "Europe/Stockholm"), ("BusinessHours:monday", "09:00-17:30"), ("Holidays:0", "2026-12-25"), ("PurchaseModel", "paretonbd"),
            ("ReportingCurrency", "USD"), ("ExchangeRates", "rates.csv")).Value;

        Assert.Equal("Europe/Stockholm;Monday 09:00-17:30;2026-12-25", value.Calendar.Text);
        Assert.Equal((new TimeOnly(9, 0), new TimeOnly(17, 30)), value.Calendar.Hours[IsoDayOfWeek.Monday]);
        Assert.Equal(PurchaseModelKind.ParetoNbd, value.PurchaseModel);
        Assert.Equal(1.10m, value.Rates!.Find("EUR", new DateOnly(2026, 2, 1))!.Value.Rate);
    }

    [Fact]
    public void Need_not_be_said() => Assert.Equal(("UTC", PurchaseModelKind.BgNbd, null), (Read("").Value.Calendar.Text, Read("").Value.PurchaseModel, Read("").Value.Rates));

    [Theory]
    [InlineData("BusinessTimeZone", "Mars/Olympus", "no zone")]
    [InlineData("BusinessHours:moonday", "09:00-17:00", "no day of the week")]
    [InlineData("BusinessHours:monday", "9-17", "no time of a day")]
    [InlineData("BusinessHours:monday", "17:00-09:00", "no time of a day")]
    [InlineData("Holidays:0", "Christmas", "no day")]
    [InlineData("PurchaseModel", "tea leaves", "BgNbd, MbgNbd, ParetoNbd")]
    [InlineData("ValueShards", "0", "from 1 to")]
    [InlineData("QueueGeneration", "0", "from 1 to")]
    [InlineData("ReportingCurrency", "USD", "go together")]
    [InlineData("ExchangeRates", "rates.csv", "go together")]
    public void Are_refused_by_name_where_they_make_no_sense(string name, string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<SettingsException>(() => Read("", (name, text))).Message, StringComparison.Ordinal);

    /// <summary>Figures made by one calendar are not added to by another.</summary>
    [Fact]
    public async Task Are_refused_on_figures_that_were_made_by_others()
    {
        await using var pipeline = new TestPipeline();
        var rules = Domain.Identity.IdentityRules.Default;
        var store = pipeline.Get<IDocumentStore>();
        Assert.Null(await new RulesInForce(store, rules, new ValueOptions()).EnterAsync(default));

        var refusal = await new RulesInForce(store, rules, Read("", ("BusinessTimeZone", "Europe/Stockholm")).Value).EnterAsync(default);

        Assert.Contains("Europe/Stockholm", refusal, StringComparison.Ordinal);
        Assert.Contains("rebuild", refusal, StringComparison.Ordinal);
        Assert.Null(await new RulesInForce(store, rules, new ValueOptions { PurchaseModel = PurchaseModelKind.MbgNbd }).EnterAsync(default));
    }

    private static PipelineSettings Read(string folder, params (string Name, string Text)[] settings) =>
        PipelineSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Text))).Build(), folder);
}
