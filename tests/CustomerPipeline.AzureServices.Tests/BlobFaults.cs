using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>Lets calls of Blob Storage fail, before they take effect or after.</summary>
internal sealed class BlobFaults : HttpPipelinePolicy
{
    /// <summary>Null: the call works. True: it takes effect, and its answer is lost. False: it never arrives.</summary>
    public Func<bool?> Next { get; set; } = () => null;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The adapters call asynchronously.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var fault = Next();
        if (fault is not false)
        {
            await ProcessNextAsync(message, pipeline);
        }

        if (fault is not null)
        {
            throw new RequestFailedException(503, "A planned fault.");
        }
    }
}
