using System.Globalization;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Application.Receive;

/// <summary>Limits of what is taken in, and from whom.</summary>
public sealed record ReceiveOptions
{
    /// <summary>When a caller who was sent away may come back.</summary>
    public static readonly TimeSpan ComeBackAfter = TimeSpan.FromSeconds(5);

    /// <summary>In how much time a sender must send <see cref="LeastBytesBetweenPauses"/> of an upload, or its rest.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>With <see cref="LongestPause"/>, 16 KB a second.</summary>
    public const int LeastBytesBetweenPauses = 160 * 1024;

    /// <summary>How long the body of an upload may take to arrive.</summary>
    public TimeSpan LongestUpload { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The largest upload, in bytes: many messages.</summary>
    public int LargestUpload { get; init; } = 32 * 1024 * 1024;

    /// <summary>How many messages an upload may have, those that are rejected included; rows of a CSV file.</summary>
    public int MessagesPerUpload { get; init; } = 50_000;

    /// <summary>What an upload may be split into: payloads of twice the bytes that the largest may have.</summary>
    public SplitLimit SplitLimit => new(MessagesPerUpload, 2L * LargestUpload);

    /// <summary>How far the time that a vendor signs may be from the time of receipt.</summary>
    public TimeSpan SignatureTolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A queue this deep takes no more until it has been worked down: callers are told to come back.</summary>
    public int DeepestQueue { get; init; } = 2_000_000;

    /// <summary>How many bytes of uploads are worked on at once; callers with more are told to come back.</summary>
    public long MostBytesInHand { get; init; } = 128L << 20;

    /// <summary>
    /// One more each time the queues had to be made anew: a new queue numbers its messages from the beginning, and messages are known by their numbers.
    /// </summary>
    public int QueueGeneration { get; init; } = 1;

    /// <summary>Under which name the places of a queue are known, in the ledger, the archive and the quarantine.</summary>
    public string PlacesOf(string queue) => PlacesOf(queue, QueueGeneration);

    /// <summary>The names of the places of all queues there have been.</summary>
    public IEnumerable<string> AllPlaces => Enumerable.Range(1, QueueGeneration).SelectMany(generation => Queues.All.Select(queue => PlacesOf(queue, generation)));

    private static string PlacesOf(string queue, int generation) => generation == 1 ? queue : string.Create(CultureInfo.InvariantCulture, $"{queue}.{generation}");

    /// <summary>
    /// Secrets by source. Where a source has any, its webhooks must be signed with one of them; where it has none, signatures are not looked at, and the
    /// host's own key is all that protects the address.
    /// </summary>
    public IReadOnlyDictionary<string, WebhookSecrets> Webhooks { get; init; } = new Dictionary<string, WebhookSecrets>();
}
