using CustomerPipeline.Domain.Histories;

namespace CustomerPipeline.Domain.Value;

/// <summary>What a metric's value is measured in.</summary>
public enum MetricUnit
{
    Count,

    /// <summary>Major units of a currency, as a decimal string. Rows are always split by currency: currencies are never added up.</summary>
    Money,

    /// <summary>A number between 0 and 1.</summary>
    Ratio,

    /// <summary>A number that is no share.</summary>
    Number,

    Seconds,
}

/// <summary>What a metric is worked out of.</summary>
public enum MetricKind
{
    /// <summary>What happened on a day: kept up to date with every message, and adds up.</summary>
    Flow,

    /// <summary>People, each counted once however often they come.</summary>
    Customers,

    /// <summary>What happened on a day, seen in the light of what the same customer did before and after: as of an instant.</summary>
    History,

    /// <summary>What the customer base looks like at an instant: has no days, and dimensions of its own.</summary>
    Stock,
}

/// <summary>Dimensions a metric may be asked by.</summary>
public static class Dimension
{
    public const string Day = "day";
    public const string Channel = "channel";
    public const string Source = "source";
    public const string Place = "place";
    public const string Currency = "currency";

    public static IReadOnlyList<string> All { get; } = [Day, Channel, Source, Place, Currency];
}

/// <summary>A metric: what it is called, what it means and how it is worked out.</summary>
public sealed record MetricDefinition(string Name, string Title, MetricUnit Unit, MetricKind Kind, string Definition, string Formula, MetricComputation Computation)
{
    /// <summary>What it can be asked by.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = Dimension.All;
}

/// <summary>How a metric comes out of summed measures, or of purchases.</summary>
public abstract record MetricComputation
{
    private MetricComputation()
    {
    }

    /// <summary>Whether a measure is part of what is worked out.</summary>
    public bool Uses(string measure) => this switch
    {
        Sum sum => sum.Terms.Any(t => t.Measure == measure),
        MoneyPer per => per.Denominator == measure || per.Numerator.Any(t => t.Measure == measure),
        Share share => share.Part == measure || share.Rest == measure,
        Quotient quotient => quotient.Part.Concat(quotient.Whole).Any(t => t.Measure == measure),
        IdentifiedShare => measure is Measure.Gross or Measure.Discounts,
        Median median => measure.StartsWith(median.Bucket, StringComparison.Ordinal),
        People => measure == Measure.Purchases,
        _ => false,
    };

    /// <summary>A sum of measures, each with its sign.</summary>
    public sealed record Sum(params (string Measure, int Sign)[] Terms) : MetricComputation;

    /// <summary>Money for each of something, rounded half to even to the minor unit.</summary>
    public sealed record MoneyPer((string Measure, int Sign)[] Numerator, string Denominator) : MetricComputation;

    /// <summary>Part over the whole of two measures.</summary>
    public sealed record Share(string Part, string Rest) : MetricComputation;

    /// <summary>One sum of measures over another, with six decimals.</summary>
    /// <param name="Part">What is divided.</param>
    /// <param name="Whole">By what.</param>
    /// <param name="Factor">Times this: a hundred for percentage points.</param>
    /// <param name="IsOfMoney">Both are money, so that each currency has its own.</param>
    public sealed record Quotient((string Measure, int Sign)[] Part, (string Measure, int Sign)[] Whole, int Factor = 1, bool IsOfMoney = false) : MetricComputation;

    /// <summary>The share of sales made to customers who are known.</summary>
    public sealed record IdentifiedShare : MetricComputation;

    /// <summary>Median of a histogram; mean, 90th percentile and count go along.</summary>
    public sealed record Median(string Bucket, string Seconds) : MetricComputation;

    /// <summary>Something of the customer base as a whole; <c>Snapshots/CustomerCensus</c> works it out.</summary>
    public sealed record Census : MetricComputation;

