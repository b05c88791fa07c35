using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Tests.Normalize.Fuzzing;

/// <summary>
/// Invariant 4 for every mapping: whatever comes, there is an outcome, soon, in bounded memory, and everything after it can work with it. Set
/// FUZZ_EXECUTIONS for a longer run, such as 1000000 for each mapping.
/// </summary>
public sealed partial class Every_mapping
{
    private const long SlowestMilliseconds = 100;

    // Many times the largest message, and yet a bound: a mapping that is asked for more has lost its way.
    private const long MostBytes = 64L * MessageEnvelope.LargestBytes;

    private static readonly int Executions = int.Parse(
        Environment.GetEnvironmentVariable("FUZZ_EXECUTIONS") ?? $"{Effort.Of(all: 12_000, usual: 2_000)}", CultureInfo.InvariantCulture);

    public static TheoryData<string> Sources => [.. Normalizer.Sources.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Understands_its_corpus(string source)
    {
        var results = Corpus.Of(source).Select(p => Normalizer.Normalize(Corpus.Message(Normalizer.Find(source)!, p), SomeXml.Rules)).ToList();

        Assert.Contains(results, r => r is Normalization.Normalized);
        Assert.DoesNotContain(results, r => r is Normalization.Quarantined);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Has_an_outcome_for_whatever_comes(string source)
    {
        var system = Normalizer.Find(source)!;
        var corpus = Corpus.Of(source);
        var mutation = Gen.Select(Gen.Int[0, Mutation.Kinds - 1], Gen.Int[0, 10_000], Gen.Int[0, 10_000], (kind, where, what) => new Mutation(kind, where, what));

        Gen.Select(Gen.Int[0, corpus.Count - 1], mutation.Array[0, 6]).Sample(
            (seed, mutations) => Check(system, Mutation.Apply(corpus[seed], system.Format, mutations)), iter: Executions, threads: Environment.ProcessorCount);
    }

    private static void Check(SourceSystem source, byte[] payload)
    {
        // A payload that is no JSON comes only from senders who wrap it themselves: then it breaks the envelope, which must hold as well. Nothing at all cannot be wrapped.
        var message = payload.Length == 0 ? payload : Corpus.Message(source, payload);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        var result = Normalizer.Normalize(message, SomeXml.Rules);
        var elapsed = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        Assert.True(allocated < MostBytes, $"{allocated} bytes were allocated for a message of {message.Length}.");
        if (elapsed.TotalMilliseconds > SlowestMilliseconds)
        {
            // The machine may have paused once; it will not for the same payload five times.
            Assert.True(Enumerable.Range(0, 5).Min(_ => Milliseconds(message)) < SlowestMilliseconds, "The mapping hangs.");
        }

        switch (result)
        {
            case Normalization.Normalized normalized:
                Assert.NotEmpty(normalized.Records);
                Assert.All(normalized.Records, CheckRecord);
                break;
            case Normalization.Ignored ignored:
                Assert.Matches(Kebab(), ignored.Reason);
                break;
            case Normalization.Quarantined { Reason: var reason }:
                Assert.Matches(Kebab(), reason.Code);
                Assert.EndsWith(".", reason.Advice, StringComparison.Ordinal);
                Assert.DoesNotContain(Corpus.Personal, reason.Advice, StringComparison.OrdinalIgnoreCase);
                break;
            case Normalization.Requested request:
                Assert.Contains(request.Kind, new[] { "erase", "export" });
                Assert.NotEmpty(request.Message);
                break;
            default:
                throw new InvalidOperationException("There is no such outcome.");
        }
    }

    // What comes after the mapping: stored, read back, folded, settled, counted.
    private static void CheckRecord(InteractionRecord record)
    {
        var body = record.ToBody(DocumentJson.Default.InteractionRecord);
        var again = System.Text.Json.JsonSerializer.Deserialize(body.Span, DocumentJson.Default.InteractionRecord)!;
        Assert.Equal(body.ToArray(), again.ToBody(DocumentJson.Default.InteractionRecord).ToArray());

        var touch = Touch.Of(EntityFold.Of([record])!, 1);
        FlowPostings.Of(touch, BusinessCalendar.Utc);
        if (touch.Order is { } order)
        {
            Assert.True(record.Order is null || order.Returns.Sum(r => r.Amount) <= Math.Max(0, order.Gross - order.Discounts), "More was given back than was paid.");
        }
    }

    private static double Milliseconds(ReadOnlyMemory<byte> message)
    {
        var started = Stopwatch.GetTimestamp();
        Normalizer.Normalize(message, SomeXml.Rules);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Kebab();
}
