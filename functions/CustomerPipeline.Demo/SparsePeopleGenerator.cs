using System.Globalization;
using Bogus;
using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Demo;

/// <summary>
/// People with up to ten records each, of few fields that are often left out, scrambled or moved, and few distinct names: where chains of wrong pairs grow. The
/// kind of errors follows the public set fake_1000 (Splink): scrambled letters, names that changed places, birth dates off by days to months. The truth is known.
/// </summary>
public static class SparsePeopleGenerator
{
    private const int Names = 120;

    /// <summary>Draws records of people; the same seed gives the same ones.</summary>
    public static IReadOnlyList<(PersonFields Fields, int Person)> Generate(int seed, int count)
    {
        var faker = new Faker("en_GB") { Random = new Randomizer(seed) };
        var random = new Random(seed);
        var (firsts, lasts) = (Draw(() => faker.Name.FirstName()), Draw(() => faker.Name.LastName()));
        var cities = Enumerable.Range(0, 40).Select(_ => faker.Address.City()).ToArray();
        var records = new List<(PersonFields, int)>(count);
        for (var person = 0; records.Count < count; person++)
        {
            // Some names and one city are much more common than others.
            var (first, last) = (Common(firsts), Common(lasts));
            var born = new DateTime(1970, 1, 1).AddDays(random.Next(18_000));
            var (city, email) = (random.Next(3) == 0 ? cities[0] : cities[random.Next(cities.Length)], $"{faker.Hacker.Noun().Replace(' ', '.')}{random.Next(100)}@{faker.Internet.DomainName()}");
            for (var copies = 1 + random.Next(10); copies > 0 && records.Count < count; copies--)
            {
                var (given, family) = random.Next(6) == 0 ? (last, first) : (first, last);
                var day = random.Next(10) < 7 ? born : born.AddDays(random.Next(-120, 120));
                records.Add((new PersonFields(records.Count.ToString(CultureInfo.InvariantCulture))
                    .With(LinkageField.GivenName, Spoil(given)).With(LinkageField.FamilyName, Spoil(family)).With(LinkageField.City, Spoil(city)).With(LinkageField.Email, Spoil(email))
                    .With(LinkageField.BirthDate, day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)), person));
            }
        }

        return records;

        string Common(string[] names) => names[(int)(names.Length * Math.Pow(random.NextDouble(), 2))];

        // A sixth is missing, a sixth scrambled.
        string? Spoil(string text) => random.Next(6) switch { 0 => null, 1 => Scramble(text), _ => text };

        string Scramble(string text)
        {
            var letters = text.ToCharArray();
            for (var swaps = 1 + random.Next(2); swaps > 0; swaps--)
            {
                var (one, other) = (random.Next(letters.Length), random.Next(letters.Length));
                (letters[one], letters[other]) = (letters[other], letters[one]);
            }

            return new string(letters);
        }
    }

    private static string[] Draw(Func<string> draw) => [.. Enumerable.Range(0, Names * 3).Select(_ => draw()).Distinct(StringComparer.Ordinal).Take(Names)];
}
