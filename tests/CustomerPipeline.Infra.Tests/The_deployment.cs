using CustomerPipeline.Contracts;
using YamlDotNet.RepresentationModel;

namespace CustomerPipeline.Infra.Tests;

/// <summary>What deploys: the workflow and azd.</summary>
public sealed class The_deployment
{
    [Fact]
    public void Signs_in_by_federation_and_knows_no_secret()
    {
        var deploy = Yaml(".github", "workflows", "deploy.yml");

        Assert.Equal("write", Text(deploy, "permissions", "id-token"));
        Assert.All(Directory.GetFiles(Repository.PathOf(".github", "workflows")), file => Assert.DoesNotContain("secrets.", File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public void Knows_the_environments_that_have_parameters()
    {
        var options = (YamlSequenceNode)Find(Yaml(".github", "workflows", "deploy.yml"), "on", "workflow_dispatch", "inputs", "environment", "options");
        var parameters = Directory.GetFiles(Repository.PathOf("infra"), "*.bicepparam").Select(Path.GetFileNameWithoutExtension).Where(name => name != "main");

        Assert.Equal(parameters.Order(StringComparer.Ordinal), options.Select(o => ((YamlScalarNode)o).Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Publishes_the_azure_flavour_of_the_functions()
    {
        Assert.Contains("dotnet publish functions/CustomerPipeline.Functions -c Release -p:FunctionsRuntime=azure", Repository.Read(".github", "workflows", "deploy.yml"), StringComparison.Ordinal);
        Assert.True(Directory.Exists(Repository.PathOf(Text(Yaml("azure.yaml"), "services", "api", "project"))));
        Assert.True(File.Exists(Repository.PathOf(Text(Yaml("azure.yaml"), "infra", "path"), $"{Text(Yaml("azure.yaml"), "infra", "module")}.bicep")));
    }

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
