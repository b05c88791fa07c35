namespace CustomerPipeline.Application.Access;

/// <summary>What a caller may be allowed. An API key has some of these; in Azure, app roles of the same names are given to people and programs.</summary>
public static class Scope
{
    /// <summary>Hand in messages and events.</summary>
    public const string MessagesWrite = "messages.write";

    /// <summary>Read metrics, published figures and the feed: nothing of one person.</summary>
    public const string MetricsRead = "metrics.read";

    /// <summary>See how far the pipeline is, what it could not use (by reason), and its rules.</summary>
    public const string OperationsRead = "operations.read";

    /// <summary>Try quarantined messages again, discard them, take snapshots, define audiences.</summary>
    public const string OperationsWrite = "operations.write";

    /// <summary>See personal data: customers, what is behind a figure, messages in quarantine.</summary>
    public const string CustomersRead = "customers.read";

    /// <summary>Decide who is one customer.</summary>
    public const string IdentityWrite = "identity.write";

    /// <summary>Export and erase people, and read who did what.</summary>
    public const string PrivacyManage = "privacy.manage";

    public static IReadOnlyList<string> All { get; } = [MessagesWrite, MetricsRead, OperationsRead, OperationsWrite, CustomersRead, IdentityWrite, PrivacyManage];
}
