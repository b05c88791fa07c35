using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>
/// The resolve stage by itself, durable: with an empty store and with very many identifiers in it; one customer with few and with very many interactions; merges.
/// </summary>
internal static class IdentityBench
{
    private const int Batch = 200;
    private const int Sample = 20_000;
    private const int LargeCustomer = 50_000;
    private const int Merges = 4_000;

    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task RunAsync(int identifiers, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("customerpipeline-bench-");
        try
        {
            await using var app = LocalPipeline.Build(LocalOptions.Of(folder.FullName), works: false);
            var resolve = app.Services.GetRequiredService<ResolveEntitiesHandler>();
            var number = 0;
            EntityChange NewCustomer() => Order(number, $"account:shop:{number}", $"email:person{number++}@example.com");

            await ResolveAsync(resolve, Enumerable.Range(0, Sample).Select(_ => NewCustomer()), cancellationToken);
            var empty = await MeasureAsync(Sample, resolve, NewCustomer, cancellationToken);
            await AnsiConsole.Progress().StartAsync(async context =>
            {
                var progress = context.AddTask($"{identifiers:N0} identifiers into the store", maxValue: identifiers / 2);
                while (number < identifiers / 2 && !cancellationToken.IsCancellationRequested)
                {
                    await ResolveAsync(resolve, Enumerable.Range(0, Batch * 10).Select(_ => NewCustomer()), cancellationToken);
                    progress.Value = number;
                }
            });
            var full = await MeasureAsync(Sample, resolve, NewCustomer, cancellationToken);

            var order = 10_000_000;
            EntityChange OfOne() => Order(order++, "account:shop:large");
            await ResolveAsync(resolve, [OfOne()], cancellationToken);
            var few = await MeasureAsync(1_000, resolve, OfOne, cancellationToken);
            await ResolveAsync(resolve, Enumerable.Range(0, LargeCustomer).Select(_ => OfOne()), cancellationToken);
            var many = await MeasureAsync(1_000, resolve, OfOne, cancellationToken);

            var pair = 0;
            var merges = await MeasureAsync(Merges, resolve, () => Order(20_000_000 + pair, $"account:shop:{pair}", $"email:person{(pair++) + Merges}@example.com"), cancellationToken);

            var table = new Table().Title("The resolve stage, durable").AddColumns("", "A second", "Ratio");
            table.AddRow("New customers, empty store", $"{empty.PerSecond:N0}", "1");
            table.AddRow($"New customers, {identifiers:N0} identifiers in the store", $"{full.PerSecond:N0}", $"{empty.PerSecond / full.PerSecond:N2} x the time");
            table.AddRow("Orders of a customer with up to 1,000", $"{few.PerSecond:N0}", "1");
            table.AddRow($"Orders of a customer with {LargeCustomer:N0}", $"{many.PerSecond:N0}", $"{few.PerSecond / many.PerSecond:N2} x the time");
            table.AddRow("Orders that merge two customers each", $"{merges.PerSecond:N0}", $"{full.PerSecond / merges.PerSecond:N2} x the time of a new customer");
            AnsiConsole.Write(table);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<Measured> MeasureAsync(int count, ResolveEntitiesHandler resolve, Func<EntityChange> next, CancellationToken cancellationToken) =>
        Measured.OfAsync(count, () => ResolveAsync(resolve, Enumerable.Range(0, count).Select(_ => next()), cancellationToken));

    // Four batches at once, as the four ranges of the change feed.
    private static async Task ResolveAsync(ResolveEntitiesHandler resolve, IEnumerable<EntityChange> changes, CancellationToken cancellationToken)
    {
        foreach (var round in changes.Chunk(Batch * 4))
        {
            await Task.WhenAll(round.Chunk(Batch).Select(batch => Task.Run(() => resolve.HandleAsync(batch, cancellationToken), cancellationToken)));
        }
    }

    private static EntityChange Order(int number, params string[] identifiers)
    {
        var at = Start.AddSeconds(number);
        return new EntityChange
        {
            Revision = 1,
            State = new EntityState
            {
                Entity = EntityKey.Of("shop", EntityKind.Order, number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                Kind = EntityKind.Order,
                Last = new RecordPosition(1, "r"),
                FirstAt = at,
                LastAt = at,
                Identifiers = [.. identifiers.Select(Identifier.Parse).Order()],
            },
        };
    }
}
