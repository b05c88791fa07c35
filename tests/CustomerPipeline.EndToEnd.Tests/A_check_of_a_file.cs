using System.Text.Json;
using CustomerPipeline.Contracts;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary><c>send --check</c>: what would become of a file.</summary>
public sealed class A_check_of_a_file : IDisposable
{
    private const string Mapping = """
        { "kind": "order", "system": "erp", "decimalSeparator": ",", "delimiter": ";", "where": [{ "column": "State", "notIn": ["draft"] }],
          "fields": { "id": "No", "placed_at": { "column": "Day", "timeFormat": "dd.MM.yyyy" }, "currency": "Cur", "gross": "Sum", "channel": { "constant": "online" },
                      "time_zone": { "constant": "Europe/Berlin" }, "email": "Mail", "status": { "column": "State", "values": { "ok": "placed", "off": "cancelled" } } } }
        """;

    private const string Csv = """
        No;Day;Cur;Sum;Mail;State
        1;01.03.2026;EUR;1200,50;johanna@example.com;ok
        2;02.03.2026;EUR;7.5;johanna@example.com;ok
        3;03.03.2026;EUR;9,00;karl@example.com;off
        4;04.03.2026;EUR;9,00;karl@example.com;draft
        5;05.03.2026;EUR;9,00;karl@example.com;shipped
        6;06.03.2026;EUR
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Shows_what_is_understood_and_what_is_refused_and_stores_nothing()
    {
        var (exitCode, output) = await CheckAsync(Csv);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                "s.csv",
                "    line 2: order 'erp:order:1', placed 2026-03-01 00:00:00 +01:00 (day 2026-03-01), online, gross 1200.50 EUR, discounts 0.00 EUR, tax 0.00 EUR, shipping 0.00 EUR, lines 0, units 0; email jo…",
                "    line 4: order 'erp:order:3', placed 2026-03-03 00:00:00 +01:00 (day 2026-03-03), online, gross 9.00 EUR, discounts 0.00 EUR, tax 0.00 EUR, shipping 0.00 EUR, lines 0, units 0, cancelled 2026-03-03 00:00:00 +01:00; email ka…",
            ],
            output.Split('\n').Take(3).Select(l => l.TrimEnd()));
        Assert.Contains("1 x order, discounts 0.00 EUR, gross 1200.50 EUR", output, StringComparison.Ordinal);
        Assert.Contains("1 x order, cancelled, discounts 0.00 EUR, gross 9.00 EUR", output, StringComparison.Ordinal);
        Assert.Contains("2 understood, 3 refused. Nothing was stored.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("johanna", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "data")));
    }

    [Fact]
    public async Task Writes_all_that_is_refused_with_its_line_and_column()
    {
        await CheckAsync(Csv);

        var refused = (await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "rejects.ndjson"))).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(["invalid-number", "invalid-csv", "invalid-field"], refused.Select(r => r.GetProperty("code").GetString()));
        var details = refused.Select(r => r.GetProperty("detail").GetString()!).ToList();
        Assert.Contains("line 3, column 'Sum'", details[0], StringComparison.Ordinal);
        Assert.Contains("line 6 of the file", details[2], StringComparison.Ordinal);
        Assert.Contains("Line 7 has 3 columns", details[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_content_with_a_file_that_is_understood_whole()
    {
        var (exitCode, output) = await CheckAsync(Csv[..Csv.IndexOf("2;02", StringComparison.Ordinal)]);

        Assert.True(exitCode == 0, output);
        Assert.Contains("1 understood, 0 refused", output, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output)> CheckAsync(string csv)
    {
        string In(string name) => Path.Combine(_folder.Path, name);
        await File.WriteAllTextAsync(In("m.json"), Mapping);
        await File.WriteAllTextAsync(In("s.csv"), csv);
        return await HostProcess.RunAsync("send", "--source", "import", "--mapping", In("m.json"), "--check", "--rejects", In("rejects.ndjson"), "--data", In("data"), In("s.csv"));
    }
}
