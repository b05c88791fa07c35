using System.Diagnostics;
using System.IO.Enumeration;
using System.Text.RegularExpressions;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>docs/security.md against the tests, and the repository against what must not be in it.</summary>
public sealed partial class The_threat_model
{
    [Fact]
    public void Names_a_test_for_every_measure_and_each_is_there()
    {
        var rows = File.ReadLines(Repository.PathOf("docs", "security.md")).Where(l => l.StartsWith('|') && !l.StartsWith("| |", StringComparison.Ordinal) && !l.StartsWith("|---", StringComparison.Ordinal)).ToList();
        var sources = Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();

        Assert.True(rows.Count > 30);
        Assert.All(rows, row =>
        {
            var tests = TestName().Matches(row.Split('|')[^2]);
            Assert.True(tests.Count > 0, $"No test: {row}");
            Assert.All(tests, test => Assert.True(
                sources.Any(s => Regex.IsMatch(s, $@"class {test.Groups["class"].Value}\b") && Regex.IsMatch(s, $@"\b{test.Groups["method"].Value}\(")), $"There is no {test.Value}."));
        });
    }

    [Fact]
    public void Finds_no_secret_in_the_repository()
    {
        Assert.All(RepositoryFiles(), file => Assert.DoesNotMatch(Secret(), File.ReadAllText(file)));
        Assert.All(
            [$"-----BEGIN RSA {"PRIVATE"} KEY-----", $"AccountKey={new string('a', 86)}==", $"ghp_{new string('a', 36)}", $"AKIA{new string('A', 16)}", $"SharedAccessKey={new string('a', 43)}=", $"cp_{new string('x', 43)}"],
            secret => Assert.Matches(Secret(), secret));
    }

    // The files that git tracks. Without git, or in a copy that is no clone, every file that is not made by a build.
    private static IEnumerable<string> RepositoryFiles() =>
        (TrackedFiles() ?? UntrackedTree()).Where(f => Path.GetExtension(f) is not (".png" or ".gz")).Select(f => Repository.PathOf(f)).Where(File.Exists);

    private static string[]? TrackedFiles()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", "ls-files") { WorkingDirectory = Repository.PathOf(), RedirectStandardOutput = true, RedirectStandardError = true })!;
            var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            git.WaitForExit();
            return git.ExitCode == 0 ? files : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static IEnumerable<string> UntrackedTree() =>
        new FileSystemEnumerable<string>(Repository.PathOf(), (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => entry.FileName is not (".git" or ".idea" or ".vs" or "artifacts" or "bin" or "data" or "obj" or "TestResults"),
        };

    [GeneratedRegex(@"`(?<class>\w+)\.(?<method>\w+)`")]
    private static partial Regex TestName();

    // Of Azurite's and the emulators' published keys none is in the repository either; "cp_AAAA..." stands for a key that nobody has.
    [GeneratedRegex(@"-----BEGIN (RSA |EC |OPENSSH )?PRIVATE KEY-----|AccountKey=[A-Za-z0-9+/]{60,}|SharedAccessKey=[A-Za-z0-9+/]{40,}|\bgh[pousr]_[A-Za-z0-9]{36}|\bAKIA[A-Z0-9]{16}\b|\bcp_(?!A{43})[A-Za-z0-9_-]{43}\b|\bxox[abp]-[0-9A-Za-z-]{20,}|whsec_[A-Za-z0-9+/]{32,}")]
    private static partial Regex Secret();
}
