namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>How much of a change feed a consumer has not passed yet, asked of what keeps its position.</summary>
public interface IFeedBacklog
{
    /// <summary>About how many changes a consumer has not passed yet; none only when it has passed all.</summary>
    Task<long> BacklogAsync(string consumer, string container, CancellationToken cancellationToken);
}
