using CustomerPipeline.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CustomerPipeline.Functions;

/// <summary>How every answer with a body goes out: kept by no cache, read as what it is declared to be, and, where the asker has it already (<c>If-None-Match</c>), not sent again.</summary>
internal static class AnswerBytes
{
    public static async Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (status == StatusCodes.Status200OK && HttpMethods.IsGet(context.Request.Method))
        {
            var tag = new EntityTagHeaderValue($"\"{StableHash.Of(body.Span)}\"");
            response.Headers.ETag = tag.ToString();
            if (EntityTags.Have(context.Request.Headers.IfNoneMatch, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }
}

/// <summary>What an asker has already.</summary>
internal static class EntityTags
{
    /// <summary>Whether <c>If-None-Match</c> names the tag: compared weakly, as RFC 9110 has it.</summary>
    public static bool Have(StringValues asked, EntityTagHeaderValue tag) =>
        EntityTagHeaderValue.TryParseList(asked, out var known) && known.Any(k => k.Equals(EntityTagHeaderValue.Any) || k.Compare(tag, useStrongComparison: false));
}
