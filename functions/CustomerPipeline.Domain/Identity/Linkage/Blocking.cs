namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>
/// Which pairs are worth a comparison: those that agree in at least one of several ways. A block that is too large tells nothing, and is left out: its pairs
/// are found by another rule, or not.
/// </summary>
internal static class Blocking
{
    private const int LargestBlock = 120;

    // Each rule reads two halves of a person that rarely go wrong together.
    private static readonly Func<PersonFields, IEnumerable<string?>>[] Rules =
    [
        p => [p[LinkageField.IdNumber]],
        p => [p[LinkageField.Phone]],
        p => [p[LinkageField.Email]],
        p => [Joined(p[LinkageField.BirthDate], Start(p[LinkageField.FamilyName], 1)), Joined(p[LinkageField.BirthDate], Start(p[LinkageField.GivenName], 1))],
        p => [Joined(Start(p[LinkageField.FamilyName], 4), Start(p[LinkageField.GivenName], 3))],
        p => [Joined(Start(p[LinkageField.GivenName], 4), Start(p[LinkageField.FamilyName], 3))],
        p => [Joined(p[LinkageField.PostalCode], Start(p[LinkageField.FamilyName], 2)), Joined(p[LinkageField.PostalCode], Start(p[LinkageField.GivenName], 2))],
        p => [Joined(p[LinkageField.Street], Start(p[LinkageField.GivenName], 1)), Joined(p[LinkageField.Street], p[LinkageField.PostalCode])],
        p => [Joined(Sound(p[LinkageField.FamilyName]), Start(p[LinkageField.BirthDate], 6)), Joined(Sound(p[LinkageField.GivenName]), Start(p[LinkageField.BirthDate], 6))],
        p => [Joined(p[LinkageField.City], p[LinkageField.FamilyName]), Joined(p[LinkageField.City], p[LinkageField.GivenName])],
    ];

    /// <summary>Pairs of places in the list, the smaller first, each once.</summary>
    public static HashSet<(int Left, int Right)> PairsOf(IReadOnlyList<PersonFields> people)
    {
        var pairs = new HashSet<(int Left, int Right)>();
        foreach (var keysOf in Rules)
        {
            var blocks = new Dictionary<string, List<int>>(StringComparer.Ordinal);
            for (var i = 0; i < people.Count; i++)
            {
                foreach (var key in keysOf(people[i]).OfType<string>().Distinct(StringComparer.Ordinal))
                {
                    (blocks.TryGetValue(key, out var members) ? members : blocks[key] = []).Add(i);
                }
            }

            foreach (var block in blocks.Values.Where(b => b.Count is > 1 and <= LargestBlock))
            {
                for (var left = 0; left < block.Count; left++)
                {
                    for (var right = left + 1; right < block.Count; right++)
                    {
                        pairs.Add((block[left], block[right]));
                    }
                }
            }
        }

        return pairs;
    }

    private static string? Joined(string? left, string? right) => left is null || right is null ? null : $"{left}|{right}";

    private static string? Start(string? text, int length) => text is null || text.Length < length ? null : text[..length];

    // Soundex (Russell 1918): the first letter and the classes of the next consonants.
    private static string? Sound(string? name)
    {
        if (name is null || !char.IsAsciiLetter(name[0]))
        {
            return null;
        }

        Span<char> code = [name[0], '0', '0', '0'];
        var last = ClassOf(name[0]);
        var length = 1;
        foreach (var letter in name.AsSpan(1))
        {
            var sound = ClassOf(letter);
            if (sound != '0' && sound != last && length < 4)
            {
                code[length++] = sound;
            }

            last = letter is 'h' or 'w' ? last : sound;
        }

        return new string(code);
    }

    private static char ClassOf(char letter) => letter switch
    {
        'b' or 'f' or 'p' or 'v' => '1',
        'c' or 'g' or 'j' or 'k' or 'q' or 's' or 'x' or 'z' => '2',
        'd' or 't' => '3',
        'l' => '4',
        'm' or 'n' => '5',
        'r' => '6',
        _ => '0',
    };
}
