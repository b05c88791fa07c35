using System.IO.Compression;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace CustomerPipeline.Functions.Http;

/// <summary>A file of the dashboard. The page may load nothing from elsewhere, run no script but its own, and stand in no frame.</summary>
internal sealed class DashboardFile : IActionResult
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly string _contentType;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ReadOnlyMemory<byte> _compressed;
    private readonly EntityTagHeaderValue _tag;

    private DashboardFile(string contentType, ReadOnlyMemory<byte> bytes)
    {
        (_contentType, _bytes, _compressed) = (contentType, bytes, Compress(bytes));
        _tag = EntityTags.Of(bytes.Span);
    }

    public static DashboardFile Of(string name) => new(
        Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            var other => throw new ArgumentException($"Files of the kind {other} have no content type.", nameof(name)),
        },
        AppResource.Read($"Dashboard.{name}"));

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers.CacheControl = "no-cache";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (EntityTags.IsKnown(context.HttpContext, _tag))
        {
            return;
        }

        var isCompressed = request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (isCompressed)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        var body = isCompressed ? _compressed : _bytes;
        response.ContentType = _contentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.HttpContext.RequestAborted);
    }

    private static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes.Span);
        }

        return compressed.ToArray();
    }
}
