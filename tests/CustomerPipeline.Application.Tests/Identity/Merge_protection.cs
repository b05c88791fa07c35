using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Identity;

/// <summary>What is shared by several people joins none of them, in whatever order it becomes known, and also when it had joined them before.</summary>
public sealed class Merge_protection
{
    [Fact]
    public Task Keeps_the_users_of_a_shared_device_apart() => Gen.Int[2, 5].SampleAsync(
        people => AssertApartAsync(people, person => new Thing(0, $"account:shop:p{person}", "device:web:kiosk"), IdentityRules.Default), iter: 20);

    [Fact]
    public Task Lets_a_device_link_while_one_person_uses_it() => AssertCustomersAsync("1,2", IdentityRules.Default, new(1, "device:web:d"), new(2, "device:web:d", "account:shop:1"));

    [Fact]
    public async Task Keeps_buyers_apart_whose_500_orders_carry_the_shop_s_own_email()
    {
        var world = new IdentityWorld(new MemoryDocumentStore(), IdentityRules.Default with { OwnEmails = System.Collections.Frozen.FrozenSet.Create("shop.example") });
        await world.ResolveAsync([.. Enumerable.Range(0, 500).Select(i => new Thing(i, $"account:shop:{i}", "email:till@shop.example"))]);

        Assert.Equal(500, (await world.CustomersAsync()).Split(' ').Length);
    }

    [Fact]
    public async Task Finds_out_by_itself_that_500_orders_carry_somebody_s_email()
    {
        var world = new IdentityWorld(new MemoryDocumentStore());
        foreach (var chunk in Enumerable.Range(0, 500).Chunk(20))
        {
            await world.ResolveAsync([.. chunk.Select(i => new Thing(i, $"account:shop:{i}", "email:till@forgotten.example"))]);
        }

        Assert.Equal(500, (await world.CustomersAsync()).Split(' ').Length);
        Assert.Empty(await world.UnrestAsync());
    }

    [Fact]
    public Task Keeps_the_owners_of_a_recycled_phone_number_apart() => AssertApartAsync(
        2, person => new Thing(0, $"email:owner{person}@example.com", "phone:+12025550142"), IdentityRules.Default);

    [Theory]
    [InlineData("account:shop:0000000")]
    [InlineData("account:shop:-1")]
    [InlineData("account:shop:null")]
    [InlineData("loyalty:anonymous")]
    [InlineData("email:noreply@shop.example")]
    public Task Joins_nobody_by_a_placeholder(string placeholder) => AssertApartAsync(3, person => new Thing(0, $"card:till:p{person}", placeholder), IdentityRules.Default);

    [Fact]
    public Task Keeps_a_family_apart_that_shares_a_loyalty_card() => AssertApartAsync(
        4, person => new Thing(0, $"email:member{person}@example.com", "loyalty:007"), IdentityRules.Default);

    // Two interactions each, in every order that a seed makes; and once more, all of them at once.
    private static async Task AssertApartAsync(int people, Func<int, Thing> of, IdentityRules rules)
    {
        var things = Enumerable.Range(0, people * 2).Select(i => of(i / 2) with { Number = i }).ToArray();
        for (var seed = 0; seed < 6; seed++)
        {
            new Random(seed).Shuffle(things);
            var world = new IdentityWorld(new MemoryDocumentStore(), rules);
            foreach (var thing in things)
            {
                await world.ResolveAsync(thing);
            }

            Assert.Equal(string.Join(' ', Enumerable.Range(0, people).Select(p => $"{p * 2},{(p * 2) + 1}").Order(StringComparer.Ordinal)), await world.CustomersAsync());
            Assert.Empty(await world.UnrestAsync());
        }

        var atOnce = new IdentityWorld(new MemoryDocumentStore(), rules);
        await atOnce.ResolveAsync(things);
        Assert.Equal(people, (await atOnce.CustomersAsync()).Split(' ').Length);
    }

    private static async Task AssertCustomersAsync(string expected, IdentityRules rules, params Thing[] things)
    {
        var world = new IdentityWorld(new MemoryDocumentStore(), rules);
        await world.ResolveAsync(things);
        Assert.Equal(expected, await world.CustomersAsync());
    }
}
