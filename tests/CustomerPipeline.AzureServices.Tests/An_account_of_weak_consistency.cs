using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.AzureServices.Tests;

public sealed class An_account_of_weak_consistency
{
    [Fact]
    public async Task Is_refused_by_name()
    {
        await using var weak = await CosmosTestAccount.CreateAsync(consistency: "Session");
        await using var strong = await CosmosTestAccount.CreateAsync();

        var refusal = await Assert.ThrowsAsync<SettingsException>(weak.Containers.CheckConsistencyAsync);
        Assert.Contains("has Session consistency", refusal.Message, StringComparison.Ordinal);
        await strong.Containers.CheckConsistencyAsync();
    }
}
