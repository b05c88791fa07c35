using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Demo;
using CustomerPipeline.Domain.Normalize;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>(a) Normalization of every source against the bare parse of the same message (of XML, the payload in it), in turn; and a large POSLog as a stream.</summary>
internal static class NormalizeBench
{
    private const int Rounds = 25;
    private const int PerRound = 4_000;
    private const int StreamedMegabytes = 100;

    private static readonly NormalizationRules Rules = new() { StoreTimeZones = new Dictionary<string, string> { [NormalizationRules.AnyStore] = "America/New_York" } };

    public static Task RunAsync()
    {
        var demo = ShopGenerator.Generate(seed: 1, 5_000).Where(m => m.IsJson).ToList();
        DemoMessage Largest(string source, string contains) =>
            demo.Where(m => m.Source.Name == source && Encoding.UTF8.GetString(m.Payload.Span).Contains(contains, StringComparison.Ordinal)).MaxBy(m => m.Payload.Length)!;

        var table = new Table().Title("Normalization").AddColumns("Message", "Bytes", "Events a second", "CPU µs an event", "Times the bare parse (goal 2.5)", "Allocated, times the payload (goal 2)");
        foreach (var message in new[] { Largest("shopify", "line_items"), Largest("segment", "Order Completed"), Largest("square", "payment"), Largest("zendesk", "status_changed") })
        {
            Measure(table, message.Source, message.Payload, message.ToQueueMessage());
        }

        foreach (var (source, payload) in new[] { ("intercom", Conversation), ("import", Imported), ("poslog", Transaction(7)) })
        {
            var system = Normalizer.Find(source)!;
            var bytes = Encoding.UTF8.GetBytes(payload);
            Measure(table, system, bytes, SourceMessages.Envelope(system, bytes, _ => null, isOnly: true, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)).Wrap());
        }

