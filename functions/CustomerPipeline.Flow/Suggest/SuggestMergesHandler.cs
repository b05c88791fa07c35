using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Identity.Linkage;
using CustomerPipeline.Flow.Audit;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Resolve;

namespace CustomerPipeline.Flow.Suggest;

/// <summary>
/// Finds customers who share no identifier and may all the same be one person (<see cref="LinkageModel"/>). It never merges by itself: it fills a list that people
/// accept from or refuse.
/// </summary>
public sealed class SuggestMergesHandler(IDocumentStore store, CustomerStore customers, DecideIdentityHandler decide, AuditLog audit, TimeProvider clock)
{
    /// <summary>Works out suggestions anew. Those that were refused stay refused; open ones that are no longer likely go.</summary>
    /// <param name="least">The probability from which a pair is suggested.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>How many are open.</returns>
    public async Task<int> RunAsync(double least, CancellationToken cancellationToken)
    {
        var people = await ReadPeopleAsync(cancellationToken);
        var found = LinkageModel.Match(people, least, cancellationToken).ToDictionary(p => IdOf(p.Left, p.Right), StringComparer.Ordinal);
        await foreach (var document in store.ScanAsync(Containers.Suggestions, cancellationToken))
        {
            if (document.As(FlowJson.Default.Suggestion) is { State: Suggestion.Open } open && !found.ContainsKey(open.Id))
            {
                await store.CommitAsync(Containers.Suggestions, document.Partition, [Write.Delete(document.Id, document.ETag)], cancellationToken);
            }
        }

        var count = 0;
        foreach (var (id, pair) in found)
        {
            var known = await FindAsync(id, cancellationToken);
            if (known is null or { Value.State: Suggestion.Open })
            {
                var suggestion = new Suggestion { Id = id, Left = pair.Left, Right = pair.Right, Probability = pair.Probability, Evidence = pair.Evidence, At = known?.Value.At ?? clock.GetUtcNow() };
                await store.CommitAsync(Containers.Suggestions, id, [Write.CreateOrReplace(Containers.SuggestionId, suggestion.ToBody(FlowJson.Default.Suggestion), known?.ETag)], cancellationToken);
                count++;
            }
        }

        return count;
    }

    /// <summary>Open suggestions, the surest first.</summary>
    public async Task<IReadOnlyList<Suggestion>> ListAsync(int size, CancellationToken cancellationToken) => await store.ScanAsync(Containers.Suggestions, cancellationToken)
        .Select(d => d.As(FlowJson.Default.Suggestion)).Where(s => s.State == Suggestion.Open)
        .OrderByDescending(s => s.Probability).ThenBy(s => s.Id, StringComparer.Ordinal).Take(size).ToListAsync(cancellationToken);

    /// <summary>Merges the two customers of a suggestion.</summary>
    public async Task<DecisionResult> AcceptAsync(string id, string by, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { Value: { State: Suggestion.Open } suggestion } stored)
        {
            return new DecisionResult.Unknown();
        }

        var result = await decide.MergeAsync(suggestion.Left, suggestion.Right, by, cancellationToken);
        if (result is DecisionResult.Accepted accepted)
        {
            await ReplaceAsync(stored, suggestion with { State = Suggestion.Accepted, Decision = accepted.Decision }, cancellationToken);
        }

        return result;
    }

    /// <summary>Never suggests the two again. False when there is no such open suggestion.</summary>
    public async Task<bool> RefuseAsync(string id, string by, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { Value: { State: Suggestion.Open } suggestion } stored)
        {
            return false;
        }

        await audit.WriteAsync(by, "refuse", [suggestion.Left, suggestion.Right], cancellationToken);
        return await ReplaceAsync(stored, suggestion with { State = Suggestion.Refused }, cancellationToken);
    }

    // One record a customer: of each field what its profiles say last.
    private async Task<List<PersonFields>> ReadPeopleAsync(CancellationToken cancellationToken)
    {
        var people = new List<PersonFields>();
        await foreach (var summary in customers.ListAsync(cancellationToken))
        {
            var person = new PersonFields(summary.Customer);
            var isKnown = false;
            await foreach (var touch in customers.ReadLiveTouchesAsync(summary.Customer, cancellationToken))
            {
                if (touch.Value.Kind == EntityKind.Person
                    && await store.ReadAsync(Containers.Interactions, touch.Value.Entity.Text, Containers.StateId, FlowJson.Default.InteractionDocument, cancellationToken) is { Value.State.Person: { } profile })
                {
                    isKnown = true;
                    Fill(person, profile);
                }
            }

            if (isKnown)
            {
                foreach (var identifier in summary.Identifiers.Keys)
                {
                    _ = identifier.Type switch
                    {
                        IdentifierType.Email => person.With(LinkageField.Email, identifier.Value),
                        IdentifierType.Phone => person.With(LinkageField.Phone, identifier.Value),
                        _ => person,
                    };
                }

                people.Add(person);
            }
        }

        return people;
    }

    private static void Fill(PersonFields person, Domain.Normalize.PersonProfile profile)
    {
        if (profile.Name is not null)
        {
            person.WithName(profile.Name);
        }

        foreach (var (field, value) in new[]
        {
            (LinkageField.BirthDate, profile.BirthDate), (LinkageField.Street, profile.Street), (LinkageField.PostalCode, profile.PostalCode), (LinkageField.City, profile.City),
        })
        {
            if (value is not null)
            {
                person.With(field, value);
            }
        }
    }

    private static string IdOf(string left, string right) => StableHash.Of("pair", string.CompareOrdinal(left, right) < 0 ? left : right, string.CompareOrdinal(left, right) < 0 ? right : left);

    private ValueTask<Stored<Suggestion>?> FindAsync(string id, CancellationToken cancellationToken) =>
        store.ReadAsync(Containers.Suggestions, id, Containers.SuggestionId, FlowJson.Default.Suggestion, cancellationToken);

    private async Task<bool> ReplaceAsync(Stored<Suggestion> stored, Suggestion next, CancellationToken cancellationToken) => (await store.CommitAsync(
        Containers.Suggestions, next.Id, [Write.Replace(Containers.SuggestionId, next.ToBody(FlowJson.Default.Suggestion), stored.ETag)], cancellationToken)).IsCommitted;
}
