using System.Globalization;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Application.Resolve;

/// <summary>What a search for suggestions found.</summary>
/// <param name="Open">How many suggestions wait for a decision.</param>
/// <param name="EstimatedPairs">How many pairs of customers are one person, by estimate.</param>
/// <param name="Compared">The fields that customers were compared by.</param>
/// <param name="Refused">Why nothing is suggested; null where the profiles tell which customers are one.</param>
public sealed record SuggestionRun(int Open, double EstimatedPairs, IReadOnlyList<ComparedField> Compared, string? Refused);

/// <summary>
/// Finds customers who share no identifier and may all the same be one person (<see cref="LinkageResult"/>). It never merges by itself: it fills a list that people
/// accept from or refuse.
/// </summary>
public sealed class SuggestMergesHandler(
    IDocumentStore store, CustomerStore customers, DecideIdentityHandler decide, AuditLog audit, StageTelemetry telemetry, TimeProvider clock)
{
    /// <summary>
    /// Works out suggestions from the profiles of now. Those that were refused stay refused. Open ones that are no longer likely go, also where the profiles do
    /// not tell which customers are one.
    /// </summary>
    /// <param name="least">The probability from which a pair is suggested.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<SuggestionRun> RunAsync(double least, CancellationToken cancellationToken)
    {
        var result = LinkageResult.Of(await ReadPeopleAsync(cancellationToken), least, cancellationToken);
        var found = result.Pairs.ToDictionary(p => IdOf(p.Left, p.Right), StringComparer.Ordinal);
        await foreach (var (document, open) in AllAsync(StageTelemetry.Suggest, cancellationToken).Where(s => s.Value.State == Suggestion.Open && !found.ContainsKey(s.Value.Id)))
        {
            await store.CommitAsync(Containers.Suggestions, document.Partition, [Write.Delete(document.Id, document.ETag)], cancellationToken);
        }

        var count = 0;
        foreach (var (id, pair) in found)
        {
            // One that is damaged may have been refused: it stays until an operator looks at it.
            await telemetry.TryAsync(StageTelemetry.Suggest, 1, async () => count += await SuggestAsync(id, pair, cancellationToken) ? 1 : 0);
        }

        return new SuggestionRun(count, result.EstimatedPairs, result.Compared, result.Refused);
    }

    /// <summary>A page of the open suggestions, the surest first. All suggestions are read for each page, because no index is in their order.</summary>
    /// <param name="size">How many at most.</param>
    /// <param name="after">From the page before; null for the first.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public Task<Page<Suggestion>> ListAsync(int size, string? after, CancellationToken cancellationToken) => AllAsync(StageTelemetry.List, cancellationToken)
        .Select(s => s.Value).Where(s => s.State == Suggestion.Open).PageAsync(PositionOf, size, after, cancellationToken);

    // The bits of positive numbers are in the numbers' order.
    private static string PositionOf(Suggestion suggestion) =>
        string.Create(CultureInfo.InvariantCulture, $"{long.MaxValue - BitConverter.DoubleToInt64Bits(suggestion.Probability):D19} {suggestion.Id}");

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

    /// <summary>Decides several suggestions one after the other, each by itself: one that cannot be decided does not hold up the others.</summary>
    /// <param name="decisions">Ids of suggestions, and whether each is accepted.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="cancellationToken">Stops between two decisions.</param>
    /// <returns>What became of each, in their order: <see langword="null"/> as the result of one that was refused for good.</returns>
    public async Task<IReadOnlyList<(string Id, DecisionResult? Result)>> DecideAsync(
        IEnumerable<(string Id, bool IsAccepted)> decisions, string by, CancellationToken cancellationToken)
    {
        var results = new List<(string Id, DecisionResult? Result)>();
        foreach (var (id, isAccepted) in decisions)
        {
            results.Add((id, isAccepted ? await AcceptAsync(id, by, cancellationToken)
                : await RefuseAsync(id, by, cancellationToken) ? null : new DecisionResult.Unknown()));
        }

        return results;
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

    private IAsyncEnumerable<(Document Document, Suggestion Value)> AllAsync(string stage, CancellationToken cancellationToken) =>
        telemetry.ReadableAsync(stage, store.ScanAsync(Containers.Suggestions, cancellationToken), d => d.As(DocumentJson.Default.Suggestion));

    // Whether it is open then.
    private async Task<bool> SuggestAsync(string id, ScoredPair pair, CancellationToken cancellationToken)
    {
        var known = await FindAsync(id, cancellationToken);
        if (known is { Value.State: not Suggestion.Open })
        {
            return false;
        }

        var suggestion = new Suggestion { Id = id, Left = pair.Left, Right = pair.Right, Probability = pair.Probability, Evidence = pair.Evidence, At = known?.Value.At ?? clock.GetUtcNow() };
        await store.CommitAsync(Containers.Suggestions, id, [Write.CreateOrReplace(Containers.SuggestionId, suggestion.ToBody(DocumentJson.Default.Suggestion), known?.ETag)], cancellationToken);
        return true;
    }

    // One record a customer: of each field what its profiles say last.
    private async Task<List<PersonFields>> ReadPeopleAsync(CancellationToken cancellationToken)
    {
        var people = new List<PersonFields>();
        await foreach (var summary in customers.ListReadableAsync(telemetry, StageTelemetry.Suggest, from: "", cancellationToken))
        {
            await telemetry.TryAsync(StageTelemetry.Suggest, 1, async () =>
            {
                if (await ReadPersonAsync(summary, cancellationToken) is { } person)
                {
                    people.Add(person);
                }
            });
        }

        return people;
    }

    // Null where no profile tells of the customer.
    private async Task<PersonFields?> ReadPersonAsync(CustomerSummary summary, CancellationToken cancellationToken)
    {
        var person = new PersonFields(summary.Customer);
        var isKnown = false;
        await foreach (var touch in customers.ReadLiveTouchesAsync(summary.Customer, cancellationToken))
        {
            if (touch.Value.Kind == EntityKind.Person
                && await store.ReadAsync(Containers.Interactions, touch.Value.Entity.Text, Containers.StateId, DocumentJson.Default.InteractionDocument, cancellationToken) is { Value.State.Person: { } profile })
            {
                isKnown = true;
                Fill(person, profile);
            }
        }

        foreach (var identifier in summary.Identifiers.Keys)
        {
            _ = identifier.Type switch
            {
                IdentifierType.Email => person.With(LinkageField.Email, identifier.Value),
                IdentifierType.Phone => person.With(LinkageField.Phone, identifier.Value),
                _ => person,
            };
        }

        return isKnown ? person : null;
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
        store.ReadAsync(Containers.Suggestions, id, Containers.SuggestionId, DocumentJson.Default.Suggestion, cancellationToken);

    private async Task<bool> ReplaceAsync(Stored<Suggestion> stored, Suggestion next, CancellationToken cancellationToken) => (await store.CommitAsync(
        Containers.Suggestions, next.Id, [Write.Replace(Containers.SuggestionId, next.ToBody(DocumentJson.Default.Suggestion), stored.ETag)], cancellationToken)).IsCommitted;
}
