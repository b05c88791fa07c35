using System.Globalization;
using Bogus;
using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Demo;

/// <summary>
/// People as registers have them: the same person several times, with the errors that people make: typos, short forms, names that changed places, moves, fields left
/// out. The truth is known: records of one person have one number.
/// </summary>
public static class PeopleGenerator
{
    private static readonly string[] Forms = ["Alexander Alex", "Benjamin Ben", "Christopher Chris", "Daniel Dan", "Elizabeth Liz", "Katherine Kate", "Matthew Matt", "Michael Mike", "Robert Bob", "Thomas Tom", "William Bill"];

    private static readonly string[] Mailboxes = ["example.com", "example.org", "example.net"];

    /// <summary>Draws records of people; the same seed gives the same ones.</summary>
    public static IReadOnlyList<(PersonFields Fields, int Person)> Generate(int seed, int count) => Generate(seed, count, doubles: 0.4, households: 0, emails: 0);

    /// <summary>Draws records of people.</summary>
    /// <param name="seed">The same seed gives the same ones.</param>
    /// <param name="count">How many records.</param>
    /// <param name="doubles">The share of people who have two or three records.</param>
    /// <param name="households">The share of people who live with the one before, and have the same family name and phone.</param>
    /// <param name="emails">The share of records with an email; most are built from the name, and those of one person differ.</param>
    public static IReadOnlyList<(PersonFields Fields, int Person)> Generate(int seed, int count, double doubles, double households, double emails)
    {
        var faker = new Faker("en") { Random = new Randomizer(seed) };
        var random = new Random(seed);
        var records = new List<(PersonFields, int)>(count);
        Person? before = null;
        for (var person = 0; records.Count < count; person++)
        {
            var original = Draw(faker, random);
            if (before is not null && households > 0 && random.NextDouble() < households)
            {
                original = original with { Last = before.Last, Street = before.Street, PostalCode = before.PostalCode, City = before.City, Phone = before.Phone };
            }

            before = original;
            var copies = doubles == 0 ? 1 : random.NextDouble() switch { var d when d < 1 - doubles => 1, var d when d < 1 - (doubles / 4) => 2, _ => 3 };
            for (var copy = 0; copy < copies && records.Count < count; copy++)
            {
                var said = copy == 0 ? original : Spoil(original, faker, random);
                var fields = ToFields(said, records.Count);
                records.Add((emails > 0 && random.NextDouble() < emails ? fields.With(LinkageField.Email, Email(original, faker, random)) : fields, person));
            }
        }

        return records;
    }

    // Two records of one person have two addresses: with one they would be one customer.
    private static string Email(Person person, Faker faker, Random random)
    {
        var (first, last) = (Letters(person.First), Letters(person.Last));
        var mailbox = random.Next(6) switch
        {
            0 => $"{first}.{last}",
            1 => $"{first[0]}{last}",
            2 => $"{last}.{first}",
            3 => $"{first}{person.BirthDate[..4]}",
            4 => $"{first}.{last}{random.Next(100)}",
            _ => $"{faker.Hacker.Noun().Replace(' ', '.')}{random.Next(1000)}",
        };
        return $"{mailbox}@{Mailboxes[random.Next(Mailboxes.Length)]}";
    }

    private static string Letters(string name) => new([.. name.ToLowerInvariant().Where(char.IsAsciiLetter)]);

    private static Person Draw(Faker faker, Random random)
    {
        var first = random.NextDouble() < 0.2 ? Forms[random.Next(Forms.Length)].Split(' ')[0] : faker.Name.FirstName();
        return new Person(
            first, faker.Name.LastName(), faker.Date.Between(new DateTime(1935, 1, 1), new DateTime(2006, 1, 1)).ToString("yyyyMMdd", CultureInfo.InvariantCulture),
            faker.Address.StreetAddress(), faker.Address.ZipCode("#####"), faker.Address.City(), random.NextDouble() < 0.7 ? faker.Phone.PhoneNumber("##########") : null);
    }

    // One to three errors.
    private static Person Spoil(Person person, Faker faker, Random random)
    {
        for (var errors = 1 + random.Next(3); errors > 0; errors--)
        {
            person = random.Next(10) switch
            {
                0 => person with { First = Typo(person.First, random) },
                1 => person with { Last = Typo(person.Last, random) },
                2 => person with { First = Forms.FirstOrDefault(f => f.StartsWith(person.First + " ", StringComparison.Ordinal))?.Split(' ')[1] ?? Typo(person.First, random) },
                3 => person with { First = person.Last, Last = person.First },
                4 => person with { Street = faker.Address.StreetAddress(), PostalCode = faker.Address.ZipCode("#####"), City = faker.Address.City() },
                5 => person with { Street = Typo(person.Street, random) },
                6 => person with { BirthDate = Typo(person.BirthDate, random) },
                7 when person.BirthDate.Length == 8 => person with { BirthDate = person.BirthDate[..4] + person.BirthDate[6..] + person.BirthDate[4..6] },
                8 => person with { Phone = null },
                _ => random.Next(3) switch { 0 => person with { BirthDate = "" }, 1 => person with { City = "" }, _ => person with { PostalCode = Typo(person.PostalCode, random) } },
            };
        }

        return person;
    }

    private static string Typo(string text, Random random)
    {
        if (text.Length < 2)
        {
            return text;
        }

        var at = random.Next(text.Length - 1);
        var other = char.IsAsciiDigit(text[at]) ? (char)('0' + random.Next(10)) : (char)('a' + random.Next(26));
        return random.Next(4) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, other.ToString()),
            2 => $"{text[..at]}{text[at + 1]}{text[at]}{text[(at + 2)..]}",
            _ => $"{text[..at]}{other}{text[(at + 1)..]}",
        };
    }

    private static PersonFields ToFields(Person person, int number) => new PersonFields(number.ToString(CultureInfo.InvariantCulture))
        .With(LinkageField.GivenName, person.First).With(LinkageField.FamilyName, person.Last).With(LinkageField.BirthDate, person.BirthDate).With(LinkageField.Street, person.Street)
        .With(LinkageField.PostalCode, person.PostalCode).With(LinkageField.City, person.City).With(LinkageField.Phone, person.Phone);

    private sealed record Person(string First, string Last, string BirthDate, string Street, string PostalCode, string City, string? Phone);
}
