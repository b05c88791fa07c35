using System.Buffers;
using System.Globalization;
using System.Text;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using PhoneNumbers;

namespace CustomerPipeline.Application.Privacy;

/// <summary>
/// Values that identify some people, to be looked for in messages of which no record was made: email addresses, phone numbers in any spelling, names with their words in any order, streets,
/// and the ids of accounts, cards, devices and orders; in every text of a message (<see cref="TextLayers"/>), as a reader compares texts (<see cref="Folded"/>).
/// A single word of a name is not looked for where words have spaces between them: too many people have it.
/// </summary>
public sealed class PersonalValues
{
    // A shorter id or number stands in messages of other people by chance: it counts only whole, and in messages of its own vendor.
    private const int ShortestAnywhere = 8;
    private const int ShortestId = 3;

    // Between the words of a name there may be others: a middle name, the name of a field.
    private const int WordsBetween = 3;
    private const int LongestRunOfShortNumber = 15;

    // 00 and a country code, or 0.
    private const int MostDialledBefore = 5;

    private static readonly SearchValues<string> SpelledSigns = SearchValues.Create(["(at)", "[at]", "{at}", "<at>"], StringComparison.Ordinal);

    private readonly SearchValues<string> _phrases;
    private readonly string[] _allPhrases;
    private readonly SearchValues<string> _numbers;
    private readonly string[] _allNumbers;
    private readonly HashSet<string> _shortNumbers = new(StringComparer.Ordinal);
    private readonly HashSet<(string Vendor, string Id)> _ids = [];
    private readonly HashSet<string> _wholeWords = new(StringComparer.Ordinal);
    private readonly SearchValues<string> _unspaced;
    private readonly Dictionary<string, List<Wording>> _wordings = new(StringComparer.Ordinal);

    private PersonalValues(IEnumerable<Identifier> identifiers, IEnumerable<EntityKey> entities, IEnumerable<PersonProfile> profiles)
    {
        var (phrases, numbers, unspaced) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var identifier in identifiers)
        {
            switch (identifier.Type)
            {
                case IdentifierType.Phone:
                    var number = NationalNumberOf(identifier.Value);
                    _ = number.Length < ShortestAnywhere ? _shortNumbers.Add(number) : numbers.Add(number);
                    break;
                case IdentifierType.Account or IdentifierType.Card or IdentifierType.Device:
                    AddId(phrases, VendorOf(identifier.Value), AfterColon(identifier.Value));
                    break;
                case IdentifierType.Edge:
                    break;
                default:
                    AddId(phrases, "", identifier.Value);
                    break;
            }
        }

        foreach (var entity in entities.Where(e => EntityKey.KindOf(e.Text) is not EntityKind.Browse))
        {
            AddId(phrases, entity.Source, AfterColon(AfterColon(entity.Text)));
        }

        foreach (var profile in profiles)
        {
            AddWords(profile.Name, unspaced, between: WordsBetween);
            AddWords(profile.Street, unspaced, between: 0);
        }

