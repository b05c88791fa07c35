using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerPipeline.RocksDb;

/// <summary>One file of a backup.</summary>
/// <param name="Name">In the data folder.</param>
/// <param name="Length">In bytes.</param>
/// <param name="ChangedAt">When the file was last written; with name and length it tells a file that is in the backup folder already.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal: its name in the backup folder.</param>
public sealed record BackupFile(string Name, long Length, DateTimeOffset ChangedAt, string Sha256);

/// <summary>What was in a data folder at one time.</summary>
/// <param name="Format">1.</param>
/// <param name="At">When the backup began.</param>
/// <param name="Files">All files.</param>
public sealed record Backup([property: JsonRequired] int Format, [property: JsonRequired] DateTimeOffset At, [property: JsonRequired] IReadOnlyList<BackupFile> Files)
{
    /// <summary>Its name: <c>20260131T093000Z</c>.</summary>
    [JsonIgnore]
    public string Name => At.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>The backups of a folder.</summary>
/// <param name="Backups">Those that can be read, the oldest first.</param>
/// <param name="Unreadable">Why the others cannot, by their names.</param>
public sealed record BackupLists(IReadOnlyList<Backup> Backups, IReadOnlyDictionary<string, string> Unreadable);

/// <summary>
/// A folder of backups: <c>files/</c> holds each content once, under its hash, and <c>backups/</c> a list of files for each backup. A backup copies what is new alone, and what it finds damaged there. Files of a store never change once they are
/// written, but for the last ones, so that little is. Readable by its owner only.
/// </summary>
public sealed class BackupFolder(string folder)
{
    private const int Format = 1;
    private const string Current = "CURRENT";
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _files = Path.Combine(folder, "files");
    private readonly string _lists = Path.Combine(folder, "backups");

    /// <summary>All backups. One that cannot be read leaves the others.</summary>
    public BackupLists List()
    {
        var (backups, unreadable) = (new List<Backup>(), new SortedDictionary<string, string>(StringComparer.Ordinal));
        foreach (var path in (Directory.Exists(_lists) ? Directory.GetFiles(_lists, "*.json") : []).Order(StringComparer.Ordinal))
        {
            try
            {
                backups.Add(Read(path));
            }
            catch (Exception e) when (e is DataFolderException or IOException or UnauthorizedAccessException)
            {
                unreadable[Path.GetFileNameWithoutExtension(path)] = e.Message;
            }
        }

        return new BackupLists(backups, unreadable);
    }

    /// <summary>Adds a backup.</summary>
    /// <param name="found">The files.</param>
    /// <param name="at">When the backup began.</param>
    /// <param name="progress">Is told how many bytes are done, of how many.</param>
    /// <param name="cancellationToken">Stops it; no backup is added then.</param>
    /// <returns>The backup, and how many bytes had to be copied.</returns>
    public async Task<(Backup Backup, long Copied)> AddAsync(
        IReadOnlyList<FileInfo> found, DateTimeOffset at, IProgress<(long Done, long All)>? progress, CancellationToken cancellationToken)
    {
        MakeOwn(folder);
        MakeOwn(_files);
        MakeOwn(_lists);
        var known = List().Backups.SelectMany(b => b.Files).GroupBy(f => (f.Name, f.Length, f.ChangedAt)).ToDictionary(f => f.Key, f => f.First());
        var (done, copied, all) = (0L, 0L, found.Sum(f => f.Length));
        var files = new List<BackupFile>();
        foreach (var file in found)
        {
            var (name, length, changedAt) = (file.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));
            if (!known.TryGetValue((name, length, changedAt), out var backedUp) || !await IsWholeAsync(backedUp, cancellationToken))
            {
                backedUp = new BackupFile(name, length, changedAt, await TakeInAsync(file.FullName, cancellationToken));
                copied += length;
            }

            files.Add(backedUp);
            progress?.Report((done += length, all));
        }

