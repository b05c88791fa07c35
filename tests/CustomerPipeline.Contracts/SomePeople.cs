namespace CustomerPipeline.Contracts;

/// <summary>A person as a register has them.</summary>
public sealed record RegisteredPerson(string First, string Last, string BirthDate, string Street, string PostalCode, string City);

/// <summary>People who are all different, and as alike as people of a town are.</summary>
public static class SomePeople
{
    private static readonly string[] First = ["Maria", "John", "Aisha", "Peter", "Ingrid", "Carlos", "Yuki", "Fatima", "Robert", "Elena", "Thomas", "Priya", "Lars", "Grace", "Omar", "Hanna", "Victor", "Chloe", "Dmitri", "Nora"];
    private static readonly string[] Last = ["Smith", "Garcia", "Mueller", "Okafor", "Tanaka", "Johansson", "Rossi", "Kowalski", "Haddad", "Lindqvist", "Moreau", "Petrov", "Silva", "Novak", "Byrne", "Castillo", "Weber", "Ahmed"];
    private static readonly string[] Streets = ["Mill Lane", "Harbour Road", "Linden Street", "Church Hill", "Station Road", "Orchard Way", "Castle View", "River Walk", "Market Place", "Garden Close"];
    private static readonly string[] Cities = ["Northport", "Easton", "Westbrook", "Southfield", "Milltown"];

    public static RegisteredPerson Number(int number)
    {
        var random = new Random(number);
        return new RegisteredPerson(
            First[random.Next(First.Length)], Last[random.Next(Last.Length)], $"{1940 + random.Next(60):D4}-{1 + random.Next(12):D2}-{1 + random.Next(28):D2}",
            $"{1 + random.Next(99)} {Streets[random.Next(Streets.Length)]}", $"{10_000 + random.Next(90_000)}", Cities[random.Next(Cities.Length)]);
    }

    /// <summary>The same person with an error.</summary>
    public static RegisteredPerson Misspelt(RegisteredPerson person, int number) => (number % 6) switch
    {
        0 => person with { First = person.First[..^1] },
        1 => person with { Last = person.Last[0] + person.Last[2..] },
        2 => person with { First = person.Last, Last = person.First },
        3 => person with { BirthDate = person.BirthDate[..^1] + (person.BirthDate[^1] == '1' ? '2' : '1') },
        4 => person with { Street = Number(number + 50_000).Street, PostalCode = Number(number + 50_000).PostalCode },
        _ => person with { City = "", Street = person.Street.ToUpperInvariant() },
    };

    /// <summary>A person as a system without a mapping hands it in.</summary>
    public static object ToImport(string id, RegisteredPerson person) => new
    {
        kind = "person",
        system = "crm",
        id,
        created_at = Some.Moment,
        name = $"{person.First} {person.Last}",
        birth_date = person.BirthDate,
        street = person.Street,
        postal_code = person.PostalCode,
        city = person.City,
    };
}
