namespace CustomerPipeline.Mutation;

/// <summary>What became of a mutant.</summary>
internal enum Outcome
{
    /// <summary>A test failed, as it should.</summary>
    Noticed,

    /// <summary>The tests came to no end, which is a way of failing.</summary>
    TimedOut,

    /// <summary>Every test that reaches it passed.</summary>
    Survived,

    /// <summary>No test reaches it.</summary>
    NotReached,
}
