using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain.Snapshots;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>The question for customers in the parameters of a request.</summary>
internal static class StandingParameters
{
    private static readonly string[] OfList = ["sort", "order", Paging.Top, Paging.Continuation, Csv.FormatParameter];

    /// <summary>Reads the question, or says what is wrong with it.</summary>
    public static (StandingQuestion? Question, IActionResult? Problem) Read(HttpRequest request)
    {
        if (QueryParameters.RefuseUnknown(request, "This list", [.. CustomerFilter.Parameters, .. OfList, "purpose"]) is { } refusal)
        {
            return (null, refusal);
        }

        var asked = CustomerFilter.Parameters.Where(request.Query.ContainsKey)
            .ToDictionary(name => name, name => string.Join(',', request.Query[name].AsEnumerable()));
        var (filter, fault) = CustomerFilter.Read(asked);
        return filter is null ? (null, Refuse(fault!.Code, fault.Detail)) : OrderOf(request, filter);
    }

    /// <summary>Reads the order in which the customers of a saved filter are asked for, or says what is wrong with it.</summary>
    public static (StandingQuestion? Question, IActionResult? Problem) Read(HttpRequest request, CustomerFilter saved) =>
        QueryParameters.RefuseUnknown(request, "The list of an audience, whose filter is saved,", OfList) is { } refusal
            ? (null, refusal)
            : OrderOf(request, saved);

    private static (StandingQuestion? Question, IActionResult? Problem) OrderOf(HttpRequest request, CustomerFilter filter)
    {
        var (sort, order) = (request.Query["sort"].ToString(), request.Query["order"].ToString());
        return OrderOf(sort) is not { } by ? (null, Refuse("unknown-sort", "sort is value, recency, frequency, predicted or customer."))
            : order is not ("" or "asc" or "desc") ? (null, Refuse("unknown-order", "order is asc or desc."))
            : (new StandingQuestion(filter, by, order != "asc"), null);
    }

    private static StandingOrder? OrderOf(string sort) => sort switch
    {
        "" or "value" => StandingOrder.Value,
        "recency" => StandingOrder.Recency,
        "frequency" => StandingOrder.Frequency,
        "predicted" => StandingOrder.Predicted,
        "customer" => StandingOrder.Customer,
        _ => null,
    };

    private static IActionResult Refuse(string code, string detail) => Problem.Result(StatusCodes.Status400BadRequest, code, detail);
}
