using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>A file of another system, read by a column mapping.</summary>
public sealed class An_import
{
    private const string Lines = """
        { "kind": "order", "system": "erp",
          "fields": { "id": "No", "placed_at": "Day", "currency": { "constant": "EUR" }, "time_zone": { "constant": "Europe/Berlin" },
                      "channel": { "column": "Shop", "values": { "0": "online" }, "otherwise": "in-store" } },
          "lines": { "product": "Article", "quantity": "Qty", "price": "Price" } }
        """;

    private const string Header = "No,Day,Shop,Article,Qty,Price\n";

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
    [InlineData("1,50", ",", null, "1.50")]
    [InlineData("1.234", ",", null, null)]
    [InlineData("1.234", ",", ".", "1234")]
    [InlineData("1.234.567,89", ",", ".", "1234567.89")]
    [InlineData("1.23", ",", ".", null)]
    [InlineData("1,200", ".", null, null)]
    [InlineData("1,200.50", ".", ",", "1200.50")]
    [InlineData("12,00", ".", ",", null)]
    [InlineData("-1\u00A0234,5", ",", " ", "-1234.5")]
    [InlineData("1'234.5", ".", "'", "1234.5")]
    public void Reads_a_number_as_the_mapping_writes_it_or_refuses_it(string text, string decimals, string? thousands, string? number)
    {
        var mapping = Parse(Lines) with { DecimalSeparator = decimals, ThousandsSeparator = thousands };

        Assert.Equal(number, Plain(ImportText.Number(text, null, mapping)));
    }

    [Theory]
    [InlineData("150", "0.01", "1.50")]
    [InlineData("-40", "-1", "40")]
    [InlineData("2000000000000", "0.01", "20000000000.00")]
    [InlineData("1E+05", "0.01", null)]
    [InlineData("1.5e3", "0.01", null)]
    [InlineData("soon", "0.01", null)]
    public void Multiplies_a_number_by_its_factor_or_refuses_it(string text, string factor, string? number) =>
        Assert.Equal(number, Plain(ImportText.Number(text, decimal.Parse(factor, CultureInfo.InvariantCulture), Parse(Lines))));

