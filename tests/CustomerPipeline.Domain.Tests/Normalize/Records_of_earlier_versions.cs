using System.Text.Json.Nodes;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class Records_of_earlier_versions
{
    private const string Composed = "ren\u00e9@example.com";
    private const string Decomposed = "rene\u0301@example.com";

    [Theory]
    [InlineData("good", 1)]
    [InlineData("bad", 0)]
    public void Keep_their_ratings_as_scales(string answer, int score)
    {
        var record = JsonNode.Parse($$$"""{"schema":1,"id":"r","ticket":{"status":"solved","satisfaction":"{{{answer}}}"}}""")!.AsObject();

        RecordUpcasters.Lift(record);

        Assert.Equal("{\"score\":" + score + ",\"worst\":0,\"best\":1}", record["ticket"]!["rating"]!.ToJsonString());
        Assert.Equal(("solved", InteractionRecord.CurrentSchema), ((string?)record["ticket"]!["status"], (int)record["schema"]!));
        Assert.False(record["ticket"]!.AsObject().ContainsKey("satisfaction"));
    }

    [Fact]
    public void Have_email_addresses_with_each_letter_in_one_form()
    {
        var record = JsonNode.Parse($$$"""{"schema":2,"id":"r","identifiers":["email:{{{Decomposed}}}","loyalty:{{{Decomposed}}}"],"identity":{"cut":["phone:+12025550155","email:{{{Decomposed}}}"]}}""")!.AsObject();

        RecordUpcasters.Lift(record);

        Assert.Equal([$"email:{Composed}", $"loyalty:{Decomposed}"], record["identifiers"]!.AsArray().Select(i => (string?)i));
        Assert.Equal(["phone:+12025550155", $"email:{Composed}"], record["identity"]!["cut"]!.AsArray().Select(i => (string?)i));
    }

    [Fact]
    public void Of_the_present_version_stay_as_they_are()
    {
        var record = new JsonObject { ["schema"] = InteractionRecord.CurrentSchema, ["id"] = "r" };

        RecordUpcasters.Lift(record);

        Assert.Equal("{\"schema\":3,\"id\":\"r\"}", record.ToJsonString());
    }

    [Fact]
    public void Of_a_later_program_are_refused() =>
        Assert.Throws<NotSupportedException>(() => RecordUpcasters.Lift(new JsonObject { ["schema"] = InteractionRecord.CurrentSchema + 1 }));
}
