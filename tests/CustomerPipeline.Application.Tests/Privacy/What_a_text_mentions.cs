using System.Text;
using CustomerPipeline.Application.Privacy;

namespace CustomerPipeline.Application.Tests.Privacy;

public sealed class What_a_text_mentions
{
    [Theory]
    [InlineData("Write to eva@mail.example.", "email:eva@mail.example")]
    [InlineData("[eva@mail.example]", "email:eva@mail.example")]
    [InlineData("{\"text\":\"eva\\u0040mail.example\"}", "email:eva@mail.example")]
    [InlineData("mailto:Eva@Mail.example?subject=x", "email:eva@mail.example")]
    [InlineData("a@b.example,c@d.example", "email:a@b.example email:c@d.example")]
    [InlineData("call +46 (0)70", "")]
    [InlineData("call +46 70-123 45 67 now", "phone:+46701234567")]
    [InlineData("+46701234567", "phone:+46701234567")]
    [InlineData("@@@@ eva@ @mail.example 1+1", "")]
    public void Is_found_as_people_write_it(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Mentions.In(TextLayers.Of(Encoding.UTF8.GetBytes(text))).Select(i => i.Key).Distinct()));

    [Theory]
    [InlineData("070-123 45 67", "701234567", true)]
    [InlineData("0046701234567", "701234567", true)]
    [InlineData("46 (0)70 123 45 67", "701234567", true)]
    [InlineData("(202) 555-0142", "2025550142", true)]
    [InlineData("+86 138 1234 5678", "13812345678", true)]
    [InlineData("1701234567", "701234567", true)]
    [InlineData("070-123 45 678", "701234567", false)]
    [InlineData("12345670123456789", "70123456789", false)]
    public void May_be_a_phone_number_as_people_at_home_write_it(string text, string number, bool expected) =>
        Assert.Equal(expected, Mentions.NationalNumbersIn([text]).Contains(number));

    /// <summary>An expression that went back and forth took a second for each of these, and then failed the batch.</summary>
    [Theory]
    [InlineData("@")]
    [InlineData("a@")]
    [InlineData("+1")]
    [InlineData("+ ")]
    [InlineData("a.b@c.")]
    [InlineData("1 ")]
    [InlineData("0")]
    public void Is_looked_for_in_a_bounded_number_of_steps_a_character(string repeated)
    {
        var text = Encoding.UTF8.GetBytes($"{{\"subject\":\"{string.Concat(Enumerable.Repeat(repeated, 250_000 / repeated.Length))}\"}}");

        Assert.InRange(Mentions.In(TextLayers.Of(text)).Take(100).Count(), 0, 100);
        Assert.InRange(Mentions.NationalNumbersIn(TextLayers.Of(text)).Count(), 0, 40 * text.Length);
    }
}
