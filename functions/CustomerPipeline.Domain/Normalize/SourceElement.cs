using System.Globalization;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>
/// An element of vendor XML. It is known by its local name, and so are its attributes: senders differ in prefixes and in versions of namespaces. Less than the framework's
/// elements, whose names are looked up among all names of the process.
/// </summary>
internal sealed class SourceElement(string name)
{
    // Texts and elements, in their order; of most elements it is one text.
    private object? _content;
    private List<KeyValuePair<string, string>>? _attributes;

    public string Name { get; } = name;

    /// <summary>The elements directly within.</summary>
    public IEnumerable<SourceElement> Elements => _content is List<object> content ? content.OfType<SourceElement>() : [];

    public void Add(SourceElement child) => AddContent(child);

    public void Add(string text) => AddContent(text);

    public void AddAttribute(string name, string value) => (_attributes ??= []).Add(new(name, value));

    /// <summary>The first element of that name directly within.</summary>
    public SourceElement? Child(string name)
    {
        if (_content is List<object> content)
        {
            foreach (var node in content)
            {
                if (node is SourceElement child && child.Name == name)
                {
                    return child;
                }
            }
        }

        return null;
    }

    /// <summary>The elements of that name directly within.</summary>
    public IEnumerable<SourceElement> Children(string name) => Elements.Where(e => e.Name == name);

    /// <summary>The text of all that is within, without space around it; null when it is blank.</summary>
    public string? Text
    {
        get
        {
            var text = _content as string ?? string.Concat(Texts());
            return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        }
    }

    /// <summary>The text of the first child of that name; null when there is none, or it is blank.</summary>
    public string? TextOf(string child) => Child(child)?.Text;

    /// <summary>The text as a decimal number; null when blank.</summary>
    /// <exception cref="UnreadableFieldException">It is no number, or beyond anything that is money.</exception>
    public decimal? Number => Text is not { } text ? null
        : decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && MinorUnits.IsReadable(number) ? number
        : throw new UnreadableFieldException("invalid-number", $"{Name} is no decimal number, or too large. Mend the payload and retry.");

    /// <summary>The number in the first child of that name; null when there is none, or it is blank.</summary>
    /// <exception cref="UnreadableFieldException">It is no number, or beyond anything that is money.</exception>
    public decimal? NumberOf(string child) => Child(child)?.Number;

    /// <summary>The attribute of that name, without space around it.</summary>
    public string? Attribute(string name)
    {
        if (_attributes is not null)
        {
            foreach (var (known, value) in _attributes)
            {
                if (known == name)
                {
                    return value.Trim();
                }
            }
        }

        return null;
    }

    public bool IsTrue(string attribute) => Attribute(attribute) is "true" or "1";

    /// <summary>Whether the attribute is true of any element within, however deep.</summary>
    public bool IsTrueWithin(string attribute) => Elements.Any(e => e.IsTrue(attribute) || e.IsTrueWithin(attribute));

    private IEnumerable<string> Texts() => _content is string text ? [text]
        : _content is List<object> content ? content.SelectMany(node => node is SourceElement child ? child.Texts() : [(string)node])
        : [];

    private void AddContent(object node)
    {
        switch (_content)
        {
            case List<object> content:
                content.Add(node);
                break;
            case null:
                _content = node is string ? node : new List<object> { node };
                break;
            default:
                _content = new List<object> { _content, node };
                break;
        }
    }
}
