using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;

namespace CustomerPipeline.LocalRuntime.Tests;

/// <summary>
/// What the worker tells the host of Azure Functions about the functions of the app, as the worker's generator wrote it when the app was compiled. The host binds by it, and the local runtime binds by the attributes: both must come to the same.
/// </summary>
public sealed class The_metadata_of_the_worker
{
    [Fact]
    public async Task Says_of_every_function_what_the_local_runtime_binds()
    {
        var metadata = await new GeneratedFunctionMetadataProvider().GetFunctionMetadataAsync(AppContext.BaseDirectory);

        Assert.Equal(
            BoundFunction.Discover(typeof(IngestFunctions).Assembly).Select(Text),
            metadata.OrderBy(m => m.Name, StringComparer.Ordinal).Select(Text));
    }

    private static string Text(BoundFunction function) => string.Join(
        ' ', [function.Name, $"{function.Method.DeclaringType!.FullName}.{function.Method.Name}", .. Text(function.Trigger), $"retry {function.Retry}"]);

    private static string[] Text(Microsoft.Azure.Functions.Worker.Extensions.Abstractions.TriggerBindingAttribute trigger) => trigger switch
    {
        HttpTriggerAttribute http => ["httpTrigger", $"{http.AuthLevel}", string.Join(',', http.Methods!), http.Route!],
        ServiceBusTriggerAttribute queue => ["serviceBusTrigger", queue.QueueName!, queue.Connection!, queue.IsBatched ? "Many" : "One"],
        CosmosDBTriggerAttribute feed =>
        [
            "cosmosDBTrigger", feed.DatabaseName, feed.ContainerName, feed.Connection!, feed.LeaseContainerName!, feed.LeaseContainerPrefix!, $"{feed.StartFromBeginning}",
            feed.MaxItemsPerInvocation.ToString(CultureInfo.InvariantCulture),
        ],
        TimerTriggerAttribute timer => ["timerTrigger", timer.Schedule, $"{timer.RunOnStartup}"],
        _ => [trigger.GetType().Name],
    };

    private static string Text(IFunctionMetadata function)
    {
        var trigger = Assert.Single(function.RawBindings!.Select(b => JsonSerializer.Deserialize<JsonElement>(b)), b => Value(b, "direction") == "In");
        var of = Value(trigger, "type") switch
        {
            "httpTrigger" => new[] { "authLevel", "methods", "route" },
            "serviceBusTrigger" => ["queueName", "connection", "cardinality"],
            "cosmosDBTrigger" => ["databaseName", "containerName", "connection", "leaseContainerName", "leaseContainerPrefix", "startFromBeginning", "maxItemsPerInvocation"],
            _ => ["schedule", "runOnStartup"],
        };
        return string.Join(' ', [function.Name!, function.EntryPoint!, Value(trigger, "type"), .. of.Select(name => Value(trigger, name)), $"retry {PolicyOf(function.Retry)}"]);
    }

    // A setting that an attribute leaves out is not in the metadata: the host has the same default.
    private static string Value(JsonElement binding, string name) => !binding.TryGetProperty(name, out var value) ? "False" : value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(e => e.GetString())),
        JsonValueKind.True or JsonValueKind.False => $"{value.GetBoolean()}",
        _ => $"{value}",
    };

    private static RetryPolicy PolicyOf(IRetryOptions? retry) => retry switch
    {
        null => new RetryPolicy(0, TimeSpan.Zero, TimeSpan.Zero),
        { DelayInterval: { } delay } => new RetryPolicy(retry.MaxRetryCount, delay, delay),
        _ => new RetryPolicy(retry.MaxRetryCount, retry.MinimumInterval!.Value, retry.MaximumInterval!.Value),
    };
}
