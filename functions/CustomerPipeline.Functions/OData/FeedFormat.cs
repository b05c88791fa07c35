using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Microsoft.OData;

namespace CustomerPipeline.Functions.OData;

/// <summary>What a client can read ("OData Version 4.0 Part 1: Protocol", 8.1.5, 8.2.1, 8.2.7 and 11.2.10): its versions and its media types.</summary>
internal static class FeedFormat
{
    private const string Json = "application/json";
    private const string Xml = "application/xml";

    /// <summary>Returns the answer to a client that speaks none of the versions there are; null for any other.</summary>
    public static FeedResult? Refusal(HttpRequest request)
    {
        if (VersionOf(request, "OData-Version") is { } written && written is not (4.0m or 4.01m))
        {
            return FeedResult.Error(StatusCodes.Status400BadRequest, "unsupported-version", "OData-Version must be 4.0 or 4.01.");
        }

        return VersionOf(request, "OData-MaxVersion") is { } highest && highest < 4.0m
            ? FeedResult.Error(
                StatusCodes.Status406NotAcceptable, "unsupported-version",
                "This feed answers in OData 4.0, which is later than the OData-MaxVersion of the request. Use a client of OData 4.0.")
            : null;
    }

    /// <summary>Sets the format of rows, documents and errors.</summary>
    /// <exception cref="ODataContentTypeException">The client accepts no JSON.</exception>
    public static void ChooseJson(HttpRequest request, ODataMessageWriterSettings settings)
    {
        var (asked, accepted) = (request.Query["$format"].ToString(), request.Headers.Accept.ToString());
        if (asked.Length > 0)
        {
            settings.SetContentType(asked == "json" ? Json : asked, "utf-8");
        }
        else if (accepted.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            settings.SetContentType(accepted, "utf-8");
        }
        else if (Accepts(request, Json))
        {
            settings.SetContentType(ODataFormat.Json);
        }
        else
        {
            throw new ODataContentTypeException("The client accepts no JSON.");
        }
    }

    /// <summary>Sets the format of the metadata document: XML, because OData 4.0 has no other.</summary>
    /// <exception cref="ODataContentTypeException">The client accepts no XML.</exception>
    public static void ChooseXml(HttpRequest request, ODataMessageWriterSettings settings)
    {
        if (request.Query["$format"].ToString() is { Length: > 0 } asked ? asked is not ("xml" or Xml) : !Accepts(request, Xml))
        {
            throw new ODataContentTypeException("The client accepts no XML.");
        }

        settings.SetContentType(ODataFormat.Metadata);
    }

    // Older clients of Microsoft write their name behind it: 4.0;NetFx.
    private static decimal? VersionOf(HttpRequest request, string header) =>
        request.Headers[header].ToString().Split(';')[0].Trim() is { Length: > 0 } text
            ? decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) ? version : 0 : null;

    // RFC 9110, 12.5.1: the most specific range that fits decides.
    private static bool Accepts(HttpRequest request, string mediaType) => request.Headers.Accept.Count == 0
        || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges)
        || ranges.Where(r => r.MatchesAllTypes
                || (r.MatchesAllSubTypes && mediaType.StartsWith($"{r.Type}/", StringComparison.OrdinalIgnoreCase))
                || r.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase))
            .OrderBy(r => r.MatchesAllTypes ? 2 : r.MatchesAllSubTypes ? 1 : 0).FirstOrDefault() is { Quality: not 0 };
}
