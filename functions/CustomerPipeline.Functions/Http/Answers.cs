using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Functions.Http;

/// <summary>The JSON of every answer, in one place: other programs are written against it.</summary>
internal static class Answers
{
    public static void WriteHealthy(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("status", "healthy");
        writer.WriteEndObject();
    }

    public static void WriteCatalog(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("value");
        foreach (var metric in MetricCatalog.All)
        {
            writer.WriteStartObject();
            writer.WriteString("name", metric.Name);
            writer.WriteString("title", metric.Title);
            writer.WriteString("unit", Lower(metric.Unit));
            writer.WriteString("kind", Lower(metric.Kind));
            WriteTexts(writer, "dimensions", metric.Dimensions);
            WriteTexts(writer, "facets", metric.Facets);
            writer.WriteString("definition", metric.Definition);
            writer.WriteString("formula", metric.Formula);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, MetricAnswer answer)
    {
        writer.WriteStartObject();
        writer.WriteString("metric", answer.Metric.Name);
        writer.WriteString("from", Day(answer.From));
        writer.WriteString("to", Day(answer.To));
        if (answer.ComparedWith is { } before)
        {
            writer.WriteStartObject("comparedWith");
            writer.WriteString("from", Day(before.From));
            writer.WriteString("to", Day(before.To));
            writer.WriteEndObject();
        }

        writer.WriteString("asOf", answer.AsOf);
        writer.WriteString("ruleVersion", answer.RuleVersion);
        writer.WriteNumber("watermark", answer.Watermark);
        writer.WritePropertyName("value");
        MetricRowJson.Write(writer, answer.Rows);
        if (answer.Metric.Kind != MetricKind.Flow)
        {
            writer.WritePropertyName("coverage");
            MetricRowJson.Write(writer, answer.Coverage);
        }

        if (answer.Rates.Count > 0)
        {
            ValueList.WriteArray(writer, "rates", answer.Rates, (w, rate) =>
            {
                w.WriteStartObject();
                w.WriteString("currency", rate.Currency);
                w.WriteString("day", Day(rate.Day));
                w.WriteNumber("rate", rate.Rate);
                w.WriteEndObject();
            });
        }

        writer.WriteEndObject();
    }

    /// <summary>A figure, how it is worked out, and what is behind it.</summary>
    /// <param name="writer">Takes the JSON.</param>
    /// <param name="answer">The figure.</param>
    /// <param name="nextLink">Where the next page is; null on the last.</param>
    /// <param name="writeBehind">Writes what is behind it, as <c>value</c>.</param>
    public static void WriteExplanation(Utf8JsonWriter writer, MetricAnswer answer, string? nextLink, Action writeBehind)
    {
        writer.WriteStartObject();
        writer.WriteString("metric", answer.Metric.Name);
        writer.WriteString("definition", answer.Metric.Definition);
        writer.WriteString("formula", answer.Metric.Formula);
        writer.WriteString("asOf", answer.AsOf);
        writer.WriteString("ruleVersion", answer.RuleVersion);
        writer.WriteNumber("watermark", answer.Watermark);
        writer.WritePropertyName("inputs");
        MetricRowJson.Write(writer, answer.Rows);
        writeBehind();
        if (nextLink is not null)
        {
            writer.WriteString("nextLink", nextLink);
        }

        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, MetricAnswer answer, Explanation explanation, string? nextLink) => WriteExplanation(writer, answer, nextLink, () =>
        ValueList.WriteArray(writer, "value", explanation.Interactions, (_, interaction) =>
        {
            writer.WriteStartObject();
            writer.WriteString("customer", interaction.Customer);
            writer.WriteString("entity", interaction.Touch.Entity.Text);
            writer.WriteString("at", interaction.Touch.At);
            writer.WriteString("day", Day(interaction.Day));
            writer.WriteString("channel", interaction.Cell.Channel);
            writer.WriteString("source", interaction.Cell.Source);
            writer.WriteString("place", interaction.Cell.Place);
            writer.WriteString("currency", interaction.Cell.Currency);
            writer.WriteStartObject("measures");
            foreach (var (measure, amount) in interaction.Measures)
            {
                writer.WriteNumber(measure, amount);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }));

    public static void Write(Utf8JsonWriter writer, CustomerSnapshot snapshot)
    {
        writer.WriteStartObject();
        WriteFields(writer, snapshot);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, SnapshotRows rows)
    {
        writer.WriteStartObject();
        writer.WriteString("metric", rows.Metric);
        WriteFields(writer, rows.Snapshot);
        writer.WritePropertyName("value");
        rows.Rows.WriteTo(writer);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, Restatement restatement)
    {
        writer.WriteStartObject();
        writer.WriteString("id", restatement.Id);
        writer.WriteString("metric", restatement.Metric);
        writer.WriteString("day", Day(restatement.Day));
        foreach (var (dimension, value) in restatement.Dimensions)
        {
            writer.WriteString(dimension, value);
        }

        WriteValue(writer, "old", restatement.Old);
        WriteValue(writer, "new", restatement.New);
        writer.WriteNumber("version", restatement.Version);
        writer.WriteString("publishedAt", restatement.PublishedAt);
        writer.WriteString("restatedAt", restatement.RestatedAt);
        writer.WriteStartObject("cause");
        writer.WriteString("rules", restatement.Cause.Rules);
        writer.WriteStartObject("interactions");
        foreach (var (what, count) in restatement.Cause.Interactions)
        {
            writer.WriteNumber(what, count);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, PublishedDay day)
    {
        writer.WriteStartObject();
        writer.WriteString("day", Day(day.Day));
        writer.WriteNumber("version", day.Version);
        writer.WriteString("publishedAt", day.PublishedAt);
        writer.WriteString("ruleVersion", day.RuleVersion);
        writer.WriteStartObject("metrics");
        foreach (var (metric, rows) in day.Figures)
        {
            WriteValue(writer, metric, rows);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, CustomerSummary summary)
    {
        writer.WriteStartObject();
        WriteFields(writer, summary);
        writer.WriteEndObject();
    }

    /// <summary>The fields of a customer at a glance, into an object that has begun.</summary>
    public static void WriteFields(Utf8JsonWriter writer, CustomerSummary summary)
    {
        writer.WriteString("id", summary.Customer);
        WriteInstant(writer, "firstSeen", summary.FirstSeen);
        WriteInstant(writer, "lastSeen", summary.LastSeen);
        writer.WriteNumber("interactions", summary.Touches);
        writer.WriteNumber("orders", summary.Orders);
        writer.WriteNumber("purchases", summary.Purchases);
        writer.WriteNumber("tickets", summary.Tickets);
        WriteAmounts(writer, "netSales", summary.NetSales);
        WriteAmounts(writer, "refunds", summary.Refunds);
        writer.WriteStartArray("channels");
        foreach (var channel in summary.Channels.Keys)
        {
            writer.WriteStringValue(channel);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("mayBeWrittenTo", summary.MayBeWrittenTo);
        writer.WriteStartArray("identifiers");
        foreach (var identifier in summary.Identifiers.Keys.Where(i => i.Type != IdentifierType.Edge))
        {
            writer.WriteStartObject();
            writer.WriteString("type", Identifier.NameOf(identifier.Type));
            writer.WriteString("value", identifier.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter writer, TimelinePage page, string nextLink)
    {
        writer.WriteStartObject();
        writer.WriteString("customer", page.Customer);
        writer.WriteStartArray("value");
        foreach (var touch in page.Touches)
        {
            WriteTouch(writer, touch);
        }

        writer.WriteEndArray();
        if (page.Continuation is { } continuation)
        {
            writer.WriteString("nextLink", nextLink + continuation);
        }

        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, PipelineStatus status)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("messages");
        writer.WriteNumber("received", status.Messages.Received);
        writer.WriteNumber("stored", status.Messages.Stored);
        writer.WriteNumber("duplicate", status.Messages.Duplicate);
        writer.WriteNumber("ignored", status.Messages.Ignored);
        writer.WriteNumber("quarantined", status.Messages.Quarantined);
        writer.WriteNumber("discarded", status.Messages.Discarded);
        writer.WriteNumber("erased", status.Messages.Erased);
        writer.WriteEndObject();
        writer.WriteNumber("wrongSignatures", status.WrongSignatures);
        writer.WriteStartArray("stages");
        foreach (var stage in status.Stages)
        {
            writer.WriteStartObject();
            writer.WriteString("name", stage.Name);
            if (stage.Backlog is { } backlog)
            {
                writer.WriteNumber("backlog", backlog);
            }

            if (status.LagOf(stage) is { } lag)
            {
                writer.WriteNumber("lagSeconds", Math.Round(lag.TotalSeconds, 1));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteTouch(Utf8JsonWriter writer, Touch touch)
    {
        writer.WriteStartObject();
        writer.WriteString("at", touch.At);
        writer.WriteString("kind", touch.Kind.Name());
        writer.WriteString("entity", touch.Entity.Text);
        writer.WriteString("source", touch.Entity.Source);
        if (touch.Channel is { } channel)
        {
            writer.WriteString("channel", channel.Name());
        }

        if (touch.Place is { } place)
        {
            writer.WriteString("place", place);
        }

        if (touch.Order is { Currency: { } currency } order)
        {
            var returned = order.Returns.Sum(r => r.Amount);
            writer.WriteString("currency", currency);
            writer.WriteString("grossSales", Money.ToMajor(order.Gross, currency));
            writer.WriteString("discounts", Money.ToMajor(order.Discounts, currency));
            writer.WriteString("refunds", Money.ToMajor(returned, currency));
            writer.WriteString("netSales", Money.ToMajor(order.Gross - order.Discounts - returned, currency));
            writer.WriteNumber("units", order.Units);
        }

        if (touch.Ticket is { } ticket)
        {
            writer.WriteString("status", ticket.Status);
            WriteInstant(writer, "firstReplyAt", ticket.FirstReplyAt);
            WriteInstant(writer, "solvedAt", ticket.SolvedAt);
            if (ticket.Satisfaction is { } satisfaction)
            {
                writer.WriteString("satisfaction", satisfaction);
            }
        }

        if (touch.Browsed is { } browsed)
        {
            writer.WriteStartObject("browsed");
            foreach (var (name, count) in browsed)
            {
                writer.WriteNumber(name, count);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void WriteAmounts(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, long> amounts)
    {
        writer.WriteStartArray(name);
        foreach (var (currency, minor) in amounts)
        {
            writer.WriteStartObject();
            writer.WriteString("currency", currency);
            writer.WriteString("value", Money.ToMajor(minor, currency));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteFields(Utf8JsonWriter writer, CustomerSnapshot snapshot)
    {
        writer.WriteString("snapshot", snapshot.Id);
        writer.WriteString("asOf", snapshot.AsOf);
        writer.WriteString("takenAt", snapshot.TakenAt);
        writer.WriteString("ruleVersion", snapshot.RuleVersion);
        writer.WriteNumber("watermark", snapshot.Watermark);
    }

    private static void WriteValue(Utf8JsonWriter writer, string name, JsonElement? value)
    {
        writer.WritePropertyName(name);
        if (value is { } known)
        {
            known.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteInstant(Utf8JsonWriter writer, string name, DateTimeOffset? instant)
    {
        if (instant is { } at)
        {
            writer.WriteString(name, at);
        }
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
