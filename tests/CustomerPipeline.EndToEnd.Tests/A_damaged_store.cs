using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions;
using CustomerPipeline.RocksDb;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.EndToEnd.Tests;

public sealed class A_damaged_store
{
    [Fact]
    public async Task Says_which_document_is_damaged_and_answers_everything_else()
    {
        using var folder = new TemporaryFolder();
        string damaged, whole;
        await using (var host = await HostProcess.StartAsync(folder.Path))
        {
            foreach (var (order, email) in new[] { (1, "a@example.com"), (2, "b@example.com") })
            {
                await host.PostAsync(
                    "/api/ingest/shopify",
                    $$"""{"id":{{order}},"created_at":"2026-02-03T10:00:00-05:00","currency":"USD","email":"{{email}}","source_name":"web","line_items":[{"id":1,"price":"20.00","quantity":2}]}""",
                    headers: ("X-Shopify-Topic", "orders/create"));
            }

            await host.DrainAsync();
            (damaged, whole) = (await FindAsync(host, "a@example.com"), await FindAsync(host, "b@example.com"));
        }

        using (var engine = RocksEngine.Open(folder.Path, TimeProvider.System))
        {
            await new RocksDocumentStore(engine).CommitAsync(Containers.Customers, damaged, [Write.Upsert(Containers.SummaryId, """{"summary":7}"""u8.ToArray())], default);
        }

        await using (var host = await HostProcess.StartAsync(folder.Path))
        {
            var answer = await host.Http.GetAsync($"/api/customers/{damaged}");
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal("damaged-document", problem.GetProperty("code").GetString());
            Assert.Contains(damaged, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync($"/api/customers/{whole}")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/api/metrics/net-sales")).StatusCode);
        }

        var (exitCode, output) = await HostProcess.RunAsync("verify", "--data", folder.Path);
        Assert.Equal(1, exitCode);
        Assert.Contains($"damaged customers/{damaged}/{Containers.SummaryId}", output.ReplaceLineEndings(" "), StringComparison.Ordinal);

        Assert.Equal(0, (await HostProcess.RunAsync("rebuild", "--data", folder.Path)).ExitCode);
        Assert.Equal(0, (await HostProcess.RunAsync("verify", "--data", folder.Path)).ExitCode);
    }

    [Fact]
    public async Task Fails_no_timer_which_would_be_retried_without_end()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"));
        await pipeline.OverwriteAsync(Containers.Values, await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Values, default).FirstAsync(d => d.Id == Containers.HeadId), "{}"u8.ToArray());
        using var gate = new AccessGate(new Nobody(), new AccessOptions());
        await Assert.ThrowsAsync<CorruptDocumentException>(() => pipeline.Get<TellMetricChangesHandler>().HandleAsync(default));
        await Assert.ThrowsAsync<CorruptDocumentException>(() => pipeline.Get<TakeSnapshotHandler>().HandleAsync(null, default));

        await pipeline.Make<PublishFunction>(new HandedChanges()).Tell(new TimerInfo(), default);
        await pipeline.Make<SnapshotFunctions>(gate).Run(new TimerInfo(), default);
        await pipeline.Make<PrivacyFunctions>(gate).EraseOpen(new TimerInfo(), default);
        await pipeline.Make<PrivacyFunctions>(gate).LetGo(new TimerInfo(), default);
    }

    private sealed class Nobody : IAccessControl
    {
        public string Challenge => "";

        public ValueTask<Admission> AdmitAsync(Credentials credentials, string scope, CancellationToken cancellationToken) => ValueTask.FromResult<Admission>(new Admission.NotKnown("Nobody is known."));
    }

    private static async Task<string> FindAsync(HostProcess host, string email)
    {
        using var answer = await host.PostAsync("/api/customers/lookup", $"{{\"type\":\"email\",\"value\":\"{email}\"}}");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }
}
