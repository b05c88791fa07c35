using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>
/// The host is for this machine. A page that somebody has open in a browser here could still send it requests: under a name of its own that leads to this machine (DNS rebinding), or as a form
/// of another site. Both are refused.
/// </summary>
internal static class LocalRequests
{
    public static Task RefuseOthersAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!IsHere(request.Host.Host))
        {
            return FaultAnswers.AnswerAsync(
                context, StatusCodes.Status421MisdirectedRequest, "wrong-host", "This host answers to localhost, 127.0.0.1 and [::1] only.");
        }

        if (HasTwoLengths(request))
        {
            context.Response.Headers.Connection = "close";
            return FaultAnswers.AnswerAsync(
                context, StatusCodes.Status400BadRequest, "two-lengths", "Send Content-Length or Transfer-Encoding, not both.");
        }

        return IsOfAnotherSite(request)
            ? FaultAnswers.AnswerAsync(context, StatusCodes.Status403Forbidden, "other-site", "Pages of other sites cannot use this host.")
            : next(context);
    }

    // RFC 9112, 6.1 and 6.3: a server in front of this one may have gone by the other of them. The web server goes by Transfer-Encoding, and gives the other
    // header another name.
    private static bool HasTwoLengths(HttpRequest request) =>
        request.Headers.TransferEncoding.Count > 0 && (request.Headers.ContentLength is not null || request.Headers.ContainsKey("X-Content-Length"));

    // Following a link that stands elsewhere is no use of the host by that site.
    private static bool IsOfAnotherSite(HttpRequest request) =>
        (request.Headers[HeaderNames.Origin].ToString() is { Length: > 0 } origin && origin != $"{request.Scheme}://{request.Host}")
        || (request.Headers["Sec-Fetch-Site"] == "cross-site" && !(HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate"));

    private static bool IsHere(string host) => host is "localhost" or "127.0.0.1" or "[::1]";
}
