using System.Collections.Concurrent;

namespace CustomerPipeline.Contracts.Faults;

/// <summary>What can happen to a call.</summary>
public enum FaultKind
{
    /// <summary>It throws, and had no effect.</summary>
    ThrowsBefore,

    /// <summary>It throws, and had its effect all the same.</summary>
    ThrowsAfter,

    /// <summary>Its answer does not come: what it did, nobody knows. Here it did it.</summary>
    TimesOut,

    /// <summary>It takes its time, and others go on meanwhile.</summary>
    IsSlow,

    /// <summary>The process dies after its effect: nothing else is called, nothing that was in memory is left.</summary>
    KillsProcess,
}

/// <summary>A call that a stage makes.</summary>
/// <param name="Stage">In which stage of the flow.</param>
/// <param name="Call">Of which port, on what.</param>
public readonly record struct CallSite(string Stage, string Call);

/// <summary>A process that died: whatever is called afterwards throws this.</summary>
public sealed class KilledException() : Exception("The process was killed here, by plan.");

/// <summary>Watches the calls of all ports, and lets one of them go wrong.</summary>
public sealed class FaultPlan
{
    private readonly ConcurrentDictionary<CallSite, int> _calls = new();
    private (CallSite Site, int Occurrence, FaultKind Kind)? _planned;

    /// <summary>What is running now.</summary>
    public string Stage { get; set; } = "";

    public bool IsDead { get; private set; }

    /// <summary>Whether what was planned has happened.</summary>
    public bool HasHappened { get; private set; }

    /// <summary>How often each call was made.</summary>
    public IReadOnlyDictionary<CallSite, int> Calls => _calls;

    /// <summary>Plans a fault for the so-manieth time that a call is made, counted from 1 and from now.</summary>
    public void Plan(CallSite site, int occurrence, FaultKind kind)
    {
        _calls.Clear();
        (_planned, HasHappened, IsDead) = ((site, occurrence, kind), false, false);
    }

    /// <summary>A new process: it knows nothing of the old one.</summary>
    public void Restart() => IsDead = false;

    public async ValueTask<T> RunAsync<T>(string call, Func<ValueTask<T>> work)
    {
        switch (Next(call))
        {
            case FaultKind.ThrowsBefore:
                throw new PlannedFaultException("before");
            case FaultKind.ThrowsAfter:
                await work();
                throw new PlannedFaultException("after");
            case FaultKind.TimesOut:
                await work();
                throw new TaskCanceledException("Planned: no answer in time.");
            case FaultKind.IsSlow:
                await Task.Delay(30);
                return await work();
            case FaultKind.KillsProcess:
                await work();
                IsDead = true;
                throw new KilledException();
            default:
                return await work();
        }
    }

    private FaultKind? Next(string call)
    {
        if (IsDead)
        {
            throw new KilledException();
        }

        var site = new CallSite(Stage, call);
        var occurrence = _calls.AddOrUpdate(site, 1, (_, before) => before + 1);
        if (_planned is not { } planned || planned.Site != site || planned.Occurrence != occurrence)
        {
            return null;
        }

        HasHappened = true;
        return planned.Kind;
    }
}
