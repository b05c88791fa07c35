using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>The OData feed, read by a client that knows nothing of the library that writes it.</summary>
[Needs("npm")]
public sealed class Figures_read_by_a_javascript_client
{
    [Fact]
    public async Task Are_found_filtered_ordered_and_refused_where_the_question_is_bad()
    {
        using var folder = new TemporaryFolder();
        await using var host = LocalPipeline.Build(LocalOptions.Of(folder.Path));
        await host.StartAsync();
        var orders = Enumerable.Range(1, 3).Select(n => Some.ShopifyOrder(id: n, price: $"{n}0.00", at: Some.Moment.AddDays(n)));
        await host.Services.GetRequiredService<IMessageSender>().SendAsync(Queues.Online, [.. orders], default);
        await host.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, default);

        var (exitCode, output) = await Emulators.RunAsync("check-odata.mjs", $"{HostAddress.Of(host)}/api/odata/");

        Assert.True(exitCode == 0, output);
        Assert.Equal(4, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        await host.StopAsync();
    }
}
