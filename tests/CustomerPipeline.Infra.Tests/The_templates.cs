using System.Text.Json;
using CustomerPipeline.Application;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.AzureServices;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalRuntime;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace CustomerPipeline.Infra.Tests;

/// <summary>What would be deployed, read resource by resource: the templates are evaluated offline for each environment.</summary>
public sealed class The_templates
{
    private const string Private = "using 'main.bicep'\nparam environmentName = 'prod'\nparam location = 'westeurope'\nparam alertEmail = 'operators@example.com'\nparam privateNetwork = true\n";

    private static readonly Dictionary<string, Lazy<IReadOnlyList<JsonElement>>> Evaluated = new()
    {
        ["dev"] = new(() => Bicep.Resources(Repository.Read("infra", "dev.bicepparam"))),
        ["prod"] = new(() => Bicep.Resources(Repository.Read("infra", "prod.bicepparam"))),
        ["private"] = new(() => Bicep.Resources(Private)),
    };

    public static TheoryData<string> Environments => [.. Evaluated.Keys];

    public static TheoryData<string> Files => [.. Directory.GetFiles(Bicep.Folder, "*.bicep*", SearchOption.AllDirectories)
        .Where(f => Path.GetExtension(f) is ".bicep" or ".bicepparam").Select(f => Path.GetRelativePath(Bicep.Folder, f)).Order(StringComparer.Ordinal)];

    [Slow]
    [Theory]
    [MemberData(nameof(Files))]
    public void Compile_and_pass_every_lint_rule(string file) => Assert.Equal("", Bicep.Lint(file));

    [Theory]
    [MemberData(nameof(Environments))]
    public void Give_nobody_a_key_and_nothing_to_the_public(string environment)
    {
        var resources = Of(environment);

        Assert.All(resources.Where(r => Type(r) == "Microsoft.Storage/storageAccounts"), account =>
        {
            Assert.False(Property(account, "allowSharedKeyAccess").GetBoolean());
            Assert.False(Property(account, "allowBlobPublicAccess").GetBoolean());
            Assert.True(Property(account, "supportsHttpsTrafficOnly").GetBoolean());
        });
        Assert.All(resources.Where(r => Type(r).EndsWith("/blobServices/containers", StringComparison.Ordinal)), c => Assert.Equal("None", Property(c, "publicAccess").GetString()));
        Assert.True(Property(One(environment, "Microsoft.ServiceBus/namespaces"), "disableLocalAuth").GetBoolean());
        Assert.True(Property(One(environment, "Microsoft.DocumentDB/databaseAccounts"), "disableLocalAuth").GetBoolean());
        Assert.True(Property(One(environment, "Microsoft.EventGrid/topics"), "disableLocalAuth").GetBoolean());
        Assert.Equal("CloudEventSchemaV1_0", Property(One(environment, "Microsoft.EventGrid/topics"), "inputSchema").GetString());
        Assert.True(Property(One(environment, "Microsoft.Insights/components"), "DisableLocalAuth").GetBoolean());
        Assert.True(Property(One(environment, "Microsoft.KeyVault/vaults"), "enableRbacAuthorization").GetBoolean());
        Assert.True(Property(One(environment, "Microsoft.Web/sites"), "httpsOnly").GetBoolean());
        Assert.All(resources.Where(r => Type(r) == "Microsoft.Web/sites/basicPublishingCredentialsPolicies"), p => Assert.False(Property(p, "allow").GetBoolean()));
        var text = string.Join('\n', resources.Select(r => r.GetRawText()));
        Assert.DoesNotMatch("(?i)listKeys|listAccountSas|AccountKey=|SharedAccessKey", text);
    }

