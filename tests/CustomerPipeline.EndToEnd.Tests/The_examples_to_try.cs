using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>The file test.http: what a newcomer runs first.</summary>
public sealed partial class The_examples_to_try
{
    [Fact]
    public async Task All_work_from_top_to_bottom()
    {
        using var folder = new TemporaryFolder();
        await using var host = await HostProcess.StartAsync(folder.Path);
        var answers = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var worked = new List<string>();
        foreach (var example in ExamplesOf(await File.ReadAllTextAsync(Repository.PathOf("test.http"))))
        {
            using var request = new HttpRequestMessage(new HttpMethod(example.Method), Fill(example.Url, answers).Replace("{{host}}", "", StringComparison.Ordinal));
            request.Content = example.Body.Length == 0 ? null : new StringContent(example.Body, Encoding.UTF8, "application/json");
            foreach (var (name, value) in example.Headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await host.Http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();

            Assert.True(answer.IsSuccessStatusCode, $"{example.Title}: {(int)answer.StatusCode} {body}");
            answers[example.Name] = JsonElement.Parse(body);
            worked.Add(example.Title);
            await host.DrainAsync();
        }

        Assert.True(worked.Count > 20);
        Assert.Equal(1, answers["jo"].GetProperty("tickets").GetInt32());
        Assert.NotEmpty(answers["What was published, and turned out to be otherwise: old, new and why"].GetProperty("value").EnumerateArray());
    }

    private static IEnumerable<Example> ExamplesOf(string file)
    {
        foreach (var part in file.ReplaceLineEndings("\n").Split("\n### ").Skip(1))
        {
            var lines = part.Split('\n');
            var name = lines.FirstOrDefault(l => l.StartsWith("# @name ", StringComparison.Ordinal))?["# @name ".Length..];
            var request = lines.Skip(1).SkipWhile(l => l.StartsWith('#')).ToList();
            var headers = request.Skip(1).TakeWhile(l => l.Length > 0).Select(l => l.Split(": ", 2)).Where(h => h[0] != "Content-Type").Select(h => (h[0], h[1])).ToList();
            yield return new Example(lines[0], name ?? lines[0], request[0].Split(' ')[0], request[0].Split(' ')[1], headers, string.Join('\n', request.SkipWhile(l => l.Length > 0)).Trim());
        }
    }

    // {{name.response.body.$.path}}, as REST clients write it.
    private static string Fill(string text, Dictionary<string, JsonElement> answers) => Reference().Replace(text, match =>
    {
        var value = answers[match.Groups["name"].Value];
        foreach (Match step in Step().Matches(match.Groups["path"].Value))
        {
            value = step.Groups["index"].Success ? value[int.Parse(step.Groups["index"].Value, System.Globalization.CultureInfo.InvariantCulture)] : value.GetProperty(step.Groups["property"].Value);
        }

        return value.GetString()!;
    });

    [GeneratedRegex(@"\{\{(?<name>\w+)\.response\.body\.\$(?<path>[^}]+)\}\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\.(?<property>\w+)|\[(?<index>\d+)\]")]
    private static partial Regex Step();

    private sealed record Example(string Title, string Name, string Method, string Url, IReadOnlyList<(string, string)> Headers, string Body);
}
