using System.Text;
using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb.Native;

namespace CustomerPipeline.RocksDb.Tests;

/// <summary>The binding to RocksDB, against a sorted dictionary.</summary>
public sealed class A_database : IDisposable
{
    private static readonly RocksOptions Options = new() { Families = [new("looked-up") { IsLookedUp = true }, new("other")] };

    private static readonly Gen<byte[]> SomeBytes = Gen.OneOf(Gen.Const(Array.Empty<byte>()), Gen.Byte[0, 3].Array[1, 3], Gen.Byte.Array[0, 300]);

    // A key, and what becomes of it: a value of one or two pieces, or nothing.
    private static readonly Gen<(byte[] Key, byte[]? Value, byte[] Second)> Change = Gen.Select(SomeBytes, SomeBytes.Null(), SomeBytes);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Holds_what_was_written_to_each_family_also_when_it_is_opened_again()
    {
        var run = 0;
        Gen.Select(Change.Array[0, 30].Array[1, 4], Gen.Bool).Sample(
            (batches, isFlushed) =>
            {
                var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, $"{run++}")).FullName;
                var expected = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
                using (var database = RocksDatabase.Open(folder, Options))
                {
                    foreach (var changes in batches)
                    {
                        Write(database, changes, expected);
                        AssertHolds(database, expected);
                    }

                    if (isFlushed)
                    {
                        database.Flush(database["looked-up"], database["other"]);
                        database.Compact(database["looked-up"]);
                        AssertHolds(database, expected);
                    }
                }

                using var again = RocksDatabase.Open(folder, Options);
                AssertHolds(again, expected);
            },
            iter: Effort.Of(all: 40, usual: 10),
            threads: 1);
    }

    [Fact]
    public void Deletes_a_range_up_to_its_end()
    {
        using var database = RocksDatabase.Open(_folder.Path, new RocksOptions());
        using var batch = new RocksBatch();
        foreach (var key in "abcd"u8.ToArray())
        {
            batch.Put(database.DefaultFamily, [key, 0], "x"u8);
        }

        batch.DeleteRange(database.DefaultFamily, "b"u8, "d"u8);
        database.Write(batch, isSynced: true);

        Assert.Equal(["a", "d"], EntriesOf(database, database.DefaultFamily, "").Select(e => e.Key.TrimEnd('\0')));
    }

    [Fact]
    public void Writes_nothing_of_a_batch_that_was_cleared()
    {
        using var database = RocksDatabase.Open(_folder.Path, new RocksOptions());
        using var batch = new RocksBatch();
        batch.Put(database.DefaultFamily, "a"u8, "1"u8);
        Assert.Equal(1, batch.Count);

        batch.Clear();
        Assert.Equal(0, batch.Count);
        database.Write(batch, isSynced: false);

        Assert.Null(database.Get(database.DefaultFamily, "a"u8));
    }

    [Fact]
    public void That_cannot_be_opened_says_why()
    {
        using var open = RocksDatabase.Open(_folder.Path, Options);

        Assert.Contains("lock", Assert.Throws<RocksDbException>(() => RocksDatabase.Open(_folder.Path, Options)).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Throws<KeyNotFoundException>(() => open["of another name"]);
    }

    [Fact]
    public void That_is_closed_refuses_instead_of_taking_the_process_down()
    {
        var database = RocksDatabase.Open(_folder.Path, new RocksOptions());
        using var batch = new RocksBatch();
        database.Dispose();
        database.Dispose();

        Assert.Throws<ObjectDisposedException>(() => database.Get(default, "a"u8));
        Assert.Throws<ObjectDisposedException>(() => database.Iterate(default));
        Assert.Throws<ObjectDisposedException>(() => database.Write(batch, isSynced: true));
        Assert.Throws<ObjectDisposedException>(() => database.Flush());
        Assert.Throws<ObjectDisposedException>(() => database.Compact(default));
    }

    private static void Write(RocksDatabase database, (byte[] Key, byte[]? Value, byte[] Second)[] changes, SortedDictionary<string, byte[]> expected)
    {
        using var batch = new RocksBatch();
        foreach (var (key, value, second) in changes)
        {
            if (value is null)
            {
                batch.Delete(database["looked-up"], key);
                batch.Delete(database["other"], key);
                expected.Remove(Convert.ToHexString(key));
            }
            else
            {
                batch.Put(database["looked-up"], key, value, second);
                batch.Put(database["other"], key, (byte[])[.. value, .. second]);
                expected[Convert.ToHexString(key)] = [.. value, .. second];
            }
        }

        database.Write(batch, isSynced: false);
    }

    private static void AssertHolds(RocksDatabase database, SortedDictionary<string, byte[]> expected)
    {
        foreach (var family in new[] { database["looked-up"], database["other"] })
        {
            Assert.Equal(expected.Select(e => (e.Key, Convert.ToHexString(e.Value))), EntriesOf(database, family, "").Select(e => (Convert.ToHexString(Encoding.Latin1.GetBytes(e.Key)), e.Value)));
            Assert.All(expected, e => Assert.Equal(e.Value, database.Get(family, Convert.FromHexString(e.Key))));
            Assert.Null(database.Get(family, "of no change: longer than any key that is made"u8));
        }

        Assert.Empty(EntriesOf(database, database.DefaultFamily, ""));
    }

    private static List<(string Key, string Value)> EntriesOf(RocksDatabase database, RocksFamily family, string prefix)
    {
        var entries = new List<(string, string)>();
        using var iterator = database.Iterate(family);
        var start = Encoding.Latin1.GetBytes(prefix);
        for (iterator.Seek(start); iterator.IsOnEntry(start); iterator.Next())
        {
            entries.Add((Encoding.Latin1.GetString(iterator.Key), Convert.ToHexString(iterator.Value)));
        }

        return entries;
    }
}
