using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize.Fuzzing;

/// <summary>One change of a payload: of a field where the payload still has its structure, else of bytes.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Where">To which field or byte, counted round.</param>
/// <param name="What">With which value, counted round.</param>
public readonly record struct Mutation(int Kind, int Where, int What)
{
    private const int Structural = 6;

    /// <summary>How many kinds there are.</summary>
    public const int Kinds = Structural + 5;

    private static readonly string[] NastyJson =
    [
        "null", "true", "false", "0", "-1", "1", "0.5", "1e400", "-1e400", "1e-400", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "79228162514264337593543950336",
        "0.00000000000000000000000000001", "1.0e28", "\"\"", "\" \"", "\"0\"", "\"-1\"", "\"NaN\"", "\"Infinity\"", "\"1e308\"", "\"99999999999999999999999999999999\"", "\"10.649999999999999\"", "\"1,234.5\"",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"2026-02-30T00:00:00Z\"", "\"2026-03-01T10:00:00\"", "\"2026-03-01T10:00:00+99:99\"", "\"2026-03-08T02:30:00\"", "\"2026-03-01\"",
        "\"2026-03-01T10:00:00.1234567891234Z\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\uFEFF\"", "\"\\u202Etxt\"", "\"é\\u0301\"", "\"a@b\"", "\"@\"", "\"+\"", "\"+1\"", "\"+999999999999999999999\"",
        "\"XXX\"", "\"JPY\"", "\"KWD\"", "\"usd\"", "\"gid://shopify/Order/\"", "\"gid://shopify/Customer/1\"", "\"../../etc/passwd\"", "\"a/b\\\\c?d#e%f|g:h\"", "{}", "[]", "[null]", "[[]]", "[{}]", "{\"a\":{}}",
        "\"zen:event-type:ticket.merged\"", "\"Order Refunded\"", "\"refund.updated\"", "\"order\"", "\"person\"", "\"COMPLETED\"", "\"conversation\"", "\"America/New_York\"", "\"Mars/Olympus\"",
    ];

    private static readonly string[] NastyText =
    [
        "", " ", "0", "-1", "1e400", "1,5", "NaN", "79228162514264337593543950336", "99999999999999", "-0.00", "0.0000000000000000000000000000001", "true", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-03-08T02:30:00",
        "2026-11-01T01:30:00", "2026-03-01T10:00:00+99:99", "2026-02-30", "XXX", "JPY", "\uFEFF", "é\u0301", "a|b:c/d", "Monetary", "ReturnTransaction", "PostVoid", "Suspended", "+46 8 123", "@", "a@b",
    ];

    /// <summary>Bytes after all mutations, in order.</summary>
    public static byte[] Apply(byte[] payload, PayloadFormat format, IReadOnlyList<Mutation> mutations) =>
        mutations.Aggregate(payload, (bytes, mutation) => mutation.Kind >= Structural ? mutation.ToBytes(bytes) : format == PayloadFormat.Json ? mutation.ToJson(bytes) : mutation.ToXml(bytes));

    private byte[] ToBytes(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return [(byte)What];
        }

        var at = Where % bytes.Length;
        var length = Math.Min(1 + (What % 40), bytes.Length - at);
        return (Kind - Structural) switch
        {
            0 => [.. bytes.AsSpan(0, at), (byte)(bytes[at] ^ (1 << (What % 8))), .. bytes.AsSpan(at + 1)],
            1 => [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + length)],
            2 => [.. bytes.AsSpan(0, at), (byte)What, .. bytes.AsSpan(at)],
            3 => [.. bytes.AsSpan(0, at + length), .. bytes.AsSpan(at)],
            _ => bytes[..at],
        };
    }

    private byte[] ToJson(byte[] bytes)
    {
        try
        {
            var root = JsonNode.Parse(bytes);
            var places = root is null ? [] : Places(root).ToList();
            if (places.Count == 0)
            {
                return bytes;
            }

            var (parent, name, index) = places[Where % places.Count];
            var other = places[What % places.Count];
            switch (Kind)
            {
                case 0 or 1:
                    Set(parent, name, index, JsonNode.Parse(NastyJson[What % NastyJson.Length]));
                    break;
                case 2:
                    Remove(parent, name, index);
                    break;
                case 3:
                    Set(parent, name, index, Get(other)?.DeepClone());
                    break;
                case 4:
                    Set(parent, name, index, new JsonArray(Get((parent, name, index))?.DeepClone(), null, Get(other)?.DeepClone()));
                    break;
                default:
                    return DuplicateKey(root!.ToJsonString(), name);
            }

            return Encoding.UTF8.GetBytes(root!.ToJsonString());
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or JsonException)
        {
            // No structure any more, or a lone surrogate that cannot be written again: the payload stays as it is.
            return bytes;
        }
    }

    // The same key a second time, with another value: which of them counts must not matter to anything but the record.
    private byte[] DuplicateKey(string json, string? name)
    {
        var key = $"\"{name}\":";
        var at = name is null ? -1 : json.IndexOf(key, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(at < 0 ? json : json.Insert(at, $"{key}{NastyJson[What % NastyJson.Length]},"));
    }

    private byte[] ToXml(byte[] bytes)
    {
        XDocument document;
        try
        {
            document = XDocument.Load(new MemoryStream(bytes));
        }
        catch (XmlException)
        {
            return bytes;
        }

        var elements = document.Descendants().ToList();
        var element = elements[Where % elements.Count];
        var other = elements[What % elements.Count];
        switch (Kind)
        {
            case 0 or 1 when !element.HasElements:
                element.Value = NastyText[What % NastyText.Length];
                break;
            case 0 or 1 or 2 when element.Parent is not null:
                element.Remove();
                break;
            case 3 when element.Parent is not null:
                element.AddAfterSelf(new XElement(element));
                break;
            case 4:
                element.SetAttributeValue(new[] { "VoidFlag", "CancelFlag", "TypeCode", "ReasonCode", "Units", "Action", "TotalType", "TransactionStatus" }[What % 8], NastyText[What % NastyText.Length]);
                break;
            case 5 when other.Parent is not null && !element.AncestorsAndSelf().Contains(other):
                element.Add(new XElement(other));
                break;
            default:
                element.Name = element.Name.Namespace + other.Name.LocalName;
                break;
        }

        return Encoding.UTF8.GetBytes(document.ToString(SaveOptions.DisableFormatting));
    }

    private static IEnumerable<(JsonNode Parent, string? Name, int Index)> Places(JsonNode node)
    {
        var children = node switch
        {
            JsonObject o => o.Select(p => ((JsonNode)o, (string?)p.Key, 0, p.Value)),
            JsonArray a => a.Select((value, i) => ((JsonNode)a, (string?)null, i, value)),
            _ => [],
        };
        foreach (var (parent, name, index, value) in children)
        {
            yield return (parent, name, index);
            if (value is not null)
            {
                foreach (var place in Places(value))
                {
                    yield return place;
                }
            }
        }
    }

    private static JsonNode? Get((JsonNode Parent, string? Name, int Index) place) => place.Name is null ? place.Parent[place.Index] : place.Parent[place.Name];

    private static void Set(JsonNode parent, string? name, int index, JsonNode? value)
    {
        if (name is null)
        {
            parent[index] = value;
        }
        else
        {
            parent[name] = value;
        }
    }

    private static void Remove(JsonNode parent, string? name, int index)
    {
        if (name is null)
        {
            ((JsonArray)parent).RemoveAt(index);
        }
        else
        {
            ((JsonObject)parent).Remove(name);
        }
    }
}