        AnsiConsole.Write(table);
        Stream();
        return Task.CompletedTask;
    }

    private static void Measure(Table table, SourceSystem source, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> message)
    {
        if (Normalizer.Normalize(message, Rules) is not Normalization.Normalized)
        {
            throw new InvalidOperationException($"The {source.Name} message of the benchmark is not understood.");
        }

        var runs = Enumerable.Range(0, Rounds).Select(_ => (Parse: Repeat(() => Parse(source.Format, source.Format == PayloadFormat.Json ? message : payload)), Normalize: Repeat(() => Normalizer.Normalize(message, Rules)))).Skip(Rounds / 3).ToList();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Normalizer.Normalize(message, Rules);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        table.AddRow(
            source.Name, $"{payload.Length:N0}", $"{Measured.Median(runs.Select(r => r.Normalize.PerSecond)):N0}", $"{Measured.Median(runs.Select(r => r.Normalize.ProcessorMicroseconds)):N1}",
            $"{Measured.Median(runs.Select(r => r.Normalize.Wall / r.Parse.Wall)):N2}", $"{(double)allocated / payload.Length:N2}");
    }

    // A document of any size in constant memory: what stays in use while it is split and read, at most.
    private static void Stream()
    {
        using var body = new PosLogStream(StreamedMegabytes * 1024L * 1024);
        var source = Normalizer.Find("poslog")!;
        var (sales, most) = (0, 0L);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var measured = Measured.Of(1, () =>
        {
            foreach (var part in XmlParts.Of(body))
            {
                sales += Normalizer.Normalize(SourceMessages.Envelope(source, part.Payload, _ => null, isOnly: false, null).Wrap(), Rules) is Normalization.Normalized ? 1 : 0;
                if (sales % 20_000 == 0)
                {
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
                }
            }
        });
        AnsiConsole.WriteLine($"POSLog of {StreamedMegabytes} MB as a stream: {sales:N0} sales in {measured.Wall.TotalSeconds:N1} s, never more than {most / 1024:N0} KB in use.");
    }

    private static void Parse(PayloadFormat format, ReadOnlyMemory<byte> payload)
    {
        if (format == PayloadFormat.Json)
        {
            using var document = JsonDocument.Parse(payload);
            return;
        }

        using var reader = XmlReader.Create(new MemoryStream(payload.ToArray()), SourceXml.Settings);
        while (reader.Read())
        {
        }
    }

    private static Measured Repeat(Action run) => Measured.Of(PerRound, () =>
    {
        for (var i = 0; i < PerRound; i++)
        {
            run();
        }
    });

    private const string Conversation =
        """{"type":"notification_event","id":"n-1","topic":"conversation.admin.closed","created_at":1772362800,"data":{"item":{"type":"conversation","id":"7","created_at":1772359200,"updated_at":1772362800,"state":"closed","title":"Where is my order?","priority":"not_priority","source":{"type":"email","author":{"type":"user","id":"c-1","email":"jo@example.com","name":"Jo"},"body":"It should have been here on Monday."},"contacts":{"type":"contact.list","contacts":[{"type":"contact","id":"c-1"}]},"statistics":{"first_admin_reply_at":1772359800,"last_close_at":1772362800,"count_reopens":1,"count_assignments":2},"conversation_rating":{"rating":4}}}}""";

    private const string Imported =
        """{"kind":"order","system":"erp","id":"o-1","channel":"in-store","store":"7","placed_at":"2026-03-01T10:00:00Z","currency":"EUR","customer":"k-1","email":"jo@example.com","lines":[{"product":"p","quantity":"2","price":"5.00","net_price":"4.50"},{"product":"q","quantity":"1","price":"7.00","net_price":"7.00"}]}""";

    private static string Transaction(int number) => string.Create(CultureInfo.InvariantCulture, $"""
        <Transaction xmlns="http://www.nrf-arts.org/IXRetail/namespace/"><RetailStoreID>9</RetailStoreID><WorkstationID>1</WorkstationID><SequenceNumber>{number}</SequenceNumber><BusinessDayDate>2026-03-01</BusinessDayDate><EndDateTime>2026-03-01T10:00:00</EndDateTime><CurrencyCode>USD</CurrencyCode><RetailTransaction Version="2.1"><LineItem><Sale ItemType="Stock"><POSIdentity POSIDType="GTIN"><POSItemID>0042</POSItemID></POSIdentity><Description>SOUP</Description><RegularSalesUnitPrice>3.49</RegularSalesUnitPrice><ExtendedAmount>3.49</ExtendedAmount><Quantity>1</Quantity></Sale></LineItem><LineItem><Sale ItemType="Stock"><POSIdentity POSIDType="GTIN"><POSItemID>0043</POSItemID></POSIdentity><Description>BREAD</Description><RegularSalesUnitPrice>2.00</RegularSalesUnitPrice><ExtendedAmount>4.00</ExtendedAmount><Quantity>2</Quantity></Sale></LineItem><LineItem><Tender TenderType="Cash"><Amount>8.09</Amount></Tender></LineItem><Total TotalType="TransactionGrandAmount">8.09</Total><Total TotalType="TransactionTaxAmount">0.60</Total></RetailTransaction></Transaction>
        """);

    /// <summary>A POSLog document that is made while it is read.</summary>
    private sealed class PosLogStream(long length) : Stream
    {
        private ReadOnlyMemory<byte> _rest = Encoding.UTF8.GetBytes("<POSLog>");
        private long _made;
        private int _number;
        private bool _isClosed;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_rest.IsEmpty && !_isClosed)
            {
                _isClosed = _made >= length;
                _rest = Encoding.UTF8.GetBytes(_isClosed ? "</POSLog>" : Transaction(++_number));
            }

            var read = Math.Min(count, _rest.Length);
            _rest[..read].CopyTo(buffer.AsMemory(offset));
            _rest = _rest[read..];
            _made += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
