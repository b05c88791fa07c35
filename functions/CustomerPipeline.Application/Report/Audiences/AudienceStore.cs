using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Application.Report.Audiences;

/// <summary>The definitions of audiences.</summary>
public sealed class AudienceStore(IDocumentStore store, CustomerNews news, StageTelemetry telemetry, TimeProvider clock)
{
    /// <summary>The most audiences there may be. Definitions that are made at the same moment can exceed it by one each.</summary>
    public const int Most = 100;

    /// <summary>The audiences that can be read, after a name, in order of their names.</summary>
    public IAsyncEnumerable<Audience> ListAsync(string stage, string after, CancellationToken cancellationToken) =>
        telemetry.ReadableAsync(stage, store.ReadPartitionAsync(Containers.Snapshots, Audience.Partition, "", after, cancellationToken), Audience.Of)
            .Select(a => a.Value);

    /// <summary>Returns an audience; null where there is none of the name.</summary>
    /// <exception cref="CorruptDocumentException">It is damaged.</exception>
    public async Task<Audience?> FindAsync(string name, CancellationToken cancellationToken) =>
        Audience.IsName(name) && await store.ReadAsync(Containers.Snapshots, Audience.Partition, name, cancellationToken) is { } document
            ? Audience.Of(document)
            : null;

    /// <summary>Defines an audience, or changes title and filter of one. A damaged one is replaced.</summary>
    /// <returns>The audience; null where there are <see cref="Most"/> others already.</returns>
    /// <exception cref="ArgumentException">The text is no name of an audience.</exception>
    public async Task<Audience?> PutAsync(string name, string title, CustomerFilter filter, CancellationToken cancellationToken)
    {
        if (!Audience.IsName(name))
        {
            throw new ArgumentException($"'{name}' is no name of an audience.", nameof(name));
        }

        var now = clock.GetUtcNow();
        while (true)
        {
            var present = await store.ReadAsync(Containers.Snapshots, Audience.Partition, name, cancellationToken);
            if (present is null
                && await store.ReadPartitionAsync(Containers.Snapshots, Audience.Partition, "", cancellationToken).CountAsync(cancellationToken) >= Most)
            {
                return null;
            }

            var audience = new Audience(name, title, filter.ToParameters(), present?.ReadOrNull(Audience.Of)?.CreatedAt ?? now, now);
            var write = Write.CreateOrReplace(name, audience.ToBody(DocumentJson.Default.Audience), present?.ETag);
            if ((await store.CommitAsync(Containers.Snapshots, Audience.Partition, [write], cancellationToken)).IsCommitted)
            {
                return audience;
            }
        }
    }

    /// <summary>Removes an audience with its members, and tells of none of them.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        if (!Audience.IsName(name) || await store.ReadAsync(Containers.Snapshots, Audience.Partition, name, cancellationToken) is not { } document)
        {
            return false;
        }

        await store.CommitAsync(Containers.Snapshots, Audience.Partition, [Write.Delete(name)], cancellationToken);
        if (document.ReadOrNull(Audience.Of) is { } audience)
        {
            await ForgetMembersAsync(audience, cancellationToken);
        }

        return true;
    }

    /// <summary>Forgets who the members of an audience were, and what was not told of them yet.</summary>
    public async Task ForgetMembersAsync(Audience audience, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(Containers.Events, AudienceMembers.PartitionOf(audience), "", cancellationToken);
        await news.ForgetMembersAsync(audience.Name, cancellationToken);
    }
}
