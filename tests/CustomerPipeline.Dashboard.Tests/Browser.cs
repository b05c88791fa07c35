using System.Collections.Concurrent;
using CustomerPipeline.Contracts;
using Microsoft.Playwright;

namespace CustomerPipeline.Dashboard.Tests;

/// <summary>Chromium as it is installed here. Without one the tests say so, and are skipped.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _missing;

    /// <summary>Where pictures of the page are kept, for people to look at.</summary>
    public static string Pictures { get; } = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "pictures")).FullName;

    public async ValueTask InitializeAsync()
    {
        var program = InstalledProgram.Find(Names);
        if (program is null)
        {
            _missing = $"SKIPPED: the dashboard is tested in {Names[0]}, which is not installed here.";
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>This, in the constructor of a test class: where it cannot be started each test is skipped by itself. A fixture that skips fails every test of its class.</summary>
    public Browser OrSkip()
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return this;
    }

    /// <summary>A page that nobody has looked at, and that writes down what goes wrong in it.</summary>
    public async Task<WatchedPage> OpenAsync(Uri host, ColorScheme colors = ColorScheme.Light, int width = 1280)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = host.ToString(),
            ColorScheme = colors,
            Locale = "en-US",
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ReducedMotion = ReducedMotion.Reduce,
        });
        return new WatchedPage(await context.NewPageAsync(), host);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

/// <summary>A page, and what went wrong in it.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _wrong = new();

    public WatchedPage(IPage page, Uri host)
    {
        Page = page;
        page.PageError += (_, error) => _wrong.Enqueue(error);
        page.Console += (_, message) => Note(message.Type == "error", message.Text);
        page.Request += (_, request) => Note(!request.Url.StartsWith(host.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal), $"asks elsewhere: {request.Url}");
    }

    public IPage Page { get; }

    public IEnumerable<string> Wrong => _wrong;

    /// <summary>Opens the dashboard, and waits until every card says something.</summary>
    public async Task<IPage> ShowAsync(string query = "")
    {
        await Page.GotoAsync($"/dashboard/{query}");
        await SettledAsync();
        return Page;
    }

    public Task SettledAsync() => Page.WaitForFunctionAsync("() => document.querySelector('dl.tiles, .failed, .empty') && !document.querySelector('[aria-busy]')");

    /// <summary>Scrolls through the page, so that every chart is drawn.</summary>
    public async Task DrawAllAsync()
    {
        foreach (var chart in await Page.Locator(".chart").AllAsync())
        {
            await chart.ScrollIntoViewIfNeededAsync();
            await chart.Locator("canvas").First.WaitForAsync();
        }

        await Page.EvaluateAsync("scrollTo(0, 0)");
    }

    public ILocator Card(string name) => Page.Locator($"[data-card={name}]");

    public async Task KeepPictureAsync(string name) => await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Browser.Pictures, $"{name}.png"), FullPage = true });

    /// <summary>Takes the picture of a part of the page, from its top, for the documentation, when it is asked for (UPDATE_DOCS=1).</summary>
    public async Task UpdatePictureAsync(string name, ILocator part)
    {
        await Page.EvaluateAsync("scrollTo(0, 0)");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1" && await part.BoundingBoxAsync() is { } box)
        {
            var clip = new Clip { X = box.X, Y = box.Y, Width = box.Width, Height = Math.Min(box.Height, 1_010) };
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Repository.PathOf("docs", "images", $"{name}.png"), FullPage = true, Clip = clip });
        }
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();

    private void Note(bool isWrong, string what)
    {
        if (isWrong)
        {
            _wrong.Enqueue(what);
        }
    }
}
