using CustomerPipeline.Contracts;

namespace CustomerPipeline.Embedded.Tests;

public sealed class A_data_folder
{
    [Fact]
    public void In_use_by_another_host_is_refused_with_advice()
    {
        using var folder = new TemporaryFolder();
        using var first = RocksEngine.Open(folder.Path, TimeProvider.System);

        var refused = Assert.Throws<DataFolderException>(() => RocksEngine.Open(folder.Path, TimeProvider.System));

        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void That_cannot_be_written_is_refused_with_advice()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");

        // A path below a file can be written by nobody, root included.
        var refused = Assert.Throws<DataFolderException>(() => RocksEngine.Open(Path.Combine(file, "data"), TimeProvider.System));

        Assert.Contains("cannot be", refused.Message, StringComparison.Ordinal);
    }
}
