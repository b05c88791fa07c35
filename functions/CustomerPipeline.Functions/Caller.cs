using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.Functions;

/// <summary>Who calls, for the audit log: the platform's opaque id of a signed-in principal; never a name.</summary>
internal static class Caller
{
    private const string PrincipalId = "X-MS-CLIENT-PRINCIPAL-ID";
    private const int Longest = 64;

    public static string Of(HttpRequest request) =>
        request.Headers[PrincipalId].ToString() is { Length: > 0 and <= Longest } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? id : "key";
}
