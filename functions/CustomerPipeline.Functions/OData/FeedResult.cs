using CustomerPipeline.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OData;

namespace CustomerPipeline.Functions.OData;

/// <summary>An answer of the feed, as the OData library writes it.</summary>
internal sealed class FeedResult : IActionResult
{
    private const string Version = "OData-Version";

    private readonly int _status;
    private readonly Message _message = new();

    private FeedResult(int status) => _status = status;

    /// <summary>What a writer of the library writes.</summary>
    public static FeedResult Of(ODataMessageWriterSettings settings, Action<ODataMessageWriter> write, int status = StatusCodes.Status200OK)
    {
        settings.Version = ODataVersion.V4;
        settings.EnableMessageStreamDisposal = false;
        var result = new FeedResult(status);
        try
        {
            using var writer = new ODataMessageWriter(result._message, settings, FeedModel.Edm);
            write(writer);
            return result;
        }
        catch (ODataException e) when (e is not ODataContentTypeException)
        {
            // Nothing that the client asked for: the rows do not fit the model.
            throw new InvalidOperationException($"The feed cannot be written: {e.Message}", e);
        }
    }

    /// <summary>An error in OData's form.</summary>
    public static FeedResult Error(int status, string code, string message)
    {
        var settings = new ODataMessageWriterSettings();
        settings.SetContentType(ODataFormat.Json);
        return Of(settings, writer => writer.WriteError(new ODataError { Code = code, Message = message }, includeDebugInformation: false), status);
    }

    /// <summary>A text, such as a count.</summary>
    public static FeedResult Text(string text)
    {
        var result = new FeedResult(StatusCodes.Status200OK);
        result._message.SetHeader("Content-Type", "text/plain;charset=utf-8");
        result._message.SetHeader(Version, "4.0");
        result._message.GetStream().Write(System.Text.Encoding.UTF8.GetBytes(text));
        return result;
    }

    public async Task ExecuteResultAsync(ActionContext context)
    {
        context.HttpContext.Response.Headers[Version] = _message.GetHeader(Version);
        await AnswerBytes.WriteAsync(context.HttpContext, _status, _message.GetHeader("Content-Type"), _message.Body.GetBuffer().AsMemory(0, (int)_message.Body.Length));
    }

    private sealed class Message : IODataResponseMessage
    {
        private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

        public MemoryStream Body { get; } = new();

        public IEnumerable<KeyValuePair<string, string>> Headers => _headers;

        public int StatusCode { get; set; }

        public string GetHeader(string headerName) => _headers.GetValueOrDefault(headerName)!;

        public void SetHeader(string headerName, string headerValue) => _headers[headerName] = headerValue;

        public Stream GetStream() => Body;
    }
}
