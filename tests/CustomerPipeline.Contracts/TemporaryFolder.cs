using System.Diagnostics;

namespace CustomerPipeline.Contracts;

/// <summary>A folder that is gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("customerpipeline-").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException e)
        {
            // A process that is still going down may hold a file: the operating system cleans its temporary folder.
            Debug.WriteLine(e.Message);
        }
    }
}
