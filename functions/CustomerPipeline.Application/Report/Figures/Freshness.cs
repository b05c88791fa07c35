namespace CustomerPipeline.Application.Report.Figures;

/// <summary>
/// For how long figures that take very many documents to work out are given again although these change. Of few documents not at all: then an answer is never older than the store.
/// Of many a second for so many of them, so that questions asked all the time, of a store that changes all the time, do not read everything all the time.
/// An answer says the instant that it is as of, and by its watermark the state of the store that it was read from. A snapshot is always read anew.
/// </summary>
/// <param name="CustomersASecond">How many customers make a census stay for a second.</param>
/// <param name="PurchasesASecond">How many purchases make what is counted of them stay for a second.</param>
/// <param name="Shortest">What would stay for less is read anew at each change.</param>
public sealed record Freshness(int CustomersASecond, int PurchasesASecond, TimeSpan Shortest)
{
    /// <summary>Some ten to twenty times as long as one core takes to read them: from 5,000 customers, and 25,000 purchases, on.</summary>
    public static Freshness Usual { get; } = new(1_000, 5_000, TimeSpan.FromSeconds(5));

    public TimeSpan OfCustomers(long count) => Stays(count, CustomersASecond);

    public TimeSpan OfPurchases(long count) => Stays(count, PurchasesASecond);

    private TimeSpan Stays(long count, int aSecond)
    {
        var time = TimeSpan.FromSeconds((double)count / aSecond);
        return time < Shortest ? TimeSpan.Zero : time;
    }
}
