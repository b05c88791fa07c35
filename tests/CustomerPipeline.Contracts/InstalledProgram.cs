namespace CustomerPipeline.Contracts;

/// <summary>Programs of this machine that some tests need.</summary>
public static class InstalledProgram
{
    /// <summary>The file of the first of these programs that is in the <c>PATH</c>; null where none is.</summary>
    public static string? Find(params IEnumerable<string> names) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
}
