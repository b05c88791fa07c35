using System.Reflection;
using CustomerPipeline.Flow;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Functions;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.LocalRuntime.Tests;

public sealed class Every_function_of_the_app
{
    private static readonly Assembly App = typeof(IngestFunctions).Assembly;

    [Fact]
    public void Can_be_bound_by_the_local_runtime() => Assert.Equal(
        [
            "Audit", "Customer", "CustomerErase", "CustomerExport", "CustomerLookup", "CustomerMerge", "CustomerNeverLink", "CustomerTimeline", "CustomerUnmerge", "CustomerWhy", "Customers",
            "DeadLettersInStore", "DeadLettersOnline", "DeadLettersService", "Erase", "FigureFiles", "Health", "IdentityDecisionTakeBack", "IdentityPlan", "IdentityRules",
            "IngestInStore", "IngestOnline", "IngestService", "KeepFor", "Metric", "MetricExplain", "Metrics", "PrivacyRequest", "PrivacyRequestDone", "PrivacyRequests", "Publish", "PublishedDay", "Quarantine", "QuarantineDiscard", "QuarantineMessage", "QuarantineMessages", "QuarantineRetry", "QuarantineRetryMessage",
            "Receive", "ReceiveEvents", "ReceiveEventsHandshake", "Resolve", "Restatements", "Snapshot", "SnapshotTake", "Snapshots", "Status", "SuggestionAccept", "SuggestionRefuse", "Suggestions", "SuggestionsRun", "Value",
        ],
        FunctionDefinition.Discover(App).Select(f => f.Name));

    [Fact]
    public void Is_found_whatever_class_it_is_in()
    {
        var declared = App.GetTypes().SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static))
            .Where(m => m.IsDefined(typeof(FunctionAttribute)))
            .Select(m => m.Name + m.DeclaringType);

        Assert.Equal(declared.Order(), FunctionDefinition.Discover(App).Select(f => f.Method.Name + f.Method.DeclaringType).Order());
    }

    [Fact]
    public void Takes_a_queue_that_receives_messages()
    {
        var queues = FunctionDefinition.Discover(App).Select(f => f.Trigger).OfType<ServiceBusTriggerAttribute>().Select(t => t.QueueName!);

        Assert.Equal(Queues.All.Concat(Queues.All.Select(Queues.DeadLettersOf)).Order(), queues.Order());
    }

    [Fact]
    public void On_a_change_feed_is_retried_without_end_because_the_trigger_counts_a_failed_batch_as_done()
    {
        var functions = FunctionDefinition.Discover(App).Where(f => f.Trigger is CosmosDBTriggerAttribute).ToList();

        Assert.Equal(Containers.WithChangeFeed.Order(), functions.Select(f => ((CosmosDBTriggerAttribute)f.Trigger).ContainerName).Distinct().Order());
        Assert.All(functions, f => Assert.Equal(-1, f.Retry.MaxRetryCount));
        Assert.All(functions, f => Assert.True(((CosmosDBTriggerAttribute)f.Trigger).StartFromBeginning));
    }

    [Fact]
    public void Over_http_needs_a_key_but_for_the_health_check()
    {
        var open = FunctionDefinition.Discover(App).Where(f => f.Trigger is HttpTriggerAttribute { AuthLevel: AuthorizationLevel.Anonymous });

        Assert.Equal(["Health"], open.Select(f => f.Name));
    }
}
