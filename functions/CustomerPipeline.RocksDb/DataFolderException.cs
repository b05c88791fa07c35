using CustomerPipeline.RocksDb.Native;

namespace CustomerPipeline.RocksDb;

/// <summary>The data folder cannot be used: what is wrong with it, and what to do. What was acknowledged before is safe.</summary>
public sealed class DataFolderException : IOException
{
    private DataFolderException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>What callers over HTTP are answered: without the folder's name.</summary>
    public string ForCallers { get; private init; } = "The store cannot be written to. The host's log has the cause.";

    /// <summary>The file with the API keys is there and cannot be read.</summary>
    public static DataFolderException OfKeys(string file, Exception cause) => new(
        $"The API keys in '{file}' cannot be read: {cause.Message} The host lets nobody in before the file is restored from a copy.", cause)
    {
        ForCallers = "The host cannot read its API keys (keys.json of the data folder), and lets nobody in. Its operator must restore the file.",
    };

    internal static DataFolderException From(string folder, Exception cause) => new(Explain(folder, cause.Message), cause);

    internal static DataFolderException OfNewerProgram(string folder, long format, long known) =>
        new($"The data folder '{folder}' has format {format}, and this program knows {known}: a newer version made it. Use that one.", null);

    internal static DataFolderException OfMissingFile(string folder, string missing, string found) => new(
        $"The data folder '{folder}' has files of a store ('{found}'), and its file '{missing}' is missing. Nothing was changed. "
        + "Restore the folder from a copy, or choose an empty folder with --data.", null);

    internal static DataFolderException OfDamagedNumber(string folder, string file) => new(
        $"The file '{file}' of the data folder '{folder}' is damaged: whether acknowledged messages are missing cannot be said. Nothing was changed. "
        + "Restore the folder from a copy, or delete the file, start again and run verify.", null);

    internal static DataFolderException OfLostWrites(string folder, long lost, string file, Exception? cause) => new(
        $"The data folder '{folder}' is damaged: the last {lost} writes that were acknowledged are not in its log ({cause?.Message ?? "it ends before them"}). "
        + $"Restore the folder from a copy. To go on without them, delete its file '{file}', start again, and have sent again what senders sent last.", cause);

    internal static DataFolderException OfBackup(string message, Exception? cause) => new(message, cause);

    internal static bool IsStorageFault(Exception exception) => exception is not DataFolderException and (RocksDbException or IOException or UnauthorizedAccessException);

    /// <summary>Whether what was to be read is there, but not as it was written.</summary>
    internal static bool IsDamage(RocksDbException exception) => exception.Message.Contains("Corruption", StringComparison.OrdinalIgnoreCase);

    private static string Explain(string folder, string cause)
    {
        bool Says(string text) => cause.Contains(text, StringComparison.OrdinalIgnoreCase);

        return Says("lock hold by current process") || Says("While lock file") || Says("Resource temporarily unavailable")
            ? $"The data folder '{folder}' is in use by another process. Stop it, or choose another folder with --data."
            : Says("No space left") || Says("ENOSPC") || Says("File too large")
            ? $"The disk of the data folder '{folder}' is full. Nothing acknowledged is lost. Free some space and start again."
            : Says("Read-only file system") || Says("Permission denied") || Says("denied")
            ? $"The data folder '{folder}' cannot be written to. Give this user the right to write there, or choose another folder with --data."
            : Says("Corruption")
            ? $"The data folder '{folder}' is damaged ({cause}). Restore it from a copy, or start with an empty folder and replay the messages."
            : $"The data folder '{folder}' cannot be used: {cause}";
    }
}
