using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// The money of an ARTS retail transaction, for POSLog and Digital Receipt alike. What the customer paid is the grand total, tax included; net sales are
/// that without the tax. Lines say what was sold, and with the discounts listed what it would have cost.
/// </summary>
internal sealed class ArtsSale
{
    private ArtsSale(OrderSnapshot order) => Order = order;

    public OrderSnapshot Order { get; }

    /// <summary>The sale of a transaction; null when it sells nothing.</summary>
    /// <param name="retail">The RetailTransaction element.</param>
    /// <param name="placedAt">When it ended.</param>
    /// <param name="businessDay">The store's day, where stated.</param>
    /// <param name="money">In the transaction's currency.</param>
    /// <exception cref="UnreadableFieldException">An amount cannot be read.</exception>
    public static ArtsSale? Of(SourceElement retail, DateTimeOffset placedAt, DateOnly? businessDay, MinorUnits money)
    {
        var sold = LinesOf(retail).Select(line => line.Child("Sale")).OfType<SourceElement>().ToList();
        var items = sold.FindAll(item => !IsStoredValue(item));
        if (items.Count == 0)
        {
            return null;
        }

        var lines = items.Select(item => LineOf(item, money)).ToList();
        var lineTotal = lines.Sum(l => l.Amount);
        var tax = TaxOf(retail, items, money);
        var listed = items.Sum(i => DiscountOf(i, money)) + DiscountsOf(retail, money);
        var returned = ReturnedOf(retail, money);
        var storedValue = sold.Except(items).Sum(i => LineOf(i, money).Amount);

        // The tax of an exchange is that of what was sold less that of what came back.
        tax += TaxOfItems(ReturnsOf(retail), money);
        var paid = PaidOf(retail, money);

        // An exchange pays the difference: what was returned is its own refund.
        var net = paid is { } total ? total + returned - tax - storedValue : lineTotal - DiscountsOf(retail, money);

        // Prices include tax where the lines, less tax and discounts, come closer to the net than the lines less discounts do.
        var isTaxIncluded = retail.IsTrueWithin("TaxIncludedInTaxableAmountFlag")
            || Math.Abs(lineTotal - tax - net - listed) < Math.Abs(lineTotal - net - listed);
        var discounts = lineTotal - (isTaxIncluded ? tax : 0) - net;
        var itemDiscounts = items.Sum(i => DiscountOf(i, money));

        // ExtendedAmount is what a line came to after its own discount, except where the total shows that it is not.
        var afterLines = Math.Abs(discounts + itemDiscounts - listed) <= Math.Abs(discounts - listed) ? discounts + itemDiscounts : discounts;
        // Where no total is stated, it is what the lines come to.
        var stated = paid ?? net + tax;
        var check = money.Check(stated, afterLines < 0 && afterLines == listed ? stated - afterLines : stated + afterLines - listed, 0);

        var discounted = Math.Max(0, afterLines);
        if (isTaxIncluded)
        {
            discounted = WithoutTax(items, discounted, net, tax, money);
        }

        return new ArtsSale(new OrderSnapshot
        {
            Status = SaleStatus.Placed,
            PlacedAt = placedAt,
            BusinessDay = businessDay,
            Currency = money.Currency.Code,
            Gross = net + discounted,
            Discounts = discounted,
            Tax = tax,
            Units = lines.Sum(l => MinorUnits.Units(l.Quantity)),
            TaxIncluded = isTaxIncluded,
            Lines = lines,
            Total = paid is null ? null : check,
        });
    }

    /// <summary>The goods taken back.</summary>
    public static IReadOnlyList<SourceElement> ReturnsOf(SourceElement retail) =>
        [.. LinesOf(retail).Select(line => line.Child("Return")).OfType<SourceElement>()];

    /// <summary>
    /// The tax inside what returned goods cost, where prices hold tax: that of the returned items, or of the transaction if it sells nothing. Zero where it is beside the prices.
    /// </summary>
    public static long TaxInsideReturns(SourceElement retail, MinorUnits money)
    {
        var returns = ReturnsOf(retail);
        var ofItems = TaxOfItems(returns, money);
        var sellsNothing = LinesOf(retail).All(line => line.Child("Sale") is null);
        var tax = ofItems != 0 ? ofItems : sellsNothing ? Math.Abs(TaxOf(retail, returns, money)) : 0;
        var isIncluded = retail.IsTrueWithin("TaxIncludedInTaxableAmountFlag")
            || (sellsNothing && Total(retail, "TransactionGrandAmount") is { } grand && Math.Abs(money.Of(grand.Number, "Total")) == ReturnedOf(retail, money));
        return isIncluded ? Math.Min(tax, ReturnedOf(retail, money)) : 0;
    }

