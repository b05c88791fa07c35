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
        var (exitCode, output) = RunScript("bill", "#!/bin/sh\nexit 1\n");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("NO BILL OF MATERIALS", output, StringComparison.Ordinal);
    }

    /// <summary>A source that has no list of vulnerabilities finds none.</summary>
    [Theory]
    [InlineData("1", true)]
    [InlineData("", false)]
    public void Fails_where_nothing_can_be_known_of_vulnerabilities_and_a_list_is_required(string required, bool fails)
    {
        var (exitCode, output) = RunScript("bill", FakeDotnet, ("REQUIRE_VULNERABILITY_LIST", required));

        Assert.Contains("NOT CHECKED FOR VULNERABILITIES", output, StringComparison.Ordinal);
        Assert.Equal(fails, exitCode != 0);
    }

    [Fact]
    public void Requires_a_list_of_vulnerabilities_where_it_builds_what_is_deployed() =>
        Assert.All(new[] { "ci.yml", "deploy.yml" }, workflow => Assert.Contains("REQUIRE_VULNERABILITY_LIST: 1", Repository.Read(".github", "workflows", workflow), StringComparison.Ordinal));

    // Its only package source is a folder, and the tool that it installs writes an empty bill of materials.
    private const string FakeDotnet = """
        #!/bin/sh
        case "$1" in
          nuget) echo 'E /a/folder' ;;
          tool)
            mkdir -p artifacts/tools
            printf '#!/bin/sh\nprintf "{}" > artifacts/customerpipeline.cdx.json\n' > artifacts/tools/dotnet-CycloneDX
            chmod +x artifacts/tools/dotnet-CycloneDX ;;
        esac

        """;

    [Fact]
    public void Fails_without_the_lock_file_of_the_app_that_is_deployed()
    {
        const string Restores = "#!/bin/sh\nif [ \"$1\" = restore ]; then mkdir -p functions/CustomerPipeline.Functions; touch functions/CustomerPipeline.Functions/packages.azure.lock.json; fi\n";
        var (exitCode, output) = RunScript("app", Restores);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("NO LOCK FILE", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Restores_what_the_lock_files_say_and_looks_for_vulnerabilities_of_all_packages()
    {
        Assert.Contains("dotnet restore CustomerPipeline.sln --locked-mode", Repository.Read(".ci", "run"), StringComparison.Ordinal);
        Assert.Contains("dotnet restore \"$project\" -p:FunctionsRuntime=azure --locked-mode", Repository.Read(".ci", "app"), StringComparison.Ordinal);
        Assert.All(new[] { "run", "app" }.SelectMany(script => Repository.Read(".ci", script).Split('\n')).Where(line => line.Contains("dotnet publish", StringComparison.Ordinal)), line => Assert.Contains("--no-restore", line, StringComparison.Ordinal));

        var properties = Repository.Read("Directory.Build.props");
        Assert.All(new[] { "<NuGetAudit>true<", "<NuGetAuditMode>all<", "<NuGetAuditLevel>low<", "<TreatWarningsAsErrors>true<" }, setting => Assert.Contains(setting, properties, StringComparison.Ordinal));
        var projects = Directory.GetFiles(Repository.PathOf("functions"), "*.csproj", SearchOption.AllDirectories).Concat(Directory.GetFiles(Repository.PathOf(), "Directory.*"));
        Assert.All(projects, project => Assert.DoesNotMatch("NU19|NuGetAuditSuppress|WarningsNotAsErrors", File.ReadAllText(project)));
    }

    [Fact]
    public void Deploys_what_a_job_without_packages_has_attested()
    {
        var deploy = Yaml(".github", "workflows", "deploy.yml");
        var actions = Steps(Find(deploy, "jobs", "attest")).Select(s => Text(s, "uses").Split('@')[0]);
        var commands = Steps(Find(deploy, "jobs", "deploy")).Select(s => s.Children.TryGetValue("run", out var run) ? $"{run}" : "").ToList();

        Assert.Equal(["actions/download-artifact", "actions/attest-build-provenance", "actions/attest-sbom"], actions);
        Assert.Equal(("build", "attest"), (Text(deploy, "jobs", "attest", "needs"), Text(deploy, "jobs", "deploy", "needs")));
        var verified = commands.FindIndex(c => c.Contains("gh attestation verify artifacts/app.zip", StringComparison.Ordinal));
        Assert.InRange(verified, 0, commands.FindIndex(c => c.StartsWith("az ", StringComparison.Ordinal)) - 1);
    }

    // A script of .ci in a folder with nothing else, with a command "dotnet" of the test's own.
    private static (int ExitCode, string Output) RunScript(string name, string dotnet, params (string Name, string Value)[] variables)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The scripts of .ci are for a POSIX shell.");
        }

        var missing = new[] { "bash", "dirname", "mkdir", "chmod", "sed", "grep" }.Where(program => InstalledProgram.Find(program) is null).ToList();
        Assert.SkipWhen(missing.Count > 0, $"A script of .ci needs programs that are not in the PATH: {string.Join(", ", missing)}.");

        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, ".ci"));
        var script = Path.Combine(folder.Path, ".ci", name);
        File.Copy(Repository.PathOf(".ci", name), script);
        var tools = Directory.CreateDirectory(Path.Combine(folder.Path, "tools")).FullName;
        File.WriteAllText(Path.Combine(tools, "dotnet"), dotnet);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(tools, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var start = new System.Diagnostics.ProcessStartInfo("bash", [script]) { RedirectStandardError = true };
        start.Environment["PATH"] = $"{tools}:{start.Environment["PATH"]}";
        foreach (var (variable, value) in variables)
        {
            start.Environment[variable] = value;
        }

        using var process = System.Diagnostics.Process.Start(start)!;
        var output = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
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
        Assert.Contains("run: .ci/app", Repository.Read(".github", "workflows", "deploy.yml"), StringComparison.Ordinal);
        Assert.Contains("dotnet publish \"$project\" -c Release -p:FunctionsRuntime=azure -r linux-x64 --no-self-contained", Repository.Read(".ci", "app"), StringComparison.Ordinal);
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
