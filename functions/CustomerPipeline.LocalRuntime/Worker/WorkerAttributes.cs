// The isolated worker's attributes, declared again so that trigger classes compile without its packages: same namespaces, constructors and properties.
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions
{
    [AttributeUsage(AttributeTargets.Parameter)]
    public abstract class TriggerBindingAttribute : Attribute;
}

namespace Microsoft.Azure.Functions.Worker
{
    public enum AuthorizationLevel
    {
        Anonymous = 0,
        User = 1,
        Function = 2,
        System = 3,
        Admin = 4,
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class FunctionAttribute(string name) : Attribute
    {
        public string Name { get; } = name;
    }

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class HttpTriggerAttribute : TriggerBindingAttribute
    {
        public HttpTriggerAttribute()
            : this(AuthorizationLevel.Function)
        {
        }

        public HttpTriggerAttribute(params string[] methods)
            : this(AuthorizationLevel.Function, methods)
        {
        }

        public HttpTriggerAttribute(AuthorizationLevel authLevel)
            : this(authLevel, [])
        {
        }

        public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
        {
            AuthLevel = authLevel;
            Methods = methods;
        }

        public string? Route { get; set; }

        public string[] Methods { get; }

        public AuthorizationLevel AuthLevel { get; }
    }

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute
    {
        public ServiceBusTriggerAttribute(string queueName) => QueueName = queueName;

        public ServiceBusTriggerAttribute(string topicName, string subscriptionName)
        {
            TopicName = topicName;
            SubscriptionName = subscriptionName;
        }

        public string? QueueName { get; }

        public string? TopicName { get; }

        public string? SubscriptionName { get; }

        public string? Connection { get; set; }

        public bool IsSessionsEnabled { get; set; }

        public bool IsBatched { get; set; }

        public bool AutoCompleteMessages { get; set; } = true;
    }

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class CosmosDBTriggerAttribute(string databaseName, string containerName) : TriggerBindingAttribute
    {
        public string DatabaseName { get; } = databaseName;

        public string ContainerName { get; } = containerName;

        public string? Connection { get; set; }

        public string? LeaseContainerName { get; set; }

        public string? LeaseDatabaseName { get; set; }

        public string? LeaseConnection { get; set; }

        public string? LeaseContainerPrefix { get; set; }

        public string? StartFromTime { get; set; }

        public string? PreferredLocations { get; set; }

        public int LeasesContainerThroughput { get; set; }

        public int FeedPollDelay { get; set; }

        public int LeaseRenewInterval { get; set; }

        public int LeaseAcquireInterval { get; set; }

        public int LeaseExpirationInterval { get; set; }

        public int MaxItemsPerInvocation { get; set; }

        public bool CreateLeaseContainerIfNotExists { get; set; }

        public bool StartFromBeginning { get; set; }
    }

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
    {
        /// <summary>Six-field NCRONTAB, or the name of a setting between percent signs.</summary>
        public string Schedule { get; } = schedule;

        public bool UseMonitor { get; set; } = true;

        public bool RunOnStartup { get; set; }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class FixedDelayRetryAttribute(int maxRetryCount, string delayInterval) : Attribute
    {
        /// <summary>-1 for ever.</summary>
        public int MaxRetryCount { get; } = maxRetryCount;

        public string DelayInterval { get; } = delayInterval;
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval) : Attribute
    {
        /// <summary>-1 for ever.</summary>
        public int MaxRetryCount { get; } = maxRetryCount;

        public string MinimumInterval { get; } = minimumInterval;

        public string MaximumInterval { get; } = maximumInterval;
    }

    public class ScheduleStatus
    {
        public DateTime Last { get; set; }

        public DateTime Next { get; set; }

        public DateTime LastUpdated { get; set; }
    }

    public class TimerInfo
    {
        public ScheduleStatus? ScheduleStatus { get; set; }

        public bool IsPastDue { get; set; }
    }

    public abstract class BindingContext
    {
        public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
    }

    public abstract class FunctionContext
    {
        public abstract string InvocationId { get; }

        public abstract string FunctionId { get; }

        public abstract BindingContext BindingContext { get; }

        public abstract IServiceProvider InstanceServices { get; set; }

        public abstract IDictionary<object, object> Items { get; set; }

        public abstract CancellationToken CancellationToken { get; }
    }
}
