namespace CustomerPipeline.RocksDb;

/// <summary>The folder of a store, before it is opened.</summary>
internal static class StoreFolder
{
    private const string Current = "CURRENT";
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Whether a folder has a store, whatever its state.</summary>
    public static bool IsStore(string folder) =>
        Directory.Exists(folder)
        && (File.Exists(Path.Combine(folder, Current)) || Directory.EnumerateFiles(folder, "MANIFEST-*").Any() || DataFilesOf(folder).Any());

    /// <summary>
    /// Makes a folder ready to be opened: there, and readable by its owner only. The library creates a new store where it does not find its file
    /// <c>CURRENT</c>, and then deletes the files that the new store does not know, so a folder that has files of a store must have that one too.
    /// </summary>
    /// <returns>Whether a store may be created there.</returns>
    /// <exception cref="DataFolderException">There are files of a store, and <c>CURRENT</c> is missing.</exception>
    public static bool Prepare(string folder)
    {
        var isThere = Directory.Exists(folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else if (!isThere)
        {
            Directory.CreateDirectory(folder, OwnersOnly);
        }

        if (File.Exists(Path.Combine(folder, Current)))
        {
            Protect(folder);
            return false;
        }

        // What a creation leaves that was cut off has no data: logs and tables are made after CURRENT.
        if (DataFilesOf(folder).FirstOrDefault() is { } file)
        {
            throw DataFolderException.OfMissingFile(folder, Current, Path.GetFileName(file));
        }

        Protect(folder);
        return true;
    }

    private static IEnumerable<string> DataFilesOf(string folder) => Directory.EnumerateFiles(folder).Where(file =>
        Path.GetFileName(file) == AcknowledgedWrites.FileName
        || (Path.GetExtension(file) is ".sst" or ".log" && Path.GetFileNameWithoutExtension(file).All(char.IsAsciiDigit)));

    // A folder that many use, such as /tmp, is left as it is.
    private static void Protect(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var mode = File.GetUnixFileMode(folder);
        if ((mode & ~OwnersOnly) != 0 && !mode.HasFlag(UnixFileMode.StickyBit))
        {
            try
            {
                File.SetUnixFileMode(folder, mode & OwnersOnly);
            }
            catch (UnauthorizedAccessException)
            {
                // Somebody else owns the folder, and decides who reads it.
            }
        }
    }
}
