using CustomerPipeline.Contracts;
using CustomerPipeline.FunctionsHost;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>Azurite as the app meets Blob Storage: over HTTPS, with tokens of the app's identity.</summary>
public sealed class AzuriteWithTokens : Azurite
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The services whose certificate it has.</summary>
    public PlatformServices Platform { get; private set; } = null!;

    protected override (string Certificate, string Key)? Tls => (Platform.CertificateFile, Platform.KeyFile);

    public override async ValueTask InitializeAsync()
    {
        Platform = await PlatformServices.StartAsync(_folder.Path);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Platform.DisposeAsync();
        _folder.Dispose();
    }
}
