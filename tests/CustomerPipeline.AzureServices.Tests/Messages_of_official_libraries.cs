using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>The libraries that shops have already, whose host option is all that changes.</summary>
[Needs("npm")]
public sealed class Messages_of_official_libraries
{
    [Fact]
    public async Task Of_Segment_and_RudderStack_arrive_by_their_host_option_alone()
    {
        using var folder = new TemporaryFolder();
        var key = new ApiKeys(folder.Path, TimeProvider.System).Add("libraries", [Scope.MessagesWrite]);
        await using var host = LocalPipeline.Build(LocalOptions.Of(folder.Path));
        await host.StartAsync();

        var (exitCode, output) = await Emulators.RunAsync("check-libraries.mjs", HostAddress.Of(host), key);

        Assert.True(exitCode == 0, output);
        Assert.Equal(4, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        var messages = (await host.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, default)).Messages;
        Assert.Equal((52, 50, 2), (messages.Received, messages.Stored, messages.Ignored));
        await host.StopAsync();
    }
}
