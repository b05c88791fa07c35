using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.AzureServices.Blobs;

/// <summary>Files as blobs: an upload replaces a blob whole.</summary>
public sealed class BlobFigureFiles(BlobContainerClient blobs) : IFigureFiles
{
    public async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await blobs.GetBlobClient(path).UploadAsync(
            BinaryData.FromBytes(content), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/vnd.apache.parquet" } }, cancellationToken);
}
