using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using YamlDotNet.RepresentationModel;

namespace CustomerPipeline.Infra.Tests;

/// <summary>What deploys: the workflow and azd.</summary>
public sealed class The_deployment
{
    [Fact]
    public void Signs_in_by_federation_and_knows_no_secret()
    {
        var deploy = Yaml(".github", "workflows", "deploy.yml");

        Assert.Equal("write", Text(deploy, "jobs", "deploy", "permissions", "id-token"));
        Assert.All(Directory.GetFiles(Repository.PathOf(".github", "workflows")), file => Assert.DoesNotContain("secrets.", File.ReadAllText(file), StringComparison.Ordinal));
    }

    /// <summary>A package that was tampered with would run with the rights of the job that restores, builds or tests.</summary>
    [Fact]
    public void Lets_no_job_sign_in_that_runs_code_of_packages()
    {
        foreach (var (file, workflow) in Workflows)
        {
            Assert.Equal(["contents"], ((YamlMappingNode)Find(workflow, "permissions")).Children.Keys.Select(k => ((YamlScalarNode)k).Value));
            Assert.Equal("read", Text(workflow, "permissions", "contents"));
            foreach (var (name, job) in ((YamlMappingNode)Find(workflow, "jobs")).Children)
            {
                var commands = Steps(job).Select(s => s.Children.TryGetValue("run", out var run) ? $"{run}" : "").ToList();
                var runsPackages = commands.Any(command =>
                    new[] { ".ci/", "dotnet ", "npm ", "npx ", "node " }.Any(tool => command.Contains(tool, StringComparison.Ordinal)));
                var maySignIn = ((YamlMappingNode)job).Children.TryGetValue("permissions", out var permissions)
                    && ((YamlMappingNode)permissions).Children.ContainsKey("id-token");
                Assert.False(runsPackages && maySignIn, $"The job {name} of {file} runs code of packages and may sign in.");
            }
        }
    }

    [Fact]
    public void Uses_actions_by_the_hash_of_their_commit()
    {
        var actions = Workflows.SelectMany(w => ((YamlMappingNode)Find(w.Yaml, "jobs")).Children.Values).SelectMany(Steps)
            .Where(s => s.Children.ContainsKey("uses")).Select(s => Text(s, "uses")).ToList();

        Assert.NotEmpty(actions);
        Assert.All(actions, action => Assert.Matches("^[a-z-]+/[a-z-]+@[0-9a-f]{40}$", action));
    }

    /// <summary>Without its tool there is neither a bill nor a check, and whoever sees the job pass would think there were both.</summary>
    [Fact]
    public void Fails_without_the_tool_that_writes_the_bill_of_materials()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The scripts of .ci are for a POSIX shell.");
            return;
        }

        Assert.SkipWhen(InstalledProgram.Find("bash") is null, "There is no bash in the PATH.");

        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, ".ci"));
        var script = Path.Combine(folder.Path, ".ci", "bill");
        File.Copy(Repository.PathOf(".ci", "bill"), script);

        // A command of this name that cannot install anything.
        var tools = Directory.CreateDirectory(Path.Combine(folder.Path, "tools")).FullName;
        File.WriteAllText(Path.Combine(tools, "dotnet"), "#!/bin/sh\nexit 1\n");
        File.SetUnixFileMode(Path.Combine(tools, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new System.Diagnostics.ProcessStartInfo("bash", [script]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{tools}:{start.Environment["PATH"]}";
        using var process = System.Diagnostics.Process.Start(start)!;
        process.WaitForExit();

        Assert.NotEqual(0, process.ExitCode);
    }

    [Fact]
    public void Knows_the_environments_that_have_parameters()
    {
        var options = (YamlSequenceNode)Find(Yaml(".github", "workflows", "deploy.yml"), "on", "workflow_dispatch", "inputs", "environment", "options");
        var parameters = Directory.GetFiles(Repository.PathOf("infra"), "*.bicepparam").Select(Path.GetFileNameWithoutExtension).Where(name => name != "main");

        Assert.Equal(parameters.Order(StringComparer.Ordinal), options.Select(o => ((YamlScalarNode)o).Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Publishes_the_azure_flavour_of_the_functions_for_the_platform_that_runs_it_alone()
    {
        Assert.Contains("dotnet publish functions/CustomerPipeline.Functions -c Release -p:FunctionsRuntime=azure -r linux-x64 --no-self-contained", Repository.Read(".github", "workflows", "deploy.yml"), StringComparison.Ordinal);
        Assert.True(Directory.Exists(Repository.PathOf(Text(Yaml("azure.yaml"), "services", "api", "project"))));
        Assert.True(File.Exists(Repository.PathOf(Text(Yaml("azure.yaml"), "infra", "path"), $"{Text(Yaml("azure.yaml"), "infra", "module")}.bicep")));
    }

    private static IEnumerable<(string? File, YamlNode Yaml)> Workflows =>
        Directory.GetFiles(Repository.PathOf(".github", "workflows")).Select(path => Path.GetFileName(path))
            .Select(file => ((string?)file, Yaml(".github", "workflows", file)));

    private static IEnumerable<YamlMappingNode> Steps(YamlNode job) => ((YamlSequenceNode)Find(job, "steps")).Cast<YamlMappingNode>();

    private static YamlNode Yaml(params string[] path)
    {
        using var reader = new StringReader(Repository.Read(path));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return yaml.Documents[0].RootNode;
    }

    private static YamlNode Find(YamlNode node, params string[] path) => path.Aggregate(node, (n, name) => n[name]);

    private static string Text(YamlNode node, params string[] path) => ((YamlScalarNode)Find(node, path)).Value!;
}
