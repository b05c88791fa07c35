using System.CommandLine;
using CustomerPipeline.Application;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.Configuration;

namespace CustomerPipeline.Cli.Commands;

/// <summary>The options of commands that read messages: where everything is kept, and by which rules.</summary>
internal sealed class PipelineOptions
{
    private const string SettingsFile = "settings.json";
    private const string EnvironmentPrefix = "CUSTOMERPIPELINE_";

    private readonly Option<string> _data = CommonOptions.Data();

    private readonly Option<FileInfo?> _settings = new("--settings")
    {
        Description = $"Settings file (docs/operations.md). Default: {SettingsFile} in the data folder, if there is one. Environment variables {EnvironmentPrefix}… come on top.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _includeTestOrders = new("--include-test-orders") { Description = "Count orders that the shop marks as tests; else they are ignored." };

    private readonly Option<string?> _defaultCurrency = new("--default-currency")
    {
        Description = "ISO 4217 code for messages that name no currency; without it they go to quarantine.",
        HelpName = "CODE",
    };

    private readonly Option<string?> _defaultRegion = new("--default-region")
    {
        Description = "ISO 3166 region (such as US) for phone numbers without a country code.",
        HelpName = "REGION",
    };

    private readonly Option<string?> _timeZone = new("--store-time-zone")
    {
        Description = "Zone of the tz database (such as Europe/Stockholm) for stores whose tills write times without an offset.",
        HelpName = "ZONE",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _data, _settings, _includeTestOrders, _defaultCurrency, _defaultRegion, _timeZone })
        {
            command.Add(option);
        }
    }

    /// <summary>Whether a rule was given on the command line, which a host that already runs does not hear of.</summary>
    public bool HasRules(ParseResult result) =>
        new Option[] { _settings, _includeTestOrders, _defaultCurrency, _defaultRegion, _timeZone }.Any(o => result.GetResult(o) is { Implicit: false });

    /// <summary>The options as they were given: the command line before the environment before the file.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="isNewAllowed">Whether the command makes a data folder where there is none.</param>
    /// <exception cref="CommandException">A value makes no sense, or there is no data folder.</exception>
    public LocalOptions Read(ParseResult result, bool isNewAllowed = false)
    {
        var folder = result.GetValue(_data)!;
        var file = result.GetValue(_settings);
        if (file is { Exists: false })
        {
            throw new CommandException($"There is no settings file '{file}'.");
        }

        var given = new Dictionary<string, string?>
        {
            ["DefaultCurrency"] = result.GetValue(_defaultCurrency),
            ["DefaultRegion"] = result.GetValue(_defaultRegion),
            ["IncludeTestOrders"] = result.GetValue(_includeTestOrders) ? "true" : null,
            [$"StoreTimeZones:{NormalizationRules.AnyStore}"] = result.GetValue(_timeZone),
        };
        try
        {
            var path = Path.GetFullPath(file?.FullName ?? Path.Combine(folder, SettingsFile));
            var settings = PipelineSettings.Read(
                new ConfigurationBuilder().AddJsonFile(path, optional: true).AddEnvironmentVariables(EnvironmentPrefix).AddInMemoryCollection(given.Where(g => g.Value is not null)).Build(),
                Path.GetDirectoryName(path)!);
            return isNewAllowed || RocksEngine.IsStore(folder)
                ? new LocalOptions(folder, Port: 0, settings)
                : throw new CommandException($"There is no data in '{folder}'. Name the folder of a host with --data; run, demo and send make one.");
        }
        catch (Exception e) when (e is SettingsException or InvalidDataException)
        {
            throw new CommandException(e.InnerException is { } inner and not SettingsException ? $"{e.Message} {inner.Message}" : e.Message);
        }
    }
}