        (_allPhrases, _allNumbers) = ([.. phrases], [.. numbers]);
        (_phrases, _numbers, _unspaced) = (Search(_allPhrases), Search(numbers), Search(unspaced));
        IsEmpty = phrases.Count + numbers.Count + unspaced.Count + _shortNumbers.Count + _ids.Count + _wholeWords.Count + _wordings.Count == 0;
    }

    private bool IsEmpty { get; }

    /// <summary>The values that tell of some people.</summary>
    /// <param name="identifiers">What they alone are known by.</param>
    /// <param name="entities">Their orders, tickets and profiles.</param>
    /// <param name="profiles">What sources said of them.</param>
    public static PersonalValues Of(IEnumerable<Identifier> identifiers, IEnumerable<EntityKey> entities, IEnumerable<PersonProfile> profiles) => new(identifiers, entities, profiles);

    /// <summary>Whether a message holds any of the values.</summary>
    /// <param name="message">An envelope, or what should have been one.</param>
    public bool AreIn(ReadOnlyMemory<byte> message)
    {
        if (IsEmpty)
        {
            return false;
        }

        var isEnvelope = MessageEnvelope.TryRead(message, out var envelope, out _);
        var vendor = isEnvelope ? envelope!.Vendor : "";
        return TextLayers.Of(message).Any(text => AreIn(text, vendor)) || (isEnvelope && !IsPartOf(message.Span, envelope!.Data.Span) && TextLayers.Of(envelope!.Data).Any(text => AreIn(text, vendor)));
    }

    // The payload of an envelope may be a text, or base 64. A JSON object stands in the envelope as it is: its texts are those of the message.
    private static bool IsPartOf(ReadOnlySpan<byte> message, ReadOnlySpan<byte> payload) => payload.TrimStart((byte)' ') is [(byte)'{', ..] && message.IndexOf(payload) >= 0;

    private bool AreIn(string text, string vendor)
    {
        var folded = Folded.Of(text);
        return (folded.AsSpan().ContainsAny(_phrases) && HasWholePhrase(folded))
            || (SpelledOut(folded) is { } spelled && spelled.AsSpan().ContainsAny(_phrases))
            || HasNumber(folded)
            || HasWords(folded, vendor)
            || (!Ascii.IsValid(folded) && string.Concat(folded.Where(char.IsLetterOrDigit)).AsSpan().ContainsAny(_unspaced));
    }

    // Not inside a longer word or number, or another address.
    private bool HasWholePhrase(string folded) => Array.Exists(_allPhrases, phrase =>
    {
        for (var at = folded.IndexOf(phrase, StringComparison.Ordinal); at >= 0; at = folded.IndexOf(phrase, at + 1, StringComparison.Ordinal))
        {
            if (!GoesOn(folded, at - 1, -1, phrase) && !GoesOn(folded, at + phrase.Length, 1, phrase))
            {
                return true;
            }
        }

        return false;
    });

    // A full stop, a hyphen or a plus sign within an address is part of it, and at its end is not.
    private static bool GoesOn(string folded, int at, int step, string phrase) =>
        IsOfWord(folded, at) || (phrase.Contains('@', StringComparison.Ordinal) && (uint)at < folded.Length && folded[at] is '.' or '-' or '+' && IsOfWord(folded, at + step));

    private static bool IsOfWord(string folded, int at) => (uint)at < folded.Length && char.IsLetterOrDigit(folded[at]);

    // eva (at) mail (dot) example; null where nothing is spelled so.
    private static string? SpelledOut(string folded)
    {
        if (!folded.AsSpan().ContainsAny(SpelledSigns))
        {
            return null;
        }

        var text = new StringBuilder(string.Concat(folded.Where(c => !char.IsWhiteSpace(c))));
        foreach (var (spelled, sign) in new[] { ("(at)", "@"), ("[at]", "@"), ("{at}", "@"), ("<at>", "@"), ("(dot)", "."), ("[dot]", "."), ("{dot}", "."), ("<dot>", ".") })
        {
            text.Replace(spelled, sign);
        }

        return text.ToString();
    }

    // A number ends where a group of digits ends, and has no more before it in its group than what is dialled before it.
    private bool HasNumber(string folded) => DigitRun.In(folded).Any(HasNumber);

    private bool HasNumber(DigitRun run)
    {
        var digits = run.Digits;
        if (digits.Length <= LongestRunOfShortNumber && _shortNumbers.Any(n => digits.EndsWith(n, StringComparison.Ordinal)))
        {
            return true;
        }

        for (var at = 0; digits.AsSpan(at).IndexOfAny(_numbers) is >= 0 and var found; at += found + 1)
        {
            var from = at + found;
            if (from - run.GroupOf(from) <= MostDialledBefore && _allNumbers.Any(n => digits.AsSpan(from).StartsWith(n, StringComparison.Ordinal) && run.EndsAt(from + n.Length)))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasWords(string folded, string vendor)
    {
        var lastAt = new Dictionary<(Wording, string), int>();
        var position = 0;
        foreach (var word in WordsOf(folded))
        {
            if (_wholeWords.Contains(word) || (vendor.Length > 0 && _ids.Contains((vendor, word))))
            {
                return true;
            }

            foreach (var wording in _wordings.GetValueOrDefault(word) ?? [])
            {
                lastAt[(wording, word)] = position;
                if (wording.Words.All(w => lastAt.TryGetValue((wording, w), out var at) && position - at < wording.Words.Count + wording.Between))
                {
                    return true;
                }
            }

            position++;
        }

        return false;
    }

    private void AddId(HashSet<string> phrases, string vendor, string id)
    {
        var folded = Folded.Of(id);
        if (folded.Length >= ShortestAnywhere)
        {
            phrases.Add(folded);
        }
        else if (folded.Length >= ShortestId && vendor.Length > 0)
        {
            _ids.Add((vendor, folded));
        }
    }

    // Scripts without spaces between words have names of two and three characters.
    private void AddWords(string? value, HashSet<string> unspaced, int between)
    {
        var all = WordsOf(Folded.Of(value ?? "")).ToList();
        var (words, joined) = (all.Distinct(StringComparer.Ordinal).ToList(), string.Concat(all));
        if (joined.Any(IsUnspaced))
        {
            _ = joined.Length > 2 ? unspaced.Add(joined) : joined.Length == 2 && _wholeWords.Add(joined);
        }

        // An initial may be left out.
        var telling = between > 0 && words.Count(w => w.Length > 1) > 1 ? words.FindAll(w => w.Length > 1) : words;
        if (telling.Count > 1)
        {
            var wording = new Wording(telling, between);
            foreach (var word in telling)
            {
                (_wordings.TryGetValue(word, out var known) ? known : _wordings[word] = []).Add(wording);
            }
        }
    }

    private static IEnumerable<string> WordsOf(string folded)
    {
        for (var at = 0; at < folded.Length;)
        {
            var from = at;
            while (at < folded.Length && char.IsLetterOrDigit(folded[at]))
            {
                at++;
            }

            if (at > from)
            {
                yield return folded[from..at];
            }

            at++;
        }
    }

    // Han, kana, Hangul, Thai, Lao, Khmer and Burmese.
    private static bool IsUnspaced(char c) => c is >= '\u2E80' and <= '\u9FFF' or >= '\uAC00' and <= '\uD7AF' or >= '\u1100' and <= '\u11FF' or >= '\uF900' and <= '\uFAFF'
        or >= '\u0E00' and <= '\u0EFF' or >= '\u1780' and <= '\u17FF' or >= '\u1000' and <= '\u109F';

    private static SearchValues<string> Search(IReadOnlyCollection<string> values) => SearchValues.Create([.. values], StringComparison.Ordinal);

    private static string VendorOf(string value) => value[..value.AsSpan().IndexOfAny(':', '@')];

    private static string AfterColon(string value) => value[(value.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>The digits of a phone number without the country code and what is dialled before it at home.</summary>
    internal static string NationalNumberOf(string e164)
    {
        try
        {
            return PhoneNumberUtil.GetInstance().Parse(e164, null).NationalNumber.ToString(CultureInfo.InvariantCulture);
        }
        catch (NumberParseException)
        {
            return e164[1..];
        }
    }

    /// <summary>Words that together tell of somebody.</summary>
    /// <param name="Words">Each once, in any order.</param>
    /// <param name="Between">How many others may stand between them.</param>
    private sealed record Wording(IReadOnlyList<string> Words, int Between);
}
