using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.Application.Ports;

/// <summary>Where events go.</summary>
public interface IEventPublisher
{
    /// <summary>Tells of events; when it returns, each was handed over or set aside. At least once: after an exception they are told again.</summary>
    Task PublishAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken);
}
