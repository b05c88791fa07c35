using System.Net;
using System.Text.Json;
using CustomerPipeline.Cli.Commands;
using Microsoft.AspNetCore.Builder;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>A host to talk to: the one that runs on the data folder, or one of our own for as long as the command takes.</summary>
internal sealed class HostSession : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly WebApplication? _own;

    private HostSession(HttpClient http, WebApplication? own) => (Http, _own) = (http, own);

    /// <summary>Reaches the host.</summary>
    public HttpClient Http { get; }

    /// <summary>Nobody else runs on the folder: the command waits until its work is done.</summary>
    public bool IsOwn => _own is not null;

    /// <summary>Finds or starts a host.</summary>
    /// <param name="options">The folder, and the rules of a host of our own.</param>
    /// <param name="works">Whether a host of our own works on messages, or only answers.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public static async Task<HostSession> OpenAsync(LocalOptions options, bool works, CancellationToken cancellationToken)
    {
        using (var looking = new HttpClient())
        {
            if (await HostAddress.FindAsync(options.DataFolder, looking, cancellationToken) is { } running)
            {
                return new HostSession(ClientOf(running, await HostAddress.OperatorKeyAsync(options.DataFolder, cancellationToken)), null);
            }
        }

        var app = LocalPipeline.Build(options with { Port = 0 }, works);
        await app.StartAsync(cancellationToken);
        return new HostSession(ClientOf(new Uri(HostAddress.Of(app)), HostAddress.OperatorKeyOf(app)), app);
    }

    /// <summary>Sends a request and gives the JSON of the answer; none for an answer without a body.</summary>
    /// <param name="method">GET, POST or DELETE.</param>
    /// <param name="path">With its query.</param>
    /// <param name="content">Makes the body, anew for each time it is sent.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CommandException">The host refused, and the message is the host's; or it does not answer.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, Func<HttpContent>? content, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var answer = await AnswerAsync(method, path, content, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter?.Delta is { } wait)
            {
                await Task.Delay(wait, cancellationToken);
                continue;
            }

            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            var body = bytes.Length == 0 ? default : JsonSerializer.Deserialize(bytes, HostAnswers.Default.JsonElement);
            return answer.IsSuccessStatusCode ? body
                : throw new CommandException(body.ValueKind == JsonValueKind.Object && body.TryGetProperty("detail", out var detail) ? detail.GetString()! : $"The host answered {(int)answer.StatusCode}.");
        }
    }

    // With its whole body, so that nothing that is read of it later can fail.
    private async Task<HttpResponseMessage> AnswerAsync(HttpMethod method, string path, Func<HttpContent>? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content?.Invoke() };
        try
        {
            return await Http.SendAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CommandException(
                $"The host at {Http.BaseAddress} does not answer any more. Start it again and repeat the command: what it took already counts once.");
        }
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Waits until everything received has arrived in the metrics, and gives the status.</summary>
    public async Task<JsonElement> DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var status = await GetAsync("/api/status", cancellationToken);
            if (status.GetProperty("stages").EnumerateArray().All(s => s.TryGetProperty("backlog", out var backlog) && backlog.GetInt64() == 0))
            {
                return status;
            }

            await Task.Delay(LookEvery, cancellationToken);
        }
    }

    private static HttpClient ClientOf(Uri host, string? key)
    {
        var client = new HttpClient { BaseAddress = host, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.Add("x-functions-key", key);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_own is not null)
        {
            await _own.StopAsync();
            await _own.DisposeAsync();
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class HostAnswers : System.Text.Json.Serialization.JsonSerializerContext;
