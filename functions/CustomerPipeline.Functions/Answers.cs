using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Flow.Serve;

namespace CustomerPipeline.Functions;

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
            writer.WriteStartArray("dimensions");
            foreach (var dimension in metric.Dimensions)
            {
                writer.WriteStringValue(dimension);
            }

            writer.WriteEndArray();
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
        writer.WriteString("asOf", answer.AsOf);
        writer.WriteString("ruleVersion", answer.RuleVersion);
        writer.WriteStartArray("value");
        foreach (var row in answer.Rows)
        {
            writer.WriteStartObject();
            foreach (var (dimension, value) in row.Dimensions)
            {
                writer.WriteString(dimension, value);
            }

            WriteFigure(writer, "value", row.Value);
            foreach (var (name, detail) in row.Details)
            {
                WriteFigure(writer, name, detail);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, CustomerSummary summary)
    {
        writer.WriteStartObject();
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
        writer.WriteEndObject();
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
            writer.WriteNumber("backlog", stage.Backlog);
            writer.WriteNumber("lagSeconds", stage.LagSeconds);
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

    private static void WriteFigure(Utf8JsonWriter writer, string name, object? value)
    {
        writer.WritePropertyName(name);
        switch (value)
        {
            case long number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case string text: writer.WriteStringValue(text); break;
            default: writer.WriteNullValue(); break;
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
