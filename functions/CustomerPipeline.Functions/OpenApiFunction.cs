using CustomerPipeline.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>
/// What can be asked over HTTP, for people and programs. Paths are written by hand and schemas exported from the records of the answers; tests compare
/// both with the functions and with every answer.
/// </summary>
public static class OpenApiFunction
{
    private static readonly ReadOnlyMemory<byte> Description = AppResource.Read("OpenApi.openapi.json");

    [Function("OpenApi")]
    public static Task<IActionResult> Describe([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/openapi.json")] HttpRequest request) =>
        Task.FromResult<IActionResult>(new JsonBytesResult(StatusCodes.Status200OK, JsonBytesResult.Json, Description));
}
