using System.CommandLine;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.LocalHost.Hosting;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary>Options that several commands share, each described once.</summary>
internal static class CommonOptions
{
    public static Option<string> Data(string folder = LocalOptions.DefaultFolder) => new("--data", "-d")
    {
        Description = "Folder that everything is kept in.",
        HelpName = "DIR",
        DefaultValueFactory = _ => folder,
    };

    public static Option<int> Port() => new("--port", "-p")
    {
        Description = "Port to listen on, on loopback only; 0 for any free one.",
        DefaultValueFactory = _ => LocalOptions.DefaultPort,
    };

    public static Option<bool> IncludeTestOrders() => new("--include-test-orders")
    {
        Description = "Count orders that the shop marks as tests; else they are ignored.",
    };

    public static Option<string?> DefaultCurrency() => new("--default-currency")
    {
        Description = "ISO 4217 code for messages that name no currency; without it they go to quarantine.",
        HelpName = "CODE",
    };

    public static Option<string?> DefaultRegion() => new("--default-region")
    {
        Description = "ISO 3166 region (such as US) for phone numbers without a country code.",
        HelpName = "REGION",
    };

    /// <summary>The rules that these options stand for.</summary>
    public static NormalizationRules Rules(bool includeTestOrders, string? defaultCurrency, string? defaultRegion)
    {
        if (defaultCurrency is not null && !Domain.Currency.TryParse(defaultCurrency, out _))
        {
            throw new CommandException($"'{defaultCurrency}' is not an ISO 4217 currency code, such as USD.");
        }

        return new NormalizationRules { IncludeTestOrders = includeTestOrders, DefaultCurrency = defaultCurrency, DefaultRegion = defaultRegion };
    }
}
