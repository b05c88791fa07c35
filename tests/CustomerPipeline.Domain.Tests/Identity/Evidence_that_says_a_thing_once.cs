using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Domain.Tests.Identity;

/// <summary>Fields that follow from other fields are not counted again.</summary>
public sealed class Evidence_that_says_a_thing_once
{
    [Theory]
    [InlineData("jane.doe@a.example", "")]
    [InlineData("jdoe@a.example", "")]
    [InlineData("j.doe@a.example", "")]
    [InlineData("janed@a.example", "")]
    [InlineData("doe.jane@a.example", "")]
    [InlineData("doejane@a.example", "")]
    [InlineData("jane_doe77@a.example", "77")]
    [InlineData("jane.doe.1980@a.example", "")]
    [InlineData("jane80@a.example", "")]
    [InlineData("jane0304@a.example", "")]
    [InlineData("jane.doe1979@a.example", "1979")]
    [InlineData("jnae.doe@a.example", "")]
    [InlineData("sailor@a.example", "sailor")]
    [InlineData("sailor.jane@a.example", "sailor")]
    [InlineData("no address", "noaddress")]
    public void Is_of_a_mailbox_what_the_name_and_the_birth_date_leave(string email, string rest) =>
        Assert.Equal(rest, new PersonFields("1").WithName("Jane Doe").With(LinkageField.BirthDate, "1980-03-04").With(LinkageField.Email, email).MailboxBeyondName);

    [Theory]
    [InlineData("Björn Müller", "bjoern.mueller@a.example", "")]
    [InlineData("Björn Müller", "bjorn.muller@a.example", "")]
    [InlineData("Robert Smith", "bob.smith@a.example", "")]
    [InlineData("Anna Maria O'Neill-Smith", "annamaria.oneill@a.example", "")]
    [InlineData(null, "jane.doe@a.example", "janedoe")]
    public void Is_of_a_mailbox_what_other_spellings_of_the_name_leave(string? name, string email, string rest) =>
        Assert.Equal(rest, new PersonFields("1").WithName(name).With(LinkageField.Email, email).MailboxBeyondName);

    [Fact]
    public void Follows_a_name_that_is_set_later()
    {
        var person = new PersonFields("1").With(LinkageField.Email, "jane.doe@a.example");
        Assert.Equal("janedoe", person.MailboxBeyondName);

        Assert.Equal("", person.WithName("Jane Doe").MailboxBeyondName);
    }

    [Theory]
    [InlineData("jane.doe@a.example", "jane.doe@b.example", FieldComparison.Different)]
    [InlineData("jane.doe@a.example", "jane.doe77@b.example", FieldComparison.Different)]
    [InlineData("jane.doe77@a.example", "jane.doe77@b.example", FieldComparison.Weak)]
    [InlineData("jane.doe774@a.example", "jdoe774@b.example", FieldComparison.Close)]
    [InlineData("jane.doe774@a.example", "jane.doe775@b.example", FieldComparison.Different)]
    [InlineData("sailorgirl@a.example", "sailorgirl@b.example", FieldComparison.Close)]
    [InlineData("sailorgirl@a.example", "sailorgril@b.example", FieldComparison.Close)]
    [InlineData("sailor@a.example", "sailor@a.example", FieldComparison.Equal)]
    [InlineData("jane.doe@a.example", "jane.doe@a.example", FieldComparison.Missing)]
    public void Is_of_two_addresses_what_the_names_do_not_say(string left, string right, int level) => Assert.Equal(level, Compare(
        new PersonFields("l").WithName("Jane Doe").With(LinkageField.Email, left), new PersonFields("r").WithName("Jane Doe").With(LinkageField.Email, right))[(int)LinkageField.Email]);

    [Theory]
    [InlineData("10115", "10115", FieldComparison.Missing)]
    [InlineData("10115", "10117", FieldComparison.Equal)]
    [InlineData("10115", null, FieldComparison.Equal)]
    public void Is_of_a_city_what_the_postal_code_leaves(string left, string? right, int level) => Assert.Equal(level, Compare(
        new PersonFields("l").With(LinkageField.PostalCode, left).With(LinkageField.City, "Berlin"), new PersonFields("r").With(LinkageField.PostalCode, right).With(LinkageField.City, "Berlin"))[(int)LinkageField.City]);

    [Fact]
    public void Sees_names_that_changed_places_and_have_an_error()
    {
        var levels = Compare(new PersonFields("l").WithName("Verlie Hilal"), new PersonFields("r").WithName("Hiall Verlie"));

        Assert.Equal(FieldComparison.Close, levels[(int)LinkageField.GivenName]);
        Assert.InRange(levels[(int)LinkageField.FamilyName], FieldComparison.Weak, FieldComparison.Close);
    }

    private static int[] Compare(PersonFields left, PersonFields right)
    {
        var levels = new int[PersonFields.Fields.Count];
        new FieldComparison().Compare(left, right, levels);
        return levels;
    }
}
