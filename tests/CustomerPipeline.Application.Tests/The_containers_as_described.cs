using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>Everything that is stored is described: what a description does not know, no erasure, verification or copy would look at.</summary>
public sealed class The_containers_as_described
{
    [Fact]
    public void Have_numbers_of_their_own_that_never_change() => Assert.Equal(
        ["interactions 0", "identifiers 1", "customers 2", "values 3", "snapshots 4", "quarantine 5", "ledger 6", "audit 7", "privacy 8", "suggestions 9", "events 10"],
        Containers.Described.Select(c => $"{c.Name} {c.Number}"));

    [Fact]
    public void Feeds_are_read_by_a_stage_and_only_those() =>
        Assert.Equal(Containers.Described.Where(c => c.HasChangeFeed).Select(c => c.Name), ChangeConsumers.All.Select(c => c.Container).Distinct());

    [Theory]
    [InlineData("order:c1:shopify:order:7", EntityKind.Order, "c1", "shopify:order:7")]
    [InlineData("ticket:c2:zendesk:ticket:a:b", EntityKind.Ticket, "c2", "zendesk:ticket:a:b")]
    public void The_id_of_a_fact_is_read_as_it_was_written(string id, EntityKind kind, string customer, string entity)
    {
        var fact = FactId.Read(id);

        Assert.Equal(new FactId(kind, customer, new EntityKey(entity)), fact);
        Assert.Equal(id, fact.ToString());
        Assert.Null(FactId.Read("flow:2026-01-01"));
    }

    [Theory]
    [InlineData("channel-online:17", "channel-online", 17, null)]
    [InlineData("channel-online:17:edited:0a", "channel-online", 17, "edited:0a")]
    public void The_id_of_a_delivery_is_read_as_it_was_written(string id, string queue, long number, string? edition)
    {
        Assert.Equal(new DeliveryId(queue, number, edition), DeliveryId.Parse(id));
        Assert.Equal(id, DeliveryId.Parse(id).ToString());
        Assert.Throws<FormatException>(() => DeliveryId.Parse("17"));
    }
}
