using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace CustomerPipeline.Contracts;

/// <summary>A host that runs somewhere and is reached over HTTP. Every answer of it must be one that the API's description knows of.</summary>
public abstract class RunningHost : IAsyncDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public HttpClient Http { get; } = new(new DescribedAnswers()) { Timeout = Patience };

    /// <summary>What it has said so far.</summary>
    public abstract string Output { get; }

    public async Task<HttpResponseMessage> PostAsync(string path, string body, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new(contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request);
    }

    public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Waits until everything received is in the metrics, and gives the status. On a busy machine that takes long: what nothing moves in any more has failed.</summary>
    public async Task<JsonElement> DrainAsync()
    {
        var (waiting, before) = (Stopwatch.StartNew(), "");
        while (true)
        {
            var status = await GetAsync("/api/status");
            var backlogs = string.Join(' ', status.GetProperty("stages").EnumerateArray().Select(s => s.TryGetProperty("backlog", out var backlog) ? backlog.GetRawText() : ""));
            if (backlogs != before)
            {
                (before, waiting) = (backlogs, Stopwatch.StartNew());
            }

            if (status.GetProperty("stages").EnumerateArray().All(s => s.TryGetProperty("backlog", out var backlog) && backlog.GetInt64() == 0))
            {
                return status;
            }

            Assert.True(waiting.Elapsed < Patience, $"The pipeline does not get done: {status} {Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until the host has written a text: its words come by another way than its answers, and may be later.</summary>
    public async Task SaysAsync(string text)
    {
        var waiting = Stopwatch.StartNew();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(waiting.Elapsed < Patience, $"The host does not say '{text}', but: {Output}");
            await Task.Delay(20);
        }
    }

    public virtual ValueTask DisposeAsync()
    {
        Http.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
