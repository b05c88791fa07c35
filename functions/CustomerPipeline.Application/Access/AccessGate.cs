using System.Threading.RateLimiting;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Application.Access;

/// <summary>How often callers may ask.</summary>
public sealed record AccessOptions
{
    public const int MostRequestsPerMinute = 1_000_000;

    /// <summary>Of one caller, for as long as it asks; a tenth of them may come at once.</summary>
    public int RequestsPerMinute { get; init; } = 12_000;
}

/// <summary>Lets callers in who may do what they ask for, and none of them too often.</summary>
public sealed class AccessGate(IAccessControl access, AccessOptions options) : IDisposable
{
    /// <summary>The name of a caller who needed no key, because none was ever made.</summary>
    public const string Anybody = "anybody";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(6);

    private readonly PartitionedRateLimiter<string> _limits = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ =>
    {
        var atOnce = Math.Max(1, options.RequestsPerMinute / 10);
        return new TokenBucketRateLimiterOptions { TokenLimit = atOnce, TokensPerPeriod = atOnce, ReplenishmentPeriod = Period, QueueLimit = 0, AutoReplenishment = true };
    }));

    public string Challenge => access.Challenge;

    /// <summary>Whether a caller may do something now.</summary>
    public async ValueTask<Admission> EnterAsync(Credentials credentials, string scope, CancellationToken cancellationToken)
    {
        var admission = await access.AdmitAsync(credentials, scope, cancellationToken);
        if (admission is not Admission.Granted { IsLimited: true } granted)
        {
            return admission;
        }

        using var lease = _limits.AttemptAcquire(granted.Caller);
        return lease.IsAcquired ? granted : new Admission.TooOften(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Period);
    }

    /// <summary>The name of a caller who has another scope, too; null for a caller who has not.</summary>
    public async ValueTask<string?> WhoMayAsync(Credentials credentials, string scope, CancellationToken cancellationToken) =>
        await access.AdmitAsync(credentials, scope, cancellationToken) is Admission.Granted granted ? granted.Caller : null;

    public void Dispose() => _limits.Dispose();
}