    /// <summary>What returned goods cost. Returns are written as positive amounts; a negative one means the same, but for a voided line, which takes a return back.</summary>
    public static long ReturnedOf(SourceElement retail, MinorUnits money) => ReturnedLines(retail, money).Sum(l => l.Amount);

    /// <summary>The same, line by line.</summary>
    public static IEnumerable<(SourceElement Goods, long Amount)> ReturnedLines(SourceElement retail, MinorUnits money) =>
        from line in LinesOf(retail)
        let goods = line.Child("Return")
        where goods is not null
        select (goods, Math.Abs(money.Of(goods.NumberOf("ExtendedAmount"), "ExtendedAmount")) * (line.IsTrue("VoidFlag") ? -1 : 1));

    /// <summary>Tax: the transaction's total, else its tax lines, else the tax of the items.</summary>
    public static long TaxOf(SourceElement retail, IReadOnlyList<SourceElement> items, MinorUnits money)
    {
        if (Total(retail, "TransactionTaxAmount") is { } total)
        {
            return money.Of(total.Number, "Total");
        }

        var lines = LinesOf(retail).Select(l => l.Child("Tax")).OfType<SourceElement>().Where(t => t.Child("Amount") is not null).ToList();
        return lines.Count > 0
            ? lines.Sum(t => money.Of(t.NumberOf("Amount"), "Tax/Amount"))
            : money.Of(items.SelectMany(i => i.Children("Tax")).Sum(t => t.NumberOf("Amount") ?? 0), "Tax/Amount");
    }

    private static long TaxOfItems(IEnumerable<SourceElement> items, MinorUnits money) => Math.Abs(money.Of(items.SelectMany(i => i.Children("Tax")).Sum(t => t.NumberOf("Amount") ?? 0), "Tax/Amount"));

    // Some tills write a discount as what it takes off, some as what it adds.
    private static long DiscountOf(SourceElement item, MinorUnits money) => Math.Abs(money.Of(item.NumberOf("ExtendedDiscountAmount"), "ExtendedDiscountAmount"));

    // Money for later (ARTS ItemType GiftCertificate, GiftCard, StoredValue) is sold when it is spent.
    private static bool IsStoredValue(SourceElement item) =>
        item.Attribute("ItemType") is { } type && (type.StartsWith("Gift", StringComparison.OrdinalIgnoreCase) || type.StartsWith("StoredValue", StringComparison.OrdinalIgnoreCase));

    // The discount of an item took as much of its tax as of its price; what a discount of the transaction took follows from the whole.
    private static long WithoutTax(List<SourceElement> items, long discounts, long net, long tax, MinorUnits money)
    {
        if (discounts == 0 || tax <= 0 || net <= 0)
        {
            return discounts;
        }

        decimal Freed(long discount, long price, long taxInside) => price > 0 && taxInside >= 0 && taxInside < price ? discount * (decimal)(price - taxInside) / price : discount;
        var taxed = items.Where(i => i.Children("Tax").Any()).Select(i => (Discount: DiscountOf(i, money), Price: Math.Abs(LineOf(i, money).Amount), Tax: TaxOfItems([i], money))).Where(i => i.Discount > 0).ToList();
        var known = taxed.Sum(i => i.Discount) <= discounts ? taxed : [];
        return (long)Math.Round(known.Sum(i => Freed(i.Discount, i.Price, i.Tax)) + Freed(discounts - known.Sum(i => i.Discount), net + tax, tax), MidpointRounding.ToEven);
    }

    // Cash rounding is neither revenue nor discount: the till lost or won it.
    private static long? PaidOf(SourceElement retail, MinorUnits money)
    {
        if (Total(retail, "TransactionGrandAmount") is { } grand)
        {
            return money.Of(grand.Number, "Total") + retail.Children("LineItem").Select(l => l.Child("Tender")).OfType<SourceElement>().Sum(t => money.Of(t.NumberOf("Rounding"), "Rounding"));
        }

        return Total(retail, "TransactionNetAmount") is { } net ? money.Of(net.Number, "Total") : null;
    }

    private static SourceElement? Total(SourceElement retail, string type) =>
        retail.Children("Total").FirstOrDefault(t => t.Attribute("TotalType") == type && t.Text is not null);

