using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace CustomerPipeline.LocalRuntime.Tests;

/// <summary>
/// The worker's attributes are declared again here, so that trigger classes compile without its packages. They must say no more than the real ones, or what compiles here would not compile there:
/// the facts beside them are those of Microsoft.Azure.Functions.Worker 2.52 and its extensions.
/// </summary>
public sealed class The_declared_attributes
{
    private sealed record Facts(string[] Constructors, string[] Settable, string[] GetOnly);

    private static readonly Dictionary<Type, Facts> Known = new()
    {
        [typeof(FunctionAttribute)] = new(["String"], [], ["Name"]),
        [typeof(HttpTriggerAttribute)] = new(["", "String[]", "AuthorizationLevel", "AuthorizationLevel, String[]"], ["Route"], ["Methods", "AuthLevel"]),
        [typeof(ServiceBusTriggerAttribute)] = new(["String", "String, String"], ["Connection", "IsSessionsEnabled", "IsBatched", "AutoCompleteMessages"], ["QueueName", "TopicName", "SubscriptionName"]),
        [typeof(CosmosDBTriggerAttribute)] = new(
            ["String, String"],
            [
                "Connection", "LeaseContainerName", "LeaseDatabaseName", "LeaseConnection", "LeaseContainerPrefix", "StartFromTime", "PreferredLocations", "LeasesContainerThroughput", "FeedPollDelay",
                "LeaseRenewInterval", "LeaseAcquireInterval", "LeaseExpirationInterval", "MaxItemsPerInvocation", "CreateLeaseContainerIfNotExists", "StartFromBeginning", "ChangeFeedMode",
            ],
            ["DatabaseName", "ContainerName"]),
        [typeof(TimerTriggerAttribute)] = new(["String"], ["UseMonitor", "RunOnStartup"], ["Schedule"]),
        [typeof(FixedDelayRetryAttribute)] = new(["Int32, String"], [], ["MaxRetryCount", "DelayInterval"]),
        [typeof(ExponentialBackoffRetryAttribute)] = new(["Int32, String, String"], [], ["MaxRetryCount", "MinimumInterval", "MaximumInterval"]),
        [typeof(TimerInfo)] = new([""], ["ScheduleStatus", "IsPastDue"], []),
        [typeof(ScheduleStatus)] = new([""], ["Last", "Next", "LastUpdated"], []),
    };

    private static readonly string[] ContextMembers =
    [
        "InvocationId", "FunctionId", "TraceContext", "BindingContext", "RetryContext", "FunctionDefinition", "Features", "InstanceServices", "Items", "CancellationToken",
    ];

    public static TheoryData<Type> Types => [.. Known.Keys];

    [Theory]
    [MemberData(nameof(Types))]
    public void Have_no_member_that_the_worker_does_not_have(Type type)
    {
        var facts = Known[type];
        var own = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);

        Assert.Equal(facts.Constructors.Order(StringComparer.Ordinal), type.GetConstructors().Select(c => string.Join(", ", c.GetParameters().Select(p => p.ParameterType.Name))).Order(StringComparer.Ordinal));
        Assert.Subset(facts.Settable.ToHashSet(), own.Where(p => p.SetMethod is not null).Select(p => p.Name).ToHashSet());
        Assert.Subset(facts.GetOnly.ToHashSet(), own.Where(p => p.SetMethod is null).Select(p => p.Name).ToHashSet());
    }

    [Fact]
    public void Are_all_known()
    {
        var declared = typeof(FunctionAttribute).Assembly.GetExportedTypes().Where(t => typeof(Attribute).IsAssignableFrom(t) && !t.IsAbstract);

        Assert.Empty(declared.Except(Known.Keys));
        Assert.Empty(typeof(FunctionContext).GetProperties().Select(p => p.Name).Except(ContextMembers));
    }

    [Fact]
    public void Triggers_are_sealed_and_stand_on_parameters()
    {
        var triggers = Known.Keys.Where(t => typeof(TriggerBindingAttribute).IsAssignableFrom(t)).ToList();

        Assert.Equal(4, triggers.Count);
        Assert.All(triggers, t => Assert.True(t.IsSealed));
        Assert.Equal("Microsoft.Azure.Functions.Worker.Extensions.Abstractions", typeof(TriggerBindingAttribute).Namespace);
        Assert.Equal([0, 1, 2, 3, 4], Enum.GetValues<AuthorizationLevel>().Select(level => (int)level));
        Assert.Equal(["Anonymous", "User", "Function", "System", "Admin"], Enum.GetNames<AuthorizationLevel>());
    }
}
