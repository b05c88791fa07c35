using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.LocalServices;

namespace CustomerPipeline.RocksDb.Tests;

public sealed class RocksDocumentStoreContract : DocumentStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RocksEngine _engine;

    public RocksDocumentStoreContract()
    {
        _engine = RocksEngine.Open(_folder.Path, TimeProvider.System);
        Store = new RocksDocumentStore(_engine);
    }

    protected override IDocumentStore Store { get; }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }
}

public sealed class RocksRawArchiveContract : RawArchiveContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RocksEngine _engine;

    public RocksRawArchiveContract()
    {
        _engine = RocksEngine.Open(_folder.Path, TimeProvider.System);
        Archive = new RocksRawArchive(_engine);
    }

    protected override IRawArchive Archive { get; }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }
}

public sealed class FolderFigureFilesContract : FigureFilesContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected override Task<IFigureFiles> CreateAsync() => Task.FromResult<IFigureFiles>(new FolderFigureFiles(_folder.Path));

    protected override Task<IReadOnlyList<string>> ListAsync() => Task.FromResult<IReadOnlyList<string>>(
        [.. Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder.Path, f).Replace(Path.DirectorySeparatorChar, '/'))]);

    protected override Task<byte[]> ReadAsync(string path) => File.ReadAllBytesAsync(Path.Combine(_folder.Path, path));

    public void Dispose() => _folder.Dispose();
}
