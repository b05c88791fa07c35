using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Xml;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.Edm.Csdl;
using Microsoft.OData.Edm.Validation;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>A host with a small demo in it.</summary>
public sealed class DemoHost : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal HostProcess Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var data = Path.Combine(_folder.Path, "data");
        var demo = await HostProcess.RunAsync("demo", "--no-serve", "--messages", "2000", "--data", data, "--port", "0");
        Assert.True(demo.ExitCode == 0, demo.Output);
        Host = await HostProcess.StartAsync(data);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>The figures as a program that works on tables reads them: over OData.</summary>
public sealed class Figures_as_a_feed(DemoHost demo) : IClassFixture<DemoHost>
{
    private HostProcess Host => demo.Host;

    public static TheoryData<string> Sets => [.. FigureTables.All.Select(t => t.Name)];

    [Fact]
    public async Task Have_metadata_that_is_valid_and_describes_every_column()
    {
        var model = await ModelAsync();

        Assert.True(model.Validate(ValidationRuleSet.GetEdmModelRuleSet(new Version(4, 0)), out var errors), string.Join('\n', errors));
        Assert.Equal(FigureTables.All.Select(t => t.Name).Order(), model.EntityContainer.EntitySets().Select(s => s.Name).Order());
        Assert.All(model.EntityContainer.EntitySets().SelectMany(s => s.EntityType.DeclaredProperties), p => Assert.NotEmpty(model.GetDescriptionAnnotation(p) ?? ""));
        Assert.Equal(FigureTables.All.Select(t => t.Name), (await GetAsync("")).GetProperty("value").EnumerateArray().Select(s => s.GetProperty("url").GetString()));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Are_read_by_the_metadata_page_by_page_each_row_once(string set)
    {
        var model = await ModelAsync();
        var entitySet = model.EntityContainer.FindEntitySet(set);
        var count = int.Parse(await Host.Http.GetStringAsync($"/api/odata/{set}/$count"), CultureInfo.InvariantCulture);
        var keys = new List<string>();
        var pages = 0;
        for (Uri? next = new(Host.Http.BaseAddress!, $"/api/odata/{set}"); next is not null; pages++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, next) { Headers = { { "Prefer", $"odata.maxpagesize={Math.Max(1, (count + 2) / 3)}" } } };
            using var answer = await Host.Http.SendAsync(request);
            Assert.Equal(("4.0", "minimal"), (Assert.Single(answer.Headers.GetValues("OData-Version")), answer.Content.Headers.ContentType!.Parameters.Single(p => p.Name == "odata.metadata").Value));
            (var rows, next) = Read(answer, model, entitySet);
            keys.AddRange(rows.Select(row => string.Join('|', entitySet.EntityType.Key().Select(k => Assert.Single(row.Properties.OfType<ODataProperty>(), p => p.Name == k.Name).Value))));
        }

        Assert.Equal(count, keys.Count);
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.True(count < 3 || pages is 3 or 2, $"{pages} pages of {count} rows");
        Assert.True(count > 0 || FigureTables.All.Single(t => t.Name == set).Columns.Any(c => c.Name == "AsOf"), "There is nothing in it.");
    }

