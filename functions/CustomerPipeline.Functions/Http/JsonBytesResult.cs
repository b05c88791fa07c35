using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>An answer whose bytes are ready: needs none of MVC's services, so it works the same in both runtimes.</summary>
internal sealed class JsonBytesResult(int status, string contentType, ReadOnlyMemory<byte> body, TimeSpan? retryAfter = null) : IActionResult
{
    public const string Json = "application/json; charset=utf-8";

    // The answer is JSON and declared so (nosniff): only what JSON itself demands is escaped.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200 with what the writer wrote.</summary>
    public static JsonBytesResult Ok(Action<Utf8JsonWriter> write) => Of(StatusCodes.Status200OK, write);

    /// <summary>What the writer wrote, under a status.</summary>
    public static JsonBytesResult Of(int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            write(writer);
        }

        return new JsonBytesResult(status, Json, buffer.WrittenMemory);
    }

    public async Task ExecuteResultAsync(ActionContext context)
    {
        if (retryAfter is { } wait)
        {
            context.HttpContext.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await AnswerBytes.WriteAsync(context.HttpContext, status, contentType, body);
    }
}

/// <summary>Problem details (RFC 9457) with a stable code.</summary>
public static class Problem
{
    /// <summary>A problem.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="code">Stable, kebab-case.</param>
    /// <param name="detail">What was wrong, and what to do.</param>
    /// <param name="retryAfter">When to come back.</param>
    /// <param name="extension">Writes further members.</param>
    public static IActionResult Result(int status, string code, string detail, TimeSpan? retryAfter = null, Action<Utf8JsonWriter>? extension = null)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", $"urn:customerpipeline:problem:{code}");
            writer.WriteString("title", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status));
            writer.WriteNumber("status", status);
            writer.WriteString("code", code);
            writer.WriteString("detail", detail);
            extension?.Invoke(writer);
            writer.WriteEndObject();
        }

        return new JsonBytesResult(status, "application/problem+json", buffer.WrittenMemory, retryAfter);
    }
}
