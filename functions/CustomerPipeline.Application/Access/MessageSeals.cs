using System.Security.Cryptography;
using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Access;

/// <summary>
/// A seal says of a message that decides about people who the caller was, and that the caller may ask that. A sender who can put messages into a queue cannot make
/// one: it is a keyed hash (HMAC-SHA-256) of what the message asks and of the caller, with a key that the store keeps. A seal is valid for one message alone.
/// </summary>
public sealed class MessageSeals(IDocumentStore store)
{
    /// <summary>The extension attribute with the seal.</summary>
    public const string Attribute = "seal";

    /// <summary>The extension attribute with the caller.</summary>
    public const string CallerAttribute = "broughtby";

    private readonly StoreSecret _key = new(store, "seal");

    /// <summary>The same message, brought by a caller who may ask what it asks.</summary>
    public async ValueTask<MessageEnvelope> SealAsync(MessageEnvelope message, string caller, CancellationToken cancellationToken)
    {
        var key = await _key.GetAsync(cancellationToken);
        var open = Open(message);
        return open with { Headers = [.. open.Headers, KeyValuePair.Create(CallerAttribute, caller), KeyValuePair.Create(Attribute, HashOf(key, open, caller))] };
    }

    /// <summary>The message, sealed where it decides about people and its caller may ask that; as it is where not.</summary>
    /// <param name="message">The message.</param>
    /// <param name="whoMay">Tells who the caller is, if that may; it is asked only for such a message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<MessageEnvelope> SealIfAllowedAsync(MessageEnvelope message, Func<ValueTask<string?>> whoMay, CancellationToken cancellationToken) =>
        Normalizer.IsAboutPeople(message) && await whoMay() is { } caller ? await SealAsync(message, caller, cancellationToken) : message;

    /// <summary>Who brought a message and might; null where it has no seal, or that of another message.</summary>
    /// <exception cref="CorruptDocumentException">The key of the seals is damaged.</exception>
    public async ValueTask<string?> CallerOfAsync(MessageEnvelope message, CancellationToken cancellationToken)
    {
        if (message.HeaderOf(Attribute) is not { } seal || message.HeaderOf(CallerAttribute) is not { } caller)
        {
            return null;
        }

        var expected = HashOf(await _key.GetAsync(cancellationToken), Open(message), caller);
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
}
