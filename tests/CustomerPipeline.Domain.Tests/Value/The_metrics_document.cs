using System.Text;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Tests.Value;

/// <summary>docs/metrics.md is made from the catalogue, so the two cannot disagree. <c>UPDATE_DOCS=1</c> writes it.</summary>
public sealed class The_metrics_document
{
    [Fact]
    public void Says_what_the_catalogue_says()
    {
        var file = Repository.PathOf("docs", "metrics.md");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, Render());
        }

        Assert.Equal(Render(), File.ReadAllText(file));
    }

    private static string Render()
    {
        var text = new StringBuilder();
        text.Append("# Metrics\n\nMade from `Domain/Value/MetricCatalog.cs`; do not edit. Rules: ").Append(MetricCatalog.RuleVersion).Append(".\n\n");
        text.Append("A *flow* is what happened on a day: it is kept up to date with every message, adds up, and can be asked by ").AppendJoin(", ", Dimension.All).Append(".\n");
        text.Append("Metrics of kind *customers* count each person once in every cell. *History* metrics are of a day too, in the light of what the same customer did before and after; *stock* metrics tell what the\n");
        text.Append("customer base looks like. Both are as of an instant (`asOf`), now or past: nothing later is looked at. Kinds but flow come with the identified share of sales, the blind spot of the answer.\n\n");
        text.Append("Some flows can be asked *by category* (of what was sold) or *by campaign* (of the order), one of the two at a time, together with time, channel and currency; a value filters as well (`category=Shoes`). The rows add up to the figure of all: "
            + "what no source files under a category is under an empty one, which is less than nothing where the lines of an order come to more than the order. Of an order the eight largest categories are kept, of a name 100 characters. "
            + "An answer tells the hundred values with the largest figures (`top` for fewer), and the others together as `(others)`; values that are asked for by name are picked first. Names are told, and asked for, with `/` in place of `|`. In a reporting currency each row is rounded by itself, and their sum may differ by a few minor units.\n\n");
        text.Append("The customers behind the rows of ").AppendJoin(", ", MetricCatalog.All.Where(StockMembers.AreKnownOf).Select(m => $"`{m.Name}`")).Append(" are at `/api/metrics/{name}/explain`, and in `/api/customers` ([analysts.md](analysts.md#from-a-figure-to-people)).\n\n");
        text.Append("Money is in major units of its currency and never added up across currencies. A day is a day of the business time zone, UTC by default. "
            + "The median of an even number of values is the lower of the two in the middle. Durations are told to the second up to an hour, to the nearest minute up to two days, and to the nearest hour beyond; their means are exact.\n\n");
        text.Append("An order of which nothing is left, because it was fully refunded or cancelled, stays an order and is no purchase. A ratio of nothing has no value: a day with refunds and without sales is a row whose `value` is null and whose `whole` is 0, so that the `part` and the `whole` of all rows add up to those of the answer without dimensions.\n\n");
        foreach (var metric in MetricCatalog.All)
        {
            text.Append("## ").Append(metric.Title).Append("\n`").Append(metric.Name).Append("`, ").Append(metric.Unit.ToString().ToLowerInvariant()).Append(", ")
                .Append(metric.Kind.ToString().ToLowerInvariant()).Append(By(metric)).Append(".\n").Append(metric.Definition).Append("\n\n    ").Append(metric.Formula).Append("\n\n");
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string By(MetricDefinition metric) =>
        metric.Facets.Count > 0 ? $", also by {string.Join(" or ", metric.Facets)}"
        : metric.Dimensions.SequenceEqual(Dimension.All) ? "" : metric.Dimensions.Count == 0 ? ", in one number" : $", by {string.Join(", ", metric.Dimensions)}";
}
