using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace CustomerPipeline.Functions.Http;

/// <summary>An answer whose bytes are ready: needs none of MVC's services, so it works the same in both runtimes.</summary>
internal sealed class JsonBytesResult(int status, string contentType, ReadOnlyMemory<byte> body, TimeSpan? retryAfter = null) : IActionResult
{
    public const string Json = "application/json; charset=utf-8";

    // The answer is JSON and declared so (nosniff): only what JSON itself demands is escaped.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200 with an answer.</summary>
    public static JsonBytesResult Ok<T>(T answer) => Of(StatusCodes.Status200OK, answer);

    /// <summary>An answer under a status.</summary>
    public static JsonBytesResult Of<T>(int status, T answer)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            AnswerWriter.Write(writer, answer);
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
    public static IActionResult Result(int status, string code, string detail, TimeSpan? retryAfter = null) => Result(Of(status, code, detail), retryAfter);

    /// <summary>A problem with members of its own.</summary>
    internal static IActionResult Result(ProblemShape problem, TimeSpan? retryAfter = null)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            AnswerWriter.Write(writer, problem);
        }

        return new JsonBytesResult(problem.Status, "application/problem+json", buffer.WrittenMemory, retryAfter);
    }

    /// <summary>The members that every problem has.</summary>
    internal static ProblemShape Of(int status, string code, string detail) =>
        new(new Uri($"urn:customerpipeline:problem:{code}"), ReasonPhrases.GetReasonPhrase(status), status, code, detail);
}