    [Fact]
    public async Task Are_those_of_the_metrics()
    {
        foreach (var metric in MetricCatalog.All.Where(m => m is { Kind: MetricKind.Flow, Unit: MetricUnit.Money, Computation: MetricComputation.Sum }))
        {
            var told = (await Host.GetAsync($"/api/metrics/{metric.Name}?by=channel")).GetProperty("value").EnumerateArray()
                .Select(r => (r.GetProperty("channel").GetString(), r.GetProperty("currency").GetString(), decimal.Parse(r.GetProperty("value").GetString()!, CultureInfo.InvariantCulture)));
            var column = string.Concat(metric.Name.Split('-').Select(p => char.ToUpperInvariant(p[0]) + p[1..]));
            var sums = (await RowsAsync($"DailyChannelSales?$select=Channel,Currency,{column}"))
                .GroupBy(r => (r.GetProperty("Channel").GetString(), r.GetProperty("Currency").GetString()))
                .Select(g => (g.Key.Item1, g.Key.Item2, g.Sum(r => r.GetProperty(column).GetDecimal())))
                .Where(g => g.Item3 != 0);

            Assert.Equal(told.Where(t => t.Item3 != 0).Order(), sums.Order());
        }

        var stages = (await Host.GetAsync("/api/metrics/customers-by-stage")).GetProperty("value").EnumerateArray().Select(r => (r.GetProperty("stage").GetString(), r.GetProperty("value").GetDecimal()));
        Assert.Equal(stages.Order(), (await RowsAsync("CustomersByStage")).Select(r => (r.GetProperty("Stage").GetString(), r.GetProperty("Value").GetDecimal())).Order());
        var customers = await RowsAsync("Customers?$filter=IsIdentified eq true&$orderby=Value desc");
        foreach (var (table, column) in new[] { ("CustomersByStage", "Stage"), ("CustomersBySegment", "Segment") })
        {
            Assert.Equal(
                (await RowsAsync(table)).Select(r => (r.GetProperty(column).GetString()!, r.GetProperty("Value").GetDecimal())).Where(r => r.Item2 > 0).Order(),
                customers.Where(c => c.GetProperty(column).ValueKind == JsonValueKind.String).CountBy(c => c.GetProperty(column).GetString()!).Select(c => (c.Key, (decimal)c.Value)).Order());
        }

        var csat = (await Host.GetAsync("/api/metrics/csat")).GetProperty("value")[0];
        var shares = await RowsAsync("DailyChannelIndicators?$filter=Metric eq 'csat'&$select=Part,Whole");
        Assert.Equal(csat.GetProperty("value").GetDecimal(), Math.Round(shares.Sum(r => r.GetProperty("Part").GetDecimal()) / shares.Sum(r => r.GetProperty("Whole").GetDecimal()), 6));
    }

    [Theory]
    [InlineData("$filter=Channel eq 'online' and NetSales gt 100")]
    [InlineData("$filter=year(Day) ge 2026 or Currency in ('EUR')")]
    [InlineData("$filter=not (startswith(Channel,'in') or Refunds ne 0)")]
    [InlineData("$filter=GrossSales sub Refunds lt 50 and Day ge 2025-06-01")]
    [InlineData("$filter=contains(tolower(Channel),'STORE')")]
    public async Task Are_filtered(string filter)
    {
        var all = await RowsAsync("DailyChannelSales");
        bool Passes(JsonElement row)
        {
            var (day, channel, currency) = (DateOnly.Parse(row.GetProperty("Day").GetString()!, CultureInfo.InvariantCulture), row.GetProperty("Channel").GetString()!, row.GetProperty("Currency").GetString());
            decimal Number(string name) => row.GetProperty(name).GetDecimal();
            return filter switch
            {
                "$filter=Channel eq 'online' and NetSales gt 100" => channel == "online" && Number("NetSales") > 100,
                "$filter=year(Day) ge 2026 or Currency in ('EUR')" => day.Year >= 2026 || currency == "EUR",
                "$filter=not (startswith(Channel,'in') or Refunds ne 0)" => !(channel.StartsWith("in", StringComparison.Ordinal) || Number("Refunds") != 0),
                "$filter=GrossSales sub Refunds lt 50 and Day ge 2025-06-01" => Number("GrossSales") - Number("Refunds") < 50 && day >= new DateOnly(2025, 6, 1),
                _ => false,
            };
        }

        var expected = all.Where(Passes).Select(r => r.GetRawText()).ToList();
        Assert.Equal(expected, (await RowsAsync($"DailyChannelSales?{filter}")).Select(r => r.GetRawText()));
        Assert.Equal(expected.Count, (await GetAsync($"DailyChannelSales?$count=true&$top=1&{filter}")).GetProperty("@odata.count").GetInt32());
    }

    [Fact]
    public async Task Are_ordered_cut_and_told_in_part()
    {
        var all = (await RowsAsync("CustomerValue")).Select(r => (Customer: r.GetProperty("Customer").GetString()!, Sales: r.GetProperty("NetSales").GetDecimal())).ToList();
        var page = await GetAsync("CustomerValue?$orderby=NetSales desc,Customer&$skip=5&$top=3&$select=Customer,NetSales");

        Assert.Equal(
            all.OrderByDescending(r => r.Sales).ThenBy(r => r.Customer, StringComparer.Ordinal).Skip(5).Take(3),
            page.GetProperty("value").EnumerateArray().Select(r => (r.GetProperty("Customer").GetString()!, r.GetProperty("NetSales").GetDecimal())));
        Assert.EndsWith("$metadata#CustomerValue(Customer,NetSales)", page.GetProperty("@odata.context").GetString(), StringComparison.Ordinal);
        Assert.False(page.TryGetProperty("@odata.nextLink", out _));
        var (customer, sales) = all[7];
        var one = await GetAsync($"CustomerValue(Customer='{customer}',Currency='{(await RowsAsync($"CustomerValue?$filter=Customer eq '{customer}'"))[0].GetProperty("Currency").GetString()}')");
        Assert.Equal(sales, one.GetProperty("NetSales").GetDecimal());
    }

