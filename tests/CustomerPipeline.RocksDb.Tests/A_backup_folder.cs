using CustomerPipeline.Contracts;

namespace CustomerPipeline.RocksDb.Tests;

/// <summary>A disk of backups that goes bad, and lists of other programs.</summary>
public sealed class A_backup_folder : IDisposable
{
    private static readonly DateTimeOffset First = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _root = new();
    private readonly BackupFolder _folder;
    private readonly string _data;
    private readonly string _backups;

    public A_backup_folder()
    {
        (_data, _backups) = (Path.Combine(_root.Path, "data"), Path.Combine(_root.Path, "backups"));
        _folder = new BackupFolder(_backups);
        Directory.CreateDirectory(_data);
        File.WriteAllText(Path.Combine(_data, "CURRENT"), "MANIFEST-1");
        File.WriteAllText(Path.Combine(_data, "000001.sst"), new string('x', 10_000));
    }

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("a byte is another")]
    [InlineData("a byte is missing")]
    [InlineData("the file is missing")]
    public async Task Replaces_a_file_that_is_damaged_there(string damage)
    {
        var (first, _) = await AddAsync(First);
        var table = Path.Combine(_backups, "files", first.Files.Single(f => f.Name == "000001.sst").Sha256);
        var bytes = await File.ReadAllBytesAsync(table);
        switch (damage)
        {
            case "a byte is another":
                bytes[5_000] ^= 1;
                await File.WriteAllBytesAsync(table, bytes);
                break;
            case "a byte is missing":
                await File.WriteAllBytesAsync(table, bytes[1..]);
                break;
            default:
                File.Delete(table);
                break;
        }

        var (second, copied) = await AddAsync(First.AddDays(1));

        Assert.Equal(10_000, copied);
        foreach (var backup in new[] { first, second })
        {
            var target = Path.Combine(_root.Path, backup.Name);
            await _folder.RestoreAsync(backup, target, null, default);
            Assert.Equal(new string('x', 10_000), await File.ReadAllTextAsync(Path.Combine(target, "000001.sst")));
        }
    }

    [Theory]
    [InlineData("{", "is damaged")]
    [InlineData("""{"format":2,"at":"2026-03-02T02:00:00Z","files":[]}""", "later version")]
    [InlineData("""{"format":1,"at":"2026-03-02T02:00:00Z","files":[{"name":"../x","length":1,"changedAt":"2026-03-02T02:00:00Z","sha256":"00"}]}""", "elsewhere")]
    public async Task Names_a_list_that_it_cannot_read_and_goes_on_with_the_others(string list, string why)
    {
        await AddAsync(First);
        var unreadable = Path.Combine(_backups, "backups", "20260302T020000Z.json");
        await File.WriteAllTextAsync(unreadable, list);
        var ofUnreadable = Path.Combine(_backups, "files", "named-by-the-list-alone");
        await File.WriteAllTextAsync(ofUnreadable, "");

        var (third, copied) = await AddAsync(First.AddDays(2));
        _folder.Keep(1);

        var (readable, left) = _folder.List();
        Assert.Equal((0, third.Name), (copied, Assert.Single(readable).Name));
        Assert.Contains(why, Assert.Single(left).Value, StringComparison.Ordinal);
        Assert.Equal("20260302T020000Z", left.Keys.Single());
        Assert.True(File.Exists(ofUnreadable), "The list may name it.");

        File.Delete(unreadable);
        _folder.Keep(1);
        Assert.False(File.Exists(ofUnreadable));
    }

    private Task<(Backup Backup, long Copied)> AddAsync(DateTimeOffset at) => _folder.AddAsync([.. new DirectoryInfo(_data).EnumerateFiles()], at, null, default);
}
