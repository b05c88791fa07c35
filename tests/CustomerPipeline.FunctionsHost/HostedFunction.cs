using System.Text.Json;
using CustomerPipeline.FunctionsHost.Wire;

namespace CustomerPipeline.FunctionsHost;

/// <summary>A function as the worker describes it to the host.</summary>
public sealed class HostedFunction
{
    private readonly JsonElement _trigger;

    internal HostedFunction(Function described)
    {
        Described = described;
        _trigger = described.RawBindings.Select(raw => JsonSerializer.Deserialize<JsonElement>(raw)).Single(b => b.GetProperty("type").GetString()!.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase));
    }

    public string Name => Described.Name;

    /// <summary>Such as <c>httpTrigger</c>.</summary>
    public string TriggerType => Setting("type")!;

    /// <summary>The name of the parameter that the trigger's value goes to.</summary>
    public string Parameter => Setting("name")!;

    internal Function Described { get; }

    /// <summary>The settings of the trigger that are lists, such as the methods of an HTTP trigger.</summary>
    public IEnumerable<string> Settings(string name) => _trigger.TryGetProperty(name, out var list) ? list.EnumerateArray().Select(e => e.GetString()!) : [];

    /// <summary>A setting of the trigger; null where the function does not say.</summary>
    public string? Setting(string name) => _trigger.TryGetProperty(name, out var value) ? value.ToString() : null;

    /// <summary>How long the host waits before a retry, counted from 0; null where none is left.</summary>
    public TimeSpan? DelayBefore(int retry)
    {
        if (Described.Retry is not { } policy || (policy.Most >= 0 && retry >= policy.Most))
        {
            return null;
        }

        return policy.Delay is { } same
            ? same.ToTimeSpan()
            : TimeSpan.FromTicks(Math.Min(policy.Longest.ToTimeSpan().Ticks, policy.Shortest.ToTimeSpan().Ticks << Math.Min(retry, 20)));
    }
}
