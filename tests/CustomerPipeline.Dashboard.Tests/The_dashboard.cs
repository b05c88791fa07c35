using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace CustomerPipeline.Dashboard.Tests;

[Needs("browser")]
public sealed class The_dashboard(Browser browser, DemoHost demo) : IClassFixture<Browser>, IClassFixture<DemoHost>
{
    private readonly Browser _browser = browser.OrSkip();

    private static readonly string[] Charts = ["sales", "service", "cohorts", "segments", "journeys", "trouble"];

    [Fact]
    public async Task Shows_the_figures_of_the_api_and_asks_nobody_else()
    {
        await using var watched = await _browser.OpenAsync(demo.Url);
        var page = await watched.ShowAsync();
        await watched.DrawAllAsync();

        var orders = (await demo.Host.GetAsync("/api/metrics/orders?from=2025-01-01&to=2025-12-31")).GetProperty("value")[0].GetProperty("value").GetInt64();
        Assert.Equal(orders.ToString("N0", CultureInfo.InvariantCulture), await TileAsync(watched, "worth-to-company", "Orders"));
        Assert.EndsWith("%", await TileAsync(watched, "worth-to-customers", "Kept-order share"), StringComparison.Ordinal);
        Assert.Equal(13, await page.Locator("dl.tiles dd").CountAsync());
        foreach (var chart in Charts)
        {
            Assert.Equal(1, await watched.Card(chart).Locator(".chart canvas").CountAsync());
        }

        Assert.Contains("received =", await watched.Card("stages").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("invalid-json", await watched.Card("quarantine").InnerTextAsync(), StringComparison.Ordinal);
        Assert.EndsWith("%", await TileAsync(watched, "checks", "Total differences"), StringComparison.Ordinal);
        Assert.Empty(watched.Wrong);
        await watched.KeepPictureAsync("light");
        await watched.UpdatePictureAsync("dashboard", page.Locator("body"));
    }

    [Fact]
    public async Task Has_every_chart_as_a_table_too()
    {
        await using var watched = await _browser.OpenAsync(demo.Url);
        await watched.ShowAsync();

        foreach (var chart in Charts)
        {
            await watched.Card(chart).GetByText("As a table").ClickAsync();
            await watched.Card(chart).Locator("tbody tr").First.WaitForAsync();
            Assert.NotEmpty(await watched.Card(chart).Locator(".chart").GetAttributeAsync("aria-label") ?? "");
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280, "wide")]
    [InlineData(ColorScheme.Dark, 1280, "dark")]
    [InlineData(ColorScheme.Light, 360, "phone")]
    [InlineData(ColorScheme.Dark, 360, "dark-phone")]
    public async Task Can_be_used_by_everybody(ColorScheme colors, int width, string picture)
    {
        await using var watched = await _browser.OpenAsync(demo.Url, colors, width);
        var page = await watched.ShowAsync();
        await watched.DrawAllAsync();
        await FindSomebodyAsync(watched);

        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth"));
        var found = await page.RunAxe();
        Assert.Empty(found.Violations.Select(v => $"{v.Id}: {v.Help} {string.Join(" | ", v.Nodes.Select(n => n.Html))}"));
        Assert.Empty(watched.Wrong);
        await watched.KeepPictureAsync(picture);
    }

    [Fact]
    public async Task Narrows_what_it_shows_by_filters_that_the_address_keeps()
    {
        await using var watched = await _browser.OpenAsync(demo.Url);
        var page = await watched.ShowAsync();
        var all = await TileAsync(watched, "worth-to-company", "Orders");

        await page.Locator("#filters select[name=channel]").SelectOptionAsync("online");
        await page.Locator("#filters input[name=from]").FillAsync("2025-07-01");
        await watched.SettledAsync();

        var orders = (await demo.Host.GetAsync("/api/metrics/orders?from=2025-07-01&to=2025-12-31&by=channel")).GetProperty("value").EnumerateArray().Single(r => r.GetProperty("channel").GetString() == "online").GetProperty("value").GetInt64();
        var narrowed = orders.ToString("N0", CultureInfo.InvariantCulture);
        Assert.NotEqual(all, narrowed);
        Assert.Equal(narrowed, await TileAsync(watched, "worth-to-company", "Orders"));
        var address = new Uri(page.Url).Query;
        await using var again = await _browser.OpenAsync(demo.Url);
        await again.ShowAsync(address);
        Assert.Equal(narrowed, await TileAsync(again, "worth-to-company", "Orders"));
    }

    [Fact]
    public async Task Shows_one_customer_and_why_it_is_one()
    {
        await using var watched = await _browser.OpenAsync(demo.Url);
        await watched.ShowAsync();

        var id = await FindSomebodyAsync(watched);

        Assert.Contains(id, await watched.Card("person").InnerTextAsync(), StringComparison.Ordinal);
        Assert.True(await watched.Card("timeline").Locator("li").CountAsync() > 1);
        Assert.Contains("email", await watched.Card("why").InnerTextAsync(), StringComparison.Ordinal);
        await watched.UpdatePictureAsync("customer", watched.Page.Locator("#customer"));
        await watched.Card("timeline").GetByText("More").ClickAsync();
        await watched.Page.WaitForFunctionAsync("() => document.querySelectorAll('[data-card=timeline] li').length > 25");
        Assert.DoesNotContain("@", watched.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Can_be_used_with_the_keyboard_alone()
    {
        await using var watched = await _browser.OpenAsync(demo.Url);
        var page = await watched.ShowAsync();

        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the figures", await page.EvaluateAsync<string>("document.activeElement.textContent"));
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await page.EvaluateAsync<string>("document.activeElement.id"));
        await page.Locator("#use-key").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.True(await page.Locator("dialog").IsVisibleAsync());
        await page.Keyboard.PressAsync("Escape");
        Assert.False(await page.Locator("dialog").IsVisibleAsync());
        await page.Locator("[data-card=sales] summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        // The browser tells of an opened detail after the key press, and only then the table is made.
        await page.Locator("[data-card=sales] table").WaitForAsync();
        Assert.True(await page.Locator("[data-card=sales] table").IsVisibleAsync());
    }

    [Fact]
    public async Task Says_what_to_do_where_there_is_nothing_yet()
    {
        using var folder = new TemporaryFolder();
        await using var host = await HostProcess.StartAsync(folder.Path);
        await using var watched = await _browser.OpenAsync(host.Http.BaseAddress!);

        await watched.ShowAsync();

        foreach (var chart in Charts)
        {
            Assert.Contains("Nothing in this period", await watched.Card(chart).InnerTextAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("–", await TileAsync(watched, "worth-to-company", "Net sales"));
        Assert.Contains("Nothing waits in quarantine.", await watched.Card("quarantine").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(watched.Wrong);
        await watched.KeepPictureAsync("empty");
    }

    [Fact]
    public async Task Says_what_went_wrong_and_tries_again()
    {
        await using var watched = await _browser.OpenAsync(demo.Url);
        await watched.Page.RouteAsync("**/api/metrics/tickets*", route => route.FulfillAsync(new RouteFulfillOptions { Status = 503, ContentType = "application/problem+json", Body = """{"detail":"The store cannot be written to."}""" }));
        var page = await watched.ShowAsync("?from=2025-01-01&to=2025-12-31");
        Assert.Contains("The store cannot be written to.", await watched.Card("service").InnerTextAsync(), StringComparison.Ordinal);
        await watched.KeepPictureAsync("failed");

        await page.UnrouteAsync("**/api/metrics/tickets*");
        await watched.Card("service").GetByText("Try again").ClickAsync();

        await watched.Card("service").Locator(".chart").WaitForAsync();
        Assert.Equal(0, await page.Locator("[data-card=service] .failed").CountAsync());
    }

    [Fact]
    public async Task Asks_for_a_key_where_one_is_needed_and_shows_nobody_without_the_scope_for_it()
    {
        using var folder = new TemporaryFolder();
        var key = new ApiKeys(folder.Path, TimeProvider.System).Add("analyst", [Scope.MetricsRead, Scope.OperationsRead]);
        await using var host = await HostProcess.StartAsync(folder.Path);
        await using var watched = await _browser.OpenAsync(host.Http.BaseAddress!);
        var page = await watched.ShowAsync();
        Assert.Contains("Not allowed.", await watched.Card("sales").InnerTextAsync(), StringComparison.Ordinal);

        await watched.Card("sales").GetByText("Use an API key").ClickAsync();
        await page.GetByLabel("Key", new PageGetByLabelOptions { Exact = true }).FillAsync(key);
        await page.GetByText("Use it").ClickAsync();
        await page.Locator("dl.tiles").First.WaitForAsync();
        await watched.SettledAsync();
        Assert.Contains("Nothing in this period", await watched.Card("sales").InnerTextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, page.Url, StringComparison.Ordinal);

        await FindAsync(page, "email", "jo@example.com");
        await watched.Card("person").Locator(".failed").WaitForAsync();
        Assert.Contains("customers.read", await watched.Card("person").InnerTextAsync(), StringComparison.Ordinal);
    }

    /// <summary>Names of customers, places and subjects come from outside.</summary>
    [Fact]
    public async Task Runs_nothing_that_came_with_the_data()
    {
        using var folder = new TemporaryFolder();
        await using var host = await HostProcess.StartAsync(folder.Path);
        const string Nasty = "<img src=x onerror=document.title='owned'>";
        var order = new { kind = "order", system = "shop", id = "1", placed_at = "2026-02-01T10:00:00Z", channel = "in-store", currency = "USD", store = Nasty, email = "jo@example.com", lines = new[] { new { price = "10.00", quantity = 1, product = Nasty } } };
        using var answer = await host.PostAsync("/api/ingest/import", JsonSerializer.Serialize(order));
        await host.DrainAsync();
        await using var watched = await _browser.OpenAsync(host.Http.BaseAddress!);
        var page = await watched.ShowAsync();
        await watched.DrawAllAsync();
        await FindAsync(page, "email", "jo@example.com");
        await watched.Card("timeline").Locator("li").First.WaitForAsync();

        Assert.Contains(Nasty, await watched.Card("timeline").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("CustomerPipeline", await page.TitleAsync());
        Assert.Empty(watched.Wrong);
    }

    [Fact]
    public async Task Comes_with_headers_that_let_it_load_nothing_from_elsewhere_and_stand_in_no_frame()
    {
        using var answer = await demo.Host.Http.GetAsync("/dashboard/");
        using var unknown = await demo.Host.Http.GetAsync("/dashboard/../host.json");
        using var root = await demo.Host.Http.GetAsync("/");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/dashboard/echarts.js");
        again.Headers.TryAddWithoutValidation("If-None-Match", (await demo.Host.Http.GetAsync("/dashboard/echarts.js")).Headers.ETag!.ToString());
        using var known = await demo.Host.Http.SendAsync(again);

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; ", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal(System.Net.HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("/dashboard/", root.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Equal(System.Net.HttpStatusCode.NotModified, known.StatusCode);
    }

    private async Task<string> FindSomebodyAsync(WatchedPage watched)
    {
        var sold = (await demo.Host.GetAsync("/api/metrics/orders/explain?channel=online&top=200")).GetProperty("value").EnumerateArray().Select(i => i.GetProperty("customer").GetString()!);
        var customer = await demo.Host.GetAsync($"/api/customers/{sold.GroupBy(c => c).MaxBy(c => c.Count())!.Key}");
        var email = customer.GetProperty("identifiers").EnumerateArray().First(i => i.GetProperty("type").GetString() == "email").GetProperty("value").GetString()!;
        await FindAsync(watched.Page, "email", email);
        await watched.Card("timeline").Locator("li").First.WaitForAsync();
        await watched.Card("why").Locator("tbody tr").First.WaitForAsync();
        return customer.GetProperty("id").GetString()!;
    }

    private static async Task FindAsync(IPage page, string type, string value)
    {
        await page.Locator("#find-customer select").SelectOptionAsync(type);
        await page.Locator("#find-customer input").FillAsync(value);
        await page.GetByText("Find", new PageGetByTextOptions { Exact = true }).ClickAsync();
    }

    private static async Task<string> TileAsync(WatchedPage watched, string card, string title) =>
        (await watched.Card(card).Locator($"dl.tiles div:has(dt:text-is(\"{title}\")) dd").EvaluateAsync<string>("dd => dd.firstChild.textContent"))!;
}
