using System.Globalization;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.OData;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.OData;
using Microsoft.OData.UriParser;

namespace CustomerPipeline.Functions;

/// <summary>The figures as an OData 4.0 feed, for Power BI, Excel and other programs that work on tables.</summary>
public sealed class FeedFunctions(AccessGate gate, FigureTables tables, TimeProvider clock)
{
    private const string Root = "/api/odata";
    private const int RowsPerPage = 2_000;
    private const string SkipToken = "$skiptoken";

    private static readonly string[] Known = ["$select", "$filter", "$orderby", "$top", "$skip", "$count", "$format", SkipToken];

    [Function("Feed")]
    public Task<IActionResult> Feed(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/odata/{*path}")] HttpRequest request, CancellationToken cancellationToken) =>
            gate.AnswerAsync(request, Scope.MetricsRead, async () =>
    {
        if (request.Query.Keys.FirstOrDefault(k => k.StartsWith('$') && !Known.Contains(k)) is { } unknown)
        {
            return FeedResult.Error(
                StatusCodes.Status501NotImplemented, "unsupported-option",
                    $"This feed does not support {unknown}. Supported options: {string.Join(", ", Known)}.");
        }

        // An empty $filter is a client's mistake, and all rows would be the answer to another question.
        if (request.Query.FirstOrDefault(q => q.Key.StartsWith('$') && string.IsNullOrWhiteSpace(q.Value)).Key is { } empty)
        {
            return FeedResult.Error(StatusCodes.Status400BadRequest, "invalid-query", $"The option {empty} has no value. Give it one, or leave it out.");
        }

        if (FeedFormat.Refusal(request) is { } refusal)
        {
            return refusal;
        }

        try
        {
            return await AnswerAsync(request, cancellationToken);
        }
        catch (ODataUnrecognizedPathException)
        {
            return FeedResult.Error(StatusCodes.Status404NotFound, "unknown-set", $"There is no such entity set: {Root} lists them.");
        }
        catch (UnsupportedExpressionException e)
        {
            return FeedResult.Error(StatusCodes.Status501NotImplemented, "unsupported-expression", e.Message);
        }
        catch (ODataContentTypeException)
        {
            return FeedResult.Error(
                StatusCodes.Status406NotAcceptable, "unsupported-format",
                    "The feed answers in JSON (odata.metadata=minimal, full or none), and its $metadata in XML.");
        }
        catch (OverflowException)
        {
            return FeedResult.Error(StatusCodes.Status400BadRequest, "invalid-query", "A number is too large for the type of what it is compared with.");
        }
        catch (Exception e) when (e is ODataException or FormatException)
        {
            return FeedResult.Error(StatusCodes.Status400BadRequest, "invalid-query", e.Message);
        }
    }, cancellationToken);

    [Function("FeedBatch")]
    public Task<IActionResult> Batch(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/odata/$batch")] HttpRequest request, CancellationToken cancellationToken) =>
            gate.AnswerAsync(request, Scope.MetricsRead, () =>
        Task.FromResult<IActionResult>(FeedResult.Error(
            StatusCodes.Status501NotImplemented, "unsupported-path", "This feed does not support $batch. Send its requests one by one.")), cancellationToken);

    private async Task<IActionResult> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // As it was sent: a key may hold what means something in an address.
        var path = request.Path.ToUriComponent();
        var at = path.IndexOf(Root, StringComparison.OrdinalIgnoreCase);
        var root = new Uri($"{request.Scheme}://{request.Host}{request.PathBase.ToUriComponent()}{path[..at]}{Root}/");
        var uri = new ODataUriParser(FeedModel.Edm, root, new Uri(path[(at + Root.Length)..].Trim('/') + request.QueryString, UriKind.Relative));
        var settings = new ODataMessageWriterSettings { BaseUri = root, ODataUri = new ODataUri { ServiceRoot = root } };
        var segments = uri.ParsePath().ToList();
        if (segments is [MetadataSegment])
        {
            FeedFormat.ChooseXml(request, settings);
            return FeedResult.Of(settings, writer => writer.WriteMetadataDocument());
        }

        FeedFormat.ChooseJson(request, settings);
        switch (segments)
        {
            case []:
                var sets = FigureTables.All.Select(t => new ODataEntitySetInfo { Name = t.Name, Title = t.Name, Url = new Uri(t.Name, UriKind.Relative) }).ToList();
                return FeedResult.Of(settings, writer => writer.WriteServiceDocument(new ODataServiceDocument { EntitySets = sets }));
            case [EntitySetSegment { EntitySet: var set }]:
                return await SetAsync(request, root, uri, settings, new FeedQuery(FeedModel.TableOf(set), uri, clock.GetUtcNow()), cancellationToken);
            case [EntitySetSegment { EntitySet: var set }, CountSegment]:
                var query = new FeedQuery(FeedModel.TableOf(set), uri, clock.GetUtcNow());
                return FeedResult.Text((await query.CountAsync(tables.ReadAsync(query.Table, from: null, cancellationToken), cancellationToken)).ToString(CultureInfo.InvariantCulture));
            case [EntitySetSegment { EntitySet: var set }, KeySegment key]:
                return await RowAsync(FeedModel.TableOf(set), key, uri, settings, cancellationToken);
            default:
                return FeedResult.Error(StatusCodes.Status501NotImplemented, "unsupported-path", "This feed has entity sets, their rows by key, and $count of them.");
        }
    }

    private async Task<IActionResult> SetAsync(HttpRequest request, Uri root, ODataUriParser uri, ODataMessageWriterSettings settings, FeedQuery query, CancellationToken cancellationToken)
    {
        var page = await query.RunAsync(tables.ReadAsync(query.Table, query.From, cancellationToken), PageSizeOf(request), cancellationToken);
        var columns = ColumnsOf(query.Table, uri, settings);
        return FeedResult.Of(settings, writer =>
        {
            var set = FeedModel.Edm.EntityContainer.FindEntitySet(query.Table.Name);
            var rows = writer.CreateODataResourceSetWriter(set);
            rows.WriteStart(new ODataResourceSet { Count = page.Count, NextPageLink = page.Next is { } next ? NextLink(request, root, query.Table, next.Position, next.Top) : null });
            foreach (var row in page.Rows)
            {
                FeedModel.Write(rows, query.Table, columns, row);
            }

            rows.WriteEnd();
        });
    }

    private async Task<IActionResult> RowAsync(FigureTable table, KeySegment key, ODataUriParser uri, ODataMessageWriterSettings settings, CancellationToken cancellationToken)
    {
        var sought = table.Key.Select(column => FeedValue.Of(key.Keys.Single(k => k.Key == column.Name).Value)).ToList();
        var row = await tables.ReadAsync(table, sought, cancellationToken).FirstOrDefaultAsync(cancellationToken);
        if (row is null || table.Compare(row, sought) != 0)
        {
            return FeedResult.Error(StatusCodes.Status404NotFound, "unknown-row", $"{table.Name} has no row of this key.");
        }

        var columns = ColumnsOf(table, uri, settings);
        return FeedResult.Of(settings, writer => FeedModel.Write(writer.CreateODataResourceWriter(FeedModel.Edm.EntityContainer.FindEntitySet(table.Name)), table, columns, row));
    }

    // The columns that are wanted, all if none are named; the settings learn of them for the context address.
    private static List<int> ColumnsOf(FigureTable table, ODataUriParser uri, ODataMessageWriterSettings settings)
    {
        settings.ODataUri.Path = uri.ParsePath();
        settings.ODataUri.SelectAndExpand = uri.ParseSelectAndExpand();
        return settings.ODataUri.SelectAndExpand is { AllSelected: false } select && !select.SelectedItems.Any(i => i is WildcardSelectItem)
            ? [.. select.SelectedItems.OfType<PathSelectItem>().Select(i => table.IndexOf(i.SelectedPath.FirstSegment.Identifier))]
            : [.. Enumerable.Range(0, table.Columns.Count)];
    }

    // A client may prefer smaller pages; whether it does is the server's to decide, and no preference is an error.
    private static int PageSizeOf(HttpRequest request) => request.Headers.GetCommaSeparatedValues("Prefer")
        .Select(p => p.Split('=', 2, StringSplitOptions.TrimEntries))
        .Where(p => p is ["odata.maxpagesize" or "maxpagesize", _])
        .Select(p => int.TryParse(p[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is > 0 and <= RowsPerPage ? size : RowsPerPage)
        .FirstOrDefault(RowsPerPage);

    // The same question, but for where it begins and how much is left. A key stands in no answer.
    private static Uri NextLink(HttpRequest request, Uri root, FigureTable table, FeedPosition position, long? top)
    {
        var options = request.Query.Where(q => q.Key is not ("$skip" or "$top" or "$count" or SkipToken or GateAnswers.KeyParameter)).SelectMany(q => q.Value.Select(v => (q.Key, Value: v ?? "")))
            .Concat(top is { } left ? [("$top", left.ToString(CultureInfo.InvariantCulture))] : [])
            .Append((SkipToken, position.Write()));
        return new Uri(root, $"{table.Name}?{string.Join('&', options.Select(o => $"{Uri.EscapeDataString(o.Item1)}={Uri.EscapeDataString(o.Item2)}"))}");
    }
}
