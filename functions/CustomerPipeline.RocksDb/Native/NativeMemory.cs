using System.Runtime.InteropServices;

namespace CustomerPipeline.RocksDb.Native;

/// <summary>How the native library's memory is kept small. RocksDB allocates and frees blocks of all sizes on many threads; glibc keeps what is freed, and the process grows for hours.</summary>
internal static partial class NativeMemory
{
    // M_ARENA_MAX of glibc's malloc.h.
    private const int ArenaMax = -8;
    private const int Arenas = 2;

    /// <summary>Keeps glibc from giving each few threads a heap of their own (eight for each processor): what is freed in one is not used in another.</summary>
    public static void ShareHeaps() => Ask(() => Mallopt(ArenaMax, Arenas));

    /// <summary>Gives back what is free.</summary>
    public static void Trim() => Ask(() => MallocTrim(0));

    private static void Ask(Func<int> glibc)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = glibc();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library, which does not need it.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Mallopt(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MallocTrim(nuint padding);
}
