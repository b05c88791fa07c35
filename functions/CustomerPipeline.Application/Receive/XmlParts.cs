using System.Text;
using System.Xml;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>An XML document of many transactions to one payload each, as it is read: memory is bounded by the largest transaction that is allowed.</summary>
public static class XmlParts
{
    private const string Element = "Transaction";

    /// <summary>Splits a document. A document that breaks gives what came before, and then says where it breaks: sending it again once mended counts nothing twice.</summary>
    public static IEnumerable<PayloadPart> Of(Stream body)
    {
        using var reader = XmlReader.Create(body, SourceXml.Settings);
        var index = 0;
        while (true)
        {
            PayloadPart? part;
            try
            {
                part = Next(reader, index);
            }
            catch (XmlException e)
            {
                part = e.Message.Contains("DTD", StringComparison.Ordinal)
                    ? PayloadPart.Reject(index, "xml-dtd", "The XML has a document type declaration, which is refused.")
                    : PayloadPart.Reject(index, "invalid-xml", $"The XML breaks at line {e.LineNumber}, position {e.LinePosition}. What came before was taken; mend it and send it again.");
                reader.Close();
            }

            if (part is not { } found)
            {
                if (index == 0)
                {
                    yield return PayloadPart.Reject(0, "no-transactions", "The XML has no Transaction elements.");
                }

                yield break;
            }

            index++;
            yield return found;
            if (reader.ReadState == ReadState.Closed)
            {
                yield break;
            }
        }
    }

    private static PayloadPart? Next(XmlReader reader, int index)
    {
        while (!(reader.NodeType == XmlNodeType.Element && reader.LocalName == Element))
        {
            if (!reader.Read())
            {
                return null;
            }
        }

        using var payload = new MemoryStream();
        using (var writer = XmlWriter.Create(payload, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), OmitXmlDeclaration = true, CheckCharacters = false }))
        {
            // Node by node, so that a transaction without an end does not fill the memory.
            var depth = reader.Depth;
            var isEmpty = reader.IsEmptyElement;
            do
            {
                if (payload.Length <= PayloadPart.Largest)
                {
                    WriteNode(reader, writer, isRoot: reader.Depth == depth);
                }
            }
            while (reader.Read() && reader.Depth > depth);
            if (!isEmpty)
            {
                if (payload.Length <= PayloadPart.Largest)
                {
                    writer.WriteFullEndElement();
                }

                reader.Read();
            }
        }

        return payload.Length > PayloadPart.Largest ? PayloadPart.TooLarge(index) : new PayloadPart(payload.ToArray(), null);
    }

    // The prefixes that the document declares above the transaction, once: else every element that uses one would declare it.
    private static void DeclareNamespaces(XmlReader reader, XmlWriter writer)
    {
        foreach (var (prefix, uri) in ((IXmlNamespaceResolver)reader).GetNamespacesInScope(XmlNamespaceScope.ExcludeXml))
        {
            if (prefix.Length > 0 && prefix != reader.Prefix && reader.GetAttribute($"xmlns:{prefix}") is null)
            {
                writer.WriteAttributeString("xmlns", prefix, null, uri);
            }
        }
    }

    private static void WriteNode(XmlReader reader, XmlWriter writer, bool isRoot)
    {
        switch (reader.NodeType)
        {
            case XmlNodeType.Element:
                writer.WriteStartElement(reader.Prefix, reader.LocalName, reader.NamespaceURI);
                if (isRoot)
                {
                    DeclareNamespaces(reader, writer);
                }

                writer.WriteAttributes(reader, defattr: false);
                if (reader.IsEmptyElement)
                {
                    writer.WriteEndElement();
                }

                break;
            case XmlNodeType.EndElement:
                writer.WriteFullEndElement();
                break;
            case XmlNodeType.Text or XmlNodeType.CDATA:
                writer.WriteString(reader.Value);
                break;
            default:
                break;
        }

        writer.Flush();
    }
}