    /// <summary>People, counted over their purchases.</summary>
    public sealed record People(PeopleCount Count) : MetricComputation;
}

public enum PeopleCount
{
    New,
    Returning,
    RepeatRate,
    Frequency,
    CrossChannel,
}

/// <summary>The one place where metrics are defined; the documentation and the API are made from it.</summary>
public static class MetricCatalog
{
    /// <summary>Version of every rule below; goes with each answer.</summary>
    public const string RuleVersion = "value-2";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new("orders", "Orders", MetricUnit.Count, MetricKind.Flow,
            "Orders placed, on the day they were placed. A cancelled or refunded order stays an order; a payment that was never completed is none.",
            "count of placed orders",
            new MetricComputation.Sum((Measure.Orders, 1))),
        new("units", "Units", MetricUnit.Count, MetricKind.Flow,
            "Items sold, on the day of the order; a weighed item counts as one, gift cards are left out. Sources that send payments without lines (Square) add none.",
            "sum of line quantities",
            new MetricComputation.Sum((Measure.Units, 1))),
        new("gross-sales", "Gross sales", MetricUnit.Money, MetricKind.Flow,
            "Price times quantity on the day of the order, before discounts and returns; without tax, shipping, tips and gift cards.",
            "sum of price x quantity",
            new MetricComputation.Sum((Measure.Gross, 1))),
        new("net-sales", "Net sales", MetricUnit.Money, MetricKind.Flow,
            "Gross sales minus discounts on the day of the order, minus returns on the day of the return.",
            "gross sales - discounts - refunds",
            new MetricComputation.Sum((Measure.Gross, 1), (Measure.Discounts, -1), (Measure.Refunds, -1))),
        new("refunds", "Refunds", MetricUnit.Money, MetricKind.Flow,
            "Goods given back, on the day they were given back; without tax and shipping, never more than the order was worth. A cancellation gives back what is left.",
            "sum of returns",
            new MetricComputation.Sum((Measure.Refunds, 1))),
        new("refund-rate", "Refund rate", MetricUnit.Ratio, MetricKind.Flow,
            "Goods given back in the period against goods sold in it (gross minus discounts); not the same goods, where they come back later.",
            "refunds / (gross sales - discounts)",
            new MetricComputation.Quotient([(Measure.Refunds, 1)], [(Measure.Gross, 1), (Measure.Discounts, -1)], IsOfMoney: true)),
        new("refunds-by-order-date", "Refunds by order date", MetricUnit.Money, MetricKind.Flow,
            "The same refunds, on the day of the order that they take from; refunds of orders that nobody told of are left out.",
            "sum of returns, by day of the order",
            new MetricComputation.Sum((Measure.RefundsByOrder, 1))),
        new("net-sales-by-order-date", "Net sales by order date", MetricUnit.Money, MetricKind.Flow,
            "What was kept of the orders of a day, whenever the rest was given back: a day's figure goes on changing.",
            "gross sales - discounts - refunds by order date",
            new MetricComputation.Sum((Measure.Gross, 1), (Measure.Discounts, -1), (Measure.RefundsByOrder, -1))),
        new("total-sales", "Total sales", MetricUnit.Money, MetricKind.Flow,
            "Net sales with the tax and shipping charged on the day of the order; tax and shipping that were given back later are not taken off.",
            "net sales + tax + shipping",
            new MetricComputation.Sum((Measure.Gross, 1), (Measure.Discounts, -1), (Measure.Refunds, -1), (Measure.Tax, 1), (Measure.Shipping, 1))),
        new("refund-lead-time", "Refund lead time", MetricUnit.Seconds, MetricKind.Flow,
            "Median calendar time from an order to the return of goods of it, on the day of the return.",
            "median(return - order)",
            new MetricComputation.Median(Measure.RefundLeadBucket, Measure.RefundLeadSeconds)),
        new("average-order-value", "Average order value", MetricUnit.Money, MetricKind.Flow,
            "Gross sales minus discounts, for each order; returns do not lower it.",
            "(gross sales - discounts) / orders",
            new MetricComputation.MoneyPer([(Measure.Gross, 1), (Measure.Discounts, -1)], Measure.Orders)),
        new("new-customers", "New customers", MetricUnit.Count, MetricKind.Customers,
            "Identified customers whose first purchase ever lies in the period, in the channel and source of that purchase.",
            "count of customers with first purchase in the period",
            new MetricComputation.People(PeopleCount.New)),
        new("returning-customers", "Returning customers", MetricUnit.Count, MetricKind.Customers,
            "Identified customers with a purchase in the period that is not their first ever; each counted once.",
            "distinct customers with a later purchase in the period",
            new MetricComputation.People(PeopleCount.Returning)),
        new("repeat-rate", "Repeat rate", MetricUnit.Ratio, MetricKind.Customers,
            "Of the identified customers who purchased in the period, the share with two or more purchases in it.",
            "customers with >= 2 purchases / customers with >= 1",
            new MetricComputation.People(PeopleCount.RepeatRate)),
        new("purchase-frequency", "Purchase frequency", MetricUnit.Number, MetricKind.Customers,
            "Purchases of identified customers in the period, for each customer who purchased in it.",
            "purchases / customers with >= 1",
            new MetricComputation.People(PeopleCount.Frequency)),
        new("cross-channel-customers", "Cross-channel customers", MetricUnit.Count, MetricKind.Customers,
            "Identified customers who purchased in two or more channels within the period. By channel: those of the channel who also purchased in another.",
            "distinct customers with purchases in >= 2 channels",
            new MetricComputation.People(PeopleCount.CrossChannel)),
        new("identified-share", "Identified share", MetricUnit.Ratio, MetricKind.Flow,
            "Share of sales (gross minus discounts) made to customers who are known: the rest is the blind spot of every customer metric.",
            "identified (gross sales - discounts) / all (gross sales - discounts)",
            new MetricComputation.IdentifiedShare()),
        new("tickets", "Tickets", MetricUnit.Count, MetricKind.Flow,
            "Service tickets opened, on the day they were opened.",
            "count of tickets",
            new MetricComputation.Sum((Measure.Tickets, 1))),
        new("first-reply-time", "First reply time", MetricUnit.Seconds, MetricKind.Flow,
            "Median calendar time from a ticket's creation to the first public reply of an agent, on the day of the reply.",
            "median(first public agent reply - creation)",
            new MetricComputation.Median(Measure.FirstReplyBucket, Measure.FirstReplySeconds)),
        new("resolution-time", "Resolution time", MetricUnit.Seconds, MetricKind.Flow,
            "Median calendar time from a ticket's creation to its last solve, on the day of the solve; a reopened ticket is unsolved until it is solved again.",
            "median(last solve - creation)",
            new MetricComputation.Median(Measure.ResolutionBucket, Measure.ResolutionSeconds)),
        new("first-reply-working-time", "First reply working time", MetricUnit.Seconds, MetricKind.Flow,
            "The same as first reply time, counted in working hours only; told where working hours are configured.",
            "median(working time from creation to first public agent reply)",
            new MetricComputation.Median(Measure.FirstReplyWorkingBucket, Measure.FirstReplyWorkingSeconds)),
        new("resolution-working-time", "Resolution working time", MetricUnit.Seconds, MetricKind.Flow,
            "The same as resolution time, counted in working hours only; told where working hours are configured.",
            "median(working time from creation to last solve)",
            new MetricComputation.Median(Measure.ResolutionWorkingBucket, Measure.ResolutionWorkingSeconds)),
        new("csat", "Customer satisfaction", MetricUnit.Ratio, MetricKind.Flow,
            "Good ratings among good and bad ones, on the day of the rating; an offer without an answer is no rating.",
            "good / (good + bad)",
            new MetricComputation.Share(Measure.SatisfactionGood, Measure.SatisfactionBad)),
        new("csat-response-share", "Satisfaction response share", MetricUnit.Ratio, MetricKind.Flow,
            "Of the tickets solved, the share that has a rating by now, on the day of the last solve: how much customer satisfaction stands on.",
            "rated solved tickets / solved tickets",
            new MetricComputation.Quotient([(Measure.SolvedRated, 1)], [(Measure.Solved, 1)])),
        new("net-promoter-score", "Net promoter score", MetricUnit.Number, MetricKind.Flow,
            "Percentage of answers of 9 and 10 minus percentage of 0 to 6, on the day of the answer; from sources that carry the question.",
            "100 x (promoters - detractors) / answers",
            new MetricComputation.Quotient([(Measure.Promoters, 1), (Measure.Detractors, -1)], [(Measure.Promoters, 1), (Measure.Passives, 1), (Measure.Detractors, 1)], Factor: 100)),
        new("customer-effort-score", "Customer effort score", MetricUnit.Number, MetricKind.Flow,
            "Mean answer to how easy it was, from 1 (very difficult) to 7 (very easy), on the day of the answer; from sources that carry the question.",
            "sum of answers / answers",
            new MetricComputation.Quotient([(Measure.EaseSum, 1)], [(Measure.EaseAnswers, 1)])),
        new("reopen-rate", "Reopen rate", MetricUnit.Ratio, MetricKind.Flow,
            "Of the tickets solved, the share that had been opened again before, on the day of the last solve.",
            "solved tickets with a reopen / solved tickets",
            new MetricComputation.Quotient([(Measure.Reopened, 1)], [(Measure.Solved, 1)])),
        new("one-touch-share", "One-touch share", MetricUnit.Ratio, MetricKind.Flow,
            "Of the solved tickets whose public replies are known, the share that took one reply and was never reopened, on the day of the solve.",
            "solved tickets with one reply and no reopen / solved tickets with replies",
            new MetricComputation.Quotient([(Measure.OneTouch, 1)], [(Measure.Replied, 1)])),
        new("handoffs-per-ticket", "Handoffs per ticket", MetricUnit.Number, MetricKind.Flow,
            "How often a ticket changed its group or agent so far, on the day it was opened.",
            "handoffs / tickets",
            new MetricComputation.Quotient([(Measure.Handoffs, 1)], [(Measure.Tickets, 1)])),
        new("contacts-per-hundred-orders", "Contacts per hundred orders", MetricUnit.Number, MetricKind.Flow,
            "Tickets opened for every hundred orders placed in the same period.",
            "100 x tickets / orders",
            new MetricComputation.Quotient([(Measure.Tickets, 1)], [(Measure.Orders, 1)], Factor: 100))
        {
            Dimensions = [Dimension.Day],
        },
        new("kept-order-share", "Kept-order share", MetricUnit.Ratio, MetricKind.History,
            "Of the orders that are 30 days old or were lost before, the share of which nothing came back, that was not cancelled and whose customer opened no ticket within 30 days, on the day of the order.",
            "kept orders / judged orders",
            new MetricComputation.Quotient([(HistoryMeasure.KeptOrders, 1)], [(HistoryMeasure.JudgedOrders, 1)])),
        new("repeat-contact-rate", "Repeat contact rate", MetricUnit.Ratio, MetricKind.History,
            "Share of tickets that the same customer opened within 7 days of another about the same subject; a ticket without a subject may be about any.",
            "repeat tickets / tickets",
            new MetricComputation.Quotient([(HistoryMeasure.RepeatContacts, 1)], [(HistoryMeasure.Contacts, 1)])),
        new("first-contact-resolution", "First contact resolution", MetricUnit.Ratio, MetricKind.History,
            "Of the tickets that repeat no other and are 7 days old or were repeated before, the share after which the customer opened none about the same subject within 7 days.",
            "unrepeated first contacts / judged first contacts",
            new MetricComputation.Quotient([(HistoryMeasure.FirstContactResolved, 1)], [(HistoryMeasure.JudgedContacts, 1)])),
        new("failure-demand-share", "Failure demand share", MetricUnit.Ratio, MetricKind.History,
            "Share of tickets that follow, within 30 days, an order, a refund or an unsolved ticket of that customer. A proxy in Seddon's sense: it tells that something was asked for after something was done, not why.",
            "tickets after an order, refund or unsolved ticket / tickets",
            new MetricComputation.Quotient([(HistoryMeasure.FailureContacts, 1)], [(HistoryMeasure.Contacts, 1)])),
        new("handoffs-per-journey", "Handoffs per journey", MetricUnit.Number, MetricKind.History,
            "How often customers change the channel within a journey: contacts that are at most 30 days apart. Journeys count on the day they begin, changes on the day they happen.",
            "channel changes / journeys",
            new MetricComputation.Quotient([(HistoryMeasure.ChannelSwitches, 1)], [(HistoryMeasure.Journeys, 1)])),
        new("customer-effort", "Customer effort", MetricUnit.Number, MetricKind.History,
            "What customers have to do for each need that was met: tickets, changes of channel within a journey and repeat contacts, for each kept order and solved ticket.",
            "(tickets + channel changes + repeats) / (kept orders + solved tickets)",
            new MetricComputation.Quotient([(HistoryMeasure.Contacts, 1), (HistoryMeasure.ChannelSwitches, 1), (HistoryMeasure.RepeatContacts, 1)], [(HistoryMeasure.ResolvedNeeds, 1)])),
        new("time-to-value", "Time to value", MetricUnit.Seconds, MetricKind.History,
            "Median calendar time from a customer's first contact of any kind to the first order that was kept, on the day of that order.",
            "median(first kept order - first contact)",
            new MetricComputation.Median(HistoryMeasure.TimeToValueBucket, HistoryMeasure.TimeToValueSeconds)),
        new("research-online-purchase-offline", "Research online, purchase offline", MetricUnit.Ratio, MetricKind.History,
            "Share of identified in-store purchases whose customers visited the web shop within 14 days before.",
            "in-store purchases after online research / identified in-store purchases",
            new MetricComputation.Quotient([(HistoryMeasure.StoreAfterResearch, 1)], [(HistoryMeasure.StorePurchases, 1)])),
        new("research-online-purchase-offline-category", "Research online, purchase offline: category", MetricUnit.Ratio, MetricKind.History,
            "Share of identified in-store purchases whose customers looked in the web shop at a category that they then bought of within 14 days before.",
            "in-store purchases after online research / identified in-store purchases",
            new MetricComputation.Quotient([(HistoryMeasure.StoreAfterCategory, 1)], [(HistoryMeasure.StorePurchases, 1)])),
        new("research-online-purchase-offline-product", "Research online, purchase offline: product", MetricUnit.Ratio, MetricKind.History,
            "Share of identified in-store purchases whose customers looked in the web shop at a product that they then bought within 14 days before.",
            "in-store purchases after online research / identified in-store purchases",
            new MetricComputation.Quotient([(HistoryMeasure.StoreAfterProduct, 1)], [(HistoryMeasure.StorePurchases, 1)])),
        new("store-first-purchase-online", "In the store first, purchase online", MetricUnit.Ratio, MetricKind.History,
            "Share of identified online purchases whose customers had bought in a store within 14 days before: the reverse, as far as it can be seen. Looking around in a store leaves no trace.",
            "online purchases after a store purchase / identified online purchases",
            new MetricComputation.Quotient([(HistoryMeasure.WebAfterStore, 1)], [(HistoryMeasure.WebPurchases, 1)])),
        new("store-first-purchase-online-category", "In the store first, purchase online: category", MetricUnit.Ratio, MetricKind.History,
            "Share of identified online purchases whose customers had bought in a store of a category that they then bought of online within 14 days before: the reverse, as far as it can be seen. Looking around in a store leaves no trace.",
            "online purchases after a store purchase / identified online purchases",
            new MetricComputation.Quotient([(HistoryMeasure.WebAfterStoreCategory, 1)], [(HistoryMeasure.WebPurchases, 1)])),
        new("store-first-purchase-online-product", "In the store first, purchase online: product", MetricUnit.Ratio, MetricKind.History,
            "Share of identified online purchases whose customers had bought in a store a product that they then bought online within 14 days before: the reverse, as far as it can be seen. Looking around in a store leaves no trace.",
            "online purchases after a store purchase / identified online purchases",
            new MetricComputation.Quotient([(HistoryMeasure.WebAfterStoreProduct, 1)], [(HistoryMeasure.WebPurchases, 1)])),
        new("active-customers", "Active customers", MetricUnit.Count, MetricKind.Stock,
            "Identified customers who purchased within the last 30, 90 and 365 days.",
            "count of customers with last purchase <= n days ago",
            new MetricComputation.Census())
        {
            Dimensions = ["days"],
        },
        new("customers-by-stage", "Customers by lifecycle stage", MetricUnit.Count, MetricKind.Stock,
            "Identified customers by stage: prospect (known, no purchase), new (one purchase day, at most 90 days ago), active, at-risk, lapsed, won-back (active again after more than 180 days without). By the model's probability to be still a customer (active from 0.7, lapsed below 0.3) where it was fitted and the customer came back, else by days since the last purchase (active up to 90, lapsed after 180).",
            "count of customers in the stage",
            new MetricComputation.Census())
        {
            Dimensions = ["stage"],
        },
        new("customers-by-segment", "Customers by RFM segment", MetricUnit.Count, MetricKind.Stock,
            "Identified customers who purchased, by recency, frequency and monetary value in quintiles; equals share the lower score, money is compared within a currency. Every customer is in one segment.",
            "count of customers whose scores make the segment",
            new MetricComputation.Census())
        {
            Dimensions = ["segment"],
        },
        new("net-sales-by-segment", "Net sales by RFM segment", MetricUnit.Money, MetricKind.Stock,
            "Net sales to date of the customers of a segment, in each customer's main currency.",
            "sum of net sales",
            new MetricComputation.Census())
        {
            Dimensions = ["segment", "currency"],
        },
        new("historic-value", "Historic customer value", MetricUnit.Money, MetricKind.Stock,
            "Mean net sales to date of an identified customer who purchased, in the customer's main currency; median, 90th percentile and total go along.",
            "net sales / customers",
            new MetricComputation.Census())
        {
            Dimensions = ["currency"],
        },
        new("revenue-concentration", "Revenue concentration", MetricUnit.Ratio, MetricKind.Stock,
            "Share of net sales to date that the tenth of customers with the most net sales made; the tenth is rounded up.",
            "net sales of the top decile / net sales",
            new MetricComputation.Census())
        {
            Dimensions = ["currency"],
        },
        new("net-revenue-retention", "Net revenue retention", MetricUnit.Ratio, MetricKind.Stock,
            "Of identified customers who purchased in the year before the last: their net sales of the last year against those of the year before. In retail, where nobody subscribes, it is a proxy.",
            "net sales of the last year / net sales of the year before, same customers",
            new MetricComputation.Census())
        {
            Dimensions = ["currency"],
        },
        new("predictive-value", "Predictive customer value", MetricUnit.Money, MetricKind.Stock,
            "Mean of what an identified customer who purchased is expected to spend in the next 52 weeks, at a discount of 10 % a year: expected purchases by the model named, times expected spend by the Gamma-Gamma model. Null with a reason where a model could not be fitted.",
            "sum over weeks of expected purchases x expected spend x exp(-delta x weeks)",
            new MetricComputation.Census())
        {
            Dimensions = ["currency"],
        },
        new("customer-equity", "Customer equity", MetricUnit.Money, MetricKind.Stock,
            "What all identified customers who purchased are expected to spend in the next 52 weeks, discounted: the predictive value of the existing base.",
            "sum of predictive values",
            new MetricComputation.Census())
        {
            Dimensions = ["currency"],
        },
        new("purchase-model", "Purchase model", MetricUnit.Number, MetricKind.Stock,
            "Parameters of the model of repeat purchases, fitted by maximum likelihood to purchase days in weeks, with standard errors from the Hessian. Null with a reason where it could not be fitted: below 200 customers, or without a maximum.",
            "argmax of the likelihood",
            new MetricComputation.Census())
        {
            Dimensions = ["model", "parameter"],
        },
        new("purchase-model-holdout", "Purchase model, holdout", MetricUnit.Number, MetricKind.Stock,
            "The model fitted to what was known 26 weeks ago, against what came since: mean purchase days of customers by how often they had come back until then, with what the model expected, and the mean absolute error.",
            "mean purchase days of the 26 weeks",
            new MetricComputation.Census())
        {
            Dimensions = ["repeatsBefore"],
        },
        new("cohort-retention", "Cohort retention", MetricUnit.Ratio, MetricKind.Stock,
            "Of the identified customers whose first purchase was in a calendar month, the share that purchased in the month so many months later. A fully refunded or cancelled order is no purchase.",
            "customers with a purchase in the month / customers of the cohort",
            new MetricComputation.Census())
        {
            Dimensions = ["cohort", "month"],
        },
        new("cohort-net-sales", "Cohort net sales", MetricUnit.Money, MetricKind.Stock,
            "Net sales of a cohort in the month so many months later; refunds count on the month of the order.",
            "sum of what was kept of orders",
            new MetricComputation.Census())
        {
            Dimensions = ["cohort", "month", "currency"],
        },
        new("cross-channel-share", "Cross-channel share", MetricUnit.Ratio, MetricKind.Stock,
            "Of identified customers who purchased, the share that did so in two or more channels.",
            "customers with >= 2 channels / customers",
            new MetricComputation.Census())
        {
            Dimensions = [],
        },
        new("channel-transitions", "Channel transitions", MetricUnit.Ratio, MetricKind.Stock,
            "Of an identified customer's consecutive contacts (orders, tickets, visits): how often one channel follows on another.",
            "transitions from one to the other / transitions from the one",
            new MetricComputation.Census())
        {
            Dimensions = ["from", "to"],
        },
        new("journeys", "Journeys", MetricUnit.Count, MetricKind.Stock,
            "The most frequent paths of the first five contacts of identified customers.",
            "count of customers on the path",
            new MetricComputation.Census())
        {
            Dimensions = ["path"],
        },
        new("early-decisions", "Early decisions, later lifecycle", MetricUnit.Ratio, MetricKind.Stock,
            "Share of identified customers who purchased again within 90, 180 and 365 days of the first purchase, by facts of the beginning: channel, campaign, depth of the first discount, first category, whether the first order came back, how fast the first ticket was answered. With Wilson's 95 % interval, contacts and net sales. An association, not a cause; groups of fewer than 5 are left out.",
            "customers with a later purchase day / customers",
            new MetricComputation.Census())
        {
            Dimensions = ["fact", "is", "days"],
        },
        new("trouble-of-the-valuable", "Trouble of the most valuable", MetricUnit.Money, MetricKind.Stock,
            "What tickets are about, ranked by the net sales to date of the customers behind them; subjects of fewer than 5 customers are together in one.",
            "sum of net sales of customers with such a ticket",
            new MetricComputation.Census())
        {
            Dimensions = ["subject", "currency"],
        },
    ];

    public static MetricDefinition? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
