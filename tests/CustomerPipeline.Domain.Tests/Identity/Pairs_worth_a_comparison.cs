using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Domain.Tests.Identity;

/// <summary>Who is compared at all: people who agree in one of several ways, each of them on both sides of its edge.</summary>
public sealed class Pairs_worth_a_comparison
{
    [Theory]
    [InlineData("id 4711", "id 4711", true)]
    [InlineData("id 4711", "id 4712", false)]
    [InlineData("phone 2025550142", "phone 2025550142", true)]
    [InlineData("email jo@example.com", "email jo@example.com", true)]
    [InlineData("born 1980-03-04, family Smith", "born 1980-03-04, family Sanchez", true)]
    [InlineData("born 1980-03-04, given Jo", "born 1980-03-04, given Jane", true)]
    [InlineData("born 1980-03-04, family Smith", "born 1980-03-04, family Okafor", false)]
    [InlineData("born 1980-03-04, given Jo", "born 1980-03-04, given Ann", false)]
    [InlineData("born 1980-03-04", "born 1980-03-04", false)]
    [InlineData("family Johansson, given Ingrid", "family Johannes, given Inga", true)]
    [InlineData("family Joha, given Ing", "family Johannes, given Ingo", true)]
    [InlineData("family Johansson, given Ingrid", "family Johnson, given Ingrid", true)]
    [InlineData("family Johansson, given Ingrid", "family Johnson, given Ingo", false)]
    [InlineData("family Johansson, given Ingrid", "family Johannes, given Inken", false)]
    [InlineData("given Johanna, family Weber", "given Johann, family Webster", true)]
    [InlineData("given Joha, family Web", "given Johann, family Webster", true)]
    [InlineData("given Johanna, family Weber", "given Johann, family Weidmann", false)]
    [InlineData("given Johanna, family Weber", "given Joan, family Webster", false)]
    [InlineData("family Joha", "family Joha", false)]
    [InlineData("zip 10115, family Smith", "zip 10115, family Small", true)]
    [InlineData("zip 10115, given Jo", "zip 10115, given Joan", true)]
    [InlineData("zip 10115, family Smith", "zip 10115, family Stone", false)]
    [InlineData("zip 10115, given Jo", "zip 10115, given Jill", false)]
    [InlineData("street 7 Mill Lane, given Jo", "street 7 Mill Lane, given Jim", true)]
    [InlineData("street 7 Mill Lane, given Jo", "street 7 Mill Lane, given Ann", false)]
    [InlineData("street 7 Mill Lane, zip 10115", "street 7 Mill Lane, zip 10115", true)]
    [InlineData("street 7 Mill Lane, zip 10115", "street 7 Mill Lane, zip 10117", false)]
    [InlineData("city Milltown, family Smith", "city Milltown, family Smith", true)]
    [InlineData("city Milltown, given Jo", "city Milltown, given Jo", true)]
    [InlineData("city Milltown, given Jo", "city Easton, given Jo", false)]
    public void Agree_in_one_way(string left, string right, bool isWorthIt) => Assert.Equal(isWorthIt, AreCompared(left, right));

    // The codes of the National Archives' description of the system: Robert and Rupert R163, Ashcraft A261, Tymczak T522.
    [Theory]
    [InlineData("Robert", "Rupert", true)]
    [InlineData("Robert", "Rubin", false)]
    [InlineData("Ashcraft", "Asgraft", true)]
    [InlineData("Ashcraft", "Asacraft", false)]
    [InlineData("Awscraft", "Ascraft", true)]
    [InlineData("Tymczak", "Tamsk", false)]
    [InlineData("Tymczak", "Tamskak", true)]
    [InlineData("Tymczak", "Tams", false)]
    [InlineData("Pfister", "Pister", true)]
    [InlineData("Lee", "Loo", true)]
    [InlineData("Lee", "Roo", false)]
    [InlineData("Washington", "Wachsnkdon", true)]
    [InlineData("Bfpvwx", "Bx", true)]
    [InlineData("Bcgjkqsxz", "Bs", true)]
    [InlineData("Adat", "Atad", true)]
    [InlineData("Amin", "Anim", true)]
    [InlineData("Alal", "Alar", false)]
    public void Sound_alike_and_were_born_in_one_month(string left, string right, bool isWorthIt)
    {
        Assert.Equal(isWorthIt, AreCompared($"born 1980-03-04, family {left}", $"born 1980-03-25, family {right}"));
        Assert.Equal(isWorthIt, AreCompared($"born 1980-03-04, given {left}", $"born 1980-03-25, given {right}"));
        Assert.False(AreCompared($"born 1980-03-04, family {left}", $"born 1980-04-04, family {right}x") && left[0] != right[0]);
    }

    [Fact]
    public void Do_not_sound_alike_in_letters_that_the_system_has_no_classes_for() =>
        Assert.False(AreCompared("born 1980-03-04, family \u00c5sa", "born 1980-03-25, family \u00c5sa"));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(120, 120 * 119 / 2)]
    [InlineData(121, 0)]
    public void Are_not_told_by_what_too_many_share(int people, int pairs)
    {
        var found = Blocking.PairsOf([.. Enumerable.Range(0, people).Select(i => Person($"{i}", "phone 2025550142"))]);

        Assert.Equal(pairs, found.Count);
        Assert.All(found, p => Assert.True(p.Left < p.Right));
    }

    private static bool AreCompared(string left, string right) => Blocking.PairsOf([Person("l", left), Person("r", right)]).Count > 0;

    private static PersonFields Person(string id, string told) => told.Split(", ").Select(field => field.Split(' ', 2)).Aggregate(new PersonFields(id), (person, field) => person.With(
        field[0] switch
        {
            "id" => LinkageField.IdNumber,
            "phone" => LinkageField.Phone,
            "email" => LinkageField.Email,
            "born" => LinkageField.BirthDate,
            "family" => LinkageField.FamilyName,
            "given" => LinkageField.GivenName,
            "zip" => LinkageField.PostalCode,
            "street" => LinkageField.Street,
            _ => LinkageField.City,
        },
        field[1]));
}
