using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CustomerPipeline.Application.Documents;

/// <summary>Documents as types.</summary>
public static class TypedDocuments
{
    /// <exception cref="CorruptDocumentException">The stored body is not what this program writes.</exception>
    public static T As<T>(this Document document, JsonTypeInfo<T> shape)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, shape) ?? throw new CorruptDocumentException(document);
        }
        catch (Exception e) when (IsOfAnotherShape(e))
        {
            throw new CorruptDocumentException(document, e);
        }
    }

    /// <summary>The same, for what can be made anew or done without; null where the document is damaged.</summary>
    public static T? AsOrNull<T>(this Document document, JsonTypeInfo<T> shape)
        where T : class => document.ReadOrNull(d => d.As(shape));

    /// <summary>What is read from a document; null where it is damaged.</summary>
    /// <param name="document">The document.</param>
    /// <param name="read">Reads it, and throws <see cref="CorruptDocumentException"/> where it cannot.</param>
    public static T? ReadOrNull<T>(this Document document, Func<Document, T> read)
        where T : class
    {
        try
        {
            return read(document);
        }
        catch (CorruptDocumentException)
        {
            return null;
        }
    }

    /// <summary>Whether reading failed because of what is stored.</summary>
    internal static bool IsOfAnotherShape(Exception exception) => exception is JsonException or FormatException or InvalidOperationException;

    /// <summary>Whether two values make the same document: they are equal when they are written alike.</summary>
    public static bool AreAlike<T>(T? left, T? right, JsonTypeInfo<T> shape)
        where T : class => left!.ToBody(shape).Span.SequenceEqual(right!.ToBody(shape).Span);

    public static ReadOnlyMemory<byte> ToBody<T>(this T value, JsonTypeInfo<T> shape) => JsonSerializer.SerializeToUtf8Bytes(value, shape);
}
