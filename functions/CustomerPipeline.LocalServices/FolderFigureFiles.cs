using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.LocalServices;

/// <summary>Files in a folder: written beside their place, made durable, and moved there.</summary>
public sealed class FolderFigureFiles(string folder) : IFigureFiles
{
    public async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var target = Path.Combine([folder, .. path.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var written = target + ".tmp";
        await using (var file = new FileStream(written, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await file.WriteAsync(content, cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(written, target, overwrite: true);
    }
}
