using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Snapshots;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>The question for customers in the parameters of a request.</summary>
internal static class StandingParameters
{
    private static readonly string[] Known =
        ["segment", "stage", "identified", "currency", "sort", "order", Paging.Top, Paging.Continuation, Csv.FormatParameter];

    /// <summary>Reads the question, or says what is wrong with it.</summary>
    public static (StandingQuestion? Question, IActionResult? Problem) Read(HttpRequest request)
    {
        if (QueryParameters.RefuseUnknown(request, "This list", [.. Known, "purpose"]) is { } refusal)
        {
            return (null, refusal);
        }

        var segments = QueryParameters.ValuesOf(request, "segment").Select(name => (Name: name, Value: Rfm.SegmentNamed(name))).ToList();
        if (segments.Any(s => s.Value is null))
        {
            return (null, Refuse("unknown-segment", $"segment is one or several of {string.Join(", ", Rfm.Segments.Select(Rfm.KebabOf))}."));
        }

        var stages = QueryParameters.ValuesOf(request, "stage").Select(Lifecycle.StageNamed).ToList();
        if (stages.Any(s => s is null))
        {
            return (null, Refuse("unknown-stage", $"stage is one or several of {string.Join(", ", Enum.GetValues<LifecycleStage>().Select(s => s.Name()))}."));
        }

        var currencies = QueryParameters.ValuesOf(request, "currency").Select(code => Currency.TryParse(code, out var currency) ? currency.Code : null).ToList();
        if (currencies.Any(c => c is null))
        {
            return (null, Refuse("unknown-currency", "currency is one or several codes of ISO 4217, such as USD."));
        }

        var (identified, sort, order) = (request.Query["identified"].ToString(), request.Query["sort"].ToString(), request.Query["order"].ToString());
        return identified is not ("" or "true" or "false") ? (null, Refuse("invalid-identified", "identified is true or false."))
            : OrderOf(sort) is not { } by ? (null, Refuse("unknown-sort", "sort is value, recency, frequency or predicted."))
            : order is not ("" or "asc" or "desc") ? (null, Refuse("unknown-order", "order is asc or desc."))
            : (new StandingQuestion([.. segments.Select(s => s.Value!)], [.. stages.OfType<LifecycleStage>()], identified.Length == 0 ? null : identified == "true", [.. currencies.OfType<string>()], by, order != "asc"), null);
    }

    private static StandingOrder? OrderOf(string sort) => sort switch
    {
        "" or "value" => StandingOrder.Value,
        "recency" => StandingOrder.Recency,
        "frequency" => StandingOrder.Frequency,
        "predicted" => StandingOrder.Predicted,
        _ => null,
    };

    private static IActionResult Refuse(string code, string detail) => Problem.Result(StatusCodes.Status400BadRequest, code, detail);
}
