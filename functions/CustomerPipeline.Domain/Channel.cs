using System.Text.Json.Serialization;

namespace CustomerPipeline.Domain;

/// <summary>Where the customer met the company.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Channel>))]
public enum Channel
{
    [JsonStringEnumMemberName("online")]
    Online,

    [JsonStringEnumMemberName("in-store")]
    InStore,

    [JsonStringEnumMemberName("service")]
    Service,
}

public static class ChannelNames
{
    /// <summary>The channel as it appears in metrics, HTTP and stored documents.</summary>
    public static string Name(this Channel channel) => channel switch
    {
        Channel.Online => "online",
        Channel.InStore => "in-store",
        _ => "service",
    };
}
