using Azure.Storage.Blobs;

namespace CustomerPipeline.AzureServices.Blobs;

/// <summary>The blob containers.</summary>
/// <param name="RawArchive">Raw messages.</param>
/// <param name="FigureFiles">Published figures.</param>
public sealed record BlobContainers(BlobContainerClient RawArchive, BlobContainerClient FigureFiles);
