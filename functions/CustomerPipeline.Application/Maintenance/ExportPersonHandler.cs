using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>Everything that is known of one person (GDPR articles 15 and 20): as JSON that a person can read and a program can take over.</summary>
public sealed class ExportPersonHandler(IDocumentStore store, IRawArchive archive, IScheduledMessages scheduled, CustomerStore customers, QuarantineStore quarantine, AuditLog audit, NormalizationRules rules, TimeProvider clock)
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The export; null when there is no such customer.</summary>
    public async Task<ReadOnlyMemory<byte>?> ExportAsync(string customer, string by, CancellationToken cancellationToken)
    {
        var root = (await customers.FindRootAsync(customer, cancellationToken)).Summary;
        if (root.Touches == 0)
        {
            return null;
        }

        await audit.WriteAsync(by, PrivacyRequest.Access, [root.Customer], cancellationToken);
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("customer", root.Customer);
            writer.WriteString("exportedAt", clock.GetUtcNow());
            writer.WritePropertyName("summary");
            JsonSerializer.Serialize(writer, root, DocumentJson.Default.CustomerSummary);
            var (deliveries, profiles, entities) = await WriteInteractionsAsync(writer, root.Customer, cancellationToken);
            var values = PersonalValues.Of(root.Identifiers.Keys.Where(i => !root.Shared.Contains(i)), entities, profiles);
            await WriteMessagesAsync(writer, deliveries, values, cancellationToken);
            await WriteQuarantinedAsync(writer, values, cancellationToken);
            await WriteScheduledAsync(writer, values, cancellationToken);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private async Task<(SortedSet<string> Deliveries, List<PersonProfile> Profiles, List<EntityKey> Entities)> WriteInteractionsAsync(Utf8JsonWriter writer, string customer, CancellationToken cancellationToken)
    {
        var deliveries = new SortedSet<string>(StringComparer.Ordinal);
        var profiles = new List<PersonProfile>();
        var entities = new List<EntityKey>();
        writer.WriteStartArray("interactions");
        await foreach (var touch in customers.ReadLiveTouchesAsync(customer, cancellationToken))
        {
            entities.Add(touch.Value.Entity);
            writer.WriteStartObject();
            writer.WritePropertyName("interaction");
            JsonSerializer.Serialize(writer, touch.Value, DocumentJson.Default.Touch);
            writer.WriteStartArray("records");
            await foreach (var document in store.ReadPartitionAsync(Containers.Interactions, touch.Value.Entity.Text, Containers.RecordPrefix, cancellationToken))
            {
                var content = document.AsInteraction();
                if (IsOfAnother(content.Record!, touch.Value))
                {
                    continue;
                }

                deliveries.Add(content.By!);
                profiles.AddRange(content.Record!.Person is { } profile ? [profile] : []);
                JsonSerializer.Serialize(writer, content.Record, DocumentJson.Default.InteractionRecord);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        return (deliveries, profiles, entities);
    }

    // An order or ticket that was somebody else's once: what was said then is about that person.
    private static bool IsOfAnother(InteractionRecord record, Touch touch) =>
        touch.Kind != EntityKind.Person && record.Identifiers.Any(i => i.Type != IdentifierType.Edge) && !record.Identifiers.Any(touch.Identifiers.Contains);

    // The messages of the interactions, and messages without a record that hold a value of the person: what an erasure finds, too.
    private async Task WriteMessagesAsync(Utf8JsonWriter writer, SortedSet<string> deliveries, PersonalValues values, CancellationToken cancellationToken)
    {
        writer.WriteStartArray("messages");
        await foreach (var message in archive.ScanAsync(cancellationToken).Where(m => deliveries.Contains(m.DeliveryId) || (IsOfNobody(m.Body) && values.AreIn(m.Body))).OrderBy(m => m.DeliveryId, StringComparer.Ordinal))
        {
            WriteMessage(writer, message.DeliveryId, message.Body);
        }

        writer.WriteEndArray();
    }

    private bool IsOfNobody(ReadOnlyMemory<byte> body) => Normalizer.Normalize(body, rules) is not Normalization.Normalized;

    private async Task WriteQuarantinedAsync(Utf8JsonWriter writer, PersonalValues values, CancellationToken cancellationToken)
    {
        writer.WriteStartArray("quarantined");
        await foreach (var message in quarantine.ListAsync(from: "", cancellationToken))
        {
            if (values.AreIn(message.Message))
            {
                WriteMessage(writer, message.DeliveryId, message.Message);
            }
        }

        writer.WriteEndArray();
    }

    private async Task WriteScheduledAsync(Utf8JsonWriter writer, PersonalValues values, CancellationToken cancellationToken)
    {
        writer.WriteStartArray("scheduled");
        await foreach (var message in scheduled.ListAsync(cancellationToken).Where(m => values.AreIn(m.Stored) || values.AreIn(m.Body)))
        {
            WriteMessage(writer, $"{message.Queue}:scheduled:{message.Number}", message.Body);
        }

        writer.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter writer, string delivery, ReadOnlyMemory<byte> body)
    {
        writer.WriteStartObject();
        writer.WriteString("delivery", delivery);
        if (MessageEnvelope.TryRead(body, out var envelope, out _))
        {
            writer.WriteString("source", envelope!.Vendor);
            writer.WriteString("type", envelope.Type);
            body = envelope.Data;
        }

        writer.WriteString("payload", Encoding.UTF8.GetString(body.Span));
        writer.WriteEndObject();
    }
}
