using CustomerPipeline.Domain.Normalize;
using static CustomerPipeline.Contracts.SomeXml;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class A_poslog_transaction
{
    [Fact]
    public void Is_known_by_store_workstation_day_and_sequence_and_belongs_to_the_stores_business_day()
    {
        var record = One(PosLog(Retail(Sale(10), 10.8m, 0.8m), day: "2026-02-28", end: "2026-03-01T01:30:00"));

        Assert.Equal("poslog:order:9:1:2026-02-28:100", record.Entity.Text);
        Assert.Equal((new DateOnly(2026, 2, 28), new DateTimeOffset(2026, 3, 1, 6, 30, 0, TimeSpan.Zero)), (record.Order!.BusinessDay, record.Order.PlacedAt.ToUniversalTime()));
        Assert.Equal(("9", Channel.InStore), (record.Place, record.Channel));
    }

    [Fact]
    public void Sells_what_was_paid_less_the_tax()
    {
        var order = One(PosLog(Retail(Sale(10) + Sale(2.5m, 0.42m), 13.50m, 1.00m))).Order!;

        Assert.Equal((1250L, 0L, 100L, 2L), (order.Gross, order.Discounts, order.Tax, order.Units));
    }

    [Fact]
    public void With_a_reward_in_money_sells_at_a_discount()
    {
        var reward = "<LineItem><LoyaltyReward><acs:RewardCategory>Monetary</acs:RewardCategory><acs:ExtendedRewardAmount>-2.00</acs:ExtendedRewardAmount></LoyaltyReward></LineItem>";
        var record = One(PosLog(Retail(Sale(10) + reward, 8.80m, 0.80m)));

        Assert.Equal((1000L, 200L), (record.Order!.Gross, record.Order.Discounts));
        Assert.Null(record.Flags);
    }

    [Fact]
    public void Whose_lines_do_not_come_to_its_total_sells_the_total_and_says_so()
    {
        var record = One(PosLog(Retail(Sale(10), 7.00m, 0m)));

        Assert.Equal((1000L, 300L), (record.Order!.Gross, record.Order.Discounts));
        Assert.Equal(["total-differs"], record.Flags);
    }

    [Theory]
    [InlineData("901")]
    [InlineData(" 901 ")]
    [InlineData("9<!-- of the north -->01")]
    [InlineData("<![CDATA[9]]>0<![CDATA[1]]>")]
    [InlineData("<acs:Part>9</acs:Part>0<acs:Part>1</acs:Part>")]
    [InlineData("&#57;01")]
    public void Is_read_the_same_however_a_text_is_put_together(string store) => Assert.Equal("901", One(PosLog(Retail(Sale(1), 1, 0), store)).Place);

    [Theory]
    [InlineData(-4)]
    [InlineData(4)]
    public void Does_not_sell_a_voided_line_however_the_till_writes_it(int voided)
    {
        var lines = Sale(6) + (voided < 0 ? Sale(4) : "") + Sale(voided, attributes: "VoidFlag=\"true\"");

        Assert.Equal(600, One(PosLog(Retail(lines, 6m, 0m))).Order!.Gross);
    }

    [Fact]
    public void Sells_only_what_its_line_items_say()
    {
        var offered = "<Offer><Sale><ExtendedAmount>7</ExtendedAmount></Sale></Offer>";
        var order = One(PosLog(Retail(Sale(10, item: " 0042 ") + offered, 10m, 0m).Replace("\"TransactionGrandAmount\"", "\" TransactionGrandAmount \"", StringComparison.Ordinal))).Order!;

        Assert.Equal((1000L, "0042"), (order.Gross, Assert.Single(order.Lines!).Product));
    }

    [Theory]
    [InlineData("<Note/>", false)]
    [InlineData("<Tax TaxIncludedInTaxableAmountFlag=\"false\"/>", false)]
    [InlineData("<Tax TaxIncludedInTaxableAmountFlag=\"true\"/>", true)]
    [InlineData("<LineItem><Tax><Part TaxIncludedInTaxableAmountFlag=\"1\"/></Tax></LineItem>", true)]
    public void Has_the_tax_in_its_prices_where_it_says_so_however_deep(string more, bool isIncluded) =>
        Assert.Equal(isIncluded, One(PosLog(Retail(Sale(10), 10.80m, 0.80m, more))).Order!.TaxIncluded);

    [Fact]
    public void Carries_a_loyalty_number_with_its_leading_zeros()
    {
        var member = "<LineItem><acs:LoyaltyMembership><acs:LoyaltyID>0000040000066677</acs:LoyaltyID></acs:LoyaltyMembership></LineItem>";

        Assert.Equal("loyalty:0000040000066677", Assert.Single(One(PosLog(Retail(Sale(1) + member, 1, 0))).Identifiers).Key);
    }

    [Fact]
    public void That_returns_goods_refunds_the_sale_it_names()
    {
        var link = "<TransactionLink ReasonCode=\"Return\"><RetailStoreID>9</RetailStoreID><WorkstationID>1</WorkstationID><SequenceNumber>100</SequenceNumber><BusinessDayDate>2026-03-01</BusinessDayDate></TransactionLink>";
        var record = One(PosLog(Retail(Return(4), 4, 0, link), sequence: "200"));

        Assert.Equal(("poslog:order:9:1:2026-03-01:100", 400L), (record.Entity.Text, Assert.Single(record.Refunds!).Amount));
    }

    [Fact]
    public void That_returns_goods_of_two_sales_refunds_each()
    {
        string Line(int amount, int sale) => $"<LineItem><Return><ExtendedAmount>{amount}</ExtendedAmount><TransactionLink ReasonCode=\"Return\"><RetailStoreID>9</RetailStoreID><WorkstationID>1</WorkstationID>"
            + $"<SequenceNumber>{sale}</SequenceNumber><BusinessDayDate>2026-03-01</BusinessDayDate></TransactionLink></Return></LineItem>";

        var records = Read.All(Message("poslog", PosLog(Retail(Line(10, 100) + Line(90, 101), 100, 0), sequence: "200")), Rules);

        Assert.Equal(
            [("poslog:order:9:1:2026-03-01:100", 1_000L), ("poslog:order:9:1:2026-03-01:101", 9_000L)],
            records.Select(r => (r.Entity.Text, r.Refunds![0].Amount!.Value)));
        Assert.Equal(2, records.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public void That_exchanges_goods_sells_the_new_ones_and_refunds_the_old()
    {
        var records = Read.All(Message("poslog", PosLog(Retail(Sale(10) + Return(4), 6, 0))), Rules);

        Assert.Equal([1000, 0], records.Select(r => r.Order?.Gross ?? 0));
        Assert.Equal([0, 400], records.Select(r => r.Refunds?[0].Amount ?? 0));
    }

    [Fact]
    public void That_voids_another_cancels_it()
    {
        var link = "<TransactionLink ReasonCode=\"PostVoid\"><RetailStoreID>9</RetailStoreID><WorkstationID>1</WorkstationID><SequenceNumber>100</SequenceNumber><BusinessDayDate>2026-03-01</BusinessDayDate></TransactionLink>";
        var record = One(PosLog(Retail(Sale(4), 4, 0, link), sequence: "201"));

        Assert.Equal("poslog:order:9:1:2026-03-01:100", record.Entity.Text);
        Assert.NotNull(record.CancelledAt);
        Assert.Null(record.Order);
    }

    [Theory]
    [InlineData("<ControlTransaction/>", "", "control-transaction")]
    [InlineData("<RetailTransaction/>", "CancelFlag=\"true\"", "voided-transaction")]
    [InlineData("<RetailTransaction/>", "TrainingModeFlag=\"true\"", "training-transaction")]
    [InlineData("<RetailTransaction TransactionStatus=\"Suspended\"/>", "", "suspended-transaction")]
    [InlineData("<RetailTransaction TransactionStatus=\"PostVoided\"/>", "", "voided-transaction")]
    [InlineData("<RetailTransaction><TransactionStatus>Failed</TransactionStatus></RetailTransaction>", "", "voided-transaction")]
    [InlineData("<RetailTransaction/>", "TransactionStatus=\"Cancelled\"", "voided-transaction")]
    [InlineData("<RetailTransaction TransactionStatus=\"Canceled\"/>", "", "voided-transaction")]
    [InlineData("<RetailTransaction TransactionStatus=\"Voided\"/>", "", "voided-transaction")]
    [InlineData("<RetailTransaction SuspendFlag=\"true\"/>", "", "suspended-transaction")]
    [InlineData("<RetailTransaction/>", "", "nothing-sold")]
    public void That_is_no_sale_is_ignored(string retail, string attributes, string reason) =>
        Assert.Equal(reason, Read.Ignored(Message("poslog", PosLog(retail, attributes: attributes)), Rules));

    [Theory]
    [InlineData("<acs:EMail><acs:EMailAddress>Jo@Example.com</acs:EMailAddress></acs:EMail>", "email:jo@example.com")]
    [InlineData("<TelephoneNumber><LocalNumber>2126668929</LocalNumber></TelephoneNumber>", null)]
    [InlineData("<TelephoneNumber><LocalNumber>+12126668929</LocalNumber></TelephoneNumber>", "phone:+12126668929")]
    [InlineData("<TelephoneNumber><ITUCountryCode>1</ITUCountryCode><LocalNumber>+12126668929</LocalNumber></TelephoneNumber>", "phone:+12126668929")]
    [InlineData("<Telephone><ITUCountryCode>1</ITUCountryCode><AreaCode>212</AreaCode><LocalNumber>6668929</LocalNumber></Telephone>", "phone:+12126668929")]
    [InlineData("<Telephone><ITUCountryCode>46</ITUCountryCode><LocalNumber>86668929</LocalNumber></Telephone>", "phone:+4686668929")]
    [InlineData("<Telephone><AreaCode>212</AreaCode></Telephone>", null)]
    public void Knows_its_customer_by_what_reaches_them(string contact, string? identifier) =>
        Assert.Equal(identifier is null ? [] : [identifier], One(PosLog(Retail($"<Customer>{contact}</Customer>{Sale(1)}", 1, 0))).Identifiers.Select(i => i.Key));

    [Theory]
    [InlineData("<ExtendedAmount>4</ExtendedAmount><Quantity Units=\"6\">2</Quantity>", 400, 12)]
    [InlineData("<ExtendedAmount>4</ExtendedAmount><Quantity Units=\"0.5\">2</Quantity>", 400, 2)]
    [InlineData("<ExtendedAmount>4</ExtendedAmount><Quantity Units=\"6\"/>", 400, 6)]
    [InlineData("<ExtendedAmount>4</ExtendedAmount><Quantity/>", 400, 1)]
    [InlineData("<ExtendedAmount>4</ExtendedAmount>", 400, 1)]
    public void Counts_packs_by_what_is_in_them(string line, long gross, long units)
    {
        var order = One(PosLog(Retail($"<LineItem><Sale><ItemID>7</ItemID>{line}</Sale></LineItem>", 4, 0))).Order!;

        Assert.Equal((gross, units, "7"), (order.Gross, order.Units, Assert.Single(order.Lines).Product));
    }

    [Fact]
    public void Takes_off_a_line_that_is_to_be_subtracted()
    {
        var taken = "<LineItem><Sale><ItemID>8</ItemID><ExtendedAmount Action=\"Subtract\">3</ExtendedAmount></Sale></LineItem>";

        Assert.Equal(700, One(PosLog(Retail(Sale(10) + taken, 7, 0))).Order!.Gross);
    }

    [Fact]
    public void Without_a_grand_total_sells_the_net_one_and_its_tax_lines()
    {
        var more = "<LineItem><Tax><Amount>0.80</Amount></Tax></LineItem><LineItem><Tax/></LineItem><Total TotalType=\"TransactionNetAmount\">9.00</Total><Total TotalType=\"TransactionGrandAmount\"/>";
        var order = One(PosLog(Retail(Sale(10) + "<LineItem><Discount><Amount>1.80</Amount></Discount></LineItem>", more: more))).Order!;

        Assert.Equal((1000L, 180L, 80L), (order.Gross, order.Discounts, order.Tax));
    }

    [Fact]
    public void Without_any_total_sells_its_lines_less_the_discount()
    {
        var order = One(PosLog(Retail(Sale(10) + "<LineItem><Discount><Amount>1.80</Amount></Discount></LineItem>"))).Order!;

        Assert.Equal((1000L, 180L), (order.Gross, order.Discounts));
    }

    [Fact]
    public void Has_the_tax_in_its_prices_where_the_discount_leaves_no_other_way_to_its_total()
    {
        var record = One(PosLog(Retail(Sale(10.80m) + "<LineItem><Discount><Amount>1.00</Amount></Discount></LineItem>", 9.80m, 0.80m)));

        Assert.Equal((true, 992L, 92L, 80L), (record.Order!.TaxIncluded, record.Order.Gross, record.Order.Discounts, record.Order.Tax));
        Assert.Null(record.Flags);
    }

    [Fact]
    public void Takes_the_tax_of_its_items_where_its_tax_lines_say_none()
    {
        var taxed = Sale(10).Replace("</ExtendedAmount>", "</ExtendedAmount><Tax/><Tax><Amount>0.80</Amount></Tax>", StringComparison.Ordinal);

        Assert.Equal(80, One(PosLog(Retail(taxed + "<LineItem><Tax/></LineItem>", 10.80m))).Order!.Tax);
    }

    [Fact]
    public void Takes_nothing_off_for_a_discount_that_was_cancelled() => Assert.Equal(
        0, One(PosLog(Retail(Sale(10) + "<LineItem CancelFlag=\"true\"><Discount><Amount>1.80</Amount></Discount></LineItem>"))).Order!.Discounts);

    [Theory]
    [InlineData("<LineItem VoidFlag=\"true\"><Return><ExtendedAmount>-4</ExtendedAmount></Return></LineItem>", 300)]
    [InlineData("<LineItem VoidFlag=\"true\"><Return><ExtendedAmount>4</ExtendedAmount></Return></LineItem>", 700)]
    [InlineData("<LineItem><Return><ExtendedAmount>-4</ExtendedAmount></Return></LineItem>", 1100)]
    public void Gives_no_money_back_for_a_return_that_was_voided(string line, long amount)
    {
        var records = Read.All(Message("poslog", PosLog(Retail(Sale(20) + Return(3) + Return(4) + line, 20 - (amount / 100m), 0))), Rules);

        Assert.Equal([(2000L, 0L), (0, amount)], records.Select(r => (r.Order?.Gross ?? 0, r.Refunds?[0].Amount ?? 0)));
    }

    [Fact]
    public void Is_in_the_currency_of_its_total_where_it_names_no_other() =>
        Assert.Equal("EUR", One(PosLog(Retail(Sale(1), more: "<Total TotalType=\"TransactionGrandAmount\" CurrencyCode=\"EUR\">1</Total>")).Replace("<CurrencyCode>USD</CurrencyCode>", "", StringComparison.Ordinal)).Order!.Currency);

    [Fact]
    public void Of_a_store_without_a_time_zone_waits_for_one() =>
        Assert.Equal("missing-time-zone", Read.Quarantined(Message("poslog", PosLog(Retail(Sale(1), 1, 0)))).Code);

    [Theory]
    [InlineData("<!DOCTYPE t [<!ENTITY a \"b\">]><Transaction>&a;</Transaction>", "xml-dtd")]
    [InlineData("<!DOCTYPE t SYSTEM \"file:///etc/passwd\"><Transaction/>", "xml-dtd")]
    [InlineData("<Transaction>", "invalid-xml")]
    [InlineData("<Transaction/><Transaction/>", "invalid-xml")]
    [InlineData("", "invalid-xml")]
    [InlineData("<Order/>", "unknown-shape")]
    public void That_is_broken_or_dangerous_is_quarantined(string xml, string code) => Assert.Equal(code, Read.Quarantined(Message("poslog", xml), Rules).Code);

    [Fact]
    public void Nested_too_deep_is_quarantined() => Assert.Equal(
        "xml-too-deep", Read.Quarantined(Message("poslog", string.Concat(Enumerable.Repeat("<a>", 5_000)) + string.Concat(Enumerable.Repeat("</a>", 5_000))), Rules).Code);

    [Theory]
    [InlineData("<ExtendedAmount>much</ExtendedAmount>", "invalid-number")]
    [InlineData("<ExtendedAmount>99999999999999999999</ExtendedAmount>", "invalid-number")]
    [InlineData("<Quantity Units=\"70000000000000000000000000000\">7000000000000000000000000000</Quantity>", "invalid-number")]
    public void With_an_impossible_amount_is_quarantined(string amount, string code) =>
        Assert.Equal(code, Read.Quarantined(Message("poslog", PosLog(Retail($"<LineItem><Sale>{amount}</Sale></LineItem>", 1, 0))), Rules).Code);

    private const string Link = "<TransactionLink ReasonCode=\"Return\"><RetailStoreID>9</RetailStoreID><WorkstationID>1</WorkstationID><SequenceNumber>7</SequenceNumber><BusinessDayDate>2026-02-01</BusinessDayDate></TransactionLink>";

    [Theory]
    [InlineData("")]
    [InlineData("<LineItem><Tax><TaxableAmount TaxIncludedInTaxableAmountFlag=\"true\">125.00</TaxableAmount><Amount>-25.00</Amount></Tax></LineItem>")]
    public void That_returns_goods_at_prices_with_tax_gives_back_the_price_without_it(string taxLine) =>
        Assert.Equal(10000, Assert.Single(One(PosLog(Retail(taxLine + Return(125), -125, -25))).Refunds!).Amount);

    [Fact]
    public void That_exchanges_goods_at_prices_with_tax_sells_and_gives_back_without_it()
    {
        var returned = Return(125).Replace("</ExtendedAmount>", "</ExtendedAmount><Tax><Amount>25.00</Amount></Tax>", StringComparison.Ordinal);
        var flag = "<LineItem><Tax><TaxableAmount TaxIncludedInTaxableAmountFlag=\"true\">125.00</TaxableAmount></Tax></LineItem>";
        var records = Read.All(Message("poslog", PosLog(Retail(flag + Sale(250) + returned, 125, 25))), Rules);

        Assert.Equal((20000, 10000), (records[0].Order!.Gross, records[1].Refunds![0].Amount));
    }

    [Fact]
    public void Whose_returned_line_names_its_sale_gives_back_that_sale() => Assert.Equal(
        "poslog:order:9:1:2026-02-01:7", One(PosLog(Retail(Return(40).Replace("</Return>", Link + "</Return>", StringComparison.Ordinal), -40, 0))).Entity.Text);

    [Theory]
    [InlineData("GiftCertificate")]
    [InlineData("GiftCard")]
    [InlineData("StoredValue")]
    public void That_sells_money_for_later_sells_the_goods_beside_it(string type) => Assert.Equal(
        1000, One(PosLog(Retail(Sale(10) + Sale(50).Replace("Stock", type, StringComparison.Ordinal), 60, 0))).Order!.Gross);

    [Fact]
    public void With_a_discount_below_zero_takes_it_off()
    {
        var order = One(PosLog(Retail(Sale(8).Replace("</ExtendedAmount>", "</ExtendedAmount><ExtendedDiscountAmount>-2.00</ExtendedDiscountAmount>", StringComparison.Ordinal), 8, 0))).Order!;

        Assert.Equal((1000, 200), (order.Gross, order.Discounts));
    }

    [Theory]
    [InlineData("2026-03-01Z")]
    [InlineData("2026-03-01+02:00")]
    public void Of_a_day_with_a_zone_is_of_that_day(string day) => Assert.Equal("poslog:order:9:1:2026-03-01:100", One(PosLog(Retail(Sale(1), 1, 0), day: day)).Entity.Text);

    [Fact]
    public void Of_a_later_version_says_which_one_is_read() => Assert.Contains("2.1", Read.Quarantined(Message(
        "poslog", PosLog(Retail(Sale(1), 1, 0)).Replace("<RetailStoreID>9</RetailStoreID>", "<BusinessUnit><UnitID>9</UnitID></BusinessUnit>", StringComparison.Ordinal)), Rules).Advice, StringComparison.Ordinal);

    private static InteractionRecord One(string xml) => Read.One(Message("poslog", xml), Rules);
}
