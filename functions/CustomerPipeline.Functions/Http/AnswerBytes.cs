using CustomerPipeline.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CustomerPipeline.Functions.Http;

/// <summary>How every answer with a body goes out: kept by no cache, read as what it is declared to be, and, where the asker has it already (<c>If-None-Match</c>), not sent again.</summary>
internal static class AnswerBytes
{
    public static async Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        var isHead = HttpMethods.IsHead(context.Request.Method);
        if (status == StatusCodes.Status200OK && (isHead || HttpMethods.IsGet(context.Request.Method)) && EntityTags.IsKnown(context, EntityTags.Of(body.Span)))
        {
            return;
        }

        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!isHead)
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}

/// <summary>Names of answers, by which askers say what they have already.</summary>
internal static class EntityTags
{
    public static EntityTagHeaderValue Of(ReadOnlySpan<byte> body) => new($"\"{StableHash.Of(body)}\"");

    /// <summary>Names the answer. Where the asker has it, it is answered so (304), and there is nothing left to send.</summary>
    public static bool IsKnown(HttpContext context, EntityTagHeaderValue tag)
    {
        context.Response.Headers.ETag = tag.ToString();
        if (!Has(context.Request.Headers.IfNoneMatch, tag))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    // Compared weakly, as RFC 9110 has it.
    private static bool Has(StringValues asked, EntityTagHeaderValue tag) =>
        EntityTagHeaderValue.TryParseList(asked, out var known) && known.Any(k => k.Equals(EntityTagHeaderValue.Any) || k.Compare(tag, useStrongComparison: false));
}
