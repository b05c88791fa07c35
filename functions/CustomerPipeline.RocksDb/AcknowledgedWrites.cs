using System.Buffers.Binary;

namespace CustomerPipeline.RocksDb;

/// <summary>
/// The number of the last write of a store that was acknowledged, in a file of its own. The store's log ends with its last write; damage to the log cannot be
/// told from a log that ends earlier, except by this number. It is written after a write is on the disk, so that it is never ahead of the log; it is not
/// synced itself: a kill leaves it exact, and after a power cut it may lag behind.
/// </summary>
internal sealed class AcknowledgedWrites : IDisposable
{
    public const string FileName = "acknowledged";

    // The number, and its complement: a file that is not as it was written is recognized.
    private const int Length = 2 * sizeof(long);

    private readonly FileStream _file;

    private AcknowledgedWrites(FileStream file) => _file = file;

    /// <summary>Returns the number that a folder has; 0 where there is none, as in a new store or one of an earlier program.</summary>
    /// <exception cref="DataFolderException">The file is damaged.</exception>
    public static long Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        if (bytes.Length < Length || bytes.All(b => b == 0))
        {
            // A power cut may leave a new file without its content.
            return 0;
        }

        var number = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var isWhole = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(sizeof(long))) == ~number;
        return isWhole ? number : throw DataFolderException.OfDamagedNumber(folder, FileName);
    }

    /// <summary>Opens the file of a folder, or creates it.</summary>
    public static AcknowledgedWrites Open(string folder) => new(new FileStream(
        Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0));

    public void Set(long number)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        BinaryPrimitives.WriteInt64BigEndian(bytes[sizeof(long)..], ~number);
        RandomAccess.Write(_file.SafeFileHandle, bytes, fileOffset: 0);
    }

    public void Dispose() => _file.Dispose();
}
