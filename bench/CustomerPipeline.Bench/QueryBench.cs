using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Demo;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>(d) Questions under load on a filled store, against an endpoint that answers nothing, in turn.</summary>
internal static class QueryBench
{
    private const int Messages = 50_000;
    private const int Rounds = 7;
    private const int Clients = 8;
    private const int Requests = 4_000;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("customerpipeline-bench-");
        try
        {
            await using var app = LocalPipeline.Build(LocalOptions.Of(folder.FullName));
            await app.StartAsync(cancellationToken);
            await FlowBench.SendAsync(app.Services, FlowBench.ToQueue(ShopGenerator.Generate(seed: 1, Messages)), cancellationToken);
            await app.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, cancellationToken);
            await using var empty = await EmptyEndpoint.StartAsync(0, cancellationToken);
            await MeasureAsync(new Uri(HostAddress.Of(app)), new Uri(HostAddress.Of(empty)), cancellationToken);
            await app.StopAsync(cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(Uri host, Uri empty, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Clients });
        var lookup = Encoding.UTF8.GetBytes("{\"type\":\"phone\",\"value\":\"+12015550101\"}");
        var table = new Table().Title($"Questions, {Clients} clients, a store of {Messages:N0} messages").AddColumns("", "Requests a second", "Of the empty endpoint");
        var questions = new (string Name, Func<HttpRequestMessage> Request)[]
        {
            ("GET /api/metrics/net-sales", () => new(HttpMethod.Get, new Uri(host, "/api/metrics/net-sales"))),
            ("GET /api/metrics/net-sales, a month by channel and day", () => new(HttpMethod.Get, new Uri(host, "/api/metrics/net-sales?from=2025-06-01&to=2025-06-30&by=channel,day"))),
            ("GET /api/metrics/returning-customers by channel", () => new(HttpMethod.Get, new Uri(host, "/api/metrics/returning-customers?by=channel"))),
            ("POST /api/customers/lookup", () => new(HttpMethod.Post, new Uri(host, "/api/customers/lookup"))
            {
                Content = new ByteArrayContent(lookup) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            }),
        };
        foreach (var (name, request) in questions)
        {
            var ratios = new List<double>();
            var speeds = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                var nothing = await LoadAsync(http, () => new(HttpMethod.Get, empty), cancellationToken);
                var answered = await LoadAsync(http, request, cancellationToken);
                speeds.Add(answered.PerSecond);
                ratios.Add(answered.PerSecond / nothing.PerSecond);
            }

            table.AddRow(name, $"{Measured.Median(speeds):N0}", $"{Measured.Median(ratios):N2}");
        }

        AnsiConsole.Write(table);
    }

    private static Task<Measured> LoadAsync(HttpClient http, Func<HttpRequestMessage> request, CancellationToken cancellationToken) =>
        Measured.OfAsync(Requests, () => Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            for (var i = 0; i < Requests / Clients; i++)
            {
                using var message = request();
                using var answer = await http.SendAsync(message, cancellationToken);
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    throw new InvalidOperationException($"{message.RequestUri} answered {answer.StatusCode}.");
                }

                await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            }
        })));
}
