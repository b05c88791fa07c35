using System.Globalization;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Lifetime;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.Configuration;

namespace CustomerPipeline.Application;

/// <summary>
/// What operators set, from a settings file, the environment or a vault (docs/operations.md lists it): how messages are read, and the secrets of webhooks.
/// A name or a value that is not known is an error: a misspelt setting would silently not work.
/// </summary>
public sealed record PipelineSettings(NormalizationRules Rules, ReceiveOptions Receive, IdentityRules Identity, RetentionOptions Retention, ValueOptions Value, PublishOptions Publish, AccessOptions Access)
{
    private const int FewestSecretBytes = 24;
    private const int MostSecretBytes = 64;

    private static readonly string[] Known =
    [
        "DefaultCurrency", "DefaultRegion", "IncludeTestOrders", "StoreTimeZones", "FutureToleranceMinutes", "Webhooks", "IdentityRules", "Retention",
        "BusinessTimeZone", "BusinessHours", "Holidays", "PurchaseModel", "ReportingCurrency", "ExchangeRates", "ValueShards", "QueueGeneration", "DeepestQueue", "EventSubscribers", "RequestsPerMinute",
        "MessagesPerUpload", "UploadSeconds", "SignatureToleranceMinutes",
    ];

    /// <summary>Reads settings.</summary>
    /// <param name="configuration">Where they are.</param>
    /// <param name="folder">What the names of files are relative to.</param>
    /// <exception cref="SettingsException">A setting is unknown or has no sensible value; the message says which.</exception>
    public static PipelineSettings Read(IConfiguration configuration, string folder = "")
    {
        if (configuration.GetChildren().FirstOrDefault(c => !Known.Contains(c.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new SettingsException($"There is no setting '{unknown.Key}'. There are: {string.Join(", ", Known)}.");
        }

        var zones = configuration.GetSection("StoreTimeZones").GetChildren().ToDictionary(c => c.Key, c => c.Value ?? "", StringComparer.Ordinal);
        if (zones.FirstOrDefault(z => !StoreTime.IsZone(z.Value)) is { Key: not null } wrong)
        {
            throw new SettingsException($"StoreTimeZones: '{wrong.Value}' of store '{wrong.Key}' is no zone of the tz database, such as Europe/Stockholm.");
        }

        var currency = configuration["DefaultCurrency"];
        if (currency is not null && !Currency.TryParse(currency, out _))
        {
            throw new SettingsException($"DefaultCurrency: '{currency}' is not an ISO 4217 currency code, such as USD.");
        }

        return new PipelineSettings(
            new NormalizationRules
            {
                DefaultCurrency = currency,
                DefaultRegion = configuration["DefaultRegion"],
                IncludeTestOrders = configuration["IncludeTestOrders"] is { } include
                    && (bool.TryParse(include, out var isIncluded) ? isIncluded : throw new SettingsException("IncludeTestOrders is true or false.")),
                StoreTimeZones = zones,
                FutureTolerance = ToleranceOf(configuration["FutureToleranceMinutes"]),
            },
            new ReceiveOptions
            {
                Webhooks = WebhooksOf(configuration.GetSection("Webhooks")),
                QueueGeneration = NumberOf(configuration, "QueueGeneration", 1, most: 100),
                MessagesPerUpload = NumberOf(configuration, "MessagesPerUpload", new ReceiveOptions().MessagesPerUpload, most: 1_000_000),
                SignatureTolerance = TimeSpan.FromMinutes(
                    NumberOf(configuration, "SignatureToleranceMinutes", (int)new ReceiveOptions().SignatureTolerance.TotalMinutes, most: 1_440)),
                LongestUpload = TimeSpan.FromSeconds(
                    NumberOf(configuration, "UploadSeconds", (int)new ReceiveOptions().LongestUpload.TotalSeconds, most: 3_600)),
                DeepestQueue = NumberOf(configuration, "DeepestQueue", new ReceiveOptions().DeepestQueue, most: int.MaxValue),
            },
            configuration["IdentityRules"] is { } rules ? ReadIdentityRules(Path.Combine(folder, rules)) : IdentityRules.Default,
            RetentionOf(configuration.GetSection("Retention")),
            ValueOf(configuration, folder),
            new PublishOptions { Subscribers = [.. configuration.GetSection("EventSubscribers").GetChildren().Select(SubscriberOf)] },
            new AccessOptions { RequestsPerMinute = NumberOf(configuration, "RequestsPerMinute", new AccessOptions().RequestsPerMinute, AccessOptions.MostRequestsPerMinute) });
    }

    private static ValueOptions ValueOf(IConfiguration configuration, string folder)
    {
        var zone = configuration["BusinessTimeZone"] ?? "UTC";
        var calendar = zone == "UTC" ? BusinessCalendar.Utc : BusinessCalendar.In(zone) ?? throw new SettingsException($"BusinessTimeZone: '{zone}' is no zone of the tz database, such as Europe/Stockholm.");
        return new ValueOptions
        {
            Calendar = calendar with
            {
                Hours = configuration.GetSection("BusinessHours").GetChildren().ToDictionary(DayOfWeekOf, HoursOf),
                Holidays = configuration.GetSection("Holidays").GetChildren().Select(HolidayOf).ToHashSet(),
            },
            PurchaseModel = configuration["PurchaseModel"] is not { } model ? PurchaseModelKind.BgNbd
                : Named<PurchaseModelKind>(model) ?? throw new SettingsException($"PurchaseModel is one of {string.Join(", ", Enum.GetNames<PurchaseModelKind>())}."),
            Shards = NumberOf(configuration, "ValueShards", new ValueOptions().Shards, ValueOptions.MostShards),
            Rates = RatesOf(configuration["ReportingCurrency"], configuration["ExchangeRates"], folder),
        };
    }

    // By name only: numbers and lists, which the framework reads as well, are none.
    private static T? Named<T>(string name)
        where T : struct, Enum => Enum.GetValues<T>().Cast<T?>().FirstOrDefault(v => string.Equals(v.ToString(), name, StringComparison.OrdinalIgnoreCase));

    private static NodaTime.IsoDayOfWeek DayOfWeekOf(IConfigurationSection section) =>
        Named<NodaTime.IsoDayOfWeek>(section.Key) is { } day and not NodaTime.IsoDayOfWeek.None
            ? day
            : throw new SettingsException($"BusinessHours: '{section.Key}' is no day of the week, such as Monday.");

    private static (TimeOnly From, TimeOnly To) HoursOf(IConfigurationSection section)
    {
        var parts = (section.Value ?? "").Split('-', StringSplitOptions.TrimEntries);
        return parts.Length == 2 && TimeOnly.TryParseExact(parts[0], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
            && TimeOnly.TryParseExact(parts[1], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var to) && from < to
            ? (from, to)
            : throw new SettingsException($"BusinessHours: '{section.Value}' of {section.Key} is no time of a day, such as 09:00-17:30.");
    }

    private static DateOnly HolidayOf(IConfigurationSection section) =>
        DateOnly.TryParseExact(section.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new SettingsException($"Holidays: '{section.Value}' is no day, such as 2026-12-25.");

    private static ReportingRates? RatesOf(string? currency, string? file, string folder)
    {
        if (currency is null != file is null)
        {
            throw new SettingsException("ReportingCurrency and ExchangeRates go together: a currency, and the table of rates to it.");
        }

        try
        {
            return currency is null ? null : ReportingRates.Parse(currency, File.ReadAllText(Path.Combine(folder, file!)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new SettingsException($"ExchangeRates: {e.Message}", e);
        }
    }

    private static RetentionOptions RetentionOf(IConfigurationSection section)
    {
        string[] names = [nameof(RetentionOptions.ArchiveDays), nameof(RetentionOptions.QuarantineDays), nameof(RetentionOptions.AuditDays), nameof(RetentionOptions.CustomerDays), nameof(RetentionOptions.IgnoredDays)];
        if (section.GetChildren().FirstOrDefault(c => !names.Contains(c.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new SettingsException($"Retention: there is no '{unknown.Key}'. There are: {string.Join(", ", names)}.");
        }

        int? Days(string name) => section[name] is not { } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days > 0 ? days
            : throw new SettingsException($"Retention: {name} is a whole number of days.");
        return new RetentionOptions { ArchiveDays = Days(names[0]), QuarantineDays = Days(names[1]), AuditDays = Days(names[2]), CustomerDays = Days(names[3]), IgnoredDays = Days(names[4]) ?? new RetentionOptions().IgnoredDays };
    }

    /// <summary>Reads identity rules from their file.</summary>
    /// <exception cref="SettingsException">There is no such file, or it is none; the message says what is wrong.</exception>
    public static IdentityRules ReadIdentityRules(string file)
    {
        try
        {
            return IdentityRules.Parse(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new SettingsException($"IdentityRules: {e.Message}", e);
        }
    }

    private static TimeSpan ToleranceOf(string? minutes) =>
        minutes is null ? NormalizationRules.Default.FutureTolerance
        : int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? TimeSpan.FromMinutes(number)
        : throw new SettingsException("FutureToleranceMinutes is a whole number.");

    private static EventSubscriber SubscriberOf(IConfigurationSection section)
    {
        var secret = new byte[MostSecretBytes];
        return !Uri.TryCreate(section["Url"], UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            ? throw new SettingsException($"EventSubscribers: '{section["Url"]}' is no https address.")
            : !Convert.TryFromBase64String(section["Secret"]?.Replace("whsec_", "", StringComparison.Ordinal) ?? "", secret, out var length) || length < FewestSecretBytes
            ? throw new SettingsException($"EventSubscribers: the Secret of {url.Host} is not {FewestSecretBytes} to {MostSecretBytes} bytes in base64. Make one with: openssl rand -base64 32")
            : new EventSubscriber(url, secret[..length], TypesOf(section.GetSection("Types")));
    }

    private static List<string>? TypesOf(IConfigurationSection section)
    {
        var types = section.GetChildren().Select(c => c.Value ?? "").ToList();
        return types.FirstOrDefault(t => !EventTypes.All.Contains(t)) is { } unknown
            ? throw new SettingsException($"EventSubscribers: there are no events of type '{unknown}'. There are: {string.Join(", ", EventTypes.All)}.")
            : types.Count == 0 ? null : types;
    }

    private static int NumberOf(IConfiguration configuration, string name, int otherwise, int most) =>
        configuration[name] is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
        : throw new SettingsException($"{name} is a whole number from 1 to {most}.");

    private static Dictionary<string, WebhookSecrets> WebhooksOf(IConfigurationSection section)
    {
        var webhooks = new Dictionary<string, WebhookSecrets>(StringComparer.Ordinal);
        foreach (var source in section.GetChildren())
        {
            var name = source.Key.ToLowerInvariant();
            var secrets = source.GetSection("Secrets").GetChildren().Select(s => s.Value).Where(s => !string.IsNullOrEmpty(s)).Select(s => s!).ToList();
            webhooks[name] =
                !WebhookSignature.Sources.Contains(name) ? throw new SettingsException($"Webhooks: '{source.Key}' signs nothing. Those who do: {string.Join(", ", WebhookSignature.Sources)}.")
                : secrets.Count == 0 ? throw new SettingsException($"Webhooks: {source.Key} has no Secrets.")
                : name == "square" && source["NotificationUrl"] is null ? throw new SettingsException("Webhooks: square signs its NotificationUrl too. Set it to the address you gave Square.")
                : new WebhookSecrets { Secrets = secrets, NotificationUrl = source["NotificationUrl"] };
        }

        return webhooks;
    }
}
