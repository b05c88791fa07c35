using System.CommandLine;
using CustomerPipeline.Cli.Commands;

return await CommandLine.RunAsync(
    new RootCommand("CustomerPipeline on one machine: web shop, till and service desk as one customer view, and what customers and company are worth to each other.")
    {
        RunCommand.Create(),
        DemoCommand.Create(),
        SendCommand.Create(),
        VerifyCommand.Create(),
        RebuildCommand.Create(),
        BackupCommands.Backup(),
        BackupCommands.Restore(),
        CopyDatabaseCommand.Create(),
        QuarantineCommand.Create(),
        AudiencesCommand.Create(),
        IdentityCommand.Create(),
        PrivacyCommands.Export(),
        PrivacyCommands.Erase(),
        PrivacyCommands.Audit(),
        SnapshotCommand.Create(),
        KeysCommand.Create(),
        CommandLine.MovedBench(),
    },
    args);
