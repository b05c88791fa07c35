using System.Collections.Frozen;

namespace CustomerPipeline.Domain.Identity;

/// <summary>
/// What programs and people write where they know nobody: the defaults of <see cref="IdentityRules"/>. Sources: what public SDKs of analytics vendors refuse as a user id
/// (PostHog's capture, RudderStack's and Segment's libraries), what languages print for nothing, and what tills and service desks type into a required field.
/// </summary>
internal static class Blocked
{
    /// <summary>RFC 2606: a domain that exists nowhere.</summary>
    public const string EmailEnding = ".invalid";

    public static FrozenSet<string> Values { get; } = new[]
    {
        // Nothing, as languages write it.
        "", "-", "--", "?", ".", "null", "(null)", "nil", "none", "nan", "undefined", "[object object]", "{}", "[]", "true", "false", "n/a", "n.a.", "na", "#n/a",
        "not applicable", "none given", "xxx", "xxxx", "xxxxx", "<null>", "<nil>",

        // A field's name in place of its value.
        "id", "uid", "userid", "user_id", "user-id", "distinct_id", "distinctid", "anonymous_id", "anonymousid", "customer_id", "customerid", "email", "user", "$userid", "{{userid}}",

        // Nobody in particular.
        "anonymous", "anon", "guest", "unknown", "unidentified", "not_authenticated", "notauthenticated", "unauthenticated", "logged_out", "not_set", "(not set)", "notset", "default",
        "test", "testuser", "walkin", "walk-in", "walk in", "walk-in customer", "cash customer", "no customer", "-1", "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",

        // A zero identifies nobody, but in a system that counts its customers from it: an import names its own system.
        "loyalty:0", "card:0", "device:0", "account:segment:0", "account:shopify:0", "account:square:0", "account:zendesk:0", "account:intercom:0", "account:poslog:0",
        "account:digital-receipt:0",
    }.ToFrozenSet();

    public static FrozenSet<string> EmailLocalParts { get; } = new[]
    {
        "noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "do_not_reply", "mailer-daemon", "postmaster",
        "none", "noemail", "no-email", "no_email", "no.email", "nomail", "no-mail", "noaddress", "notprovided", "not-provided", "not.provided", "na", "n-a", "null", "undefined", "unknown",
        "anonymous", "guest", "walkin", "walk-in", "nobody", "test", "no", "xxx", "fake", "notavailable", "not-available", "donotemail", "do-not-email",
    }.ToFrozenSet();

    /// <summary>A number that is typed to fill a field: the same digit repeated, or the digits in order. An account may really have such a number.</summary>
    public static bool IsFiller(IdentifierType type, string value) =>
        type is IdentifierType.Loyalty or IdentifierType.Card && value.Length >= 6
        && (value.AsSpan().IndexOfAnyExcept(value[0]) < 0 || "1234567890".StartsWith(value, StringComparison.Ordinal) || value == "0123456789" || value == "123456789012");

    /// <summary>A template in place of its value, such as <c>{{ user.id }}</c>.</summary>
    public static bool IsTemplate(string value) => value.StartsWith("{{", StringComparison.Ordinal) && value.EndsWith("}}", StringComparison.Ordinal);

    /// <summary>Zeros as a number of two or more digits, with or without hyphens.</summary>
    public static bool IsZeros(string value) => value.Length > 1 && value.AsSpan().IndexOfAnyExcept('0', '-') < 0 && value.Contains('0', StringComparison.Ordinal);
}
