using System.CommandLine;
using System.Globalization;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.RocksDb;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>backup</c> and <c>restore</c>: the data folder, kept elsewhere and brought back.</summary>
internal static class BackupCommands
{
    public static Command Backup()
    {
        var pipeline = new PipelineOptions();
        var to = new Option<DirectoryInfo>("--to") { Description = "Folder of backups, best on another disk. Made if it is not there.", HelpName = "DIR", Required = true };
        var keep = CommonOptions.Number("--keep", "How many backups stay; older ones are deleted. 0 for all.", 0, 10_000, 0);
        var command = new Command("backup", "Add a backup of the data folder to a folder of backups; the host may run meanwhile. Only files that are new since the last one are copied.") { to, keep };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = pipeline.Read(result);
            var folder = new BackupFolder(result.GetValue(to)!.FullName);
            var at = TimeProvider.System.GetUtcNow();
            using var alone = OnlyOne(options.DataFolder);
            await using (var session = await HostSession.OpenAsync(options, works: false, cancellationToken))
            {
                await session.SendAsync(HttpMethod.Post, Checkpoint.Path, null, cancellationToken);
            }

            var checkpoint = RocksEngine.CheckpointOf(options.DataFolder);
            List<FileInfo> files =
            [
                .. new DirectoryInfo(checkpoint).EnumerateFiles(),

                // Settings, keys and the tables that settings name.
                .. new DirectoryInfo(options.DataFolder).EnumerateFiles().Where(f => f.Extension is ".json" or ".csv"),
            ];
            Backup backup;
            long copied;
            try
            {
                (backup, copied) = await WithProgressAsync("Backup", progress => folder.AddAsync(files, at, progress, cancellationToken));
            }
            catch (Exception e) when (e is IOException and not DataFolderException or UnauthorizedAccessException)
            {
                throw new CommandException($"The backup was not made: {e.Message} Look whether '{result.GetValue(to)}' can be written to and has room.");
            }
            finally
            {
                Directory.Delete(checkpoint, recursive: true);
            }

            if (result.GetValue(keep) is > 0 and var latest)
            {
                folder.Keep(latest);
            }

            var lists = folder.List();
            Tell(lists, result.GetValue(keep) > 0);
            AnsiConsole.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Backup {backup.Name}: {backup.Files.Count:N0} files of {backup.Files.Sum(f => f.Length) / 1e6:N1} MB, of which {copied / 1e6:N1} MB were new. There are {lists.Backups.Count:N0} backups."));
            return 0;
        });
        return command;
    }

    public static Command Restore()
    {
        var from = new Option<DirectoryInfo>("--from") { Description = "Folder of backups.", HelpName = "DIR", Required = true };
        var name = new Option<string?>("--backup") { Description = "Which one, such as 20260131T093000Z; the latest where nothing is said.", HelpName = "NAME" };
        var data = new Option<DirectoryInfo>("--data", "-d") { Description = "Folder to restore into: not there yet, or empty.", HelpName = "DIR", Required = true };
        var command = new Command("restore", "Bring a backup back into a new data folder. Then run verify on it.") { from, name, data };
        command.SetAction(async (result, cancellationToken) =>
        {
            var (source, target) = (result.GetValue(from)!, result.GetValue(data)!);
            var folder = new BackupFolder(source.FullName);
            var (all, unreadable) = folder.List();
            var asked = result.GetValue(name);
            if (asked is not null && unreadable.TryGetValue(asked, out var why))
            {
                throw new CommandException(why);
            }

            Tell(new BackupLists(all, unreadable), isShortened: false);
            var backup = (asked is null ? (all.Count == 0 ? null : all[^1]) : all.FirstOrDefault(b => b.Name == asked))
                ?? throw new CommandException(all.Count == 0 ? $"There is no backup in '{source}'." : $"There is no backup '{asked}' in '{source}'. There are: {string.Join(", ", all.Select(b => b.Name))}.");
            await WithProgressAsync<bool>("Restore", async progress =>
            {
                await folder.RestoreAsync(backup, target.FullName, progress, cancellationToken);
                return true;
            });
            AnsiConsole.WriteLine($"Backup {backup.Name} is in '{target}'. Run verify --data {target} before a host works on it.");
            return 0;
        });
        return command;
    }

    private static void Tell(BackupLists lists, bool isShortened)
    {
        foreach (var why in lists.Unreadable.Values)
        {
            AnsiConsole.WriteLine($"Left out: {why}");
        }

        if (isShortened && lists.Unreadable.Count > 0)
        {
            AnsiConsole.WriteLine("No file was deleted, because the lists that cannot be read may name it.");
        }
    }

    // Two would work on one copy of the store.
    private static FileStream OnlyOne(string dataFolder)
    {
        try
        {
            return new FileStream(Path.Combine(dataFolder, "backup.lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (DirectoryNotFoundException)
        {
            throw new CommandException($"There is no data folder '{dataFolder}'.");
        }
        catch (IOException)
        {
            throw new CommandException($"Another backup of '{dataFolder}' is being made. Wait until it is done.");
        }
    }

    private static Task<T> WithProgressAsync<T>(string what, Func<IProgress<(long Done, long All)>, Task<T>> work) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(context =>
        {
            var bar = context.AddTask(what);
            return work(new Progress<(long Done, long All)>(p => bar.MaxValue(Math.Max(1, p.All)).Value(p.Done)));
        });
}
