using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>Reads vendor XML. Elements are found by their local names: senders differ in prefixes and in versions of namespaces.</summary>
public static class SourceXml
{
    /// <summary>How deep elements may be nested.</summary>
    public const int Deepest = 64;

    /// <summary>Settings for XML from outside: no DTD, so no entities of its own and nothing fetched.</summary>
    public static XmlReaderSettings Settings { get; } = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersFromEntities = 1024,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    /// <summary>Reads the payload and maps its root element, turning every way in which it can be broken into a reason.</summary>
    internal static Normalization Map(MessageEnvelope envelope, Func<XElement, Normalization> map)
    {
        if (envelope.ContentType != MessageEnvelope.Xml)
        {
            return Normalization.Reject("not-xml", "This source sends XML. Send the file as application/xml.");
        }

        XElement root;
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(envelope.Data.ToArray(), writable: false), Settings);
            root = Load(reader);
        }
        catch (XmlException e)
        {
            return e.Message.Contains("DTD", StringComparison.Ordinal)
                ? Normalization.Reject("xml-dtd", "The XML has a document type declaration, which is refused. Send it without.")
                : Normalization.Reject("invalid-xml", $"The XML breaks at line {e.LineNumber}, position {e.LinePosition}. Mend the payload and retry.");
        }
        catch (UnreadableFieldException e)
        {
            return Normalization.Reject(e.Code, e.Message);
        }

        try
        {
            return map(root);
        }
        catch (UnreadableFieldException e)
        {
            return Normalization.Reject(e.Code, e.Message);
        }
    }

    /// <summary>The first child of that local name.</summary>
    internal static XElement? Child(this XElement element, string name) => element.Elements().FirstOrDefault(e => e.Name.LocalName == name);

    internal static IEnumerable<XElement> Children(this XElement element, string name) => element.Elements().Where(e => e.Name.LocalName == name);

    /// <summary>The text of the first child of that local name; null when there is none, or it is blank.</summary>
    internal static string? Text(this XElement element, string name) => element.Child(name) is { } child ? TextOf(child) : null;

    internal static string? TextOf(this XElement element) => string.IsNullOrWhiteSpace(element.Value) ? null : element.Value.Trim();

    /// <summary>An attribute by local name.</summary>
    internal static string? AttributeText(this XElement element, string name) => element.Attributes().FirstOrDefault(a => a.Name.LocalName == name)?.Value.Trim();

    internal static bool IsTrue(this XElement element, string attribute) => element.AttributeText(attribute) is "true" or "1";

    internal static decimal? Number(this XElement element, string name) => element.Child(name) is { } child ? NumberOf(child) : null;

    /// <summary>A decimal number; null when blank.</summary>
    /// <exception cref="UnreadableFieldException">It is no number, or beyond anything that is money.</exception>
    internal static decimal? NumberOf(this XElement element) => TextOf(element) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number
        : throw new UnreadableFieldException("invalid-number", $"{element.Name.LocalName} is no decimal number, or too large. Mend the payload and retry.");

    private static XElement Load(XmlReader reader)
    {
        reader.MoveToContent();
        var root = new XElement(XName.Get(reader.LocalName, reader.NamespaceURI));
        var open = new Stack<XElement>();
        Open(reader, root, open);
        while (open.Count > 0 && reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    var child = new XElement(XName.Get(reader.LocalName, reader.NamespaceURI));
                    open.Peek().Add(child);
                    Open(reader, child, open);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    open.Peek().Add(new XText(reader.Value));
                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                default:
                    break;
            }
        }

        // What follows the root must be nothing; this finds garbage after it.
        while (reader.Read())
        {
        }

        return root;
    }

    private static void Open(XmlReader reader, XElement element, Stack<XElement> open)
    {
        if (open.Count == Deepest)
        {
            throw new UnreadableFieldException("xml-too-deep", $"The XML is nested more than {Deepest} deep. Mend the payload and retry.");
        }

        var isEmpty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI != XNamespace.Xmlns.NamespaceName)
            {
                element.Add(new XAttribute(XName.Get(reader.LocalName, reader.NamespaceURI), reader.Value));
            }
        }

        reader.MoveToElement();
        if (!isEmpty)
        {
            open.Push(element);
        }
    }
}
