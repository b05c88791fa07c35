namespace CustomerPipeline.Contracts;

/// <summary>The files of this repository, for tests of what is not compiled.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CustomerPipeline.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run outside their repository.");
        }

        return folder.FullName;
    }
}
