namespace CustomerPipeline.Application.Ports;

/// <summary>What a caller shows to be let in.</summary>
/// <param name="Key">An API key, or in Azure the function key, which the platform has checked already; null for none.</param>
/// <param name="Token">A bearer token; null for none.</param>
public sealed record Credentials(string? Key, string? Token);

/// <summary>Knows who callers are, and what they may.</summary>
public interface IAccessControl
{
    /// <summary>What to show, as the <c>WWW-Authenticate</c> header says it (RFC 9110, 11.6.1).</summary>
    string Challenge { get; }

    /// <summary>Whether a caller may do something.</summary>
    /// <param name="credentials">What the caller shows.</param>
    /// <param name="scope">What is asked for, one of <see cref="Access.Scope"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Admission> AdmitAsync(Credentials credentials, string scope, CancellationToken cancellationToken);
}

/// <summary>Whether a caller may go on.</summary>
public abstract record Admission
{
    private Admission()
    {
    }

    /// <summary>The caller may.</summary>
    /// <param name="Caller">Who it is, for the audit log: the name of a key or an opaque id, never a person's name.</param>
    /// <param name="IsLimited">Whether requests of this caller are counted against the rate limit.</param>
    public sealed record Granted(string Caller, bool IsLimited = true) : Admission;

    /// <summary>It is not known who the caller is.</summary>
    /// <param name="Why">What is missing or wrong.</param>
    public sealed record NotKnown(string Why) : Admission;

    /// <summary>The caller is known and may not.</summary>
    /// <param name="Why">What would be needed.</param>
    public sealed record NotAllowed(string Why) : Admission;

    /// <summary>The caller may, but not so often.</summary>
    /// <param name="RetryAfter">When to come back.</param>
    public sealed record TooOften(TimeSpan RetryAfter) : Admission;
}
