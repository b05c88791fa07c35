namespace CustomerPipeline.Contracts;

/// <summary>
/// How much a run of the tests looks at. By default it leaves out those that are <see cref="SlowAttribute">slow</see> and takes the properties at a
/// small size; with the environment variable <c>CUSTOMER_PIPELINE_TESTS=all</c> it runs everything at full size.
/// </summary>
public static class Effort
{
    /// <summary>Whether everything is run.</summary>
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("CUSTOMER_PIPELINE_TESTS") == "all";

    /// <summary>How many cases a test looks at.</summary>
    /// <param name="all">Where everything is run.</param>
    /// <param name="usual">By default.</param>
    public static int Of(int all, int usual) => IsFull ? all : usual;
}
