using System.Diagnostics;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using CustomerPipeline.AzureServices.Blobs;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>Blob Storage on this machine: Azurite from npm, in memory.</summary>
public class Azurite : IAsyncLifetime
{
    // The account and key that Azurite is known to have: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private Process? _process;
    private int _containers;
    private int _port;
    private string? _missing;

    /// <summary>PEM files by which it serves HTTPS and takes tokens; null for HTTP and the account's key alone.</summary>
    protected virtual (string Certificate, string Key)? Tls => null;

    /// <summary>Whether it was started: false where a program is missing.</summary>
    public bool IsRunning => _process is not null;

    /// <summary>This, in the constructor of a test class: where it cannot be started each test is skipped by itself. A fixture that skips fails every test of its class.</summary>
    public Azurite OrSkip()
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return this;
    }

    /// <summary>A new, empty container.</summary>
    /// <param name="faults">Of the calls that the client makes, its own retries not counted.</param>
    internal async Task<BlobContainerClient> NewContainerAsync(BlobFaults? faults = null)
    {
        // The newest version of the interface may be newer than the emulator.
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_07_05);
        if (faults is not null)
        {
            options.AddPolicy(faults, HttpPipelinePosition.PerCall);
        }

        if (Tls is not null)
        {
            options.Transport = new HttpClientTransport(new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator }));
        }

        var scheme = Tls is null ? "http" : "https";
        var container = new BlobContainerClient(
            $"DefaultEndpointsProtocol={scheme};AccountName={Account};AccountKey={Key};BlobEndpoint={scheme}://127.0.0.1:{_port}/{Account};", $"container{Interlocked.Increment(ref _containers)}", options);
        await container.CreateAsync();
        return container;
    }

    /// <summary>New, empty containers for a host.</summary>
    internal async Task<BlobContainers> NewContainersAsync() => new(await NewContainerAsync(), await NewContainerAsync());

    public virtual async ValueTask InitializeAsync()
    {
        _missing = await Emulators.MissingAsync();
        if (_missing is not null)
        {
            return;
        }

        _port = Emulators.FreePort();
        string[] tls = Tls is var (certificate, key) ? ["--cert", certificate, "--key", key, "--oauth", "basic"] : [];
        _process = await Emulators.StartAsync(
            "node_modules/azurite/dist/src/blob/main.js",
            ["--blobHost", "127.0.0.1", "--blobPort", $"{_port}", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", .. tls]);
        string? line;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"Azurite does not start: {await _process.StandardError.ReadToEndAsync()}");
        }
        while (!line.Contains("successfully listens", StringComparison.Ordinal));

        // Nobody reads on: a full pipe would stop it.
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null);
    }

    public virtual ValueTask DisposeAsync()
    {
        _process?.Kill(entireProcessTree: true);
        _process?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
