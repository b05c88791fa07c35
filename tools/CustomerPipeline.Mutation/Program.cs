using System.CommandLine;
using CustomerPipeline.Mutation;

var only = new Option<string?>("--only") { Description = "Only files of Domain whose path has this in it, such as Value/ or Money.cs.", HelpName = "PART" };
var share = new Option<double>("--share") { Description = "How many of the mutants are tried, drawn at random.", DefaultValueFactory = _ => 1 };
var seed = new Option<int>("--seed") { Description = "Which of them are drawn, and in what order.", DefaultValueFactory = _ => 1 };
var minutes = new Option<double>("--minutes") { Description = "Stop after so long; what was tried by then is reported.", DefaultValueFactory = _ => double.PositiveInfinity };
var workers = new Option<int>("--workers") { Description = "How many are tried at once.", DefaultValueFactory = _ => Environment.ProcessorCount };
var report = new Option<FileInfo?>("--report") { Description = "Where to write the mutants that no test noticed; else they are printed.", HelpName = "FILE" };
var command = new RootCommand("Changes Domain in one small place at a time and lets its tests run: a change that no test notices is a test that is missing, or code that is not needed.") { only, share, seed, minutes, workers, report };
command.SetAction(async (result, cancellationToken) =>
{
    var hunt = new Hunt(result.GetValue(only), result.GetValue(share), result.GetValue(seed), result.GetValue(minutes), result.GetValue(workers));
    try
    {
        var tried = await hunt.RunAsync(cancellationToken);
        if (result.GetValue(report) is { } file)
        {
            await File.WriteAllLinesAsync(file.FullName, Findings.Unnoticed(tried), cancellationToken);
        }
        else
        {
            Findings.Unnoticed(tried).ForEach(Console.WriteLine);
        }
        Console.WriteLine(Findings.Summary(tried));
        return 0;
    }
    catch (InvalidOperationException exception)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 1;
    }
});
return await command.Parse(args).InvokeAsync();
