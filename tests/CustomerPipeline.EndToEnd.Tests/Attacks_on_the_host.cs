using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>A host that is attacked.</summary>
public sealed class AttackedHost : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public HostProcess Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await HostProcess.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>What docs/security.md promises of the door: after each attack the host answers others as before.</summary>
public sealed class Attacks_on_the_host(AttackedHost attacked) : IClassFixture<AttackedHost>
{
    private HostProcess Host => attacked.Host;

    /// <summary>Two who read a request differently can be played off against each other: what can be read in two ways is refused, and the connection ends.</summary>
    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcd")]
    [InlineData("Content-Length: +4\r\n\r\nabcd")]
    [InlineData("Transfer-Encoding: xchunked\r\n\r\nabcd")]
    [InlineData("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 4\n\nabcd")]
    [InlineData("X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n")]
    public async Task By_requests_that_can_be_read_in_two_ways_are_refused(string rest)
    {
        var answers = await RawAsync("POST /api/ingest/shopify HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Shopify-Topic: orders/create\r\n" + rest);

        Assert.DoesNotContain("202 Accepted", answers, StringComparison.Ordinal);
        Assert.DoesNotContain("\"messages\"", answers, StringComparison.Ordinal);
        await AssertAliveAsync();
    }

    /// <summary>A body that is fine by one of its two lengths, and holds another request by the other one.</summary>
    [Fact]
    public async Task By_bodies_of_two_lengths_are_refused()
    {
        const string Body = "{\"type\":\"page\",\"messageId\":\"1\"}";
        var answers = await RawAsync("POST /api/ingest/segment HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Body.Length + 50}\r\nTransfer-Encoding: chunked\r\n\r\n{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n"
            + "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answers, StringComparison.Ordinal);
        Assert.DoesNotContain(" 200 OK", answers, StringComparison.Ordinal);
        await AssertAliveAsync();
    }

    [Theory]
    [InlineData("/dashboard/../../../../etc/passwd")]
    [InlineData("/dashboard/%2e%2e/%2e%2e/host.json")]
    [InlineData("/dashboard/..%2f..%2fhost.json")]
    [InlineData("/dashboard/..%5c..%5chost.json")]
    [InlineData("/dashboard//etc/passwd")]
    [InlineData("/dashboard/index.html%00.js")]
    [InlineData("/api/customers/..%2f..%2fapi%2faudit")]
    [InlineData("/api/quarantine/messages/..%2f..%2f..%2fkeys.json")]
    [InlineData("/api/metrics/net-sales%2fexplain%00")]
    public async Task By_paths_lead_nowhere(string path)
    {
        var answer = await RawAsync($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");

        Assert.Matches("^HTTP/1.1 (400|404|421) ", answer);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        await AssertAliveAsync();
    }

    /// <summary>A few kilobytes that would be gigabytes.</summary>
    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("gzip, gzip")]
    public async Task By_compressed_bodies_are_not_unpacked(string encoding)
    {
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[64 * 1024 * 1024]);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ingest/shopify") { Content = new ByteArrayContent(bomb.ToArray()) };
        request.Content.Headers.ContentType = new("application/json");
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var answer = await Host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        await AssertAliveAsync();
    }