    [Fact]
    public async Task Tell_nothing_of_a_person_but_an_opaque_id()
    {
        var told = string.Concat(await Task.WhenAll(Sets.Select(async set => await Host.Http.GetStringAsync($"/api/odata/{set.Data}"))));

        Assert.DoesNotContain("@example", told, StringComparison.Ordinal);
        Assert.DoesNotContain("+1", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Moons", 404, "unknown-set")]
    [InlineData("Customers('cnobody')", 404, "unknown-row")]
    [InlineData("Customers?$filter=Shoe eq 42", 400, "invalid-query")]
    [InlineData("Customers?$top=-1", 400, "invalid-query")]
    [InlineData("Customers?$filter=Orders gt", 400, "invalid-query")]
    [InlineData("Customers?$skiptoken=nonsense", 400, "invalid-query")]
    [InlineData("Customers?$apply=aggregate($count as N)", 501, "unsupported-option")]
    [InlineData("Customers?$filter=matchesPattern(Customer,'c')", 501, "unsupported-expression")]
    [InlineData("Customers?$filter=Customer has 'c'", 501, "unsupported-expression")]
    [InlineData("Customers?$filter=Orders in @p&@p=[1,2]", 501, "unsupported-expression")]
    [InlineData("Customers?$filter=6 div (Orders sub Orders) eq 1", 400, "invalid-query")]
    [InlineData("DailyChannelSales?$filter=NetSales lt INF", 400, "invalid-query")]
    [InlineData("Customers?$filter=", 400, "invalid-query")]
    [InlineData("Customers?$filter=%20", 400, "invalid-query")]
    [InlineData("Customers?$orderby=", 400, "invalid-query")]
    [InlineData("Customers?$select=", 400, "invalid-query")]
    [InlineData("Customers?$count=", 400, "invalid-query")]
    [InlineData("Customers?$top=&$skip=", 400, "invalid-query")]
    [InlineData("Customers?$filter=true&$filter=false", 400, "invalid-query")]
    [InlineData("$batch", 501, "unsupported-path")]
    [InlineData("Customers/$ref", 501, "unsupported-path")]
    [InlineData("$metadata?$format=json", 406, "unsupported-format")]
    [InlineData("Customers?$format=application/atom%2Bxml", 406, "unsupported-format")]
    public async Task Answer_a_bad_question_with_an_error_of_odata(string path, int status, string code)
    {
        using var answer = await Host.Http.GetAsync($"/api/odata/{path}");
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error");

        Assert.Equal(((HttpStatusCode)status, code), (answer.StatusCode, error.GetProperty("code").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("Accept", "application/json", "$metadata", 406)]
    [InlineData("Accept", "application/json, application/xml;q=0.1", "$metadata", 200)]
    [InlineData("Accept", "*/*", "$metadata", 200)]
    [InlineData("Accept", "*/*;q=0.5, application/xml;q=0", "$metadata", 406)]
    [InlineData("Accept", "application/atom+xml", "Dates?$top=1", 406)]
    [InlineData("Accept", "text/html,application/xhtml+xml,*/*;q=0.8", "Dates?$top=1", 200)]
    [InlineData("OData-MaxVersion", "3.0", "Dates?$top=1", 406)]
    [InlineData("OData-MaxVersion", "4.0", "Dates?$top=1", 200)]
    [InlineData("OData-MaxVersion", "4.01", "Dates?$top=1", 200)]
    [InlineData("OData-MaxVersion", "4.0;NetFx", "Dates?$top=1", 200)]
    [InlineData("OData-Version", "3.0", "Dates?$top=1", 400)]
    public async Task Are_answered_in_what_the_client_can_read_or_not_at_all(string header, string value, string path, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/odata/{path}");
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await Host.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        Assert.Equal("4.0", Assert.Single(answer.Headers.GetValues("OData-Version")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$metadata")]
    [InlineData("Dates?$top=2")]
    [InlineData("Dates/$count")]
    [InlineData("Moons")]
    public async Task Are_asked_for_by_head_without_the_body(string path)
    {
        using var get = await Host.Http.GetAsync($"/api/odata/{path}");
        using var head = await Host.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/api/odata/{path}"));

        Assert.Equal((get.StatusCode, get.Content.Headers.ContentType, get.Headers.ETag),
            (head.StatusCode, head.Content.Headers.ContentType, head.Headers.ETag));
        Assert.Equal((await get.Content.ReadAsByteArrayAsync()).Length, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Have_all_columns_by_an_asterisk()
    {
        var all = (await GetAsync("Dates?$top=3")).GetProperty("value").GetRawText();

        foreach (var select in new[] { "*", "Day,*" })
        {
            Assert.Equal(all, (await GetAsync($"Dates?$top=3&$select={select}")).GetProperty("value").GetRawText());
        }
    }

    /// <summary>Of the kind that the embedded rows of the demo show: days with instants, and what is asked by an alias over several pages.</summary>
    [Fact]
    public async Task Are_filtered_by_instants_days_and_aliases()
    {
        var customers = await RowsAsync("Customers");
        var seen = customers.Select(r => r.GetProperty("FirstSeen").GetDateTimeOffset()).Order().ToList();
        var day = DateOnly.FromDateTime(seen[seen.Count / 2].UtcDateTime);
        var later = customers.Count(r =>
            r.GetProperty("FirstSeen").GetDateTimeOffset() >= new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));

        Assert.Equal(later, (await RowsAsync($"Customers?$filter=FirstSeen ge {day:yyyy-MM-dd}")).Count);
        Assert.Equal(later, (await RowsAsync($"Customers?$filter=date(FirstSeen) ge @day&@day={day:yyyy-MM-dd}")).Count);
        Assert.Equal(customers.Count - later, (await RowsAsync($"Customers?$filter=FirstSeen lt @at&@at={day:yyyy-MM-dd}T00:00:00Z")).Count);
        Assert.Equal(1, (await GetAsync($"Dates?$count=true&$filter=Day eq {day:yyyy-MM-dd}T00:00:00Z")).GetProperty("@odata.count").GetInt32());
    }

    [Fact]
    public async Task Refuse_a_batch()
    {
        using var answer = await Host.PostAsync("/api/odata/$batch", """{"requests":[]}""");

        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Contains("$batch", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<IEdmModel> ModelAsync()
    {
        await using var stream = await Host.Http.GetStreamAsync("/api/odata/$metadata");
        using var reader = XmlReader.Create(stream, new XmlReaderSettings { Async = false });
        return CsdlReader.Parse(reader);
    }

    private Task<JsonElement> GetAsync(string path) => Host.GetAsync($"/api/odata/{path}");

    // All pages.
    private async Task<List<JsonElement>> RowsAsync(string path)
    {
        var rows = new List<JsonElement>();
        for (var next = $"/api/odata/{path}"; next is not null;)
        {
            var page = await Host.GetAsync(next);
            rows.AddRange(page.GetProperty("value").EnumerateArray());
            next = page.TryGetProperty("@odata.nextLink", out var link) ? link.GetString() : null;
        }

        return rows;
    }

    // As a client does that trusts the metadata: what does not fit it is an error.
    private static (List<ODataResource> Rows, Uri? Next) Read(HttpResponseMessage answer, IEdmModel model, IEdmEntitySet set)
    {
        using var reader = new ODataMessageReader((IODataResponseMessage)new Answer(answer), new ODataMessageReaderSettings { Validations = ValidationKinds.All }, model);
        var items = reader.CreateODataResourceSetReader(set, set.EntityType);
        var (rows, next) = (new List<ODataResource>(), (Uri?)null);
        while (items.Read())
        {
            if (items is { State: ODataReaderState.ResourceEnd, Item: ODataResource row })
            {
                rows.Add(row);
            }
            else if (items is { State: ODataReaderState.ResourceSetEnd, Item: ODataResourceSet all })
            {
                next = all.NextPageLink;
            }
        }

        return (rows, next);
    }

    private sealed class Answer(HttpResponseMessage answer) : IODataResponseMessage
    {
        public IEnumerable<KeyValuePair<string, string>> Headers => answer.Headers.Concat(answer.Content.Headers).Select(h => KeyValuePair.Create(h.Key, string.Join(',', h.Value)));

        public int StatusCode { get => (int)answer.StatusCode; set => throw new NotSupportedException(); }

        public string GetHeader(string headerName) => Headers.FirstOrDefault(h => string.Equals(h.Key, headerName, StringComparison.OrdinalIgnoreCase)).Value;

        public void SetHeader(string headerName, string headerValue) => throw new NotSupportedException();

        public Stream GetStream() => answer.Content.ReadAsStream();
    }
}
