using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Identity;

public sealed class A_suggestion : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public async ValueTask InitializeAsync()
    {
        var people = Enumerable.Range(0, 300).Select(i => Person($"{i}", SomePeople.Number(i))).Append(Person("5x", SomePeople.Misspelt(SomePeople.Number(5), 5)));
        await _pipeline.SendAsync("import", [.. people]);
    }

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    private SuggestMergesHandler Suggest => _pipeline.Get<SuggestMergesHandler>();

    [Fact]
    public async Task Merges_nobody_until_a_person_accepts_it()
    {
        Assert.Equal(1, await Suggest.RunAsync(0.9, default));
        Assert.Equal(301, (await _pipeline.VerifyAsync()).Customers);
        var suggestion = Assert.Single((await Suggest.ListAsync(10, null, default)).Items);

        Assert.IsType<DecisionResult.Accepted>(await Suggest.AcceptAsync(suggestion.Id, "tester", default));
        await _pipeline.DrainAsync(most => most, () => false);

        Assert.Equal(300, (await _pipeline.VerifyAsync()).Customers);
        Assert.Empty((await Suggest.ListAsync(10, null, default)).Items);
        Assert.Equal(0, await Suggest.RunAsync(0.9, default));
    }

    [Fact]
    public async Task That_was_refused_does_not_come_again()
    {
        await Suggest.RunAsync(0.9, default);
        var suggestion = Assert.Single((await Suggest.ListAsync(10, null, default)).Items);

        Assert.True(await Suggest.RefuseAsync(suggestion.Id, "tester", default));
        Assert.False(await Suggest.RefuseAsync(suggestion.Id, "tester", default));

        Assert.Equal(0, await Suggest.RunAsync(0.9, default));
        Assert.IsType<DecisionResult.Unknown>(await Suggest.AcceptAsync(suggestion.Id, "tester", default));
    }

    [Fact]
    public async Task Holds_nothing_that_is_known_of_the_people()
    {
        await Suggest.RunAsync(0.9, default);
        var person = SomePeople.Number(5);

        var document = Assert.Single(await _pipeline.Get<IDocumentStore>().ScanAsync(Containers.Suggestions, default).ToListAsync());
        Assert.All(new[] { person.First, person.Last, person.Street, person.PostalCode, person.BirthDate }, v => Assert.DoesNotContain(v, Encoding.UTF8.GetString(document.Body.Span), StringComparison.OrdinalIgnoreCase));
    }

    private static ReadOnlyMemory<byte> Person(string id, RegisteredPerson person) => Some.Message("import", SomePeople.ToImport(id, person));
}
