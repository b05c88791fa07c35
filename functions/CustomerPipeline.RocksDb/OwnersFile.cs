namespace CustomerPipeline.RocksDb;

/// <summary>Files that nobody but their owner may read.</summary>
public static class OwnersFile
{
    /// <summary>Writes a file anew. It never has a moment at which others can read it.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }
}
