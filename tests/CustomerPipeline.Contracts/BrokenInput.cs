using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Contracts;

/// <summary>A message that somebody got wrong.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Queue">Where it came in.</param>
/// <param name="Message">As it came.</param>
public sealed record BrokenKind(string Name, string Queue, ReadOnlyMemory<byte> Message);

/// <summary>Ways of getting messages wrong, worked out from the corpus: each is another kind.</summary>
public static class BrokenInput
{
    private static readonly string[] Envelopes =
    [
        "", " ", "{", "}", "[", "[]", "[[]]", "[{},{}]", "{}", "null", "true", "0", "1e999", "\"text\"", "NaN", "not json", "{} {}", "{\"a\":1,}", "{'a':1}", "<xml/>", "\uFEFF", "\uFEFF{}",
        """{"specversion":"1.0"}""", """{"specversion":"1.0","id":"1","source":"/s","type":"segment"}""", """{"specversion":"1.0","id":"1","source":"/s","data":{}}""",
        """{"specversion":"1.0","id":"1","type":"segment","data":{}}""", """{"specversion":"1.0","source":"/s","type":"segment","data":{}}""", """{"id":"1","source":"/s","type":"segment","data":{}}""",
        """{"specversion":"2.0","id":"1","source":"/s","type":"segment","data":{}}""", """{"specversion":"1.0","id":"1","source":"/s","type":"martian","data":{}}""",
        """{"specversion":"1.0","id":"1","source":"/s","type":".","data":{}}""", """{"specversion":"1.0","id":"1","source":"/s","type":"segment","data":null}""",
        """{"specversion":"1.0","id":"1","source":"/s","type":"segment","data":[]}""", """{"specversion":"1.0","id":"1","source":"/s","type":"segment","data_base64":"%%%"}""",
        """{"specversion":"1.0","id":"1","source":"/s","type":"segment","data_base64":7}""", """{"specversion":"1.0","id":"1","source":"/s","type":"poslog","data":{}}""",
        """{"specversion":"1.0","id":"1","source":"/s","type":"segment","datacontenttype":"text/csv","data":"a,b"}""", """{"specversion":"1.0","id":"\ud800","source":"/s","type":"segment","data":{}}""",
        """{"id":"1","eventType":"segment","eventTime":"2026-03-01T10:00:00Z","data":{}}""", """[{"id":"1","eventType":"segment","data":{}},{"id":"2","eventType":"segment","data":{}}]""",
    ];

    private static readonly (string Name, string Json)[] Wrong =
    [
        ("an object", "{\"a\":1}"), ("an empty list", "[]"), ("no number", "\"nonsense\""), ("too large a number", "1e300"), ("a broken character", "\"\\ud800\""),
    ];

    public static IReadOnlyList<BrokenKind> All() =>
    [
        .. Envelopes.Select(e => new BrokenKind($"envelope {e}", Queues.Online, Encoding.UTF8.GetBytes(e))),
        new("envelope over the limit", Queues.Online, new byte[MessageEnvelope.LargestBytes + 1]),
        new("envelope nested too deep", Queues.Online, Encoding.UTF8.GetBytes(new string('[', 500))),
        .. Normalizer.Sources.SelectMany(source => Corpus.Of(source.Name).SelectMany((payload, file) => source.Format == PayloadFormat.Json ? Json(source, file, payload) : Xml(source, file, payload))),
    ];

    private static IEnumerable<BrokenKind> Json(SourceSystem source, int file, byte[] payload)
    {
        foreach (var path in Paths(JsonNode.Parse(payload)!, "").ToList())
        {
            yield return Kind(source, file, $"without {path}", Edit(payload, path, null));
            foreach (var (name, json) in Wrong)
            {
                yield return Kind(source, file, $"{path} is {name}", Edit(payload, path, json));
            }
        }
    }

    private static IEnumerable<BrokenKind> Xml(SourceSystem source, int file, byte[] payload)
    {
        var count = XDocument.Load(new MemoryStream(payload)).Descendants().Count();
        for (var i = 1; i < count; i++)
        {
            foreach (var text in new[] { null, "nonsense" })
            {
                var document = XDocument.Load(new MemoryStream(payload));
                var element = document.Descendants().ElementAt(i);
                var name = $"{element.Name.LocalName} number {i}";
                if (text is null)
                {
                    element.Remove();
                }
                else
                {
                    element.Value = text;
                }

                yield return Kind(source, file, text is null ? $"without {name}" : $"{name} is {text}", Encoding.UTF8.GetBytes(document.ToString()));
            }
        }
    }

    private static BrokenKind Kind(SourceSystem source, int file, string name, byte[] payload) =>
        new($"{source.Name} {file} {name}", Queues.Of(source.Channel), Corpus.Message(source, payload));

    private static IEnumerable<string> Paths(JsonNode node, string path) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Value is null ? [$"{path}/{p.Key}"] : Paths(p.Value, $"{path}/{p.Key}").Prepend($"{path}/{p.Key}")),
        JsonArray a => a.SelectMany((value, i) => value is null ? [] : Paths(value, $"{path}/{i}")),
        _ => [],
    };

    // By text, so that what no JSON library would write can be put in.
    private static byte[] Edit(byte[] payload, string path, string? json)
    {
        const string Mark = "\"@mark@\"";
        var root = JsonNode.Parse(payload)!;
        var names = path.Split('/')[1..];
        var parent = names[..^1].Aggregate(root, (node, name) => (node is JsonArray list ? list[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] : node[name])!);
        if (json is null)
        {
            parent.AsObject().Remove(names[^1]);
            return Encoding.UTF8.GetBytes(root.ToJsonString());
        }

        parent[names[^1]] = Mark.Trim('"');
        return Encoding.UTF8.GetBytes(root.ToJsonString().Replace(Mark, json, StringComparison.Ordinal));
    }
}
