using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Telemetry;

namespace CustomerPipeline.Application.Maintenance.Erasing;

/// <summary>
/// Takes people out of everything (GDPR article 17): first tombstones, so that nothing new of them gets in; then all that is known; and once more, when the stages
/// have passed what was under way. Every step can be repeated, after any crash. Figures keep sums of nobody (<see cref="KeptTotals"/>).
/// A person of whom a document is damaged waits; a damaged document of others keeps nobody waiting: it is told of, and what it says of anybody cannot be read.
/// </summary>
public sealed class ErasePeopleHandler(
    PrivacyRequests requests, FindErasedPeople find, TakeOutPeople takeOut, IStageBacklog backlog, StageTelemetry telemetry, TimeProvider clock)
{
    private const int MostAtOnce = 100;

    /// <summary>Works on every open erasure, as far as it can be worked on now; on many together, since everything that is kept has to be looked through.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var open = (await requests.ListAsync(cancellationToken)).Where(r => r.Value is { Kind: PrivacyRequest.Erasure, DoneAt: null }).ToList();
        foreach (var some in open.Where(r => r.Value.TakenOutAt is null).Chunk(MostAtOnce))
        {
            await TakeOutAsync(some, cancellationToken);
        }

        if (open.Where(r => r.Value.TakenOutAt is not null).ToList() is { Count: > 0 } takenOut)
        {
            foreach (var some in (await WaitForStagesAsync(takenOut, cancellationToken)).Chunk(MostAtOnce))
            {
                await FinishAsync(some, cancellationToken);
            }
        }
    }

    private async Task TakeOutAsync(IReadOnlyList<Stored<PrivacyRequest>> some, CancellationToken cancellationToken)
    {
        var people = new List<(PrivacyRequest Person, Stored<PrivacyRequest> Held)>();
        foreach (var stored in some)
        {
            // What it is about is written down before anything is taken out: what is gone cannot be asked any more.
            await telemetry.TryAsync(StageTelemetry.Erase, 1, async () =>
            {
                var person = await find.FindAsync(stored.Value, cancellationToken);
                if (await requests.ReplaceAsync(stored, person, cancellationToken) is { } held)
                {
                    await takeOut.BuryAsync(person, cancellationToken);
                    people.Add((person, held));
                }
            });
        }

        if (people.Count == 0)
        {
            return;
        }

        await takeOut.TakeOutAsync(ErasedPeople.All(people.Select(p => p.Person)), cancellationToken);
        foreach (var (person, held) in people)
        {
            await requests.ReplaceAsync(held, person with { TakenOutAt = clock.GetUtcNow() }, cancellationToken);
        }
    }

    // Whatever was read before the tombstones has been written by now, and counted: take it out, too, and leave no trace.
    private async Task FinishAsync(IReadOnlyList<Stored<PrivacyRequest>> some, CancellationToken cancellationToken)
    {
        var people = new List<(PrivacyRequest Person, Stored<PrivacyRequest> Stored)>();
        foreach (var stored in some)
        {
            await telemetry.TryAsync(StageTelemetry.Erase, 1, async () =>
            {
                var person = await find.FindAsync(stored.Value, cancellationToken);
                if (person.Entities.Count > stored.Value.Entities.Count || person.Returning.Count > stored.Value.Returning.Count)
                {
                    await requests.ReplaceAsync(stored, person with { TakenOutAt = null, PassedStages = 0, PassedAt = null }, cancellationToken);
                }
                else
                {
                    people.Add((person, stored));
                }
            });
        }

        if (people.Count == 0)
        {
            return;
        }

        await takeOut.FinishAsync(ErasedPeople.All(people.Select(p => p.Person)), cancellationToken);
        var isAnyDone = false;
        foreach (var (person, stored) in people)
        {
            isAnyDone |= await requests.ReplaceAsync(stored, person with { Identifiers = [], Entities = [], Returning = [], DoneAt = clock.GetUtcNow() }, cancellationToken) is not null;
        }

        if (isAnyDone)
        {
            await takeOut.ShredAsync(cancellationToken);
        }
    }

    // A stage whose oldest work is younger than the erasure has passed all that was there. What it passed is younger in the next one: that has to pass what is there from then on.
    private async Task<IReadOnlyList<Stored<PrivacyRequest>>> WaitForStagesAsync(IReadOnlyList<Stored<PrivacyRequest>> takenOut, CancellationToken cancellationToken)
    {
        var stages = await backlog.ReadAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var ready = new List<Stored<PrivacyRequest>>();
        foreach (var stored in takenOut)
        {
            var request = stored.Value;
            while (request.PassedStages < stages.Count && stages[request.PassedStages] is var stage
                && (stage.Backlog == 0 || stage.Oldest > (request.PassedAt ?? request.TakenOutAt)))
            {
                request = request with { PassedStages = request.PassedStages + 1, PassedAt = now };
            }

            var held = request == stored.Value ? stored : await requests.ReplaceAsync(stored, request, cancellationToken);
            if (held is not null && request.PassedStages == stages.Count)
            {
                ready.Add(held);
            }
        }

        return ready;
    }
}