    [Fact]
    public void Close_everything_to_the_internet_in_a_private_network()
    {
        var open = Of("private").Where(r => r.TryGetProperty("properties", out var p) && p.TryGetProperty("publicNetworkAccess", out var access) && access.GetString() != "Disabled");

        Assert.Empty(open.Select(r => r.GetProperty("name").GetString()));
        Assert.Equal("Premium", One("private", "Microsoft.ServiceBus/namespaces").GetProperty("sku").GetProperty("name").GetString());
        Assert.Equal(6, Of("private").Count(r => Type(r) == "Microsoft.Network/privateEndpoints"));
        Assert.NotEqual(JsonValueKind.Null, Property(One("private", "Microsoft.Web/sites"), "virtualNetworkSubnetId").ValueKind);
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Set_every_setting_that_the_code_reads_and_no_other(string environment)
    {
        var settings = AppSettings(environment);
        string[] platform = ["APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "AZURE_CLIENT_ID", "AzureWebJobsStorage__blobServiceUri"];
        var ofTriggers = BoundFunction.Discover(typeof(Functions.IngestFunctions).Assembly).SelectMany(f => new[] { (f.Trigger as TimerTriggerAttribute)?.Schedule, (f.Trigger as CosmosDBTriggerAttribute)?.DatabaseName })
            .OfType<string>().Where(t => t.StartsWith('%')).Select(t => t.Trim('%'));
        var identities = new[] { "AzureWebJobsStorage", "CosmosConnection", "ServiceBusConnection" }.SelectMany(c => new[] { $"{c}__credential", $"{c}__clientId" });

        Assert.Equal(
            platform.Concat(identities).Concat(AzureSettings.Required).Concat(AzureSettings.Optional).Union(ofTriggers).Order(StringComparer.Ordinal),
            settings.Keys.Where(name => !name.StartsWith($"{AzureSettings.PipelineSection}__", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Set_pipeline_settings_that_the_code_understands(string environment)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(AppSettings(environment).ToDictionary(s => s.Key.Replace("__", ":", StringComparison.Ordinal), s => (string?)s.Value)).Build();

        var settings = PipelineSettings.Read(configuration.GetSection(AzureSettings.PipelineSection));

        Assert.All(settings.Receive.Webhooks.Values, w => Assert.StartsWith("[format('@Microsoft.KeyVault(SecretUri=", Assert.Single(w.Secrets), StringComparison.Ordinal));
        Assert.Equal(environment == "prod" ? ["shopify", "zendesk"] : [], settings.Receive.Webhooks.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Make_the_queues_that_the_functions_read(string environment)
    {
        var queues = Of(environment).Where(r => Type(r) == "Microsoft.ServiceBus/namespaces/queues").ToList();

        Assert.Equal(Queues.All.Order(StringComparer.Ordinal), queues.Select(LastName).Order(StringComparer.Ordinal));
        Assert.All(queues, queue =>
        {
            Assert.True(Property(queue, "requiresDuplicateDetection").GetBoolean());
            Assert.True(Property(queue, "deadLetteringOnMessageExpiration").GetBoolean());
            Assert.False(Property(queue, "enablePartitioning").GetBoolean());
            Assert.Equal("PT5M", Property(queue, "lockDuration").GetString());
        });
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Make_the_containers_as_the_adapter_makes_them_elsewhere(string environment)
    {
        var containers = Of(environment).Where(r => Type(r).EndsWith("/sqlDatabases/containers", StringComparison.Ordinal)).ToDictionary(LastName, r => Property(r, "resource"));

        Assert.Equal(Containers.All.Append(CosmosContainers.Leases).Order(StringComparer.Ordinal), containers.Keys.Order(StringComparer.Ordinal));
        Assert.All(containers, container =>
        {
            Assert.Equal($"[\"{(container.Key == CosmosContainers.Leases ? "/id" : CosmosItems.PartitionKeyPath)}\"]", Compact(container.Value.GetProperty("partitionKey").GetProperty("paths")));
            Assert.False(container.Value.TryGetProperty("defaultTtl", out _));
        });
        Assert.All(Containers.All, name =>
        {
            var made = CosmosContainers.PropertiesOf(name).IndexingPolicy;
            var deployed = containers[name].GetProperty("indexingPolicy");
            Assert.Equal(made.IncludedPaths.Select(p => p.Path), Paths(deployed.GetProperty("includedPaths")));
            Assert.Equal(made.ExcludedPaths.Select(p => p.Path), Paths(deployed.GetProperty("excludedPaths")));
            Assert.Equal(made.CompositeIndexes.Select(i => string.Join(',', i.Select(p => p.Path))), deployed.GetProperty("compositeIndexes").EnumerateArray().Select(i => string.Join(',', Paths(i))));
        });
        Assert.Equal("Strong", Property(One(environment, "Microsoft.DocumentDB/databaseAccounts"), "consistencyPolicy").GetProperty("defaultConsistencyLevel").GetString());
        Assert.Equal("Continuous", Property(One(environment, "Microsoft.DocumentDB/databaseAccounts"), "backupPolicy").GetProperty("type").GetString());
    }

    /// <summary>Nobody but the app's identity gets a role, and each as narrow as it can be.</summary>
    [Theory]
    [MemberData(nameof(Environments))]
    public void Give_the_app_no_more_than_it_needs(string environment)
    {
        var roles = Of(environment).Where(r => Type(r) == "Microsoft.Authorization/roleAssignments")
            .Select(r => $"{RoleNames[LastPart(Property(r, "roleDefinitionId").GetString()!)]} on {ScopeOf(r)}").Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "EventGrid Data Sender on topics", "Key Vault Secrets User on vaults", "Monitoring Metrics Publisher on components", "Service Bus Data Receiver on queues", "Service Bus Data Receiver on queues",
                "Service Bus Data Receiver on queues", "Service Bus Data Sender on queues", "Service Bus Data Sender on queues", "Service Bus Data Sender on queues",
                "Storage Blob Data Contributor on containers", "Storage Blob Data Contributor on containers", "Storage Blob Data Owner on storageAccounts",
            ],
            roles.Order(StringComparer.Ordinal));
        Assert.All(Of(environment).Where(r => Type(r) == "Microsoft.Authorization/roleAssignments"), r => Assert.Contains("userAssignedIdentities/id-cp-", Property(r, "principalId").GetString(), StringComparison.Ordinal));
        Assert.DoesNotContain(Of(environment), r => Type(r) == "Microsoft.Authorization/roleDefinitions");
        Assert.EndsWith("/dbs/customerpipeline", Property(One(environment, "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"), "scope").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Watch_what_operations_explains(string environment)
    {
        var operations = Repository.Read("docs", "operations.md");
        var alerts = Of(environment).Where(r => Type(r) is "Microsoft.Insights/metricAlerts" or "Microsoft.Insights/scheduledQueryRules").Select(r => r.GetProperty("name").GetString()!.Split("-cp-")[0]).ToList();

        Assert.Equal(["damaged-documents", "dead-letters", "quarantine-share", "queue-backlog", "stage-lag", "too-many-requests", "total-differs"], alerts.Order(StringComparer.Ordinal));
        Assert.All(alerts, name => Assert.Contains($"`{name}`", operations, StringComparison.Ordinal));
        var queries = string.Join('\n', Of(environment).Where(r => Type(r) == "Microsoft.Insights/scheduledQueryRules").Select(r => r.GetRawText()));
        Assert.Contains(StageTelemetry.MessagesName, queries, StringComparison.Ordinal);
        Assert.Contains(StageTelemetry.LagName, queries, StringComparison.Ordinal);
        Assert.Contains(StageTelemetry.TotalsName, queries, StringComparison.Ordinal);
    }

    /// <summary>What is done to the services themselves, and who read personal data or secrets, is written down where the app writes.</summary>
    [Theory]
    [MemberData(nameof(Environments))]
    public void Log_what_is_done_to_every_service_that_holds_something(string environment)
    {
        var logs = Of(environment).Where(r => Type(r) == "Microsoft.Insights/diagnosticSettings").ToList();

        Assert.Equal(
            ["blobServices: StorageDelete", "blobServices: StorageRead StorageDelete", "databaseAccounts: ControlPlaneRequests", "namespaces: OperationalLogs VNetAndIPFilteringLogs", "topics: PublishFailures DeliveryFailures", "vaults: AuditEvent"],
            logs.Select(l => $"{ScopeOf(l)}: {string.Join(' ', Property(l, "logs").EnumerateArray().Select(c => c.GetProperty("category").GetString()))}").Order(StringComparer.Ordinal));
        Assert.All(logs, l => Assert.Contains("workspaces", Property(l, "workspaceId").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Lock_what_holds_data_against_deletion_but_not_in_dev()
    {
        var locks = Of("prod").Where(r => Type(r) == "Microsoft.Authorization/locks").ToList();

        Assert.Equal(["databaseAccounts", "namespaces", "storageAccounts", "vaults"], locks.Select(ScopeOf).Order(StringComparer.Ordinal));
        Assert.All(locks, l => Assert.Equal("CanNotDelete", Property(l, "level").GetString()));
        Assert.DoesNotContain(Of("dev"), r => Type(r) == "Microsoft.Authorization/locks");
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Keep_deleted_blobs_for_a_week_and_no_versions_of_them(string environment)
    {
        var services = Of(environment).Where(r => Type(r) == "Microsoft.Storage/storageAccounts/blobServices").ToList();

        Assert.Equal(2, services.Count);
        Assert.All(services, service =>
        {
            Assert.Equal(7, Property(service, "deleteRetentionPolicy").GetProperty("days").GetInt32());
            Assert.Equal(7, Property(service, "containerDeleteRetentionPolicy").GetProperty("days").GetInt32());
            Assert.False(Property(service, "isVersioningEnabled").GetBoolean());
        });
        Assert.True(Property(One(environment, "Microsoft.KeyVault/vaults"), "enablePurgeProtection").GetBoolean());
    }

    [Fact]
    public void Close_production_and_tell_what_it_costs()
    {
        Assert.Equal("Disabled", Property(One("prod", "Microsoft.DocumentDB/databaseAccounts"), "publicNetworkAccess").GetString());
        var budget = One("prod", "Microsoft.Consumption/budgets");
        Assert.Equal(["Actual", "Forecasted"], Property(budget, "notifications").EnumerateObject().Select(n => n.Value.GetProperty("thresholdType").GetString()).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Of("dev"), r => Type(r) == "Microsoft.Consumption/budgets");
    }

    [Fact]
    public void Back_documents_up_for_as_long_as_the_parameter_says() => Assert.Equal(
        ["Continuous30Days", "Continuous7Days"],
        new[] { Bicep.Resources($"{Private}param backupTier = 'Continuous30Days'\n"), Of("prod") }
            .Select(resources => Property(Assert.Single(resources, r => Type(r) == "Microsoft.DocumentDB/databaseAccounts"), "backupPolicy").GetProperty("continuousModeProperties").GetProperty("tier").GetString()));

    private static readonly Dictionary<string, string> RoleNames = new()
    {
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"] = "Service Bus Data Receiver",
        ["69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"] = "Service Bus Data Sender",
        ["4633458b-17de-408a-b874-0445c86b69e6"] = "Key Vault Secrets User",
        ["d5a91429-5739-47e2-a06b-3470a27159e7"] = "EventGrid Data Sender",
    };

    private static IReadOnlyList<JsonElement> Of(string environment) => Evaluated[environment].Value;

    private static JsonElement One(string environment, string type) => Assert.Single(Of(environment), r => Type(r) == type);

    private static string Type(JsonElement resource) => resource.GetProperty("type").GetString()!;

    private static JsonElement Property(JsonElement resource, string name) => resource.GetProperty("properties").GetProperty(name);

    private static string LastName(JsonElement resource) => LastPart(resource.GetProperty("name").GetString()!);

    private static string LastPart(string path) => path[(path.LastIndexOf('/') + 1)..];

    // The id starts with the scope: [extensionResourceId('/subscriptions/…/providers/…', …)], or /subscriptions/…/providers/…/providers/… where the name is known beforehand.
    private static string ScopeOf(JsonElement extension) => extension.GetProperty("id").GetString()! is var id && id.StartsWith('[')
        ? id.Split('\'')[1].Split('/')[^2]
        : id[..id.LastIndexOf("/providers/", StringComparison.Ordinal)].Split('/')[^2];

    private static Dictionary<string, string> AppSettings(string environment) =>
        Of(environment).Single(r => Type(r) == "Microsoft.Web/sites/config").GetProperty("properties").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);

    private static string Compact(JsonElement json) => JsonSerializer.Serialize(json);

    private static IEnumerable<string> Paths(JsonElement paths) => paths.EnumerateArray().Select(p => p.GetProperty("path").GetString()!);
}
