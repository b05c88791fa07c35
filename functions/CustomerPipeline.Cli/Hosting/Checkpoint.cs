using System.Security.Cryptography;
using System.Text;
using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>
/// The one request that the host answers to its operator alone: a copy of its store as it is now, beside it, for the command <c>backup</c>. The place is the host's choice, and the key is in a file that
/// the owner of the data folder alone can read.
/// </summary>
internal static class Checkpoint
{
    public const string Path = "/local/checkpoint";

    public static async Task AnswerAsync(HttpContext context)
    {
        var key = context.Request.Headers["x-functions-key"].ToString();
        var operators = context.RequestServices.GetRequiredService<ApiKeyAccess>().OperatorKey;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(operators)))
        {
            await FaultAnswers.AnswerAsync(context, StatusCodes.Status401Unauthorized, "not-authenticated", "Only the operator's commands may ask for this.");
            return;
        }

        await context.RequestServices.GetRequiredService<RocksEngine>().CheckpointAsync(context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
