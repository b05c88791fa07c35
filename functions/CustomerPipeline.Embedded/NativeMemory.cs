using System.Runtime.InteropServices;

namespace CustomerPipeline.Embedded;

/// <summary>How the native library's memory is kept.</summary>
internal static partial class NativeMemory
{
    // M_ARENA_MAX of glibc's malloc.h.
    private const int ArenaMax = -8;
    private const int Arenas = 2;

    /// <summary>
    /// Keeps glibc from giving each few threads a heap of their own (eight for each processor): what RocksDB frees in one is not used in another, and the process grows for hours. Other C libraries do not do that.
    /// </summary>
    public static void ShareHeaps()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Mallopt(ArenaMax, Arenas);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Not glibc.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Mallopt(int parameter, int value);
}