        var backup = new Backup(Format, at, [.. files.OrderBy(f => f.Name, StringComparer.Ordinal)]);
        OwnersFile.Write(Path.Combine(_lists, backup.Name + ".json"), JsonSerializer.SerializeToUtf8Bytes(backup, BackupJson.Default.Backup));
        return (backup, copied);
    }

    /// <summary>Deletes all backups but the latest ones, and the files that no other has. While a list cannot be read, no file is deleted: the files that it names are not known.</summary>
    public void Keep(int latest)
    {
        var (all, unreadable) = List();
        foreach (var old in all.SkipLast(latest))
        {
            File.Delete(Path.Combine(_lists, old.Name + ".json"));
        }

        if (unreadable.Count > 0)
        {
            return;
        }

        var needed = all.TakeLast(latest).SelectMany(b => b.Files).Select(f => f.Sha256).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_files).Where(f => !needed.Contains(Path.GetFileName(f))))
        {
            File.Delete(file);
        }
    }

    /// <summary>Puts a backup into a data folder. The file that makes a store of it comes last, so that a folder whose restore was stopped is none.</summary>
    /// <param name="backup">One of this folder.</param>
    /// <param name="to">Not there yet, or empty.</param>
    /// <param name="progress">Is told how many bytes are done, of how many.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DataFolderException">The folder is not empty, or a file of the backup is missing or damaged.</exception>
    public async Task RestoreAsync(Backup backup, string to, IProgress<(long Done, long All)>? progress, CancellationToken cancellationToken)
    {
        if (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any())
        {
            throw DataFolderException.OfBackup($"'{to}' is not empty. Restore into a folder that is not there yet, look at it, and then change the names.", null);
        }

        MakeOwn(to);
        var (done, all) = (0L, backup.Files.Sum(f => f.Length));
        foreach (var file in backup.Files.OrderBy(f => f.Name == Current))
        {
            var path = PathOf(file.Sha256);
            if (!File.Exists(path))
            {
                throw DataFolderException.OfBackup($"'{file.Name}' of backup {backup.Name} is missing in '{_files}'. Restore another backup.", null);
            }

            var target = Path.Combine(to, file.Name);
            if (await CopyAsync(path, target, cancellationToken) != file.Sha256)
            {
                throw DataFolderException.OfBackup($"'{file.Name}' of backup {backup.Name} is damaged ('{path}'). Restore another backup.", null);
            }

            File.SetLastWriteTimeUtc(target, file.ChangedAt.UtcDateTime);
            progress?.Report((done += file.Length, all));
        }
    }

    private string PathOf(string sha256) => Path.Combine(_files, sha256);

    // Read in full: a disk that goes bad changes bytes and no length.
    private async Task<bool> IsWholeAsync(BackupFile file, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = new FileStream(PathOf(file.Sha256), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            return content.Length == file.Length && Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)) == file.Sha256;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<string> TakeInAsync(string path, CancellationToken cancellationToken)
    {
        var partial = Path.Combine(_files, "partial");
        var sha256 = await CopyAsync(path, partial, cancellationToken);
        File.Move(partial, PathOf(sha256), overwrite: true);
        return sha256;
    }

    // Gives back the hash of what was copied.
    private static async Task<string> CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        File.Delete(to);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
        await using var target = new FileStream(to, options);
        var buffer = new byte[1 << 20];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        target.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static Backup Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), BackupJson.Default.Backup) is { Format: Format } backup
                ? backup.Files.All(f => f.Name.Length > 0 && f.Name == Path.GetFileName(f.Name) && f.Sha256.All(char.IsAsciiHexDigitLower)) ? backup
                    : throw DataFolderException.OfBackup($"'{path}' names files elsewhere: it is no list of a backup. Delete it, and use another one.", null)
                : throw DataFolderException.OfBackup($"'{path}' is a backup of a later version of the program. Use that one.", null);
        }
        catch (JsonException e)
        {
            throw DataFolderException.OfBackup($"'{path}' is damaged: it is no list of a backup. Delete it, and use another one.", e);
        }
    }

    private static void MakeOwn(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnersOnly);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Backup))]
internal sealed partial class BackupJson : JsonSerializerContext;
