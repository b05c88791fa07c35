using CustomerPipeline.Functions.Http;
using CustomerPipeline.RocksDb;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>Answers what no function answers: unknown addresses and methods, and faults. Every such answer is a problem document.</summary>
internal static partial class FaultAnswers
{
    public static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (DataFolderException e) when (!context.Response.HasStarted)
        {
            // A full disk is the operator's to free, and the sender's to wait for: nothing of the request was taken.
            LoggerOf(context).LogStorageUnavailable(e.Message);
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "store-unavailable", e.ForCallers);
            return;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            // A body that is too slow, too large or ends early is its sender's fault, and no fault of this host.
            context.Response.Headers.Connection = "close";
            var isSlow = e.StatusCode == StatusCodes.Status408RequestTimeout;
            await AnswerAsync(context, e.StatusCode, isSlow ? "request-too-slow" : "invalid-request", isSlow
                ? "The body took too long to arrive. Send it faster, or in parts." : "The body could not be read to its end. Send the request again.");
            return;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away: there is no reader of an answer, and nothing to repair.
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            LoggerOf(context).LogUnexpected(e, context.Request.Method);
            await AnswerAsync(context, StatusCodes.Status500InternalServerError, "internal-error", "The host failed on this request. Its log has the cause.");
            return;
        }

        if (context.Response is { HasStarted: false, ContentType: null, ContentLength: null, StatusCode: >= 400 and var status })
        {
            var (code, detail) = status switch
            {
                StatusCodes.Status404NotFound => ("unknown-address", "There is no such address. /api/openapi.json describes all there are."),
                StatusCodes.Status405MethodNotAllowed =>
                    ("method-not-allowed", $"This address does not answer {context.Request.Method}. It answers {context.Response.Headers.Allow}."),
                _ => ("invalid-request", "The request cannot be answered as it is. /api/openapi.json describes the requests there are."),
            };
            await AnswerAsync(context, status, code, detail);
        }
    }

    /// <summary>Answers with a problem document.</summary>
    public static Task AnswerAsync(HttpContext context, int status, string code, string detail) =>
        Problem.Result(status, code, detail).ExecuteResultAsync(new ActionContext(context, context.GetRouteData(), new ActionDescriptor()));

    private static ILogger LoggerOf(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(LocalPipeline));

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Reason}")]
    private static partial void LogStorageUnavailable(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A {Method} request failed")]
    private static partial void LogUnexpected(this ILogger logger, Exception exception, string method);
}
