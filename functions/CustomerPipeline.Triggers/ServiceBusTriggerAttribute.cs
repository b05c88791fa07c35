using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Runs a function for the messages of a Service Bus queue or subscription. The declaration has the name, constructors, properties and interfaces of the one in
/// Microsoft.Azure.Functions.Worker.Extensions.ServiceBus 5.24, so that the worker's generator makes the same metadata of either. The app that is deployed uses that package in its place.
/// </summary>
public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute, ISupportCardinality
{
    /// <param name="queueName">The queue.</param>
    public ServiceBusTriggerAttribute(string queueName) => QueueName = queueName;

    /// <param name="topicName">The topic.</param>
    /// <param name="subscriptionName">The subscription of it.</param>
    public ServiceBusTriggerAttribute(string topicName, string subscriptionName)
    {
        TopicName = topicName;
        SubscriptionName = subscriptionName;
    }

    /// <summary>Null for a subscription.</summary>
    public string? QueueName { get; }

    /// <summary>Null for a queue.</summary>
    public string? TopicName { get; }

    /// <summary>Null for a queue.</summary>
    public string? SubscriptionName { get; }

    /// <summary>Name of the setting, or of the group of settings, that says where the namespace is.</summary>
    public string? Connection { get; set; }

    /// <summary>Whether messages are delivered by session.</summary>
    public bool IsSessionsEnabled { get; set; }

    /// <summary>Whether the function is given many messages at once.</summary>
    [DefaultValue(false)]
    public bool IsBatched { get; set; }

    /// <summary>Whether the host completes the messages when the function has returned.</summary>
    [DefaultValue(true)]
    public bool AutoCompleteMessages { get; set; } = true;

    /// <inheritdoc />
    Cardinality ISupportCardinality.Cardinality
    {
        get => IsBatched ? Cardinality.Many : Cardinality.One;
        set => IsBatched = value == Cardinality.Many;
    }
}
