using System.Reflection;
using CustomerPipeline.Domain.Value;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace CustomerPipeline.LocalRuntime.Tests;

/// <summary>
/// Two trigger attributes of the worker's extensions are declared in this repository. A declaration must not have more than the real one, or what compiles with it does not compile with the package; and it must have what the
/// worker's generator looks at. The facts are those of Microsoft.Azure.Functions.Worker.Extensions.ServiceBus 5.24 and Microsoft.Azure.Functions.Worker.Extensions.CosmosDB 4.16.
/// </summary>
public sealed class The_declared_attributes
{
    private sealed record Facts(string[] Constructors, string[] Settable, string[] GetOnly);

    private static readonly Dictionary<Type, Facts> Known = new()
    {
        [typeof(ServiceBusTriggerAttribute)] = new(["String", "String, String"], ["Connection", "IsSessionsEnabled", "IsBatched", "AutoCompleteMessages"], ["QueueName", "TopicName", "SubscriptionName"]),
        [typeof(CosmosDBTriggerAttribute)] = new(
            ["String, String"],
            [
                "Connection", "LeaseContainerName", "LeaseDatabaseName", "LeaseConnection", "LeaseContainerPrefix", "StartFromTime", "PreferredLocations", "LeasesContainerThroughput", "FeedPollDelay",
                "LeaseRenewInterval", "LeaseAcquireInterval", "LeaseExpirationInterval", "MaxItemsPerInvocation", "CreateLeaseContainerIfNotExists", "StartFromBeginning", "ChangeFeedMode",
            ],
            ["DatabaseName", "ContainerName"]),
    };

    public static TheoryData<Type> Types => [.. Known.Keys];

    [Theory]
    [MemberData(nameof(Types))]
    public void Have_no_member_that_the_packages_do_not_have(Type type)
    {
        var facts = Known[type];
        var own = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);

        Assert.Equal(facts.Constructors.Order(StringComparer.Ordinal), type.GetConstructors().Select(c => string.Join(", ", c.GetParameters().Select(p => p.ParameterType.Name))).Order(StringComparer.Ordinal));
        Assert.Subset(facts.Settable.ToHashSet(), own.Where(p => p.SetMethod is not null).Select(p => p.Name).ToHashSet());
        Assert.Subset(facts.GetOnly.ToHashSet(), own.Where(p => p.SetMethod is null).Select(p => p.Name).ToHashSet());
        Assert.True(type is { IsSealed: true, BaseType: { } parent } && parent == typeof(TriggerBindingAttribute));
    }

    [Fact]
    public void Are_all_that_is_declared() => Assert.Equal(
        Known.Keys.Select(t => t.FullName).Order(StringComparer.Ordinal), typeof(ServiceBusTriggerAttribute).Assembly.GetExportedTypes().Select(t => t.FullName).Order(StringComparer.Ordinal));

    [Fact]
    public void Have_what_the_generator_of_the_worker_looks_at()
    {
        Assert.Equal(Cardinality.Many, ((ISupportCardinality)new ServiceBusTriggerAttribute("q") { IsBatched = true }).Cardinality);
        Assert.Equal(Cardinality.One, ((ISupportCardinality)new ServiceBusTriggerAttribute("q")).Cardinality);
        Assert.Equal([KnownBindingCapabilities.FunctionLevelRetry], typeof(CosmosDBTriggerAttribute).GetCustomAttribute<BindingCapabilitiesAttribute>()!.Capabilities);
    }
}
