using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.LocalRuntime.Tests;

public sealed class A_method_that_cannot_be_bound
{
    [Theory]
    [InlineData(nameof(Declared.NoTrigger), "exactly one trigger")]
    [InlineData(nameof(Declared.Unbatched), "IsBatched = true")]
    [InlineData(nameof(Declared.WrongList), "IReadOnlyList<T>")]
    [InlineData(nameof(Declared.WrongTimer), "TimerInfo")]
    [InlineData(nameof(Declared.WrongResult), "IActionResult")]
    [InlineData(nameof(Declared.WrongReturn), "must return Task")]
    [InlineData(nameof(Declared.Stranger), "'stranger'")]
    public void Is_refused_with_its_name_and_the_reason(string method, string why)
    {
        var refused = Assert.Throws<FunctionBindingException>(() => BoundFunction.Of(typeof(Declared).GetMethod(method)!));

        Assert.Contains($"'{method}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private static class Declared
    {
        [Function(nameof(NoTrigger))]
        public static Task NoTrigger(string[] messages) => Task.FromResult(messages);

        [Function(nameof(Unbatched))]
        public static Task Unbatched([ServiceBusTrigger("q")] string message) => Task.FromResult(message);

        [Function(nameof(WrongList))]
        public static Task WrongList([CosmosDBTrigger("d", "c")] string[] changes) => Task.FromResult(changes);

        [Function(nameof(WrongTimer))]
        public static Task WrongTimer([TimerTrigger("0 0 0 * * *")] string timer) => Task.FromResult(timer);

        [Function(nameof(WrongResult))]
        public static Task WrongResult([HttpTrigger("get")] HttpRequest request) => Task.FromResult(request);

        [Function(nameof(WrongReturn))]
        public static void WrongReturn([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => ArgumentNullException.ThrowIfNull(timer);

        [Function(nameof(Stranger))]
        public static Task<IActionResult> Stranger([HttpTrigger("get", Route = "x/{id}")] HttpRequest request, string id, string stranger) =>
            Task.FromResult<IActionResult>(new OkObjectResult((request, id, stranger)));
    }
}
