using System.Text.RegularExpressions;
using CsCheck;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class The_subject_of_a_ticket
{
    [Theory]
    [InlineData("RE: Re: Where is order #1001?", "where is order #?")]
    [InlineData("  Where   is order AB-1234 ", "where is order #")]
    [InlineData("AW: ", null)]
    [InlineData("", null)]
    public void Is_what_the_ticket_is_about(string said, string? subject) => Assert.Equal(subject, TicketSubject.Of(said));

    [Fact]
    public void Is_what_these_patterns_make_of_it() => Gen.Char["aZé0 9-#:\t\u2003.re"].Array[0, 230].Select(c => new string(c)).Sample(said =>
    {
        var text = said.Trim().ToLowerInvariant();
        text = Regex.Replace(text[..Math.Min(text.Length, 200)], "^((re|fw|fwd|aw|wg|sv|vs|rv)\\s*:\\s*)+", "");
        text = Regex.Replace(Regex.Replace(text, "#?[a-z0-9-]*[0-9][a-z0-9-]*", "#"), "\\s+", " ").Trim();

        Assert.Equal(text.Length == 0 ? null : text[..Math.Min(text.Length, 60)], TicketSubject.Of(said));
    });
}
