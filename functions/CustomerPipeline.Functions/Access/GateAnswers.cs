using System.Text;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace CustomerPipeline.Functions.Access;

/// <summary>The gate in front of every function that answers over HTTP but the health check, the API's description and the dashboard's files.</summary>
internal static class GateAnswers
{
    /// <summary>As Azure Functions has it, so that a client of the one host is a client of the other.</summary>
    public const string KeyHeader = "x-functions-key";

    public const string KeyParameter = "code";

    public const string VersionParameter = "api-version";

    /// <summary>The version of the API. A change that breaks callers makes a new one; this one goes on for a year then.</summary>
    public const string Version = "2026-11-01";

    private const int LongestKey = 256;

    /// <summary>Answers a caller who may ask, and tells all others what is wrong.</summary>
    /// <param name="gate">Decides.</param>
    /// <param name="request">Of the caller.</param>
    /// <param name="scope">What the caller needs.</param>
    /// <param name="answer">Makes the answer, for the caller whose name it is given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IActionResult> AnswerAsync(
        this AccessGate gate, HttpRequest request, string scope, Func<string, Task<IActionResult>> answer, CancellationToken cancellationToken)
    {
        var headers = request.HttpContext.Response.Headers;
        headers["api-supported-versions"] = Version;
        if (request.Query[VersionParameter].ToString() is { Length: > 0 } asked && asked != Version)
        {
            return Problem.Result(StatusCodes.Status400BadRequest, "unsupported-api-version", $"This program speaks {VersionParameter}={Version}.");
        }

        switch (await gate.EnterAsync(CredentialsOf(request), scope, cancellationToken))
        {
            case Admission.Granted granted:
                return await AnswerAsync(answer, granted.Caller);
            case Admission.NotKnown unknown:
                headers.WWWAuthenticate = gate.Challenge;
                return Problem.Result(StatusCodes.Status401Unauthorized, "not-authenticated", unknown.Why);
            case Admission.NotAllowed refused:
                return Problem.Result(StatusCodes.Status403Forbidden, "not-allowed", refused.Why);
            case Admission.TooOften often:
                return Problem.Result(StatusCodes.Status429TooManyRequests, "too-many-requests", "You asked too often. Come back after the time in Retry-After.", often.RetryAfter);
            default:
                throw new InvalidOperationException("An admission has no answer.");
        }
    }

    /// <summary>The same, where it makes no difference to the answer who asks.</summary>
    public static Task<IActionResult> AnswerAsync(this AccessGate gate, HttpRequest request, string scope, Func<Task<IActionResult>> answer, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, scope, _ => answer(), cancellationToken);

    /// <summary>The name of the caller, if the caller has another scope, too.</summary>
    public static ValueTask<string?> WhoMayAsync(this AccessGate gate, HttpRequest request, string scope, CancellationToken cancellationToken) =>
        gate.WhoMayAsync(CredentialsOf(request), scope, cancellationToken);

    // What stands on a damaged document has no answer; everything else has.
    private static async Task<IActionResult> AnswerAsync(Func<string, Task<IActionResult>> answer, string caller)
    {
        try
        {
            return await answer(caller);
        }
        catch (TooManyInstantsException e)
        {
            return Problem.Result(StatusCodes.Status429TooManyRequests, "too-many-instants", $"{e.Message} Come back after the time in Retry-After, or ask for fewer instants (asOf).", TooManyInstantsException.ComeBackAfter);
        }
        catch (CorruptDocumentException e)
        {
            return Problem.Result(StatusCodes.Status500InternalServerError, "damaged-document", e.Message);
        }
    }

    // Excel and Power BI can send a key as the password of Basic authentication, and the libraries of Segment and RudderStack send their write key as its
    // user name, with no password.
    private static Credentials CredentialsOf(HttpRequest request)
    {
        var key = request.Headers[KeyHeader].ToString() is { Length: > 0 } header ? header : request.Query[KeyParameter].ToString();
        string? token = null;
        if (AuthenticationHeader(request) is var (scheme, value))
        {
            token = scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? value : null;
            key = key.Length == 0 && scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? KeyOf(value) : key;
        }

        return new Credentials(key.Length is > 0 and <= LongestKey ? key : null, string.IsNullOrEmpty(token) ? null : token);
    }

    private static (string Scheme, string Value)? AuthenticationHeader(HttpRequest request) =>
        request.Headers[HeaderNames.Authorization].ToString().Split(' ', 2, StringSplitOptions.TrimEntries) is [var scheme, var value] ? (scheme, value) : null;

    private static string KeyOf(string basic)
    {
        Span<byte> bytes = stackalloc byte[2 * LongestKey];
        return basic.Length <= LongestKey * 2 && Convert.TryFromBase64String(basic, bytes, out var length)
            && Encoding.UTF8.GetString(bytes[..length]).Split(':', 2) is [var user, var password]
            ? password.Length > 0 ? password : user
            : "";
    }
}
