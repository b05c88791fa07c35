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

    /// <summary>Draws records of people; the same seed gives the same ones.</summary>
    public static IReadOnlyList<(PersonFields Fields, int Person)> Generate(int seed, int count)
    {
        var faker = new Faker("en") { Random = new Randomizer(seed) };
        var random = new Random(seed);
        var records = new List<(PersonFields, int)>(count);
        for (var person = 0; records.Count < count; person++)
        {
            var original = Draw(faker, random);
            var copies = random.NextDouble() switch { < 0.6 => 1, < 0.9 => 2, _ => 3 };
            for (var copy = 0; copy < copies && records.Count < count; copy++)
            {
                var said = copy == 0 ? original : Spoil(original, faker, random);
                records.Add((ToFields(said, records.Count), person));
            }
        }

        return records;
    }

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
