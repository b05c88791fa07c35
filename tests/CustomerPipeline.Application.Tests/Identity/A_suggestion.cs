using System.Text;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Identity;

public sealed class A_suggestion : IAsyncLifetime
{
    private const int Doubles = 20;

    private readonly TestPipeline _pipeline = new();

    public async ValueTask InitializeAsync()
    {
        var people = Enumerable.Range(0, 300).Select(i => Person($"{i}", SomePeople.Number(i)))
            .Concat(Enumerable.Range(0, Doubles).Select(i => Person($"{i}x", SomePeople.Misspelt(SomePeople.Number(i), i))));
        await _pipeline.SendAsync("import", [.. people]);
    }

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    private SuggestMergesHandler Suggest => _pipeline.Get<SuggestMergesHandler>();

    [Fact]
    public async Task Merges_nothing_until_a_person_accepts_it()
    {
        Assert.Equal(Doubles, (await Suggest.RunAsync(0.9, default)).Open);
        Assert.Equal(300 + Doubles, (await _pipeline.VerifyAsync()).Customers);
        var suggestions = await OpenAsync();

        Assert.IsType<DecisionResult.Accepted>(await Suggest.AcceptAsync(suggestions[0].Id, "tester", default));
        await _pipeline.DrainAsync(most => most, () => false);

        Assert.Equal(299 + Doubles, (await _pipeline.VerifyAsync()).Customers);
        Assert.Equal(Doubles - 1, (await OpenAsync()).Count);
        Assert.Equal(Doubles - 1, (await Suggest.RunAsync(0.9, default)).Open);
    }

    [Fact]
    public async Task That_was_refused_does_not_come_again()
    {
        await Suggest.RunAsync(0.9, default);
        var suggestion = (await OpenAsync())[0];

        Assert.True(await Suggest.RefuseAsync(suggestion.Id, "tester", default));
        Assert.False(await Suggest.RefuseAsync(suggestion.Id, "tester", default));

        Assert.Equal(Doubles - 1, (await Suggest.RunAsync(0.9, default)).Open);
        Assert.IsType<DecisionResult.Unknown>(await Suggest.AcceptAsync(suggestion.Id, "tester", default));
    }

    [Fact]
    public async Task Is_decided_by_itself_among_several_and_each_is_in_the_audit_log()
    {
        await Suggest.RunAsync(0.9, default);
        var suggestions = await OpenAsync();

        var results = await Suggest.DecideAsync([(suggestions[0].Id, true), ("unknown", true), (suggestions[1].Id, false), (suggestions[1].Id, false), (suggestions[2].Id, true)], "tester", default);

        Assert.Equal([suggestions[0].Id, "unknown", suggestions[1].Id, suggestions[1].Id, suggestions[2].Id], results.Select(r => r.Id));
        Assert.IsType<DecisionResult.Accepted>(results[0].Result);
        Assert.IsType<DecisionResult.Unknown>(results[1].Result);
        Assert.Null(results[2].Result);
        Assert.IsType<DecisionResult.Unknown>(results[3].Result);
        Assert.IsType<DecisionResult.Accepted>(results[4].Result);
        var audited = await _pipeline.Get<AuditLog>().ListAsync(StageTelemetry.List, default).ToListAsync();
        Assert.Equal(["merge", "merge", "refuse"], audited.Where(a => a.Value.By == "tester").Select(a => a.Value.Action).Order());
    }

    [Fact]
    public async Task Goes_when_too_few_pairs_are_left_to_tell_it_from_chance()
    {
        await Suggest.RunAsync(0.9, default);
        foreach (var suggestion in (await OpenAsync()).Skip(1))
        {
            await Suggest.AcceptAsync(suggestion.Id, "tester", default);
        }

        await _pipeline.DrainAsync(most => most, () => false);

        var run = await Suggest.RunAsync(0.9, default);

        Assert.Equal(0, run.Open);
        Assert.Contains("At least 10 are needed", run.Refused, StringComparison.Ordinal);
        Assert.Equal(["BirthDate", "City", "FamilyName", "GivenName", "PostalCode", "Street"], run.Compared.Select(c => c.Field.ToString()).Order());
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task Holds_nothing_that_is_known_of_the_people()
    {
        await Suggest.RunAsync(0.9, default);

        var documents = await _pipeline.Get<IDocumentStore>().ScanAsync(Containers.Suggestions, default).ToListAsync();

        Assert.Equal(Doubles, documents.Count);
        foreach (var person in Enumerable.Range(0, Doubles).Select(SomePeople.Number))
        {
            Assert.All(new[] { person.First, person.Last, person.Street, person.PostalCode, person.BirthDate }, v =>
                Assert.All(documents, d => Assert.DoesNotContain($"\"{v}\"", Encoding.UTF8.GetString(d.Body.Span), StringComparison.OrdinalIgnoreCase)));
        }
    }

    private async Task<IReadOnlyList<Suggestion>> OpenAsync() => (await Suggest.ListAsync(100, null, default)).Items;

    private static ReadOnlyMemory<byte> Person(string id, RegisteredPerson person) => Some.Message("import", SomePeople.ToImport(id, person));
}
