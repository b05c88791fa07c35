namespace CustomerPipeline.LocalHost.Amqp;

/// <summary>
/// Ids of messages that came in the last ten minutes, as Service Bus remembers them: a sender that repeats itself is heard once. They are lost with the process; a repetition then counts as a duplicate.
/// </summary>
internal sealed class RecentMessages(TimeProvider clock)
{
    private const int MostRemembered = 500_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Queue<(DateTimeOffset At, string Id)> _order = new();

    /// <summary>Whether an id is new, which it is no longer after the call.</summary>
    public bool IsNew(string id)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            while (_order.TryPeek(out var oldest) && (now - oldest.At > Window || _order.Count >= MostRemembered))
            {
                _ids.Remove(_order.Dequeue().Id);
            }

            if (!_ids.Add(id))
            {
                return false;
            }

            _order.Enqueue((now, id));
            return true;
        }
    }

    /// <summary>Forgets an id whose message was not taken after all.</summary>
    public void Forget(string id)
    {
        lock (_gate)
        {
            // Its place in the order stays: at worst it is forgotten a second time.
            _ids.Remove(id);
        }
    }
}