    [Fact]
    public async Task By_deep_json_end_in_quarantine()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 20_000)) + "1" + new string('}', 20_000);

        using var answer = await Host.PostAsync("/api/ingest/segment", deep);

        Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.BadRequest, $"{answer.StatusCode}");
        await Host.DrainAsync();
        await AssertAliveAsync();
    }

    [Fact]
    public async Task By_long_headers_and_addresses_are_refused()
    {
        var long_ = new string('a', 200_000);
        Assert.Matches("^HTTP/1.1 4", await RawAsync($"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: {long_}\r\n\r\n"));
        Assert.Matches("^HTTP/1.1 4", await RawAsync($"GET /api/status?q={long_} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        Assert.Matches("^HTTP/1.1 4", await RawAsync($"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\n{string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: 1\r\n"))}\r\n"));
        await AssertAliveAsync();
    }

    /// <summary>What callers send must not look like a line of the log, or like a header of an answer.</summary>
    [Fact]
    public async Task By_line_breaks_reach_neither_log_nor_headers()
    {
        const string Forged = "crit: forged[0] all is lost";
        await RawAsync($"POST /api/ingest/shopify%0d%0a{Uri.EscapeDataString(Forged)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n");
        using var handshake = new HttpRequestMessage(HttpMethod.Options, "/api/events");
        handshake.Headers.TryAddWithoutValidation("WebHook-Request-Origin", $"a.example%0d%0aSet-Cookie: {Forged}");
        using var shaken = await Host.Http.SendAsync(handshake);
        using var answer = await Host.PostAsync("/api/ingest/segment", JsonSerializer.Serialize(new { type = $"\r\n{Forged}", messageId = "1", anonymousId = "a", timestamp = "2026-02-03T10:00:00Z" }));
        await Host.DrainAsync();

        Assert.Equal(HttpStatusCode.BadRequest, shaken.StatusCode);
        Assert.DoesNotContain(Host.Output.Split('\n'), line => line.StartsWith("crit", StringComparison.Ordinal));
        await AssertAliveAsync();
    }

    /// <summary>Many who say little and slowly keep nobody else waiting.</summary>
    [Fact]
    public async Task By_connections_that_never_finish_keep_nobody_waiting()
    {
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Host.Http.BaseAddress!.Port);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /api/ingest/shopify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"));
                clients.Add(client);
            }

            await AssertAliveAsync();
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    /// <summary>Four uploads that take all the room there is but four bytes, and stop before the last byte.</summary>
    [Fact]
    public async Task By_uploads_that_stop_hold_no_room_for_longer_than_their_time()
    {
        const int Promised = 32 << 20;
        const string NeedsFiveBytes = "{}   ";
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "settings.json"), "{\"UploadSeconds\":12}");
        await using var host = await HostProcess.StartAsync(folder.Path);
        var body = new byte[Promised - 1];
        Array.Fill(body, (byte)'\n');
        var ending = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StopBeforeTheEndAsync()));

        // What a client has sent, the host has not read at once: until the uploads end, there is a time when there is no room.
        var meanwhile = HttpStatusCode.Accepted;
        while (meanwhile == HttpStatusCode.Accepted && !ending.IsCompleted)
        {
            await Task.Delay(100);
            using var answer = await host.PostAsync("/api/ingest/segment", NeedsFiveBytes, "application/x-ndjson");
            meanwhile = answer.StatusCode;
        }

        var answers = await ending;
        using var after = await host.PostAsync("/api/ingest/segment", NeedsFiveBytes, "application/x-ndjson");

        Assert.Equal(HttpStatusCode.TooManyRequests, meanwhile);
        Assert.All(answers, a => Assert.StartsWith("HTTP/1.1 408 ", a, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Accepted, after.StatusCode);
        Assert.DoesNotContain("unhandled", host.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("fail:", host.Output, StringComparison.Ordinal);

        // The first line of the answer. An upload that found no room for its rest, because another one had it for a moment, comes again.
        async Task<string?> StopBeforeTheEndAsync()
        {
            while (true)
            {
                using var client = new TcpClient();
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                await client.ConnectAsync(IPAddress.Loopback, host.Http.BaseAddress!.Port, patience.Token);
                string? answer;
                try
                {
                    await client.GetStream().WriteAsync(
                        Encoding.ASCII.GetBytes($"POST /api/ingest/segment HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\nContent-Length: {Promised}\r\n\r\n"), patience.Token);
                    await client.GetStream().WriteAsync(body, patience.Token);
                    using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                    answer = await reader.ReadLineAsync(patience.Token);
                }
                catch (IOException)
                {
                    // The host ended the connection while the rest was being sent.
                    continue;
                }

                if (answer?.StartsWith("HTTP/1.1 429 ", StringComparison.Ordinal) == false)
                {
                    return answer;
                }
            }
        }
    }

    [Fact]
    public async Task By_methods_and_versions_that_are_none_are_refused()
    {
        Assert.Matches("^HTTP/1.1 (400|405)", await RawAsync("TRACE /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
        Assert.Matches("^HTTP/1.1 (400|405)", await RawAsync("PUT /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        Assert.Matches("^HTTP/1.1 505", await RawAsync("GET /api/status HTTP/7.7\r\nHost: 127.0.0.1\r\n\r\n"));
        Assert.DoesNotContain("200 OK", await RawAsync("GET /api/status HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        await AssertAliveAsync();
    }

    private async Task AssertAliveAsync() => Assert.Equal("healthy", (await Host.GetAsync("/health")).GetProperty("status").GetString());

    // All that comes back within a moment, or until the connection ends.
    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Host.Http.BaseAddress!.Port);
        var stream = client.GetStream();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), patience.Token);
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Hung up on, or nothing more came.
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }
}
