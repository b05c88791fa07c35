using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using static CustomerPipeline.Application.Tests.ImportedFile;

namespace CustomerPipeline.Application.Tests;

/// <summary>A file of another system, read by a column mapping.</summary>
public sealed class An_import
{
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

        Assert.Equal(number, Plain(ImportText.Plain(text, mapping)));
    }

    [Theory]
    [InlineData("150", "0.01", "1.50")]
    [InlineData("-40", "-1", "40")]
    [InlineData("2000000000000", "0.01", "20000000000.00")]
    [InlineData("1E+05", "0.01", null)]
    [InlineData("1.5e3", "0.01", null)]
    [InlineData("soon", "0.01", null)]
    public void Multiplies_a_number_by_its_factor_or_refuses_it(string text, string factor, string? number) =>
        Assert.Equal(number, Plain(Calculated("gross", $$"""{ "column": "a", "factor": {{factor}} }""", "EUR", text)));

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

            var read = Plain(ImportText.Plain(text, Parse(Lines) with { DecimalSeparator = point, ThousandsSeparator = stated.Length == 0 ? null : stated }));

            Assert.Equal(
                group.Length == 0 || Math.Abs(number) < 1000 || group == stated ? number : (decimal?)null,
                read is null ? null : decimal.Parse(read, CultureInfo.InvariantCulture));
        });

    [Theory]
    [InlineData("dd.MM.yyyy", "31.01.2026", "2026-01-31")]
    [InlineData("dd.MM.yyyy HH:mm", "31.01.2026 09:05", "2026-01-31T09:05:00")]
    [InlineData("yyyyMMddHHmmzzz", "202601310905+02:00", "2026-01-31T09:05:00+02:00")]
    [InlineData("unix", "1769850300", "2026-01-31T09:05:00+00:00")]
    [InlineData("unix", "-99999999999", "-99999999999")]
    [InlineData("unix-ms", "-62135596800001", "-62135596800001")]
    [InlineData("unix-ms", "9223372036854775807", "9223372036854775807")]
    [InlineData("unix-ms", "1769850300500", "2026-01-31T09:05:00.5+00:00")]
    [InlineData("dd.MM.yyyy", "soon", "soon")]
    [InlineData("ddd, dd MMM yyyy HH:mm:ss zzz", "Tue, 20 Nov 2012 10:00:00 +0000", "2012-11-20T10:00:00+00:00")]
    [InlineData("ddd, dd MMM yyyy HH:mm:ss zzz", "Mon, 20 Nov 2012 10:00:00 +0000", "Mon, 20 Nov 2012 10:00:00 +0000")]
    [InlineData("dd.MM.yyyy HH:mmK", "31.01.2026 23:30", "2026-01-31T23:30:00")]
    [InlineData("dd.MM.yyyy HH:mmK", "31.01.2026 23:30+02:00", "2026-01-31T23:30:00+02:00")]
    [InlineData("dd.MM.yyyy HH:mmK", "31.01.2026 23:30Z", "2026-01-31T23:30:00+00:00")]
    [InlineData("dd.MM.yyyy 'zeit' HH:mm", "31.01.2026 zeit 23:30", "2026-01-31T23:30:00")]
    [InlineData("yyyy-dd-MM", "2026-03-04", "2026-03-04 fits several formats")]
    [InlineData("yyyy-dd-MM", "2026-03-03", "2026-03-03")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss'Z'", "2026-01-31T23:30:00Z", "2026-01-31T23:30:00Z fits several formats")]
    [InlineData("yyyy-MM-dd HH:mm", "2026-01-31 23:30", "2026-01-31T23:30:00")]
    public void Reads_a_time_in_the_format_of_the_mapping(string format, string text, string time) =>
        Assert.Equal(time, Time(text, format));

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
            Assert.Equal("j\u00F6rg@x.example", JsonDocument.Parse(CsvRows.PartsOf(body, mapping, SplitLimit.None).Last().Payload).RootElement.GetProperty("email").GetString());
        }
        else
        {
            Assert.Contains(result, Assert.Throws<ImportMappingException>(() => CsvRows.PartsOf(body, mapping, SplitLimit.None).ToList()).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{}", "kind is one of")]
    [InlineData("{\"kind\":\"order\",\"fields\":{}}", "no 'id'")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":\"a\",\"shoe\":\"b\"}}", "unknown field 'shoe'")]
    [InlineData("{\"kind\":\"ticket\",\"colour\":1}", "unknown setting 'colour'")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{}}}", "either column or constant")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{\"column\":\"a\",\"rowNumber\":true}}}", "either column or constant, rowNumber or join")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{\"join\":[]}}}", "join of 'id' is a list of 1 to 16")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{\"join\":[{\"join\":[\"a\"]}]}}}", "unknown setting 'join'")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{\"column\":\"a\",\"minus\":[\"b\"]}}}", "'id' is no number")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"nps\":{\"column\":\"a\",\"minorUnits\":true}}}", "'nps' is no amount of money")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"id\":{\"column\":\"a\",\"timeFormat\":\"unix\"}}}", "'id' is no time")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"created_at\":{\"column\":\"a\",\"timeFormat\":\"%\"}}}", "timeFormat '%' is neither")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"created_at\":{\"column\":\"a\",\"timeFormat\":\"dd.MM. HH:mm\"}}}", "year, month and day")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"created_at\":{\"column\":\"a\",\"timeFormat\":\"R\"}}}", "timeFormat 'R' is neither")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"delimiter\":\"\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\",\"status\":\"c\",\"updated_at\":\"d\"}}", "delimiter is empty")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"created_at\":{\"column\":\"a\",\"timeFormat\":\"dd.MM.yyyy hh:mm\"}}}", "need tt")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\"},\"linesWhere\":[{\"column\":\"a\",\"in\":[]}]}", "linesWhere goes with linesFrom")]
    [InlineData("{\"kind\":\"ticket\",\"fields\":{\"created_at\":{\"column\":\"a\",\"timeFormat\":[]}}}", "list of up to 8")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\"},\"recordsFrom\":\"a.*.b.*.c.*.d.*.e\"}", "recordsFrom is")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"created_at\":\"b\"},\"where\":[{\"column\":\"a\",\"above\":\"x\"}]}", "above of where is a number")]
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
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":\"a\",\"id\":\"b\"}}", "a name twice")]
    [InlineData("{\"kind\":\"ticket\",\"system\":\"s\",\"fields\":{\"id\":{\"column\":\"a\",\"values\":{\"1\":\"x\",\"1\":\"y\"}}}}", "a name twice")]
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

    [Theory]
    [InlineData("gross", "{ \"column\": \"a\", \"minus\": [\"b\"] }", "EUR", "10.00", "2.50", "7.50")]
    [InlineData("gross", "{ \"column\": \"a\", \"plus\": [\"b\", { \"constant\": \"1\" }] }", "EUR", "10.00", "2.50", "13.50")]
    [InlineData("net", "{ \"column\": \"a\", \"times\": [\"b\"], \"factor\": -1 }", "EUR", "-3", "2.5", "7.5")]
    [InlineData("price", "{ \"column\": \"a\", \"dividedBy\": [\"b\"] }", "EUR", "9.00", "2", "4.5")]
    [InlineData("price", "{ \"column\": \"a\", \"dividedBy\": [\"b\"] }", "EUR", "9.00", "0", null)]
    [InlineData("gross", "{ \"column\": \"a\", \"minus\": [\"b\"] }", "EUR", "10.00", "", null)]
    [InlineData("gross", "{ \"column\": \"a\", \"minus\": [\"b\"] }", "EUR", "", "2.50", null)]
    [InlineData("gross", "{ \"column\": \"a\", \"plus\": [\"b\"] }", "EUR", "", "2.50", null)]
    [InlineData("gross", "{ \"column\": \"a\", \"minus\": [{ \"column\": \"b\", \"values\": { \"\": \"0\" } }] }", "EUR", "10.00", "", "10.00")]
    [InlineData("gross", "{ \"column\": \"a\", \"minus\": [\"b\"] }", "EUR", "10.00", "1,5", null)]
    [InlineData("gross", "{ \"column\": \"a\", \"times\": [\"b\"] }", "EUR", "999999999999999999", "99999999999999", null)]
    [InlineData("gross", "{ \"column\": \"a\", \"minorUnits\": true }", "EUR", "1999", "", "19.99")]
    [InlineData("gross", "{ \"column\": \"a\", \"minorUnits\": true }", "jpy", "1999", "", "1999")]
    [InlineData("gross", "{ \"column\": \"a\", \"minorUnits\": true }", "KWD", "1999", "", "1.999")]
    [InlineData("gross", "{ \"column\": \"a\", \"minorUnits\": true }", "EUR", "19.99", "", null)]
    [InlineData("gross", "{ \"column\": \"a\", \"minorUnits\": true }", "XYZ", "1999", "", null)]
    [InlineData("gross", "{ \"column\": \"a\", \"minorUnits\": true, \"minus\": [\"b\"] }", "EUR", "1999", "99", "19.00")]
    public void Calculates_a_number_with_other_columns_or_refuses_it(string field, string how, string currency, string a, string b, string? number) =>
        Assert.Equal(Number(number), Number(Plain(Calculated(field, how, currency, a, b))));

    [Theory]
    [InlineData("31.01.2026", "2026-01-31")]
    [InlineData("2026-01-31 09:05", "2026-01-31 09:05")]
    [InlineData("01/31/2026", "2026-01-31")]
    [InlineData("31/01/2026", "2026-01-31")]
    [InlineData("03/03/2026", "2026-03-03")]
    [InlineData("01/02/2026", "01/02/2026 fits several formats")]
    [InlineData("1769850300", "2026-01-31T09:05:00+00:00")]
    public void Of_several_formats_takes_the_one_that_fits_and_refuses_what_fits_two(string text, string time) =>
        Assert.Equal(time, Time(text, "dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "unix"));

    [Fact]
    public void Of_csv_numbers_rows_and_joins_columns()
    {
        var parts = Csv("First,Last,Mail,Ok\nJo,Doe,jo@x.example,y\n,Roe,ro@x.example,n\nAl,,al@x.example,y\n", """
            { "kind": "person", "system": "crm", "where": [{ "column": "Ok", "in": ["y"] }],
              "fields": { "id": { "join": [{ "constant": "2026" }, { "rowNumber": true }], "separator": "-" }, "name": { "join": ["First", "Last"] }, "email": "Mail" } }
            """);

        Assert.Equal(
            [("2026-1", "Jo Doe"), ("2026-3", "Al")],
            parts.Select(p => JsonDocument.Parse(p.Payload).RootElement).Select(p => (p.GetProperty("id").GetString(), p.GetProperty("name").GetString())));
    }

    [Theory]
    [InlineData("{ \"column\": \"Qty\", \"above\": 0 }", "ok 536365|invalid-csv line 5 'Qty'")]
    [InlineData("{ \"column\": \"No\", \"notStartsWith\": [\"C\"] }", "ok 536365|ok 536367")]
    [InlineData("{ \"column\": \"No\", \"startsWith\": [\"C\"] }", "ok C536366")]
    public void Of_csv_passes_rows_over_by_the_beginning_of_a_text_or_by_a_number(string filter, string expected)
    {
        var parts = Csv("No,Day,Qty,Price\n536365,2026-03-01,2,1.50\n536365,2026-03-01,1,3.00\nC536366,2026-03-01,-2,1.50\n536367,2026-03-01,many,1\n", $$"""
            { "kind": "order", "system": "retail", "where": [{{filter}}],
              "fields": { "id": "No", "placed_at": "Day", "currency": { "constant": "GBP" }, "channel": { "constant": "online" } }, "lines": { "quantity": "Qty", "price": "Price" } }
            """);

        var told = parts.Select(p => p.Rejected is { } r ? $"{r.Code} {r.Detail}" : $"ok {JsonDocument.Parse(p.Payload).RootElement.GetProperty("id").GetString()}").ToList();
        Assert.Equal(expected.Split('|').Length, told.Count);
        Assert.All(told.Zip(expected.Split('|')), pair => Assert.All(pair.Second.Split(' '), word => Assert.Contains(word, pair.First, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void Of_csv_turns_the_total_of_a_line_into_its_price_without_a_rounded_amount()
    {
        var part = Assert.Single(Csv("No,Day,Shop,Article,Qty,Total\n1,2026-03-01,0,a,3,10.00\n1,2026-03-01,0,b,7,0.01\n",
            Lines.Replace("\"price\": \"Price\"", "\"price\": { \"column\": \"Total\", \"dividedBy\": [\"Qty\"] }", StringComparison.Ordinal)));

        var record = Read(part.Payload);
        Assert.Equal((1_001L, null), (record.Order!.Gross, record.Flags));
    }

    [Theory]
    [InlineData("1,2026-03-01,0,a,1,1\n1,2026-03-01,0,b,1,12.x\n", "invalid-number", "line 3, column 'Price'")]
    [InlineData("1,yesterday,0,a,1,1\n", "invalid-time", "line 2 of the file")]
    public void Of_csv_that_cannot_be_understood_waits_in_quarantine_with_its_line_and_column(string rows, string code, string place)
    {
        var part = Assert.Single(Csv(Header + rows));

        var reason = Assert.IsType<Normalization.Quarantined>(Normalizer.Normalize(Wrapped(part), NormalizationRules.Default)).Reason;
        Assert.Equal(code, reason.Code);
        Assert.Contains(place, reason.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_csv_with_rows_that_moved_holds_the_same_messages()
    {
        var (before, after) = (Csv(Header + "1,2026-03-01,0,a,1,1\n"), Csv(Header + "2,2026-03-01,0,a,1,1\n1,2026-03-01,0,a,1,1\n"));

        static string IdOf(PayloadPart part) => MessageEnvelope.TryRead(Wrapped(part), out var envelope, out _) ? envelope!.Id : "";
        Assert.Equal(IdOf(before[0]), IdOf(after[1]));
    }

    /// <summary>Ids are compared by hashes. Those of 32 bits took two of these orders for one, and refused one of them.</summary>
    [Fact]
    public void Of_csv_refuses_no_order_of_a_large_file_for_the_hash_of_its_id()
    {
        var parts = Csv("No,Day,Sum\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},2026-03-01,1\n"))), """
            { "kind": "order", "system": "erp", "fields": { "id": "No", "placed_at": "Day", "gross": "Sum", "currency": { "constant": "EUR" }, "channel": { "constant": "online" } } }
            """);

        Assert.Equal((50_000, 0), (parts.Count, parts.Count(p => p.Rejected is not null)));
    }

    [Fact]
    public void Of_json_reads_records_within_a_document_and_refunds_within_an_order()
    {
        const string Document = """
            { "data": { "orders": [
                { "no": "A1", "money": "USD", "refunds": [{ "id": 1, "at": "2026-03-02", "cents": 500 }, { "id": 2, "at": "2026-03-03", "cents": 250 }] },
                { "no": "A2", "money": "JPY", "refunds": [{ "id": 1, "at": "2026-03-02", "cents": 500 }] },
                { "no": "A3", "money": "USD" } ] } }
            """;
        var parts = JsonOf(Document, """
            { "kind": "refund", "system": "shop", "recordsFrom": "data.orders.*.refunds",
              "fields": { "id": "id", "order": "^.no", "currency": "^.money", "refunded_at": "at", "net": { "column": "cents", "minorUnits": true }, "time_zone": { "constant": "UTC" } } }
            """);

        Assert.Equal([500, 250, 500], parts.Where(p => p.Rejected is null).Select(p => Read(p.Payload).Refunds![0].Amount!.Value));
        Assert.Equal("record 3", parts[2].Place);
        Assert.Contains("no list at 'data.orders.*.refunds'", parts[3].Rejected!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_json_refuses_a_document_that_would_fill_the_memory_of_a_host_but_reads_it_on_the_command_line()
    {
        var document = Encoding.UTF8.GetBytes($$"""{ "pad": "{{new string('x', PayloadPart.Largest)}}", "data": [{ "id": "1" }] }""");
        var mapping = Parse("""{ "kind": "person", "system": "crm", "recordsFrom": "data", "fields": { "id": "id" } }""");
        PayloadPart Only(SplitLimit limit)
        {
            using var body = new MemoryStream(document);
            return SourceMessages.Split(Normalizer.Find("import")!, "application/json", body, mapping, limit)!.Single();
        }

        Assert.Equal("document-too-large", Only(new SplitLimit(10, long.MaxValue)).Rejected!.Code);
        Assert.Null(Only(SplitLimit.None).Rejected);
    }

    /// <summary>Whatever numbers there are: a result that is exact to a hundredth of a cent, or none.</summary>
    [Fact]
    public void Never_throws_on_numbers_and_never_calculates_another() => Gen.Select(Gen.Decimal, Gen.Decimal, Gen.OneOf(Gen.Const("plus"), Gen.Const("minus"), Gen.Const("times"), Gen.Const("dividedBy"))).Sample((a, b, how) =>
    {
        var text = Plain(Calculated("gross", $$"""{ "column": "a", "{{how}}": ["b"] }""", "EUR", a.ToString(CultureInfo.InvariantCulture), b.ToString(CultureInfo.InvariantCulture)));

        if (Number(text) is { } number)
        {
            var exact = how switch { "plus" => a + b, "minus" => a - b, "times" => a * b, _ => a / b };
            Assert.Equal(exact, number);
        }
    });

    [Fact]
    public void Of_json_refuses_a_refund_without_lines_and_without_an_amount()
    {
        var part = Assert.Single(JsonOf("""{ "id": 1, "order": 2, "at": "2026-03-02T00:00:00Z", "items": [] }""", """
            { "kind": "refund", "system": "shop", "linesFrom": "items", "fields": { "id": "id", "order": "order", "refunded_at": "at", "currency": { "constant": "EUR" } }, "lines": { "price": "p" } }
            """));

        Assert.Equal("missing-amount", part.Rejected!.Code);
    }

    [Fact]
    public void Uses_no_regular_expressions_on_input() =>
        Assert.All(Directory.GetFiles(Repository.PathOf("functions", "CustomerPipeline.Application", "Receive", "Import"), "*.cs"), file =>
            Assert.DoesNotContain("RegularExpressions", File.ReadAllText(file), StringComparison.Ordinal));

    private static decimal? Number(string? text) => text is null ? null : decimal.Parse(text, CultureInfo.InvariantCulture);

    private static string Calculated(string field, string how, string currency, string a, string b = "")
    {
        var mapping = Parse($$"""
            { "kind": "order", "system": "s", "fields": { "id": "id", "placed_at": "at", "channel": { "constant": "online" }, "currency": "money"{{(field == "price" ? "" : $", \"{field}\": {how}")}} },
              "lines": { "quantity": "q"{{(field == "price" ? $", \"price\": {how}" : "")}} } }
            """);
        return ImportText.Of(field, mapping.Fields.GetValueOrDefault(field) ?? mapping.LineFields[field], new ImportRow(name => name == "a" ? a : b, 1), mapping, currency).Text!;
    }

    private static string? Time(string text, params string[] formats)
    {
        var mapping = Parse(Lines) with { TimeFormats = formats };
        return ImportText.Of("placed_at", mapping.Fields["placed_at"], new ImportRow(_ => text, 1), mapping, null).Text;
    }

    private static byte[] Wrapped(PayloadPart part) =>
        SourceMessages.Envelope(Normalizer.Find("import")!, part.Payload, _ => null, isOnly: true, received: null, place: part.Place).Wrap();

    private static string? Plain(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _) ? text : null;
}
