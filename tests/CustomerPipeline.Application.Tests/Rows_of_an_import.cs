using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using static CustomerPipeline.Application.Tests.ImportedFile;

namespace CustomerPipeline.Application.Tests;

/// <summary>Rows of a file that belong together, and those that cannot be read: an order is taken with all its lines or not at all.</summary>
public sealed class Rows_of_an_import
{
    [Fact]
    public void Of_csv_gives_an_order_for_the_rows_that_stand_together()
    {
        var parts = Csv(Header + "1,2026-03-01,0,\"a,\"\"b\"\"\",2,1.50\n1,2026-03-01,0,c,1,3\n2,2026-03-01,7,d,1,4\n");

        Assert.Equal(
            [
                "{\"kind\":\"order\",\"system\":\"erp\",\"id\":\"1\",\"placed_at\":\"2026-03-01\",\"currency\":\"EUR\",\"time_zone\":\"Europe/Berlin\",\"channel\":\"online\","
                + "\"lines\":[{\"product\":\"a,\\u0022b\\u0022\",\"quantity\":\"2\",\"price\":\"1.50\"},{\"product\":\"c\",\"quantity\":\"1\",\"price\":\"3\"}]}",
                "{\"kind\":\"order\",\"system\":\"erp\",\"id\":\"2\",\"placed_at\":\"2026-03-01\",\"currency\":\"EUR\",\"time_zone\":\"Europe/Berlin\",\"channel\":\"in-store\","
                + "\"lines\":[{\"product\":\"d\",\"quantity\":\"1\",\"price\":\"4\"}]}",
            ],
            parts.Select(p => Encoding.UTF8.GetString(p.Payload.Span)));
    }

