using System.Text;
using CustomerPipeline.Application.Ports;
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
        Assert.Equal(expected, string.Join(' ', Mentions.In(Encoding.UTF8.GetBytes(text)).Select(i => i.Key).Distinct()));

    /// <summary>An expression that went back and forth took a second for each of these, and then failed the batch.</summary>
    [Theory]
    [InlineData("@")]
    [InlineData("a@")]
    [InlineData("+1")]
    [InlineData("+ ")]
    [InlineData("a.b@c.")]
    public void Is_looked_for_in_a_bounded_number_of_steps_a_character(string repeated)
    {
        var text = Encoding.UTF8.GetBytes($"{{\"subject\":\"{string.Concat(Enumerable.Repeat(repeated, 250_000 / repeated.Length))}\"}}");

        Assert.InRange(Mentions.In(text).Take(100).Count(), 0, 100);
    }
}