    // Discounts of the transaction: lines of their own, and rewards in money (an NCR extension, negative).
    private static long DiscountsOf(SourceElement retail, MinorUnits money) => LinesOf(retail).Sum(line =>
        line.Child("Discount") is { } discount ? Math.Abs(money.Of(discount.NumberOf("Amount"), "Discount/Amount"))
        : line.Child("LoyaltyReward") is { } reward && reward.TextOf("RewardCategory") == "Monetary" ? -money.Of(reward.NumberOf("ExtendedRewardAmount"), "ExtendedRewardAmount")
        : 0);

    private static IEnumerable<SourceElement> LinesOf(SourceElement retail) => retail.Children("LineItem").Where(IsCounted);

    // A voided line is taken back by a negative line where the till writes one (NCR); else it is itself what must not count.
    private static bool IsCounted(SourceElement line) =>
        !line.IsTrue("CancelFlag")
        && !(line.IsTrue("VoidFlag") && (line.Child("Sale") ?? line.Child("Return"))?.NumberOf("ExtendedAmount") is not < 0);

    private static OrderLine LineOf(SourceElement item, MinorUnits money)
    {
        var amount = money.Of(item.NumberOf("ExtendedAmount"), "ExtendedAmount");
        var isSubtracted = item.Child("ExtendedAmount") is { } extended && string.Equals(extended.Attribute("Action"), "Subtract", StringComparison.OrdinalIgnoreCase);
        var quantity = item.Child("Quantity");

        // Quantity holds the number of packs and Units how many each has; a weight is one item.
        var count = quantity is null ? 1
            : decimal.TryParse(quantity.Attribute("Units"), System.Globalization.NumberStyles.Number, System.Globalization.CultureInfo.InvariantCulture, out var units) && units > 1
                ? Math.Min(units, 1_000_000m) * (quantity.Number ?? 1)
                : quantity.Number ?? 1;
        return new OrderLine(
            item.Children("POSIdentity").Select(p => p.TextOf("POSItemID")).FirstOrDefault(id => id is not null) ?? item.TextOf("ItemID"),
            Math.Clamp(count, -1_000_000m, 1_000_000m),
            isSubtracted && amount > 0 ? -amount : amount);
    }
}

/// <summary>What ARTS documents say of the transaction around a sale.</summary>
internal static class ArtsTransaction
{
    /// <summary>Why a transaction is no sale, as a reason to ignore it; null when it is one.</summary>
    public static string? NotASale(SourceElement transaction)
    {
        var retail = transaction.Child("RetailTransaction");
        if (retail is null)
        {
            return "control-transaction";
        }

        var status = retail.Attribute("TransactionStatus") ?? retail.TextOf("TransactionStatus") ?? transaction.Attribute("TransactionStatus");
        return IsFlagged(transaction, retail, "TrainingModeFlag") ? "training-transaction"
            : IsFlagged(transaction, retail, "CancelFlag") || status is "Voided" or "PostVoided" or "Canceled" or "Cancelled" or "Failed" ? "voided-transaction"
            : IsFlagged(transaction, retail, "SuspendFlag") || status is "Suspended" ? "suspended-transaction"
            : null;
    }

    public static Currency CurrencyOf(SourceElement transaction, NormalizationRules rules)
    {
        var retail = transaction.Child("RetailTransaction");
        return SourceJson.CurrencyOf(
            transaction.TextOf("CurrencyCode") ?? retail?.Children("Total").Select(t => t.Attribute("CurrencyCode")).FirstOrDefault(c => c is not null), rules);
    }

    /// <summary>Email addresses and telephone numbers of the customer, as identifiers. National identity numbers are never read.</summary>
    public static IReadOnlyList<Identifier> Contacts(SourceElement retail, string? region, params ReadOnlySpan<Identifier?> more)
    {
        var customer = retail.Children("Customer").ToList();
        var emails = customer.SelectMany(c => c.Children("EMail")).Select(e => IdentifierNormalizer.Email(e.TextOf("EMailAddress")));
        var phones = customer.SelectMany(c => c.Children("TelephoneNumber").Concat(c.Children("Telephone"))).Select(t => IdentifierNormalizer.Phone(PhoneOf(t), region));
        return IdentifierNormalizer.Present([.. emails, .. phones, .. more]);
    }

    private static string? PhoneOf(SourceElement telephone)
    {
        var local = telephone.TextOf("LocalNumber");
        return local is null ? null
            : telephone.TextOf("ITUCountryCode") is { } country && !local.StartsWith('+') ? $"+{country} {(telephone.TextOf("AreaCode") ?? "").TrimStart('0')}{local}"
            : $"{telephone.TextOf("AreaCode")}{local}";
    }

    private static bool IsFlagged(SourceElement transaction, SourceElement retail, string flag) => transaction.IsTrue(flag) || retail.IsTrue(flag);
}