    [Fact]
    public void Of_json_reads_a_number_as_json_writes_it_whatever_its_texts_look_like()
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes("""{"ref":7,"at":"2026-03-01T10:00:00Z","sum":1.234,"off":"0,500"}"""));
        var mapping = Parse("""
            { "kind": "order", "system": "erp", "decimalSeparator": ",", "thousandsSeparator": ".",
              "fields": { "id": "ref", "placed_at": "at", "gross": "sum", "discount": "off", "currency": { "constant": "KWD" }, "channel": { "constant": "online" } } }
            """);

        var record = Read(SourceMessages.Split(Normalizer.Find("import")!, "application/x-ndjson", body, mapping, SplitLimit.None)!.Single().Payload);

        Assert.Equal((1_234L, 500L), (record.Order!.Gross, record.Order.Discounts));
    }

    [Fact]
    public void Never_reads_a_number_as_another() => Gen.Select(
        Gen.Int[-2_000_000_000, 2_000_000_000], Gen.Int[0, 4], Gen.OneOf(Gen.Const("."), Gen.Const(",")), Gen.OneOf(Gen.Const(""), Gen.Const("."), Gen.Const(","), Gen.Const(" ")), Gen.OneOf(Gen.Const(""), Gen.Const("."), Gen.Const(","), Gen.Const(" ")))
        .Where(t => t.Item3 != t.Item4 && t.Item3 != t.Item5)
        .Sample((minor, decimals, point, group, stated) =>
        {
            var number = minor / (decimal)Math.Pow(10, decimals);
            var text = number.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), new NumberFormatInfo { NumberDecimalSeparator = point, NumberGroupSeparator = group });

            var read = Plain(ImportText.Number(text, null, Parse(Lines) with { DecimalSeparator = point, ThousandsSeparator = stated.Length == 0 ? null : stated }));

            Assert.Equal(
                group.Length == 0 || Math.Abs(number) < 1000 || group == stated ? number : (decimal?)null,
                read is null ? null : decimal.Parse(read, CultureInfo.InvariantCulture));
        });

    [Theory]
    [InlineData("dd.MM.yyyy", "31.01.2026", "2026-01-31")]
    [InlineData("dd.MM.yyyy HH:mm", "31.01.2026 09:05", "2026-01-31T09:05:00")]
    [InlineData("yyyyMMddHHmmzzz", "202601310905+02:00", "2026-01-31T09:05:00+02:00")]
    [InlineData("unix", "1769850300", "2026-01-31T09:05:00+00:00")]
    [InlineData("unix-ms", "1769850300500", "2026-01-31T09:05:00.5+00:00")]
    [InlineData("dd.MM.yyyy", "soon", "soon")]
    public void Reads_a_time_in_the_format_of_the_mapping(string format, string text, string time) =>
        Assert.Equal(time, ImportText.Of("placed_at", new ImportField(), text, Parse(Lines) with { TimeFormat = format }));

    [Theory]
    [InlineData(null, "utf-8", "ok")]
    [InlineData(null, "utf-8 marked", "ok")]
    [InlineData(null, "utf-16 marked", "ok")]
    [InlineData("utf-16", "utf-16", "ok")]
    [InlineData("windows-1252", "windows-1252", "ok")]
    [InlineData(null, "windows-1252", "line 3 has the byte 0xF6 at position 25")]
    [InlineData("windows-1252", "utf-8 marked", "mark of utf-8")]
    [InlineData("utf-16", "utf-16 cut", "no well-formed UTF-16")]
    public void Is_in_the_encoding_that_is_stated_or_refused_with_the_place(string? stated, string written, string result)
    {
        const string File = "Id,Mail\n1,a@x.example\n2,j\u00F6rg@x.example\n";
        Encoding encoding = written.Split(' ')[0] switch { "utf-8" => new UTF8Encoding(true), "utf-16" => Encoding.Unicode, _ => CodePagesEncodingProvider.Instance.GetEncoding(1252)! };
        byte[] bytes = [.. written.EndsWith("marked", StringComparison.Ordinal) ? encoding.Preamble : [], .. encoding.GetBytes(File)];
        if (written.EndsWith("cut", StringComparison.Ordinal))
        {
            bytes = [.. bytes, 0x00, 0xD8];
        }

        var mapping = Parse("""{ "kind": "person", "system": "crm", "fields": { "id": "Id", "email": "Mail" } }""") with { Encoding = stated };
        using var body = new MemoryStream(bytes);

        if (result == "ok")
        {
            Assert.Equal("j\u00F6rg@x.example", JsonDocument.Parse(CsvParts.Of(body, mapping, SplitLimit.None).Last().Payload).RootElement.GetProperty("email").GetString());
        }
        else
        {
            Assert.Contains(result, Assert.Throws<ImportMappingException>(() => CsvParts.Of(body, mapping, SplitLimit.None).ToList()).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{}", "kind is one of")]
    [InlineData("{\"kind\":\"order\",\"fields\":{}}", "no 'id'")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":\"a\",\"shoe\":\"b\"}}", "unknown field 'shoe'")]
    [InlineData("{\"kind\":\"ticket\",\"colour\":1}", "unknown setting 'colour'")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{}}}", "either column or constant")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{\"column\":\"a\",\"vallues\":{}}}}", "unknown setting 'vallues'")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{\"column\":\"a\",\"factor\":2}}}", "'id' is no number")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"nps\":{\"column\":\"a\",\"factor\":0}}}", "other than zero")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"nps\":{\"column\":\"a\",\"rows\":\"best\"}}}", "rows of 'nps'")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\"},\"encoding\":\"ebcdic\"}", "encoding is one of")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\"},\"decimalSeparator\":\";\"}", "decimalSeparator is")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\"},\"thousandsSeparator\":\".\"}", "another than decimalSeparator")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\"},\"where\":[{\"column\":\"a\"}]}", "in or notIn")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\"},\"lines\":{\"price\":\"a\"}}", "Only orders and refunds")]
    [InlineData("not json", "docs/import.md")]
    public void With_a_mapping_that_cannot_work_says_why(string mapping, string says) =>
        Assert.Contains(says, Assert.Throws<ImportMappingException>(() => Parse(mapping)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("No,Date\n1,2\n", "no column 'Day'. It has: No, Date.")]
    [InlineData("No,Day,Shop,Article,Qty,Price,Price\n", "2 columns named 'Price' (columns 6 and 7)")]
    public void Without_the_columns_of_the_mapping_says_which_there_are(string file, string says) =>
        Assert.Contains(says, Assert.Throws<ImportMappingException>(() => Csv(file)).Message, StringComparison.Ordinal);

    [Fact]
    public void Takes_the_rows_that_the_mapping_asks_for()
    {
        var mapping = Lines.Replace("\"lines\"", "\"where\": [{ \"column\": \"Article\", \"notIn\": [\"Postage\"] }, { \"column\": \"Shop\", \"in\": [\"0\"] }], \"lines\"", StringComparison.Ordinal);

        var part = Assert.Single(Csv(Header + "1,d,0,a,1,1\n1,d,0,Postage,1,3\n2,d,7,a,1,1\n1,d,0,b,1,1\n", mapping));

        Assert.Equal(["a", "b"], JsonDocument.Parse(part.Payload).RootElement.GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("product").GetString()));
    }

    [Fact]
    public void Of_json_reads_nested_fields_lists_cents_and_epoch_times()
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes("""
            {"ref":7,"at":1769850300,"buyer":{"mails":["jo@x.example"]},"cart":{"items":[{"sku":"a","n":2,"cents":150},{"sku":"b","n":1,"cents":99}]},"test":false}
            {"ref":8,"at":1769850300,"test":true}
            {"ref":{"no":9},"at":1769850300,"test":false}
            """));
        var mapping = Parse("""
            { "kind": "order", "system": "erp", "timeFormat": "unix", "linesFrom": "cart.items", "where": [{ "column": "test", "notIn": ["true"] }],
              "fields": { "id": "ref", "placed_at": "at", "email": "buyer.mails.0", "currency": { "constant": "EUR" }, "channel": { "constant": "online" } },
              "lines": { "product": "sku", "quantity": "n", "price": { "column": "cents", "factor": 0.01 } } }
            """);

        var parts = SourceMessages.Split(Normalizer.Find("import")!, "application/x-ndjson", body, mapping, SplitLimit.None)!.ToList();

        Assert.Equal(["ok", "invalid-field"], parts.Select(p => p.Rejected?.Code ?? "ok"));
        Assert.DoesNotContain("9", parts[1].Rejected!.Detail, StringComparison.Ordinal);
        var record = Read(parts[0].Payload);
        Assert.Equal((399L, 3L, "email:jo@x.example"), (record.Order!.Gross, record.Order.Units, record.Identifiers[0].ToString()));
    }

    private static string? Plain(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _) ? text : null;

    private static InteractionRecord Read(ReadOnlyMemory<byte> payload)
    {
        var envelope = SourceMessages.Envelope(Normalizer.Find("import")!, payload, _ => null, isOnly: true, received: null);
        return Assert.IsType<Normalization.Normalized>(Normalizer.Normalize(envelope.Wrap(), NormalizationRules.Default)).Records[0];
    }

    private static ImportMapping Parse(string mapping) => ImportMapping.Parse(Encoding.UTF8.GetBytes(mapping));

    private static List<PayloadPart> Csv(string csv, string mapping = Lines)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        return [.. CsvParts.Of(body, Parse(mapping), SplitLimit.None)];
    }
}
