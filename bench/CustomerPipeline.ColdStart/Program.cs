using System.CommandLine;
using CustomerPipeline.ColdStart;

var apps = new Argument<DirectoryInfo[]>("apps") { Description = "Folders that the app was published to; the first is what the others are compared with.", Arity = ArgumentArity.OneOrMore };
var rounds = new Option<int>("--rounds") { Description = "How often all are started in turn; the median counts.", DefaultValueFactory = _ => 7 };
var command = new RootCommand("Starts the published app under the Functions host of the tests: processor and wall time until its functions are loaded and it has answered, size of the package.") { apps, rounds };
command.SetAction((result, cancellationToken) => Comparison.RunAsync([.. result.GetValue(apps)!.Select(a => a.FullName)], result.GetValue(rounds), cancellationToken));
return await command.Parse(args).InvokeAsync();
