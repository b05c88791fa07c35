using CustomerPipeline.Domain.Histories;

namespace CustomerPipeline.Domain.Value;

/// <summary>The one place where metrics are defined; the documentation and the API are made from it.</summary>
public static class MetricCatalog
{
    /// <summary>Version of every rule below; goes with each answer.</summary>
    public const string RuleVersion = "value-5";

    private static readonly IReadOnlyList<string> OfOrders = [Dimension.Campaign];

    private static readonly IReadOnlyList<string> OfGoods = [Dimension.Category, Dimension.Campaign];

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new("orders", "Orders", MetricUnit.Count, MetricKind.Flow,
            "Orders placed, on the day they were placed. A cancelled or refunded order stays an order; a payment that was never completed is none. "
            + "Square's payments of one order are one order.",
            "count of placed orders",
            new MetricComputation.Sum((Measure.Orders, 1)))
        {
            Facets = OfOrders,
        },
        new("units", "Units", MetricUnit.Count, MetricKind.Flow,
            "Items sold, on the day of the order; a weighed item counts as one, gift cards are left out. Square's payments add none until the order that they pay was sent, too.",
            "sum of line quantities",
            new MetricComputation.Sum((Measure.Units, 1)))
        {
            Facets = OfGoods,
        },
        new("gross-sales", "Gross sales", MetricUnit.Money, MetricKind.Flow,
            "Price times quantity on the day of the order, before discounts and returns; without tax, shipping, tips and gift cards. "
            + "Square's payments do not say how much of them is tax or a gift card: both are inside until the order that they pay was sent, too.",
            "sum of price x quantity",
            new MetricComputation.Sum((Measure.Gross, 1)))
        {
            Facets = OfGoods,
        },
        new("net-sales", "Net sales", MetricUnit.Money, MetricKind.Flow,
            "Gross sales minus discounts on the day of the order, minus returns on the day of the return.",
            "gross sales - discounts - refunds",
            new MetricComputation.Sum((Measure.Gross, 1), (Measure.Discounts, -1), (Measure.Refunds, -1)))
        {
            Facets = OfOrders,
        },
        new("refunds", "Refunds", MetricUnit.Money, MetricKind.Flow,
            "Goods given back, on the day they were given back; without tax and shipping, never more than the order was worth. A cancellation gives back what is left.",
            "sum of returns",
            new MetricComputation.Sum((Measure.Refunds, 1)))
        {
            Facets = OfOrders,
        },
        new("refund-rate", "Refund rate", MetricUnit.Ratio, MetricKind.Flow,
            "Goods given back in the period against goods sold in it (gross minus discounts); not the same goods, where they come back later.",
            "refunds / (gross sales - discounts)",
            new MetricComputation.Quotient([(Measure.Refunds, 1)], [(Measure.Gross, 1), (Measure.Discounts, -1)], IsOfMoney: true))
        {
            Facets = OfOrders,
        },
        new("refunds-by-order-date", "Refunds by order date", MetricUnit.Money, MetricKind.Flow,
            "The same refunds, on the day of the order that they take from; refunds of orders that nobody told of are left out.",
            "sum of returns, by day of the order",
            new MetricComputation.Sum((Measure.RefundsByOrder, 1)))
        {
            Facets = OfOrders,
        },
        new("net-sales-by-order-date", "Net sales by order date", MetricUnit.Money, MetricKind.Flow,
            "What was kept of the orders of a day, whenever the rest was given back: a day's figure goes on changing.",
            "gross sales - discounts - refunds by order date",
            new MetricComputation.Sum((Measure.Gross, 1), (Measure.Discounts, -1), (Measure.RefundsByOrder, -1)))
        {
            Facets = OfOrders,
        },
        new("total-sales", "Total sales", MetricUnit.Money, MetricKind.Flow,
            "Net sales with the tax and shipping charged on the day of the order; tax and shipping that were given back later are not taken off.",
            "net sales + tax + shipping",
            new MetricComputation.Sum((Measure.Gross, 1), (Measure.Discounts, -1), (Measure.Refunds, -1), (Measure.Tax, 1), (Measure.Shipping, 1)))
        {
            Facets = OfOrders,
        },
        new("cost-of-goods-sold", "Cost of goods sold", MetricUnit.Money, MetricKind.Flow,
            "What goods had cost the seller, on the day of the order, less the cost of goods that came back, on the day of the return: a return gives back its share of the order's cost, unless it states its cost. "
            + "Of sales whose cost is known; `shareWithCost` says which share of all sales (gross minus discounts) these are. Null with a reason where no cost is known. As in Shopify's profit reports: \"Profit is reported only for products and variants that had cost recorded at the time they were sold\".",
            "cost of lines - cost of returns",
            new MetricComputation.Margin(MarginFigure.Cost))
        {
            Facets = OfOrders,
        },
        new("gross-margin", "Gross margin", MetricUnit.Money, MetricKind.Flow,
            "Net sales less the cost of goods sold, of sales whose cost is known (`shareWithCost` of all); where only some lines of an order have a cost, its discounts are divided among all lines by their prices. Null with a reason where no cost is known. Called gross profit, too.",
            "net sales with cost - cost of goods sold",
            new MetricComputation.Margin(MarginFigure.Amount))
        {
            Facets = OfOrders,
        },
        new("gross-margin-rate", "Gross margin rate", MetricUnit.Ratio, MetricKind.Flow,
            "Gross margin as a share of the net sales that it was made with; below zero where goods cost more than they brought. Shopify's reports: ([net sales - cost] / net sales).",
            "gross margin / net sales with cost",
            new MetricComputation.Margin(MarginFigure.Rate))
        {
            Facets = OfOrders,
        },
        new("marketing-spend", "Marketing spend", MetricUnit.Money, MetricKind.Flow,
            "What was spent on campaigns, on the days that the source states.",
            "sum of spend",
            new MetricComputation.Sum((Measure.Spend, 1)))
        {
            Facets = OfOrders,
        },
        new("roas", "Return on ad spend", MetricUnit.Number, MetricKind.Flow,
            "Net sales of the orders of campaigns for each unit of money that was spent on these campaigns, in one currency (Google Ads Help, \"Conversion value / cost\"). Returns of the period lower it, cost of goods does not. "
            + "Sales of campaigns without any spend in the period stand apart (`salesWithoutSpend`). Null with a reason where nothing was spent, or where a campaign has sales in another currency than spend, unless it is asked for in the reporting currency.",
            "net sales of campaigns with spend / marketing spend",
            new MetricComputation.ReturnOnSpend())
        {
            Dimensions = [.. Dimension.OfTime, Dimension.Currency], Facets = OfOrders,
        },
        new("refund-lead-time", "Refund lead time", MetricUnit.Seconds, MetricKind.Flow,
            "Median calendar time from an order to the return of goods of it, on the day of the return.",
            "median(return - order)",
            new MetricComputation.Median(Measure.RefundLeadBucket, Measure.RefundLeadSeconds)),
        new("average-order-value", "Average order value", MetricUnit.Money, MetricKind.Flow,
            "Gross sales minus discounts, for each order; returns do not lower it. Of Square with tax, until the order was sent, too.",
            "(gross sales - discounts) / orders",
            new MetricComputation.MoneyPer([(Measure.Gross, 1), (Measure.Discounts, -1)], Measure.Orders))
        {
            Facets = OfOrders,
        },
        new("total-differences", "Total differences", MetricUnit.Ratio, MetricKind.Flow,
            "Orders whose own total, as the source states it, is another than what was read of them, among orders with such a total. "
            + "Above zero, some field of the source means something else than the mapping takes it for: see the orders behind the figure, and report them.",
            "orders whose totals differ / orders whose source states a total",
            new MetricComputation.Quotient([(Measure.TotalsDiffering, 1)], [(Measure.TotalsStated, 1)])),
        new("new-customers", "New customers", MetricUnit.Count, MetricKind.Customers,
            "Identified customers whose first purchase ever lies in the period, in the channel and source of that purchase.",
            "count of customers with first purchase in the period",
            new MetricComputation.People(PeopleCount.New)),
        new("cac", "Customer acquisition cost", MetricUnit.Money, MetricKind.Customers,
            "Marketing spend for each identified customer whose first purchase ever lies in the period, in the currency of that purchase: all spend and all new customers, so that it is the blended cost (Farris, Bendle, Pfeifer and Reibstein, Marketing Metrics, \"average acquisition cost\"). "
            + "Unknown customers are in no count: the coverage shows how many sales that is. Null with a reason without spend or new customers, or where customers purchased in a currency that nothing was spent in, unless it is asked for in the reporting currency.",
            "marketing spend / new customers",
            new MetricComputation.SpendPerNewCustomer())
        {
            Dimensions = [.. Dimension.OfTime, Dimension.Currency],
        },
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
            "Good ratings among good and bad ones, on the day of the rating; an offer without an answer is no rating. On a scale, the upper quarter is good: 4 and 5 of 1 to 5 (the usual top two boxes), so that 3 is not.",
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
            Dimensions = Dimension.OfTime,
        },
        new("kept-order-share", "Kept-order share", MetricUnit.Ratio, MetricKind.History,
            "Of the orders that are 30 days old, the share of which nothing came back, that was not cancelled and whose customer opened no ticket within 30 days, on the day of the order. Younger ones are told as notYetKnown.",
            "kept orders / orders that are 30 days old",
            new MetricComputation.Quotient([(HistoryMeasure.KeptOrders, 1)], [(HistoryMeasure.JudgedOrders, 1)]) { Undecided = HistoryMeasure.UndecidedOrders }),
        new("repeat-contact-rate", "Repeat contact rate", MetricUnit.Ratio, MetricKind.History,
            "Share of tickets that the same customer opened within 7 days of another about the same subject; a ticket without a subject may be about any.",
            "repeat tickets / tickets",
            new MetricComputation.Quotient([(HistoryMeasure.RepeatContacts, 1)], [(HistoryMeasure.Contacts, 1)])),
        new("first-contact-resolution", "First contact resolution", MetricUnit.Ratio, MetricKind.History,
            "Of the tickets that repeat no other and are 7 days old, the share after which the customer opened none about the same subject within 7 days. Younger ones are told as notYetKnown.",
            "unrepeated first contacts / first contacts that are 7 days old",
            new MetricComputation.Quotient([(HistoryMeasure.FirstContactResolved, 1)], [(HistoryMeasure.JudgedContacts, 1)]) { Undecided = HistoryMeasure.UndecidedContacts }),
        new("failure-demand-share", "Failure demand share", MetricUnit.Ratio, MetricKind.History,
            "Share of tickets that follow, within 30 days, an order, a refund or an unsolved ticket of that customer. A proxy in Seddon's sense: it tells that something was asked for after something was done, not why.",
            "tickets after an order, refund or unsolved ticket / tickets",
            new MetricComputation.Quotient([(HistoryMeasure.FailureContacts, 1)], [(HistoryMeasure.Contacts, 1)])),
        new("handoffs-per-journey", "Handoffs per journey", MetricUnit.Number, MetricKind.History,
            "How often customers change the channel within a journey: contacts that are at most 30 days apart. Journeys count on the day they begin, changes on the day they happen.",
            "channel changes / journeys",
            new MetricComputation.Quotient([(HistoryMeasure.ChannelSwitches, 1)], [(HistoryMeasure.Journeys, 1)])),
        new("customer-effort", "Customer effort", MetricUnit.Number, MetricKind.History,
            "What customers have to do for each need that was met: tickets, changes of channel within a journey and repeat contacts, for each kept order and solved ticket; of all of these, what lies 30 days back. Younger tickets are told as notYetKnown.",
            "(tickets + channel changes + repeats) / (kept orders + solved tickets)",
            new MetricComputation.Quotient([(HistoryMeasure.EffortSteps, 1)], [(HistoryMeasure.MetNeeds, 1)]) { Undecided = HistoryMeasure.UndecidedEffort }),
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
        Stock("active-customers", "Active customers", MetricUnit.Count,
            "Identified customers who purchased within the last 30, 90 and 365 days.",
            "count of customers with last purchase <= n days ago", "days"),
        Stock("customers-by-stage", "Customers by lifecycle stage", MetricUnit.Count,
            "Identified customers by stage: prospect (known, no purchase), new (one purchase day, at most 90 days ago), active, at-risk, lapsed, won-back (active again after more than 180 days without). By the model's probability to be still a customer (active from 0.7, lapsed below 0.3) where it was fitted and the customer came back, else by days since the last purchase (active up to 90, lapsed after 180).",
            "count of customers in the stage", "stage"),
        Stock("customers-by-segment", "Customers by RFM segment", MetricUnit.Count,
            "Identified customers who purchased, by recency, frequency and monetary value in quintiles; equals share the lower score, money is compared within a currency. Every customer is in one segment. "
            + "By recency 5: New, Potential Loyalist, Potential Loyalist, Champions, Champions, where the mean of frequency and monetary value, rounded up, is 1 to 5; by recency 4: Promising, Potential Loyalist, Loyal, Champions, Champions; by 3: About To Sleep, Need Attention, Need Attention, Loyal, Loyal; "
            + "by 2: Hibernating, About To Sleep, At Risk, At Risk, At Risk; by 1: Lost, Hibernating, At Risk, Can't Lose Them, Can't Lose Them.",
            "count of customers whose scores make the segment", "segment"),
        Stock("net-sales-by-segment", "Net sales by RFM segment", MetricUnit.Money,
            "Net sales to date of the customers of a segment, in each customer's main currency; refunds of orders that are unknown lower them.",
            "sum of net sales", "segment", "currency"),
        Stock("historic-value", "Historic customer value", MetricUnit.Money,
            "Mean net sales to date of an identified customer who purchased, in the customer's main currency; refunds of orders that are unknown lower them. Median, 90th percentile and total go along.",
            "net sales / customers", "currency"),
        Stock("ltv-to-cac", "Lifetime value to acquisition cost", MetricUnit.Number,
            "What customers who were won while spend is known brought to date, for each unit of money that was spent to win them: historical value, mean net sales to date, over mean acquisition cost (Skok, SaaS Metrics 2.0, \"LTV:CAC\", with value to date in place of a forecast). "
            + "Customers count whose first purchase is between the first and the last day with spend, in the currency of that purchase. `marginToCac` is the same of gross margin, where cost is known. Null with a reason without spend or new customers, or where these purchased in a currency that nothing was spent in.",
            "net sales to date of customers won / marketing spend", "currency"),
        Stock("payback-months", "Payback months", MetricUnit.Number,
            "After how many months the gross margin of a customer covers the acquisition cost, for customers as in `ltv-to-cac` (Skok, SaaS Metrics 2.0, \"months to recover CAC\"). Of each month since the first purchase the mean of those who are known for all of it counts, at least 5 customers. "
            + "Sales without a known cost bring no margin, so that it is an upper bound where `shareWithCost` is below 1. Null with a reason where no cost is known, or the months that are over do not cover it.",
            "first month with cumulated gross margin per customer >= acquisition cost", "currency"),
        Stock("revenue-concentration", "Revenue concentration", MetricUnit.Ratio,
            "Share of net sales to date that the tenth of customers with the most net sales made; the tenth is rounded up.",
            "net sales of the top decile / net sales", "currency"),
        Stock("net-revenue-retention", "Net revenue retention", MetricUnit.Ratio,
            "Of identified customers who purchased in the year before the last: their net sales of the last year against those of the year before. In retail, where nobody subscribes, it is a proxy.",
            "net sales of the last year / net sales of the year before, same customers", "currency"),
        Stock("predictive-value", "Predictive customer value", MetricUnit.Money,
            "Mean of what an identified customer who purchased is expected to spend in the next 52 weeks, at a discount of 10 % a year: expected purchases by the model named, times expected spend by the Gamma-Gamma model. Null with a reason where a model could not be fitted.",
            "sum over weeks of expected purchases x expected spend x exp(-delta x weeks)", "currency"),
        Stock("customer-equity", "Customer equity", MetricUnit.Money,
            "What all identified customers who purchased are expected to spend in the next 52 weeks, discounted: the predictive value of the existing base.",
            "sum of predictive values", "currency"),
        Stock("purchase-model", "Purchase model", MetricUnit.Number,
            "Parameters of the model of repeat purchases, fitted by maximum likelihood to purchase days in weeks, with standard errors from the Hessian. Null with a reason where it could not be fitted: below 200 customers, or without a maximum.",
            "argmax of the likelihood", "model", "parameter"),
        Stock("purchase-model-holdout", "Purchase model, holdout", MetricUnit.Number,
            "The model fitted to what was known 26 weeks ago, against what came since: mean purchase days of customers by how often they had come back until then, with what the model expected, and the mean absolute error.",
            "mean purchase days of the 26 weeks", "repeatsBefore"),
        Stock("cohort-retention", "Cohort retention", MetricUnit.Ratio,
            "Of the identified customers whose first purchase was in a calendar month, the share that purchased in the month so many months later. A fully refunded or cancelled order is no purchase.",
            "customers with a purchase in the month / customers of the cohort", "cohort", "month"),
        Stock("cohort-net-sales", "Cohort net sales", MetricUnit.Money,
            "Net sales of a cohort in the month so many months later; refunds count on the month of the order.",
            "sum of what was kept of orders", "cohort", "month", "currency"),
        Stock("cross-channel-share", "Cross-channel share", MetricUnit.Ratio,
            "Of identified customers who purchased, the share that did so in two or more channels.",
            "customers with >= 2 channels / customers"),
        Stock("channel-transitions", "Channel transitions", MetricUnit.Ratio,
            "Of an identified customer's consecutive contacts (orders, tickets, visits): how often one channel follows on another.",
            "transitions from one to the other / transitions from the one", "from", "to"),
        Stock("journeys", "Journeys", MetricUnit.Count,
            "The most frequent paths of the first five contacts of identified customers.",
            "count of customers on the path", "path"),
        Stock("early-decisions", "Early decisions, later lifecycle", MetricUnit.Ratio,
            "Share of identified customers who purchased again within 90, 180 and 365 days of the first purchase, by facts of the beginning: channel, campaign, depth of the first discount, first category, whether the first order came back, how fast the first ticket was answered. With Wilson's 95 % interval, contacts and net sales. An association, not a cause; groups of fewer than 5 are left out.",
            "customers with a later purchase day / customers", "fact", "is", "days"),
        Stock("trouble-of-the-valuable", "Trouble of the most valuable", MetricUnit.Money,
            "What tickets are about, ranked by the net sales to date of the customers behind them; subjects of fewer than 5 customers are together in one.",
            "sum of net sales of customers with such a ticket", "subject", "currency"),
        Stock("customer-value-at-risk", "Customer value at risk", MetricUnit.Money,
            "Predicted value of the identified customers to whom a promise was broken in the last 90 days: an order that was cancelled, of which something came back, or after which its customer opened a ticket, within 30 days. "
            + "Each customer once. It is what is at stake, not a forecast of what will be lost. With the share of customer equity, and with the customers among them who told the company nothing of one of these orders (silent: no ticket within 30 days after it). Null with a reason where nothing can be predicted.",
            "sum of predicted values of customers with a broken promise", "currency"),
        Stock("promises-broken", "Promises broken", MetricUnit.Count,
            "Identified customers to whom a promise was broken in the last 90 days, by cause (cancelled, returned, contact), category of the goods and location; (all) stands for every one. With orders, silent customers (no ticket within 30 days after one of these orders), "
            + "customers of the 90 days before, and what they are expected to spend. repeatRate: of customers by their first such order of a year that has had its time, the share that purchased between 30 and 120 days after it, with Wilson's 95 % interval; "
            + "comparableRepeatRate: of customers whose order was kept, weighted alike by channel and first purchase. An association, not a cause; rows of fewer than 5 customers are left out.",
            "count of customers with a broken promise", "cause", "category", "place"),
    ];

    private static MetricDefinition Stock(string name, string title, MetricUnit unit, string definition, string formula, params string[] dimensions) =>
        new(name, title, unit, MetricKind.Stock, definition, formula, new MetricComputation.Census()) { Dimensions = dimensions };

    public static MetricDefinition? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
