using System.Globalization;
using Bogus;

namespace CustomerPipeline.Demo;

/// <summary>Where a shopper likes to buy.</summary>
internal enum Habit
{
    Web,
    Store,
    Both,
}

/// <summary>A person of the demo shop, and under which names each system knows them.</summary>
internal sealed record Shopper
{
    public required int Number { get; init; }

    public required string FirstName { get; init; }

    public required string LastName { get; init; }

    public required string Email { get; init; }

    /// <summary>Used for guest checkouts by those who have two: one person under two identities, until a phone number gives it away.</summary>
    public string? SecondEmail { get; init; }

    public required string Phone { get; init; }

    public required string Country { get; init; }

    public required Habit Habit { get; init; }

    public required bool UsesApp { get; init; }

    public required bool HasLoyaltyCard { get; init; }

    /// <summary>Purchases a year.</summary>
    public required double Rate { get; init; }

    /// <summary>The day of the year on which they first come.</summary>
    public required double FirstDay { get; init; }

    /// <summary>What the shopper pays for what others pay 1 for: some like it cheap and some dear, from about a half to twice as much.</summary>
    public double Taste => Math.Exp((((Number * 0.6180339887498949) % 1) - 0.5) * 1.5);

    /// <summary>How likely the shopper does not come back after a purchase: most stay, some are gone after the first.</summary>
    public double LeavingProbability => Math.Pow((Number * 0.7548776662466927) % 1, 3) * 0.6;

    public string Currency => Country == "DE" ? "EUR" : "USD";

    public string ShopifyId => Text(7_000_000_000_000 + Number);

    public string SquareId => "SQ" + Text(100_000 + Number);

    public string SegmentId => "u-" + Text(Number);

    public string ZendeskId => Text(360_000_000_000 + Number);

    public string Device(int which) => $"anon-{Text(Number)}-{Text(which)}";

    /// <summary>Draws a shopper; the same randomness gives the same one.</summary>
    public static Shopper Draw(int number, Faker faker, Random random)
    {
        var first = faker.Name.FirstName();
        var last = faker.Name.LastName();
        var country = random.NextDouble() < 0.15 ? "DE" : "US";
        var habit = random.NextDouble() switch { < 0.42 => Habit.Web, < 0.65 => Habit.Store, _ => Habit.Both };

        // Heavy-tailed: a few buy often, most once or twice.
        var rate = 0.6 + (-Math.Log(1 - random.NextDouble()) * (random.NextDouble() < 0.2 ? 4.5 : 1.2));
        return new Shopper
        {
            Number = number,
            FirstName = first,
            LastName = last,
            Email = Mailbox(first, last, number, "example.com"),
            SecondEmail = random.NextDouble() < 0.06 ? Mailbox(first, last, number, "example.org") : null,
            Phone = country == "US" ? $"+1{UsAreas[number / 100 % UsAreas.Length]}55501{number % 100:D2}" : $"+491512{3_000_000 + number:D7}",
            Country = country,
            Habit = habit,
            UsesApp = habit != Habit.Store && random.NextDouble() < 0.25,
            HasLoyaltyCard = habit != Habit.Web && random.NextDouble() < 0.7,
            Rate = rate,
            FirstDay = random.NextDouble() < 0.35 ? 0 : random.NextDouble() * 320,
        };
    }

    // Area codes; 555-0100 to 555-0199 are set aside for fiction.
    private static readonly string[] UsAreas =
    [
        "201", "202", "203", "205", "206", "207", "208", "209", "210", "212", "213", "214", "215", "216", "217", "218", "219", "224", "225", "228", "229", "231", "234", "239",
        "240", "248", "251", "252", "253", "254", "256", "260", "262", "267", "269", "270", "276", "281", "301", "302", "303", "304", "305", "307", "308", "309", "310", "312",
        "313", "314", "315", "316", "317", "318", "319", "320", "321", "323", "325", "330", "334", "336", "337", "339", "347", "351", "352", "360", "361", "386", "401", "402",
        "404", "405", "406", "407", "408", "409", "410", "412", "413", "414", "415", "417", "419", "423", "424", "425", "430", "432", "434", "435", "440", "443", "469", "478",
        "479", "480", "484", "501", "502", "503", "504", "505", "507", "508", "509", "510", "512", "513", "515", "516", "517", "518", "520", "530", "540", "541", "551", "559",
    ];

    private static string Mailbox(string first, string last, int number, string domain) =>
        $"{Letters(first)}.{Letters(last)}{Text(number)}@{domain}";

    private static string Letters(string name) => new([.. name.ToLowerInvariant().Where(char.IsAsciiLetter)]);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
