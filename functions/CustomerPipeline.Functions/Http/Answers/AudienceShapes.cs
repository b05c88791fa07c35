using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Report.Audiences;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>An audience.</summary>
[Description("Customers by a saved filter.")]
internal sealed record AudienceShape(
    string Name,
    string Title,
    [property: Description("The conditions, by the parameters of the list of customers; none means all customers.")] IReadOnlyDictionary<string, string> Filter,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt,
    [property: Description("The instant of the count; absent in the list of audiences.")] DateTimeOffset? AsOf,
    [property: Description("How many customers are members; absent in the list of audiences.")] long? Count)
{
    /// <summary>An audience in a list.</summary>
    public static AudienceShape Of(Audience audience) => Of(audience, null);

    public static AudienceShape Of(Audience audience, StandingPage? page) =>
        new(audience.Name, audience.Title, audience.Filter, audience.CreatedAt, audience.ChangedAt, page?.Census.AsOf, page?.Count);
}

/// <summary>A member of an audience who may be written to.</summary>
internal sealed record ExportedCustomerShape(
    [property: Description("Opaque id.")] string Customer,
    [property: Description("Email addresses and phones.")] IEnumerable<ContactShape> Contacts)
{
    public static ExportedCustomerShape Of(CustomerSummary summary) => new(summary.Customer, ContactShape.Of(summary));
}

/// <summary>An identifier that a customer can be written to by.</summary>
internal sealed record ContactShape([property: AllowedValues("email", "phone")] string Type, string Value)
{
    public static IEnumerable<ContactShape> Of(CustomerSummary summary) =>
        summary.Identifiers.Keys.Where(i => i.Type is IdentifierType.Email or IdentifierType.Phone)
            .Select(i => new ContactShape(Identifier.NameOf(i.Type), i.Value));
}

/// <summary>A page of an export.</summary>
internal sealed record AudienceExportShape(
    [property: Description("The audience's name.")] string Audience,
    [property: Description("The instant of the figures that the members were found by.")] DateTimeOffset AsOf,
    [property: Description("How many members there are on all pages, with and without consent.")] long Count,
    [property: Description("How many members of this page are left out because they may not be written to, by the consent of now.")] int WithoutConsent,
    [property: Description("How many members of this page are left out because they were merged or erased since the figures were read.")] int Gone,
    IEnumerable<ExportedCustomerShape> Value,
    [property: Description("Where the next page is; absent on the last one.")] string? NextLink)
{
    public static AudienceExportShape Of(Audience audience, ExportedAudience exported, string? nextLink) => new(
        audience.Name, exported.Page.Census.AsOf, exported.Page.Count, exported.WithoutConsent, exported.Gone,
        exported.Customers.Select(ExportedCustomerShape.Of), nextLink);
}
