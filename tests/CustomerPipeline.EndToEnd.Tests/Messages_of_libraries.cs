using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>What the libraries of Segment and RudderStack post, whose host option points to the local host.</summary>
public sealed class Messages_of_libraries : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _library = new();
    private HostProcess _host = null!;
    private string _key = null!;

    public async ValueTask InitializeAsync()
    {
        // Webhooks of Segment must be signed here; libraries cannot sign, and show a key.
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "settings.json"),
            """{ "Webhooks": {"segment": {"secrets": ["s"]}}, "DefaultCurrency": "EUR" }""");
        _key = new ApiKeys(_folder.Path, TimeProvider.System).Add("shop", [Scope.MessagesWrite]);
        _host = await HostProcess.StartAsync(_folder.Path);
        _host.Http.DefaultRequestHeaders.Add("x-functions-key", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "host.key")));
    }

    public async ValueTask DisposeAsync()
    {
        _library.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Of_each_call_become_messages_of_segment_that_count_once_when_they_are_sent_again()
    {
        const string Person = "\"userId\":\"u1\",\"timestamp\":\"2026-02-03T10:00:00Z\"";
        for (var time = 0; time < 2; time++)
        {
            await AcceptedAsync("identify",
                $$"""{"messageId":"m1",{{Person}},"traits":{"email":"jo@example.com"},"writeKey":"{{_key}}","sentAt":"2026-02-03T10:00:0{{time}}Z"}""");
            await AcceptedAsync("track", $$"""
                {"messageId":"m2",{{Person}},"event":"Order Completed","properties":{"order_id":"o1","revenue":20,"currency":"EUR"} }
                """);
            await AcceptedAsync("page", $$"""{"messageId":"m3",{{Person}}}""");
            await AcceptedAsync("screen", $$"""{"messageId":"m4",{{Person}}}""");
            await AcceptedAsync("alias", $$"""{"messageId":"m5",{{Person}},"previousId":"a1"}""");
            await AcceptedAsync("group", $$"""{"messageId":"m6",{{Person}},"groupId":"g1"}""");
            await AcceptedAsync("batch", $$"""
                {"batch":[{"type":"track","messageId":"m7",{{Person}},"event":"Order Completed","properties":{"order_id":"o2","revenue":5,"currency":"EUR"} }],
                 "sentAt":"2026-02-03T10:00:0{{time}}Z"}
                """);
        }

        var messages = (await _host.DrainAsync()).GetProperty("messages");

        Assert.Equal((14, 6, 6, 2, 0), (Count("received"), Count("stored"), Count("duplicate"), Count("ignored"), Count("quarantined")));
        Assert.Equal("25.00", (await _host.GetAsync("/api/metrics/net-sales")).GetProperty("value")[0].GetProperty("value").GetString());
        Assert.All(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories), file => Assert.False(Holds(file, _key), file));
        long Count(string outcome) => messages.GetProperty(outcome).GetInt64();
    }

    [Fact]
    public async Task Are_unpacked_within_a_limit()
    {
        var batch = Encoding.UTF8.GetBytes($$"""
            {"batch":[{"type":"page","messageId":"m1","anonymousId":"a","timestamp":"2026-02-03T10:00:00Z",
                       "context":{"filler":"{{new string('x', 450_000)}}"} }]}
            """);
        using var packed = await SendAsync("batch", new ByteArrayContent(Packed(batch)), "gzip");
        using var bomb = await SendAsync("batch", new ByteArrayContent(Packed(new byte[64 << 20])), "gzip");
        using var damaged = await SendAsync("batch", new ByteArrayContent([.. Packed(batch)[..40], 1, 2, 3]), "gzip");
        using var twice = await SendAsync("batch", new ByteArrayContent(Packed(Packed(batch))), "gzip, gzip");
        using var other = await SendAsync("batch", new ByteArrayContent(batch), "br");

        Assert.Equal((HttpStatusCode.OK, """{"success":true,"accepted":1,"rejected":0}"""), (packed.StatusCode, await packed.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest), (bomb.StatusCode, damaged.StatusCode));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType), (twice.StatusCode, other.StatusCode));
        Assert.Equal(1, (await _host.DrainAsync()).GetProperty("messages").GetProperty("received").GetInt64());
    }

    [Theory]
    [InlineData("moons", "{}", 404, "unknown-call")]
    [InlineData("batch", "[]", 400, "invalid-body")]
    [InlineData("track", "{", 400, "invalid-body")]
    public async Task Of_another_form_are_refused(string call, string body, int status, string code)
    {
        using var answer = await SendAsync(call, new StringContent(body));

        Assert.Equal(((HttpStatusCode)status, code),
            (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString()));
    }

    /// <summary>Where no key was ever made everybody on this machine may post, and the signature is all that tells the vendor from others.</summary>
    [Fact]
    public async Task Without_any_key_are_held_to_the_signature_that_the_source_needs()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "settings.json"), """{ "Webhooks": {"segment": {"secrets": ["s"]}} }""");
        await using var host = await HostProcess.StartAsync(folder.Path);

        using var answer = await host.PostAsync("/v1/page", """{"messageId":"m1","anonymousId":"a"}""");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task AcceptedAsync(string call, string body)
    {
        using var answer = await SendAsync(call, new StringContent(body));

        Assert.Equal((HttpStatusCode.OK, """{"success":true,"accepted":1,"rejected":0}"""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    private async Task<HttpResponseMessage> SendAsync(string call, HttpContent content, string? encoding = null)
    {
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_host.Http.BaseAddress!, $"/v1/{call}")) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_key}:")));
        if (encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        var answer = await _library.SendAsync(request);
        await ApiDescription.HoldAgainstAsync(request, answer);
        return answer;
    }

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static bool Holds(string file, string text)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    }
}
