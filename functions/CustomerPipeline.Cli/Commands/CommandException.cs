namespace CustomerPipeline.Cli.Commands;

/// <summary>Something the user can mend: the message says what and how.</summary>
internal sealed class CommandException(string message) : Exception(message);
