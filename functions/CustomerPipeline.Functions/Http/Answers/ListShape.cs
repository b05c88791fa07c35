using System.ComponentModel;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>A list as every answer has it: the entries of the page, and the address of the next one.</summary>
internal sealed record ListShape<T>(
    IEnumerable<T> Value,
    [property: Description("Where the next page is; absent on the last one.")] string? NextLink = null);
