using System.Collections.Frozen;
using CustomerPipeline.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>The dashboard's files. They tell nothing: what the page shows, it asks the API for, with the key of whoever looks at it.</summary>
public static class DashboardFunction
{
    private const string Route = "dashboard";
    private const string Page = "index.html";

    private static readonly FrozenDictionary<string, Lazy<DashboardFile>> Files = new[] { Page, "dashboard.css", "dashboard.js", "api.js", "charts.js", "customer.js", "format.js", "view.js", "icon.svg", "echarts.js" }
        .ToFrozenDictionary(name => name, name => new Lazy<DashboardFile>(() => DashboardFile.Of(name)), StringComparer.Ordinal);

    [Function("Dashboard")]
    public static Task<IActionResult> File([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Route + "/{*file}")] HttpRequest request)
    {
        var path = request.Path.Value!;
        var name = path[(path.IndexOf(Route, StringComparison.OrdinalIgnoreCase) + Route.Length)..];
        return Task.FromResult<IActionResult>(
            name.Length == 0 ? MovedTo(request, $"{path}/")
            : Files.TryGetValue(name == "/" ? Page : name[1..], out var known) ? known.Value
            : Problem.Result(StatusCodes.Status404NotFound, "unknown-file", "The dashboard has no such file."));
    }

    // The page's links are relative to its folder.
    private static StatusCodeResult MovedTo(HttpRequest request, string path)
    {
        request.HttpContext.Response.Headers.Location = $"{request.PathBase}{path}";
        return new StatusCodeResult(StatusCodes.Status308PermanentRedirect);
    }
}
