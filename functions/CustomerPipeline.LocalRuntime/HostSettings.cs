using System.Text.Json;

namespace CustomerPipeline.LocalRuntime;

/// <summary>The settings of host.json that concern this runtime too, with the host's own defaults.</summary>
public sealed record HostSettings
{
    public string RoutePrefix { get; init; } = "api";

    public int MaxMessageBatchSize { get; init; } = 1000;

    /// <summary>
    /// Batches of a queue that are worked on at once. host.json has no setting for it (<c>maxConcurrentCalls</c> counts functions that take single messages): the platform takes one batch a function
    /// and instance, and adds instances. This process stands for two of them.
    /// </summary>
    public int QueueBatchesAtOnce { get; init; } = 2;

    /// <exception cref="InvalidDataException">The file is not what a Functions host reads.</exception>
    public static HostSettings Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var extensions = Child(document.RootElement, "extensions");
            var http = Child(extensions, "http");
            var serviceBus = Child(extensions, "serviceBus");
            var defaults = new HostSettings();
            return new HostSettings
            {
                RoutePrefix = Child(http, "routePrefix")?.GetString() ?? defaults.RoutePrefix,
                MaxMessageBatchSize = Child(serviceBus, "maxMessageBatchSize")?.GetInt32() ?? defaults.MaxMessageBatchSize,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"'{path}' is not a valid host.json: {e.Message}", e);
        }
    }

    private static JsonElement? Child(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) ? child : null;
}
