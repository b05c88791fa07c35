using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.Contracts;

/// <summary>A clock that somebody sets, forward or back, while time goes on at its own pace.</summary>
public sealed class JumpingClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>By how much it has been set.</summary>
    public TimeSpan Set { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Set;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
