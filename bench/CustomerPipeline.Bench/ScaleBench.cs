using System.Diagnostics;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>
/// Very many customers with a few years of interactions each: what an update costs in a small and in a large store, how long a census of all customers takes and how much
/// memory, and how fast questions are answered. Customers are made one at a time, so that memory does not grow with them; a run that was stopped goes on in the same folder.
/// </summary>
internal static class ScaleBench
{
    private const int PerCustomer = 20;
    private const int Updates = 4_000;
    private const int CustomersPerBatch = 50;
    private const int RowsPerPage = 2_000;

    private static readonly DateTimeOffset Start = new(2023, 1, 1, 8, 0, 0, TimeSpan.Zero);

    public static async Task RunAsync(int customers, string? folder, CancellationToken cancellationToken)
    {
        var temporary = folder is null ? Directory.CreateTempSubdirectory("customerpipeline-bench-") : null;
        try
        {
            await using var app = LocalPipeline.Build(LocalOptions.Of(folder ?? temporary!.FullName), works: false);
            var bench = new Run(app.Services, Path.Combine(folder ?? temporary!.FullName, "bench-customers"));
            var table = new Table().Title($"{customers:N0} customers, {(long)customers * PerCustomer:N0} interactions").AddColumns("", "Measured", "Ratio");

            var tenth = customers / 10;
            await bench.FillAsync(tenth, cancellationToken);
            var small = await bench.UpdateAsync(tenth, cancellationToken);
            var filled = await bench.FillAsync(customers, cancellationToken);
            var large = await bench.UpdateAsync(customers, cancellationToken);
            table.AddRow("Fill, durable", $"{filled:N0} interactions a second", "");
            table.AddRow("Update of a customer and the figures, a tenth of the store", $"{1e6 / small:N0} µs an interaction", "1");
            table.AddRow("The same, all of the store", $"{1e6 / large:N0} µs an interaction", $"{small / large:N2} x the time");

            var scan = await bench.ScanAsync(cancellationToken);
            var census = await bench.CensusAsync(cancellationToken);
            table.AddRow("Reading all customers' documents", $"{scan.TotalSeconds:N1} s", "1");
            table.AddRow("Census: every stock and history metric", $"{census.Time.TotalSeconds:N1} s, {census.Bytes / 1e6:N0} MB in use after", $"{census.Time / scan:N2} x the time");
            var (pages, paging) = await bench.PageAsync(cancellationToken);
            table.AddRow($"All customers as a table, in {pages:N0} pages of {RowsPerPage:N0}", $"{paging.TotalSeconds:N1} s", $"{paging / scan:N2} x the time of reading all");
            table.AddRow("Peak memory of the process", $"{Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:N0} MB", "");
            foreach (var (name, first, again) in await bench.AskAsync(cancellationToken))
            {
                table.AddRow(name, $"{first.TotalMilliseconds:N1} ms after a change, {again.TotalMilliseconds:N3} ms again", "");
            }

            AnsiConsole.Write(table);
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }

    private sealed class Run(IServiceProvider services, string progressFile)
    {
        private readonly IDocumentStore _store = services.GetRequiredService<IDocumentStore>();
        private readonly CountTouchesHandler _count = services.GetRequiredService<CountTouchesHandler>();
        private readonly CustomerStore _customers = services.GetRequiredService<CustomerStore>();

        // A run that goes on in a folder must not find its updates there already.
        private int _updates = Environment.TickCount & 0x3FFF_FFFF;

        // How many customers are there stands in a file beside the store: they are made in order, and making one twice changes nothing.
        public async Task<double> FillAsync(int customers, CancellationToken cancellationToken)
        {
            var done = File.Exists(progressFile) ? int.Parse(await File.ReadAllTextAsync(progressFile, cancellationToken), System.Globalization.CultureInfo.InvariantCulture) : 0;
            var clock = Stopwatch.StartNew();
            var first = done;
            await AnsiConsole.Progress().StartAsync(async context =>
            {
                var progress = context.AddTask($"{customers:N0} customers into the store", maxValue: customers);
                while (done < customers)
                {
                    var next = Enumerable.Range(done, Math.Min(CustomersPerBatch * 8, customers - done)).ToList();
                    await Task.WhenAll(next.Chunk(CustomersPerBatch).Select(chunk => Task.Run(() => PutAsync(chunk, cancellationToken), cancellationToken)));
                    done += next.Count;
                    await File.WriteAllTextAsync(progressFile, done.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellationToken);
                    progress.Value = done;
                }
            });
            return (done - first) * (double)PerCustomer / clock.Elapsed.TotalSeconds;
        }

        public async Task<double> UpdateAsync(int customers, CancellationToken cancellationToken)
        {
            var random = new Random(2);
            var changes = Enumerable.Range(0, Updates).Select(_ => (Customer: IdOf(random.Next(customers)), Touch: Order(random, -(++_updates), Start.AddDays(random.NextDouble() * 1_000)))).ToList();
            var measured = await Measured.OfAsync(Updates, () => Task.WhenAll(changes.Chunk(100).Select(chunk => Task.Run(async () =>
            {
                foreach (var (customer, touch) in chunk)
                {
                    await _customers.PutTouchesAsync(customer, [touch], System.Collections.Frozen.FrozenSet<Identifier>.Empty, cancellationToken);
                }

                await _count.HandleAsync([.. chunk.Select(c => new CustomerChange { Customer = c.Customer, Touch = c.Touch with { Revision = 1 } })], cancellationToken);
            }, cancellationToken))));
            return measured.PerSecond;
        }

        public async Task<TimeSpan> ScanAsync(CancellationToken cancellationToken)
        {
            var clock = Stopwatch.StartNew();
            await foreach (var _ in _store.ScanAsync(Containers.Customers, cancellationToken))
            {
            }

            return clock.Elapsed;
        }

        // As a client of the feed reads it: each page begins with the last row of the one before.
        public async Task<(int Pages, TimeSpan Time)> PageAsync(CancellationToken cancellationToken)
        {
            var (tables, customers) = (services.GetRequiredService<FigureTables>(), FigureTables.All.Single(t => t.Name == "Customers"));
            var clock = Stopwatch.StartNew();
            var pages = 0;
            for (IReadOnlyList<object?>? from = null; await tables.ReadAsync(customers, from, cancellationToken).Take(RowsPerPage + 1).ToListAsync(cancellationToken) is { Count: > 1 } page; from = page[^1])
            {
                pages++;
            }

            return (pages, clock.Elapsed);
        }

        public async Task<(TimeSpan Time, long Bytes)> CensusAsync(CancellationToken cancellationToken)
        {
            await services.GetRequiredService<FlowFigures>().ReadAsync(cancellationToken);
            var clock = Stopwatch.StartNew();
            await services.GetRequiredService<CensusReader>().ReadAsync(Start.AddDays(1_100), cancellationToken);
            return (clock.Elapsed, GC.GetTotalMemory(forceFullCollection: true));
        }

        public async Task<IReadOnlyList<(string Name, TimeSpan First, TimeSpan Again)>> AskAsync(CancellationToken cancellationToken)
        {
            var reader = services.GetRequiredService<MetricsReader>();
            var answers = new List<(string, TimeSpan, TimeSpan)>();
            foreach (var (metric, by) in new[] { ("net-sales", "channel"), ("first-reply-time", "channel"), ("returning-customers", "channel") })
            {
                var request = MetricRequest.All(MetricCatalog.Find(metric)!, by);
                await UpdateOneAsync(cancellationToken);
                var first = await TimeAsync(() => reader.AskAsync(request, cancellationToken));
                answers.Add(($"GET /api/metrics/{metric}?by={by}", first, await TimeAsync(() => reader.AskAsync(request, cancellationToken))));
            }

            return answers;
        }

        private Task UpdateOneAsync(CancellationToken cancellationToken) =>
            _count.HandleAsync([new CustomerChange { Customer = IdOf(0), Touch = Order(new Random(3), -(++_updates), Start.AddDays(1)) with { Revision = 1 } }], cancellationToken);

        private static async Task<TimeSpan> TimeAsync(Func<Task> run)
        {
            var clock = Stopwatch.StartNew();
            await run();
            return clock.Elapsed;
        }

        private async Task PutAsync(int[] numbers, CancellationToken cancellationToken)
        {
            var changes = new List<CustomerChange>(numbers.Length * PerCustomer);
            foreach (var number in numbers)
            {
                var customer = IdOf(number);
                var touches = TouchesOf(number).ToList();
                var summary = new CustomerDocument { Customer = customer, Summary = CustomerSummary.Of(customer, touches), Revision = 1 };
                List<Write> writes =
                [
                    .. touches.Select(t => Write.Upsert(new TouchId(t.Entity).ToString(), new CustomerDocument { Customer = customer, Touch = t }.ToBody(DocumentJson.Default.CustomerDocument))),
                    Write.Upsert(Containers.SummaryId, summary.ToBody(DocumentJson.Default.CustomerDocument)),
                ];
                await _store.CommitAsync(Containers.Customers, customer, writes, cancellationToken);
                changes.AddRange(touches.Select(t => new CustomerChange { Customer = customer, Touch = t }));
            }

            await _count.HandleAsync(changes, cancellationToken);
        }

        private static string IdOf(int number) => CustomerId.FoundedBy(EntityKey.Of("scale", EntityKind.Order, number.ToString(System.Globalization.CultureInfo.InvariantCulture)), Start.AddSeconds(number));

        // A first day, a rate and a taste of one's own; orders, some of which come back, visits and tickets.
        private static IEnumerable<Touch> TouchesOf(int number)
        {
            var random = new Random(number);
            var at = Start.AddDays(random.NextDouble() * 700);
            var pace = 2 + (random.NextDouble() * 60);
            for (var i = 0; i < PerCustomer; i++)
            {
                var entity = (number * PerCustomer) + i;
                yield return (i % 5) switch
                {
                    1 or 3 => Visit(entity, at),
                    4 when random.Next(2) == 0 => Ticket(random, entity, at),
                    _ => Order(random, entity, at),
                };
                at = at.AddDays(-Math.Log(1 - random.NextDouble()) * pace);
            }
        }

        private static Touch Order(Random random, int number, DateTimeOffset at)
        {
            var gross = 500 + random.Next(20_000);
            return Touch(EntityKind.Order, number, at, random.Next(3) == 0 ? Channel.InStore : Channel.Online) with
            {
                Goods = [$"category:c{random.Next(9)}", $"product:p{random.Next(500)}"],
                Order = new OrderSettlement
                {
                    PlacedAt = at,
                    Currency = "USD",
                    Gross = gross,
                    Units = 1,
                    IsPurchase = true,
                    Returns = random.Next(12) == 0 ? [new OrderReturn(at.AddDays(random.Next(40)), gross / 2)] : [],
                },
            };
        }

        private static Touch Ticket(Random random, int number, DateTimeOffset at) => Touch(EntityKind.Ticket, number, at, Channel.Service) with
        {
            Ticket = new TicketState { CreatedAt = at, FirstReplyAt = at.AddMinutes(random.Next(3_000)), SolvedAt = at.AddHours(50 + random.Next(90)), Status = "solved", Replies = 1, Subject = $"subject {random.Next(20)}" },
        };

        private static Touch Visit(int number, DateTimeOffset at) => Touch(EntityKind.Browse, number, at, Channel.Online) with { Browsed = new Dictionary<string, int> { ["product-viewed"] = 2 }, Goods = [$"product:p{number % 500}"] };

        private static Touch Touch(EntityKind kind, int number, DateTimeOffset at, Channel channel) => new()
        {
            Entity = EntityKey.Of("scale", kind, number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Kind = kind,
            EntityRevision = 1,
            Revision = 1,
            Channel = channel,
            At = at,
            FirstAt = at,
            LastAt = at,
            Identified = true,
        };
    }
}
