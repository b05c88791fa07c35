using CustomerPipeline.FunctionsHost.Wire;
using Google.Protobuf;
using Newtonsoft.Json;

namespace CustomerPipeline.FunctionsHost;

/// <summary>How the host hands a value to a worker that takes lists as they are (its capability TypedDataCollection): some kinds have a form of their own, the rest is JSON by Newtonsoft.Json.</summary>
internal static class Values
{
    public static Value Of(object? value) => value switch
    {
        null => new Value(),
        string text => new Value { Text = text },
        byte[] bytes => new Value { Bytes = ByteString.CopyFrom(bytes) },
        byte[][] many => new Value { ManyBytes = new ManyBytes { Items = { many.Select(b => ByteString.CopyFrom(b)) } } },
        string?[] many => new Value { ManyTexts = new ManyTexts { Items = { many.Select(t => t ?? "") } } },
        long[] many => new Value { ManyIntegers = new ManyIntegers { Items = { many } } },
        _ => new Value { Json = JsonConvert.SerializeObject(value, Formatting.None) },
    };
}
