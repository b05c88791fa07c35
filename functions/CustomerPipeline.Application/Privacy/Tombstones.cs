using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using PhoneNumbers;

namespace CustomerPipeline.Application.Privacy;

/// <summary>
/// Remembers what was erased without knowing it: a keyed hash. What is said of an erased order, ticket or profile is refused for ever; what is said of an erased
/// person's identifiers is refused when it happened before the erasure, so that a replay brings nobody back, and somebody who comes back is welcome.
/// </summary>
public sealed class Tombstones(IDocumentStore store, StageTelemetry telemetry)
{
    private const int MarksPerRead = 500;
    private const int MostNamed = 100;
    private const int MostNumbers = 2_000;

    // What tombstones are named by: without it there is no trying out who was erased.
    private readonly StoreSecret _key = new(store, "key");

    /// <summary>Buries entities and identifiers.</summary>
    public async Task BuryAsync(IEnumerable<EntityKey> entities, IEnumerable<Identifier> identifiers, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var key = await _key.GetAsync(cancellationToken);
        foreach (var mark in entities.Select(e => MarkOf(key, e)).Concat(identifiers.SelectMany(i => MarksOf(key, i))))
        {
            await store.CommitAsync(Containers.Privacy, mark, [Write.Upsert(Containers.TombstoneId, new Tombstone(at).ToBody(DocumentJson.Default.Tombstone))], cancellationToken);
        }
    }

    /// <summary>Which of several messages tell of somebody who was erased.</summary>
    /// <param name="messages">The records of each message.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Of each message; null where a damaged document keeps it from being known.</returns>
    public async Task<IReadOnlyList<bool?>> FindAsync(IReadOnlyList<IReadOnlyList<InteractionRecord>> messages, CancellationToken cancellationToken)
    {
        byte[]? key;
        try
        {
            key = await _key.FindAsync(cancellationToken);
        }
        catch (CorruptDocumentException e)
        {
            telemetry.PassOver(StageTelemetry.Ingest, messages.Count, e.Message);
            return new bool?[messages.Count];
        }

        if (key is null)
        {
            return [.. Enumerable.Repeat<bool?>(false, messages.Count)];
        }

        var marks = messages.SelectMany(m => m).SelectMany(r => r.Identifiers.Select(i => MarkOf(key, i)).Append(MarkOf(key, r.Entity))).Distinct(StringComparer.Ordinal);
        var buried = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        foreach (var chunk in marks.Chunk(MarksPerRead))
        {
            var documents = await ReadAsync(chunk, cancellationToken);
            for (var i = 0; i < chunk.Length; i++)
            {
                if (documents[i] is { } document)
                {
                    buried[chunk[i]] = telemetry.Read(StageTelemetry.Ingest, document, d => d.As(DocumentJson.Default.Tombstone))?.At;
                }
            }
        }

        return [.. messages.Select(m => buried.Count == 0 ? false : IsErased(m))];

        // Of an identifier it has to be known until when what carries it was erased; of an entity everything was.
        bool? IsErased(IReadOnlyList<InteractionRecord> message)
        {
            var identified = message.SelectMany(r => r.Identifiers.Select(i => (IsBuried: buried.TryGetValue(MarkOf(key, i), out var at), Until: at, r.OccurredAt))).Where(i => i.IsBuried).ToList();
            return message.Any(r => buried.ContainsKey(MarkOf(key, r.Entity))) || identified.Exists(i => i.OccurredAt <= i.Until) ? true
                : identified.Exists(i => i.Until is null) ? null
                : false;
        }
    }

    /// <summary>
    /// Whether a message that nothing could be made of names, by email address or phone number, somebody who was erased and has not come back.
    /// </summary>
    /// <returns>Null where a damaged document keeps it from being known.</returns>
    public async Task<bool?> IsMentionedAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        bool? isMentioned = null;
        await telemetry.TryAsync(StageTelemetry.Ingest, 1, async () => isMentioned = await _key.FindAsync(cancellationToken) is { } key && await IsMentionedAsync(key, message, cancellationToken));
        return isMentioned;
    }

    /// <summary>A name for something erased that tells nothing of it.</summary>
    public async Task<string> NameAsync(EntityKey entity, CancellationToken cancellationToken) => MarkOf(await _key.GetAsync(cancellationToken), entity);

    private async Task<bool> IsMentionedAsync(byte[] key, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var texts = TextLayers.Of(message);
        if (await IsAnyGoneAsync(key, Mentions.In(texts).Distinct().Take(MostNamed), cancellationToken))
        {
            return true;
        }

        foreach (var some in Mentions.NationalNumbersIn(texts).Distinct(StringComparer.Ordinal).Take(MostNumbers).Chunk(MarksPerRead))
        {
            var buried = await ReadAsync(some.Select(n => NationalMarkOf(key, n)), cancellationToken);
            foreach (var number in some.Where((_, i) => buried[i] is not null))
            {
                if (await IsAnyGoneAsync(key, PhonesOf(number), cancellationToken))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Erased, and not of somebody who came back.
    private async Task<bool> IsAnyGoneAsync(byte[] key, IEnumerable<Identifier> identifiers, CancellationToken cancellationToken)
    {
        foreach (var some in identifiers.Chunk(MarksPerRead))
        {
            var buried = await ReadAsync(some.Select(i => MarkOf(key, i)), cancellationToken);
            foreach (var identifier in some.Where((_, i) => buried[i] is not null))
            {
                if (await store.ReadAsync(Containers.Identifiers, ClaimKey.Of(identifier), Containers.ClaimId, cancellationToken) is null)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private ValueTask<IReadOnlyList<Document?>> ReadAsync(IEnumerable<string> marks, CancellationToken cancellationToken) =>
        store.ReadManyAsync(Containers.Privacy, [.. marks.Select(m => new DocumentKey(m, Containers.TombstoneId))], cancellationToken);

    // The numbers of all countries that are written so at home; in Italy a zero is part of the number.
    private static IEnumerable<Identifier> PhonesOf(string nationalNumber) => PhoneNumberUtil.GetInstance().GetSupportedCallingCodes()
        .Select(code => string.Create(CultureInfo.InvariantCulture, $"+{code}"))
        .SelectMany(code => (Identifier[])[new(IdentifierType.Phone, code + nationalNumber), new(IdentifierType.Phone, $"{code}0{nationalNumber}")]);

    // A phone number has two: it is looked for with its country code, and without.
    private static IEnumerable<string> MarksOf(byte[] key, Identifier identifier) => identifier.Type == IdentifierType.Phone
        ? [MarkOf(key, identifier), NationalMarkOf(key, PersonalValues.NationalNumberOf(identifier.Value))]
        : [MarkOf(key, identifier)];

    private static string NationalMarkOf(byte[] key, string nationalNumber) => Hash(key, "national number " + nationalNumber);

    private static string MarkOf(byte[] key, EntityKey entity) => Hash(key, "entity " + entity.Text);

    private static string MarkOf(byte[] key, Identifier identifier) => Hash(key, "identifier " + identifier.Key);

    private static string Hash(byte[] key, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
