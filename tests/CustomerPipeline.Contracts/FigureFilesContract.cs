using System.Text;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Contracts;

/// <summary>What every keeper of figure files does.</summary>
public abstract class FigureFilesContract
{
    private const string Path = "figures/date=2026-02-01/figures.parquet";

    protected abstract Task<IFigureFiles> CreateAsync();

    /// <summary>The names of all files there are, with / between folders.</summary>
    protected abstract Task<IReadOnlyList<string>> ListAsync();

    protected abstract Task<byte[]> ReadAsync(string path);

    [Fact]
    public async Task A_file_lies_where_it_was_written_and_nothing_else_does()
    {
        var files = await CreateAsync();
        await files.WriteAsync(Path, "one"u8.ToArray(), default);

        Assert.Equal([Path], await ListAsync());
        Assert.Equal("one", Encoding.UTF8.GetString(await ReadAsync(Path)));
    }

    [Fact]
    public async Task A_file_is_replaced_whole()
    {
        var files = await CreateAsync();
        await files.WriteAsync(Path, new byte[100_000], default);
        await files.WriteAsync(Path, "two"u8.ToArray(), default);

        Assert.Equal([Path], await ListAsync());
        Assert.Equal("two", Encoding.UTF8.GetString(await ReadAsync(Path)));
    }
}
