using System.Text.Json.Nodes;

namespace CustomerPipeline.CosmosServer;

/// <summary>What a client asks for: enough to decide whether it fails.</summary>
/// <param name="Name">read, write, batch, query, feed or metadata.</param>
/// <param name="Container">Null for what is about none.</param>
/// <param name="Id">Of the item; null for what is about several, and for a new one.</param>
public readonly record struct CosmosOperation(string Name, string? Container, string? Id)
{
    public bool IsOnItems => Name is not "metadata";
}

/// <summary>How a call fails.</summary>
/// <param name="Status">408 timeout, 410 gone, 429 too many requests, 449 retry with, 503 unavailable; 0 to drop the connection.</param>
/// <param name="SubStatus">The service's finer reason.</param>
/// <param name="AfterTheWrite">Whether it took effect nevertheless.</param>
public sealed record CosmosFault(int Status, int SubStatus = 0, bool AfterTheWrite = false)
{
    public static CosmosFault TooManyRequests { get; } = new(429, 3200);

    public static CosmosFault Timeout { get; } = new(408);

    public static CosmosFault TimeoutAfterTheWrite { get; } = new(408, 0, AfterTheWrite: true);

    public static CosmosFault Unavailable { get; } = new(503);

    public static CosmosFault ConnectionLostAfterTheWrite { get; } = new(0, 0, AfterTheWrite: true);

    /// <summary>The partition is being moved: the client asks where it is now.</summary>
    public static CosmosFault PartitionGone { get; } = new(410, 1008);

    public static CosmosFault RetryWith { get; } = new(449);

    public static IReadOnlyList<CosmosFault> All { get; } = [TooManyRequests, Timeout, TimeoutAfterTheWrite, Unavailable, ConnectionLostAfterTheWrite, PartitionGone, RetryWith];
}

/// <summary>The service refuses a call.</summary>
internal sealed class CosmosRefusal(int status, string message, int subStatus = 0) : Exception(message)
{
    public int Status => status;

    public int SubStatus => subStatus;

    /// <summary>What the client needs to go on another way, in the service's own form.</summary>
    public string? AdditionalInfo { get; init; }

    public static CosmosRefusal NotFound() => new(404, "Resource Not Found.");

    public CosmosAnswer ToAnswer()
    {
        var body = new JsonObject { ["code"] = CodeOf(Status), ["message"] = Message };
        if (AdditionalInfo is not null)
        {
            body["additionalErrorInfo"] = AdditionalInfo;
        }

        return CosmosAnswer.Of(Status, body) with { SubStatus = SubStatus };
    }

    private static string CodeOf(int status) => status switch
    {
        400 => "BadRequest",
        404 => "NotFound",
        408 => "RequestTimeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "PreconditionFailed",
        413 => "RequestEntityTooLarge",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "Error",
    };
}
