namespace CustomerPipeline.Functions;

/// <summary>Files that are part of the app's assembly.</summary>
internal static class AppResource
{
    /// <summary>A file's bytes.</summary>
    /// <param name="name">Its path under the project, with dots.</param>
    public static ReadOnlyMemory<byte> Read(string name)
    {
        using var resource = typeof(AppResource).Assembly.GetManifestResourceStream($"CustomerPipeline.Functions.{name}") ?? throw new InvalidOperationException($"The assembly has no resource {name}.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
