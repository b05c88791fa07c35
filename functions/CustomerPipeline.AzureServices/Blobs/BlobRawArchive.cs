using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CustomerPipeline.Application.Ports;
using global::Azure;

namespace CustomerPipeline.AzureServices.Blobs;

/// <summary>
/// Raw messages in Blob Storage: gzipped NDJSON, one blob for the messages of a batch that are near each other in their queue. Names are
/// <c>{queue}/{block}/{first}-{last}-{date}-{hash}.ndjson.gz</c>, so that a message is found by its delivery id, blobs of one time lie together, and
/// writing the same messages again gives the same name. A blob never changes (docs/decisions/0019).
/// </summary>
public sealed class BlobRawArchive(BlobContainerClient blobs, TimeProvider clock) : IRawArchive
{
    private const long BlockSize = 10_000;
    private const int HashBytes = 12;

    public async ValueTask StoreAsync(IReadOnlyList<RawMessage> messages, CancellationToken cancellationToken)
    {
        foreach (var block in messages.Select(m => (Place: DeliveryPlace.Of(m.DeliveryId), Message: m)).GroupBy(m => m.Place.BlockPrefix))
        {
            await UploadAsync(block.Key, [.. block.DistinctBy(m => m.Place).OrderBy(m => m.Place.Number).Select(m => m.Message)], cancellationToken);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string deliveryId, CancellationToken cancellationToken)
    {
        var place = DeliveryPlace.Of(deliveryId);
        await foreach (var name in NamesOfAsync(place.BlockPrefix, [place], cancellationToken))
        {
            foreach (var message in await DownloadAsync(name, cancellationToken))
            {
                if (message.DeliveryId == deliveryId)
                {
                    return message.Body;
                }
            }
        }

        return null;
    }

    public async IAsyncEnumerable<RawMessage> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var block = "";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var blob in blobs.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            // A message that was delivered twice may be in two blobs, of one block.
            var ofBlock = blob.Name[..blob.Name.LastIndexOf('/')];
            if (ofBlock != block)
            {
                block = ofBlock;
                seen.Clear();
            }

            foreach (var message in await DownloadAsync(blob.Name, cancellationToken))
            {
                if (seen.Add(message.DeliveryId))
                {
                    yield return message;
                }
            }
        }
    }

    public async ValueTask DeleteAsync(IReadOnlyList<string> deliveryIds, CancellationToken cancellationToken)
    {
        var leaving = deliveryIds.ToHashSet(StringComparer.Ordinal);
        foreach (var block in leaving.Select(DeliveryPlace.Of).GroupBy(p => p.BlockPrefix))
        {
            foreach (var name in await NamesOfAsync(block.Key, [.. block], cancellationToken).ToListAsync(cancellationToken))
            {
                await RemoveAsync(block.Key, name, leaving, cancellationToken);
            }
        }
    }

    private async Task RemoveAsync(string blockPrefix, string name, HashSet<string> leaving, CancellationToken cancellationToken)
    {
        var messages = await DownloadAsync(name, cancellationToken);
        var staying = messages.Where(m => !leaving.Contains(m.DeliveryId)).ToList();
        if (staying.Count == messages.Count)
        {
            return;
        }

        if (staying.Count > 0)
        {
            await UploadAsync(blockPrefix, staying, cancellationToken);
        }

        await blobs.DeleteBlobIfExistsAsync(name, cancellationToken: cancellationToken);
    }

    private async Task UploadAsync(string blockPrefix, IReadOnlyList<RawMessage> messages, CancellationToken cancellationToken)
    {
        var content = Pack(messages);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..(2 * HashBytes)];
        var (first, last) = (DeliveryPlace.Of(messages[0].DeliveryId).Number, DeliveryPlace.Of(messages[^1].DeliveryId).Number);
        var blob = blobs.GetBlobClient(string.Create(CultureInfo.InvariantCulture, $"{blockPrefix}{first:D19}-{last:D19}-{clock.GetUtcNow().UtcDateTime:yyyyMMdd}-{hash}.ndjson.gz"));
        try
        {
            var options = new BlobUploadOptions
            {
                Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                HttpHeaders = new BlobHttpHeaders { ContentType = "application/x-ndjson", ContentEncoding = "gzip" },
            };
            await blob.UploadAsync(BinaryData.FromBytes(content), options, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // It is there already.
        }
    }

    private async Task<IReadOnlyList<RawMessage>> DownloadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            BlobDownloadResult blob = await blobs.GetBlobClient(name).DownloadContentAsync(cancellationToken);
            return Unpack(blob.Content);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Deleted since it was listed.
            return [];
        }
    }

    // Blobs of a block whose range of numbers holds one of the places.
    private async IAsyncEnumerable<string> NamesOfAsync(string blockPrefix, IReadOnlyList<DeliveryPlace> places, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in blobs.GetBlobsAsync(BlobTraits.None, BlobStates.None, blockPrefix, cancellationToken))
        {
            var range = blob.Name[blockPrefix.Length..].Split('-');
            var (first, last) = (long.Parse(range[0], CultureInfo.InvariantCulture), long.Parse(range[1], CultureInfo.InvariantCulture));
            if (places.Any(p => first <= p.Number && p.Number <= last))
            {
                yield return blob.Name;
            }
        }
    }

    // The same messages give the same bytes: the name depends on them.
    private static byte[] Pack(IReadOnlyList<RawMessage> messages)
    {
        using var content = new MemoryStream();
        using (var gzip = new GZipStream(content, CompressionLevel.Optimal))
        {
            foreach (var message in messages)
            {
                JsonSerializer.Serialize(gzip, ArchivedLine.Of(message), ArchiveJson.Default.ArchivedLine);
                gzip.WriteByte((byte)'\n');
            }
        }

        return content.ToArray();
    }

    private static List<RawMessage> Unpack(BinaryData content)
    {
        using var gzip = new GZipStream(content.ToStream(), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        var messages = new List<RawMessage>();
        while (reader.ReadLine() is { } line)
        {
            messages.Add(JsonSerializer.Deserialize(line, ArchiveJson.Default.ArchivedLine)!.ToMessage());
        }

        return messages;
    }

    /// <summary>Where a delivery lies: the block's folder, and the number in its queue. What came by no queue has a folder of its own.</summary>
    private readonly record struct DeliveryPlace(string BlockPrefix, long Number)
    {
        public static DeliveryPlace Of(string deliveryId)
        {
            var colon = deliveryId.LastIndexOf(':');
            return long.TryParse(deliveryId.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new DeliveryPlace(string.Create(CultureInfo.InvariantCulture, $"{deliveryId[..colon]}/{number / BlockSize:D15}/"), number)
                : new DeliveryPlace($"{deliveryId}/", 0);
        }
    }
}

/// <summary>A line of an archive blob: text where the message is text, so that other tools can read it.</summary>
internal sealed record ArchivedLine
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public required string Delivery { get; init; }

    public string? Text { get; init; }

    public byte[]? Base64 { get; init; }

    public static ArchivedLine Of(RawMessage message)
    {
        try
        {
            return new ArchivedLine { Delivery = message.DeliveryId, Text = Strict.GetString(message.Body.Span) };
        }
        catch (DecoderFallbackException)
        {
            return new ArchivedLine { Delivery = message.DeliveryId, Base64 = message.Body.ToArray() };
        }
    }

    public RawMessage ToMessage() => new(Delivery, Base64 ?? Encoding.UTF8.GetBytes(Text!));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ArchivedLine))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
