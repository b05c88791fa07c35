using System.Xml;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>Reads vendor XML.</summary>
public static class SourceXml
{
    /// <summary>How deep elements may be nested.</summary>
    public const int Deepest = 64;

    // The namespace that attributes are in which declare namespaces (Namespaces in XML 1.0, 3).
    private const string NamespaceDeclarations = "http://www.w3.org/2000/xmlns/";

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
    internal static Normalization Map(MessageEnvelope envelope, Func<SourceElement, Normalization> map)
    {
        if (envelope.ContentType != MessageEnvelope.Xml)
        {
            return Normalization.Reject("not-xml", "This source sends XML. Send the file as application/xml.");
        }

        SourceElement root;
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

    private static SourceElement Load(XmlReader reader)
    {
        reader.MoveToContent();
        var root = new SourceElement(reader.LocalName);
        var open = new Stack<SourceElement>();
        Open(reader, root, open);
        while (open.Count > 0 && reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    var child = new SourceElement(reader.LocalName);
                    open.Peek().Add(child);
                    Open(reader, child, open);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    open.Peek().Add(reader.Value);
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

    private static void Open(XmlReader reader, SourceElement element, Stack<SourceElement> open)
    {
        if (open.Count == Deepest)
        {
            throw new UnreadableFieldException("xml-too-deep", $"The XML is nested more than {Deepest} deep. Mend the payload and retry.");
        }

        var isEmpty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI != NamespaceDeclarations)
            {
                element.AddAttribute(reader.LocalName, reader.Value);
            }
        }

        reader.MoveToElement();
        if (!isEmpty)
        {
            open.Push(element);
        }
    }
}
