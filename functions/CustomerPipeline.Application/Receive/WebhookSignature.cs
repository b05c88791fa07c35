using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CustomerPipeline.Application.Receive;

/// <summary>Secrets of one vendor's webhooks.</summary>
public sealed record WebhookSecrets
{
    /// <summary>One, or two while the secret is being changed: any of them may have signed.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>The address the vendor sends to, where it signs that too (Square): behind a proxy the host cannot know it.</summary>
    public string? NotificationUrl { get; init; }
}

/// <summary>How vendors sign their webhooks: an HMAC, keyed by a shared secret, of the body and what else they include.</summary>
public static class WebhookSignature
{
    private const string ZendesksTime = "X-Zendesk-Webhook-Signature-Timestamp";

    private sealed record Scheme(string Header, string Prefix, bool IsHex, bool IsSha1, Func<Func<string, string?>, WebhookSecrets, string?> SignedBefore);

    // Sources: shopify.dev "HTTPS webhooks"; developer.squareup.com "Validate webhook notifications"; developer.zendesk.com "Verifying webhook authenticity";
    // segment.com "Webhooks destination"; developers.intercom.com "Signed notifications".
    private static readonly Dictionary<string, Scheme> Schemes = new(StringComparer.Ordinal)
    {
        ["shopify"] = new("X-Shopify-Hmac-Sha256", "", IsHex: false, IsSha1: false, (_, _) => ""),
        ["square"] = new("x-square-hmacsha256-signature", "", IsHex: false, IsSha1: false, (_, secrets) => secrets.NotificationUrl),
        ["zendesk"] = new("X-Zendesk-Webhook-Signature", "", IsHex: false, IsSha1: false, (header, _) => header(ZendesksTime)),
        ["segment"] = new("X-Signature", "", IsHex: true, IsSha1: true, (_, _) => ""),
        ["intercom"] = new("X-Hub-Signature", "sha1=", IsHex: true, IsSha1: true, (_, _) => ""),
    };

    /// <summary>Sources whose signatures can be checked.</summary>
    public static IReadOnlyCollection<string> Sources => Schemes.Keys;

    /// <summary>Whether the vendor of this source signed the body with one of the secrets. Takes the same time whatever is wrong.</summary>
    /// <exception cref="ArgumentException">The source signs nothing.</exception>
    public static bool IsValid(string source, WebhookSecrets secrets, Func<string, string?> header, ReadOnlySpan<byte> body)
    {
        var scheme = Schemes.TryGetValue(source, out var known) ? known : throw new ArgumentException($"{source} does not sign its messages.", nameof(source));
        Span<byte> sent = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        var before = scheme.SignedBefore(header, secrets);
        if (before is null || !TryDecode(scheme, header(scheme.Header), sent, out var length))
        {
            return false;
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes(before), .. body];
        var isValid = false;
        foreach (var secret in secrets.Secrets)
        {
            var key = Encoding.UTF8.GetBytes(secret);
            var size = scheme.IsSha1 ? Sha1(key, signed, expected) : HMACSHA256.HashData(key, signed, expected);
            isValid |= CryptographicOperations.FixedTimeEquals(sent[..length], expected[..size]);
        }

        return isValid;
    }

    /// <summary>
    /// Whether a signature was made lately, where the vendor signs the time: somebody who has seen a webhook could send it again later. What is sent again
    /// within the tolerance counts once. Other vendors sign no time.
    /// </summary>
    /// <param name="source">Whose.</param>
    /// <param name="header">Finds a request header.</param>
    /// <param name="now">The time of receipt.</param>
    /// <param name="tolerance">How far the signature's time may be from it, before or after.</param>
    public static bool IsRecent(string source, Func<string, string?> header, DateTimeOffset now, TimeSpan tolerance) =>
        source != "zendesk"
        || (DateTimeOffset.TryParse(header(ZendesksTime), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signed)
            && (now - signed).Duration() <= tolerance);

    [SuppressMessage("Security", "CA5350", Justification = "SHA-1 is the vendor's choice: as the key of an HMAC it is not broken, and nothing else would match.")]
    private static int Sha1(byte[] key, byte[] signed, Span<byte> hash) => HMACSHA1.HashData(key, signed, hash);

    private static bool TryDecode(Scheme scheme, string? value, Span<byte> bytes, out int length)
    {
        length = 0;
        if (value is null || !value.StartsWith(scheme.Prefix, StringComparison.Ordinal) || value.Length > 200)
        {
            return false;
        }

        var encoded = value.AsSpan(scheme.Prefix.Length).Trim();
        return scheme.IsHex
            ? Convert.FromHexString(encoded, bytes, out _, out length) == System.Buffers.OperationStatus.Done && length == SHA1.HashSizeInBytes
            : Convert.TryFromBase64Chars(encoded, bytes, out length) && length == SHA256.HashSizeInBytes;
    }
}