    [Theory]
    [InlineData("1,d,0,a,1,1\n2,d,0,b,1,1\n1,d,0,c,1,1\n", "rows-not-together '1' line 4|ok")]
    [InlineData("1,d,0,a,1,1\n1,d,0,b,1,1,x\n1,d,0,c,1,1\n2,d,0,a,1,1\n", "invalid-csv '1' Line 3|ok")]
    [InlineData("1,d,0,a,1,1\n1,d\n", "invalid-csv '1' Line 3")]
    [InlineData("1,d,0,a,1,1\n3,d\n", "ok|invalid-csv '3' Line 3")]
    [InlineData("1,d,0,a,1,1\n\n,,,,,\n2,d,0,a,1,1\n", "ok|ok|ok")]
    [InlineData("1,d,0,a,1,1\n1,d,0,\"b,1,1\n2,d,0,a\",1\n3,d,0,a,1,1\n4,d,0,a,1,1\n", "invalid-csv '1' Line 4|invalid-csv '3' line 4|ok")]
    [InlineData("1,d,0,a,1,1\n1,e,0,a,1,1\n2,d,0,a,1,1\n", "rows-differ '1' lines 2 to 3 'Day' placed_at|ok")]
    [InlineData("1,d,0,a,1,1\n2,d,0,a,1,\"1\n3,d,0,a,1,1\n", "invalid-csv lines 3 to 4 field 6 not closed|invalid-csv '1' line 3")]
    [InlineData("1,d,0,a,1,1\n2,d,0,a,1,\"1\n3,d,0,a,1,1\n4,d,0,a,1,\"1\n5,d,0,a,1,1\n6,d,0,a,1,1\n", "invalid-csv lines 3 to 5 field 6|invalid-csv '1' line 3|invalid-csv '5' line 3|ok")]
    [InlineData("1,d,0,\"a \"b\" c\",1,1\n", "invalid-csv Line 2 field 4 not written twice")]
    [InlineData("1,d,0,24\" screen,1,1\n2,d,0,\"24\"\" screen, flat\",1,1\n3,d,0,\"\",1,1\n", "ok|ok|ok")]
    public void Of_csv_takes_an_order_whole_or_not_at_all_and_names_it_with_its_line(string rows, string expected)
    {
        var parts = Csv(Header + rows);

        var told = expected.Split('|');
        Assert.Equal(told.Select(t => t.Split(' ')[0]), parts.Select(p => p.Rejected?.Code ?? "ok"));
        foreach (var (part, says) in parts.Zip(told).Where(p => p.First.Rejected is not null))
        {
            Assert.All(says.Split(' ')[1..], word => Assert.Contains(word, part.Rejected!.Detail, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Of_csv_however_rows_are_damaged_or_moved_holds_only_orders_with_all_their_lines() =>
        Gen.Select(Gen.Int[1, 4].Array[1, 12], Gen.Int[0, 200].Array[0, 4], Gen.Int[0, 200].Array[0, 3]).Sample(
            (sizes, moved, damaged) =>
            {
                var rows = sizes.SelectMany((lines, order) => Enumerable.Range(0, lines).Select(line => $"o{order},d,0,a{line},1,1")).ToList();
                foreach (var from in moved)
                {
                    var row = rows[from % rows.Count];
                    rows.RemoveAt(from % rows.Count);
                    rows.Insert(from / 2 % (rows.Count + 1), row);
                }

                var broken = damaged.Select(d => d % rows.Count).ToHashSet();
                var parts = Csv(Header + string.Join('\n', rows.Select((r, i) => broken.Contains(i) ? r + (i % 2 == 0 ? ",x" : ",\"x\ny\"") : r)));

                var taken = parts.Where(p => p.Rejected is null).Select(p => JsonDocument.Parse(p.Payload).RootElement).ToList();
                Assert.All(taken, order => Assert.Equal(
                    Enumerable.Range(0, sizes[int.Parse(order.GetProperty("id").GetString()![1..], CultureInfo.InvariantCulture)]).Select(i => $"a{i}"),
                    order.GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("product").GetString()!).Order(StringComparer.Ordinal)));
                var told = string.Join('\n', parts.Select(p => p.Rejected?.Detail));
                var ids = taken.Select(o => o.GetProperty("id").GetString()!).ToList();
                Assert.Equal(ids.Distinct(), ids);
                Assert.All(Enumerable.Range(0, sizes.Length).Select(i => $"o{i}").Except(ids), id => Assert.Contains($"'{id}'", told, StringComparison.Ordinal));
            },
            iter: Effort.Of(all: 5_000, usual: 500));

    [Theory]
    [InlineData("\"updated_at\": \"Day\",", "ok ok")]
    [InlineData("", "repeated-id")]
    public void Of_csv_with_two_rows_of_one_id_needs_to_know_which_is_newer(string versions, string codes) => Assert.Equal(
        codes.Split(' '),
        Csv("No,Day,Sum\n1,2026-03-01,10\n1,2026-03-02,20\n", $$"""
            { "kind": "order", "system": "erp", "fields": { "id": "No", "placed_at": "Day", {{versions}} "gross": "Sum", "currency": { "constant": "EUR" }, "channel": { "constant": "online" } } }
            """).Select(p => p.Rejected?.Code ?? "ok"));

    [Theory]
    [InlineData("", "\"net\": \"Sum\"", "5.00")]
    [InlineData(", \"lines\": { \"product\": \"Article\", \"price\": \"Sum\" }", "\"country\": { \"constant\": \"DE\" }", "5.00")]
    [InlineData("", "\"net\": { \"column\": \"Sum\", \"rows\": \"last\" }", "3.00")]
    public void Of_csv_adds_up_the_rows_of_a_refund(string lines, string net, string amount)
    {
        var part = Assert.Single(Csv("No,Order,Day,Article,Sum\nC1,1,2026-01-06,a,2\nC1,1,2026-01-06,b,3\n", $$"""
            { "kind": "refund", "system": "erp", "fields": { "id": "No", "order": "Order", "refunded_at": "Day", "currency": { "constant": "EUR" }, {{net}},
              "time_zone": { "constant": "UTC" } } {{lines}} }
            """));

        Assert.Equal(amount, Domain.Money.ToMajor(Read(part.Payload).Refunds![0].Amount!.Value, "EUR"));
    }

    [Fact]
    public void Of_csv_adds_up_a_column_of_the_order_where_the_mapping_says_so()
    {
        var mapping = Lines.Replace("\"fields\": {", "\"fields\": { \"shipping\": { \"column\": \"Freight\", \"rows\": \"sum\" },", StringComparison.Ordinal);

        var part = Assert.Single(Csv("No,Day,Shop,Article,Qty,Price,Freight\n1,2026-03-01,0,a,1,1,2\n1,2026-03-01,0,b,1,1,3\n", mapping));

        Assert.Equal(500, Read(part.Payload).Order!.Shipping);
    }

    [Theory]
    [InlineData("\"No,Day,Shop,Article,Qty,Price\n1,d,0,a,1,1\n")]
    [InlineData("No,Day,Shop,Article,Qty,Price,\"Note\n1,d,0,a,1,1,x\n")]
    public void Of_csv_whose_header_has_a_quotation_mark_that_is_not_closed_is_refused(string file) =>
        Assert.Contains("quotation mark", Assert.Throws<ImportMappingException>(() => Csv(file)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_csv_with_a_quotation_mark_that_is_not_closed_loses_no_row_without_a_word() =>
        Gen.Select(Gen.Int[2, 12], Gen.Int[0, 100], Gen.Int[0, 5], Gen.Bool).Sample(
            (count, place, field, isQuoted) =>
            {
                var rows = Enumerable.Range(0, count).Select(i => new[] { $"o{i}", "d", "0", isQuoted ? "\"a, b\"" : "a", "1", "1" }).ToList();
                var broken = rows[place % count];
                broken[field] = "\"" + broken[field].Trim('"');

                var parts = Csv(Header + string.Join('\n', rows.Select(r => string.Join(',', r))) + "\n");

                var taken = parts.Where(p => p.Rejected is null).Select(p => JsonDocument.Parse(p.Payload).RootElement).ToDictionary(o => o.GetProperty("id").GetString()!, StringComparer.Ordinal);
                Assert.DoesNotContain(broken[0], taken.Keys);
                Assert.All(taken.Values, order => Assert.Equal(1, order.GetProperty("lines").GetArrayLength()));
                var told = string.Join('\n', parts.Select(p => p.Rejected?.Detail));
                var swallowed = LinesIn(told);
                Assert.All(Enumerable.Range(0, count).Where(i => !taken.ContainsKey($"o{i}")), i => Assert.True(told.Contains($"'o{i}'", StringComparison.Ordinal) || swallowed.Contains(i + 2), told));
            },
            iter: Effort.Of(all: 5_000, usual: 500));

    // The lines that the reasons of refused rows name.
    private static HashSet<int> LinesIn(string told)
    {
        var lines = new HashSet<int>();
        foreach (var words in told.Split('\n').Select(t => t.Split(' ')))
        {
            foreach (var i in Enumerable.Range(0, words.Length).Where(i => words[i] is "lines" or "Line" && int.TryParse(words[i + 1], CultureInfo.InvariantCulture, out _)))
            {
                var from = int.Parse(words[i + 1], CultureInfo.InvariantCulture);
                lines.UnionWith(words[i] == "Line" ? [from] : Enumerable.Range(from, int.Parse(words[i + 3], CultureInfo.InvariantCulture) - from + 1));
            }
        }

        return lines;
    }

    /// <summary>The same rows as CSV, as a JSON list and as NDJSON hold the same orders, or are refused for the same reasons.</summary>
    [Fact]
    public void Reads_flat_rows_of_json_as_it_reads_those_of_csv() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9], Gen.Bool).Array[1, 10].Sample(
            rows =>
            {
                const string Mapping = """
                    { "kind": "order", "system": "erp", "fields": { "id": "No", "placed_at": "Day", "currency": { "constant": "EUR" }, "channel": { "constant": "online" } },
                      "where": [{ "column": "Use", "in": ["true"] }], "lines": { "product": "Article", "price": "Price" } }
                    """;
                var csv = Csv("No,Day,Article,Price,Use\n" + string.Concat(rows.Select(r => $"o{r.Item1},2026-03-01,a,{r.Item2},{(r.Item3 ? "true" : "false")}\n")), Mapping);
                var records = rows.Select(r => $$"""{ "No": "o{{r.Item1}}", "Day": "2026-03-01", "Article": "a", "Price": {{r.Item2}}, "Use": {{(r.Item3 ? "true" : "false")}} }""").ToList();
                List<PayloadPart>[] json = [JsonOf($"[{string.Join(',', records)}]", Mapping), Ndjson(string.Join('\n', records), Mapping)];

                static IEnumerable<string> Told(IEnumerable<PayloadPart> parts) => parts.Select(p => p.Rejected?.Code ?? Encoding.UTF8.GetString(p.Payload.Span));
                Assert.All(json, parts => Assert.Equal(Told(csv), Told(parts)));
            },
            iter: Effort.Of(all: 5_000, usual: 500));

    [Fact]
    public void Of_json_rows_that_cannot_be_read_takes_no_order_without_its_lines()
    {
        const string Mapping = """
            { "kind": "order", "system": "erp", "fields": { "id": "no", "placed_at": "day", "currency": { "constant": "EUR" }, "channel": { "constant": "online" } }, "lines": { "price": "p" } }
            """;
        var parts = Ndjson("""
            { "no": "1", "day": "2026-03-01", "p": 1 }
            { "no": "1", "day": "2026-03-01", "p": [2] }
            { "no": "2", "day": "2026-03-01", "p": 1 }
            { "no": "2", "day": "2026-03-01", "p"
            { "no": "3", "day": "2026-03-01", "p": 1 }
            { "no": "4", "day": "2026-03-01", "p": 1 }
            """, Mapping);

        Assert.Equal(["invalid-field '1'", "invalid-json", "invalid-json '2'", "invalid-json '3'", "taken"], parts.Select(p => p.Rejected is not { } told ? "taken"
            : told.Code + string.Concat(Enumerable.Range(1, 4).Where(i => told.Detail.Contains($"'{i}'", StringComparison.Ordinal)).Select(i => $" '{i}'"))));
    }

    [Theory]
    [InlineData("{ \"no\": 1, \"total\": 10, \"items\": [{ \"p\": 10 }] }", "no-lines")]
    [InlineData("{ \"no\": 1, \"total\": 10, \"lines\": [] }", "taken")]
    [InlineData("{ \"no\": 1, \"total\": 10, \"lines\": null }", "taken")]
    [InlineData("{ \"no\": 1, \"total\": 10, \"lines\": { \"p\": 10 } }", "no-lines")]
    public void Of_json_without_the_list_of_lines_that_the_mapping_names_is_refused(string record, string code) => Assert.Equal(code, Assert.Single(JsonOf(record, """
        { "kind": "order", "system": "shop", "linesFrom": "lines", "lines": { "price": "p" },
          "fields": { "id": "no", "placed_at": { "constant": "2026-03-01" }, "currency": { "constant": "EUR" }, "channel": { "constant": "online" }, "gross": "total" } }
        """)).Rejected?.Code ?? "taken");

    [Theory]
    [InlineData("MGA", "500", "500.00")]
    [InlineData("ISK", "50000", "500")]
    [InlineData("JPY", "500", "500")]
    [InlineData("USD", "500", "5.00")]
    public void Reads_minor_units_as_the_system_counts_them(string currency, string cents, string amount) => Assert.Equal(
        amount,
        Domain.Money.ToMajor(
            Read(Assert.Single(Csv($"No,Sum,Money\n1,{cents},{currency}\n", """
                { "kind": "order", "system": "pay", "fields": { "id": "No", "placed_at": { "constant": "2026-03-01T00:00:00Z" }, "channel": { "constant": "online" }, "currency": "Money",
                  "gross": { "column": "Sum", "minorUnits": { "MGA": 0, "ISK": 2 } } } }
                """)).Payload).Order!.Gross,
            currency));

    [Theory]
    [InlineData("\"net\": \"Sum\"", "missing-amount")]
    [InlineData("\"net\": { \"column\": \"Sum\", \"rows\": \"sum\" }", "taken")]
    public void Of_csv_refuses_a_refund_of_which_one_row_has_no_amount(string net, string code) => Assert.Equal(
        code,
        Assert.Single(Csv("No,Order,Day,Sum\nC1,1,2026-01-06,2\nC1,1,2026-01-06,\n", $$"""
            { "kind": "refund", "system": "erp", "fields": { "id": "No", "order": "Order", "refunded_at": "Day", "currency": { "constant": "EUR" }, {{net}} } }
            """)).Rejected?.Code ?? "taken");

    [Theory]
    [InlineData("marketing_consent", "ja", "invalid-field")]
    [InlineData("marketing_consent", " Yes ", null)]
    public void Of_a_consent_in_words_that_are_not_known_guesses_nothing(string field, string text, string? code)
    {
        var envelope = SourceMessages.Envelope(
            Normalizer.Find("import")!, Encoding.UTF8.GetBytes($$"""{ "kind": "person", "system": "crm", "id": "1", "{{field}}": "{{text}}" }"""), _ => null, isOnly: true, received: DateTimeOffset.UnixEpoch);

        Assert.Equal(code, (Normalizer.Normalize(envelope.Wrap(), NormalizationRules.Default) as Normalization.Quarantined)?.Reason.Code);
    }
}
