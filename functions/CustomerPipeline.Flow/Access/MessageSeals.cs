using System.Security.Cryptography;
using System.Text;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Privacy;

namespace CustomerPipeline.Flow.Access;

/// <summary>
/// Says of a message that decides about people who brought it, and that they may. Whoever can put messages into a queue cannot make a seal: it is a keyed hash
/// (HMAC-SHA-256) of what the message asks and of its caller, with a key that the store keeps. A seal speaks for one message alone.
/// </summary>
public sealed class MessageSeals(IDocumentStore store)
{
    /// <summary>The extension attribute with the seal.</summary>
    public const string Attribute = "seal";

    /// <summary>The extension attribute with the caller.</summary>
    public const string CallerAttribute = "broughtby";

    private const string KeyId = "seal";
    private const int KeyBytes = 32;

    private byte[]? _key;

    /// <summary>The same message, brought by a caller who may ask what it asks.</summary>
    public async ValueTask<MessageEnvelope> SealAsync(MessageEnvelope message, string caller, CancellationToken cancellationToken)
    {
        var key = await KeyAsync(cancellationToken);
        var open = Open(message);
        return open with { Headers = [.. open.Headers, KeyValuePair.Create(CallerAttribute, caller), KeyValuePair.Create(Attribute, HashOf(key, open, caller))] };
    }

    /// <summary>Who brought a message and might; null where it has no seal, or that of another message.</summary>
    /// <exception cref="CorruptDocumentException">The key of the seals is damaged.</exception>
    public async ValueTask<string?> CallerOfAsync(MessageEnvelope message, CancellationToken cancellationToken)
    {
        if (message.HeaderOf(Attribute) is not { } seal || message.HeaderOf(CallerAttribute) is not { } caller)
        {
            return null;
        }

        var expected = HashOf(await KeyAsync(cancellationToken), Open(message), caller);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(seal), Encoding.UTF8.GetBytes(expected)) ? caller : null;
    }

    /// <summary>The message without what only this program may say.</summary>
    public static MessageEnvelope Open(MessageEnvelope message) =>
        message.Headers.Any(h => h.Key is Attribute or CallerAttribute) ? message with { Headers = [.. message.Headers.Where(h => h.Key is not (Attribute or CallerAttribute))] } : message;

    private static string HashOf(byte[] key, MessageEnvelope message, string caller)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach (var part in new[] { message.Source, message.Id, message.Type, message.HeaderOf(SourceInstance.Attribute) ?? "", caller })
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        hash.AppendData(message.Data.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private async ValueTask<byte[]> KeyAsync(CancellationToken cancellationToken)
    {
        while (_key is null)
        {
            if (await store.ReadAsync(Containers.Privacy, Tombstones.KeyPartition, KeyId, FlowJson.Default.TombstoneKey, cancellationToken) is { } stored)
            {
                _key = stored.Value.Key;
            }
            else
            {
                var key = new TombstoneKey(RandomNumberGenerator.GetBytes(KeyBytes));
                await store.CommitAsync(Containers.Privacy, Tombstones.KeyPartition, [Write.Create(KeyId, key.ToBody(FlowJson.Default.TombstoneKey))], cancellationToken);
            }
        }

        return _key;
    }
}
