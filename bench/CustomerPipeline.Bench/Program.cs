using CustomerPipeline.Bench;
using CustomerPipeline.Cli.Commands;

return await CommandLine.RunAsync(BenchCommand.Create(), args);
