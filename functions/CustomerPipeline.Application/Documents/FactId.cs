using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Application.Documents;

/// <summary>The id of the document that remembers what was counted of a touch: <c>order:{customer}:{entity}</c>, or the same with <c>ticket</c> or <c>spend</c>. Orders come first, so that purchases can be read by themselves.</summary>
/// <param name="Kind">Order, ticket or spend.</param>
/// <param name="Customer">Whose touch.</param>
/// <param name="Entity">The order, ticket or spend.</param>
public readonly record struct FactId(EntityKind Kind, string Customer, EntityKey Entity)
{
    /// <summary>Whether an id is one of a fact. The embedded store asks at every write: it costs no memory.</summary>
    public static bool IsOne(string id) => KindOf(id) is not null;

    /// <summary>Reads an id; null where it is none of a fact.</summary>
    public static FactId? Read(string id) =>
        KindOf(id) is { } kind && id.Split(':', 3) is [_, var customer, var entity] ? new FactId(kind, customer, new EntityKey(entity)) : null;

    private static EntityKind? KindOf(string id) => id.StartsWith(Containers.OrderFactPrefix, StringComparison.Ordinal) ? EntityKind.Order
        : id.StartsWith(Containers.TicketFactPrefix, StringComparison.Ordinal) ? EntityKind.Ticket
        : id.StartsWith(Containers.SpendFactPrefix, StringComparison.Ordinal) ? EntityKind.Spend
        : null;

    /// <inheritdoc />
    public override string ToString() =>
        $"{Kind switch { EntityKind.Order => Containers.OrderFactPrefix, EntityKind.Spend => Containers.SpendFactPrefix, _ => Containers.TicketFactPrefix }}{Customer}:{Entity.Text}";
}
