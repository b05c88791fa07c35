namespace CustomerPipeline.Mutation;

/// <summary>One small change of Domain that a test should notice.</summary>
/// <param name="Id">Its number, from 1, by which the mutated assembly is told to behave so.</param>
/// <param name="File">The source file, relative to the Domain project.</param>
/// <param name="Line">The line there, from 1.</param>
/// <param name="Before">What stands there.</param>
/// <param name="After">What would stand there instead.</param>
internal sealed record Mutant(int Id, string File, int Line, string Before, string After);
