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

/// <summary>
/// Everything that is known of one person (GDPR articles 15 and 20): as JSON that a person can read and a program can take over. It has every message that an erasure deletes, but for those that are about others, too:
/// these are theirs as well, and the person's part of them is among the records.
/// </summary>
public sealed class ExportPersonHandler(
    IDocumentStore store, IRawArchive archive, IScheduledMessages scheduled, CustomerStore customers, EntityRecords records, QuarantineStore quarantine, AuditLog audit,
    MessageReader reader, TimeProvider clock)
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
            var found = await WriteInteractionsAsync(writer, root, cancellationToken);
            await reader.LoadInstancesAsync(cancellationToken);
            await WriteMessagesAsync(writer, found, cancellationToken);
            await WriteQuarantinedAsync(writer, found, cancellationToken);
            await WriteScheduledAsync(writer, found, cancellationToken);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private async Task<Known> WriteInteractionsAsync(Utf8JsonWriter writer, CustomerSummary root, CancellationToken cancellationToken)
    {
        var deliveries = new HashSet<string>(StringComparer.Ordinal);
        var profiles = new List<PersonProfile>();
        var touches = new Dictionary<EntityKey, Touch>();
        writer.WriteStartArray("interactions");
        await foreach (var touch in customers.ReadLiveTouchesAsync(root.Customer, cancellationToken).Select(t => t.Value))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("interaction");
            JsonSerializer.Serialize(writer, touch, DocumentJson.Default.Touch);
            writer.WriteStartArray("records");
            foreach (var entity in (await records.PartsOfAsync(touch.Entity, cancellationToken)).Prepend(touch.Entity))
            {
                touches[entity] = touch;
                await foreach (var document in store.ReadPartitionAsync(Containers.Interactions, entity.Text, Containers.RecordPrefix, cancellationToken))
                {
                    var content = document.AsInteraction();
                    if (IsOfAnother(content.Record!, touch))
                    {
                        continue;
                    }

                    deliveries.Add(content.By!);
                    profiles.AddRange(content.Record!.Person is { } profile ? [profile] : []);
                    JsonSerializer.Serialize(writer, content.Record, DocumentJson.Default.InteractionRecord);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        var identifiers = root.Identifiers.Keys.Where(i => !root.Shared.Contains(i)).ToHashSet();
        return new Known(deliveries, touches, identifiers, PersonalValues.Of(identifiers, touches.Keys, profiles));
    }

    // An order or ticket that was somebody else's once: what was said then is about that person.
    private static bool IsOfAnother(InteractionRecord record, Touch touch) =>
        touch.Kind != EntityKind.Person && record.Identifiers.Any(i => i.Type != IdentifierType.Edge) && !record.Identifiers.Any(touch.Identifiers.Contains);

    // The messages of the interactions, those that came again, and messages without a record that hold a value of the person.
    private async Task WriteMessagesAsync(Utf8JsonWriter writer, Known person, CancellationToken cancellationToken)
    {
        writer.WriteStartArray("messages");
        await foreach (var message in archive.ScanAsync(cancellationToken).Where(m => person.Deliveries.Contains(m.DeliveryId) || IsAbout(person, m.Body)).OrderBy(m => m.DeliveryId, StringComparer.Ordinal))
        {
            WriteMessage(writer, message.DeliveryId, message.Body);
        }

        writer.WriteEndArray();
    }

    private bool IsAbout(Known person, ReadOnlyMemory<byte> body) => reader.ReadStored(body) is Normalization.Normalized normalized
        ? normalized.Records.All(r => person.Touches.TryGetValue(r.Entity, out var touch) ? !IsOfAnother(r, touch) : r.Identifiers.Any(person.Identifiers.Contains))
        : person.Values.AreIn(body);

    private async Task WriteQuarantinedAsync(Utf8JsonWriter writer, Known person, CancellationToken cancellationToken)
    {
        writer.WriteStartArray("quarantined");
        await foreach (var message in quarantine.ListAsync(from: "", cancellationToken).Where(m => IsAbout(person, m.Message)))
        {
            WriteMessage(writer, message.DeliveryId, message.Message);
        }

        writer.WriteEndArray();
    }

    private async Task WriteScheduledAsync(Utf8JsonWriter writer, Known person, CancellationToken cancellationToken)
    {
        writer.WriteStartArray("scheduled");
        await foreach (var message in scheduled.ListAsync(cancellationToken).Where(m => IsAbout(person, m.Body) || person.Values.AreIn(m.Stored)))
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

    /// <summary>What is known of the person.</summary>
    /// <param name="Deliveries">Of the messages that their records are from.</param>
    /// <param name="Touches">What they did, and the payments of their orders.</param>
    /// <param name="Identifiers">What they alone are known by.</param>
    /// <param name="Values">What to look for in messages without a record.</param>
    private sealed record Known(HashSet<string> Deliveries, Dictionary<EntityKey, Touch> Touches, HashSet<Identifier> Identifiers, PersonalValues Values);
}
