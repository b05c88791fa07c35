using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace CustomerPipeline.Domain.Lifetime;

/// <summary>A fitted model, or why there is none.</summary>
/// <typeparam name="T">The model.</typeparam>
public abstract record Fit<T>
{
    private Fit()
    {
    }

    /// <param name="Model">The model with its parameters.</param>
    /// <param name="StandardErrors">Of each parameter, in the parameters' order: from the Hessian of the log-likelihood at its maximum.</param>
    /// <param name="LogLikelihood">Natural logarithm of the likelihood of the whole sample.</param>
    /// <param name="Customers">How many customers it was fitted to.</param>
    public sealed record Fitted(T Model, IReadOnlyList<double> StandardErrors, double LogLikelihood, int Customers) : Fit<T>;

    /// <param name="Reason">For a person to act on.</param>
    public sealed record Refused(string Reason) : Fit<T>;
}

/// <summary>The log-likelihood of a sample as a function of positive parameters.</summary>
internal interface ILikelihood
{
    int Customers { get; }

    /// <summary>The mean log-likelihood of a customer.</summary>
    /// <param name="parameters">The parameters, all positive.</param>
    /// <param name="gradient">Filled with the derivatives by the parameters; may be empty where they are not wanted.</param>
    double Mean(ReadOnlySpan<double> parameters, Span<double> gradient);
}

/// <summary>Finds the parameters under which a sample is most likely.</summary>
internal static class MaximumLikelihood
{
    /// <summary>With fewer customers the estimates say more about chance than about customers.</summary>
    public const int LeastCustomers = 200;

    // A logarithm so far from where the search began is no estimate: the likelihood grows towards the edge.
    private const double Farthest = 10;

    private const double Flat = 1e-9;

    // A parameter that may as well be a hundred times as large is not told by the customers.
    private const double LargestRelativeError = 100;

    public static Fit<T> Fit<T>(ILikelihood likelihood, string model, IReadOnlyList<double[]> starts, Func<double[], T> create)
    {
        if (likelihood.Customers < LeastCustomers)
        {
            return new Fit<T>.Refused($"{model} needs at least {LeastCustomers} customers; there are {likelihood.Customers}.");
        }

        foreach (var start in starts)
        {
            if (Climb(likelihood, start) is { } top && StandardErrors(likelihood, top) is var errors && top.Zip(errors).All(p => p.Second < p.First * LargestRelativeError))
            {
                return new Fit<T>.Fitted(create(top), errors, likelihood.Mean(top, []) * likelihood.Customers, likelihood.Customers);
            }
        }

        return new Fit<T>.Refused($"{model} did not converge on {likelihood.Customers} customers: their purchases are too much alike, or too few of them came back, to tell the parameters.");
    }

    // In logarithms of the parameters, which keeps them positive: BFGS near to the top, and Newton's steps onto it.
    private static double[]? Climb(ILikelihood likelihood, double[] start)
    {
        var at = Vector<double>.Build.DenseOfEnumerable(start.Select(value => Math.Log(value)));
        var objective = ObjectiveFunction.Gradient(p => Downhill(likelihood, p));
        try
        {
            at = new BfgsMinimizer(1e-7, 1e-9, 1e-12, 500).FindMinimum(objective, at).MinimizingPoint;
        }
        catch (OptimizationException)
        {
            // It may have come near enough for Newton's steps all the same: the last point that it looked at.
            at = objective.Point is { } last && last.All(double.IsFinite) ? last : at;
        }

        for (var step = 0; step < 50; step++)
        {
            var gradient = GradientOf(likelihood, at);
            if (gradient.Any(g => !double.IsFinite(g)) || start.Zip(at).Any(p => Math.Abs(p.Second - Math.Log(p.First)) > Farthest))
            {
                return null;
            }

            if (gradient.InfinityNorm() < Flat)
            {
                return [.. at.Select(value => Math.Exp(value))];
            }

            var move = HessianOf(p => GradientOf(likelihood, p), at, 1e-4).Solve(-gradient);
            if (move.Any(m => !double.IsFinite(m)) || move.DotProduct(gradient) <= 0)
            {
                move = gradient;
            }

            var before = Mean(likelihood, at);
            var length = Math.Min(1, 1 / move.InfinityNorm());
            while (!(Mean(likelihood, at + (move * length)) >= before - 1e-14) && length > 1e-8)
            {
                length /= 2;
            }

            at += move * length;
        }

        return GradientOf(likelihood, at).InfinityNorm() < 1e-6 ? [.. at.Select(value => Math.Exp(value))] : null;
    }

    private static double[] StandardErrors(ILikelihood likelihood, double[] parameters)
    {
        var hessian = HessianOf(
            p =>
            {
                var gradient = new double[parameters.Length];
                likelihood.Mean(p.AsArray(), gradient);
                return Vector<double>.Build.Dense(gradient);
            },
            Vector<double>.Build.DenseOfArray(parameters),
            null);
        var covariance = (hessian * -likelihood.Customers).Inverse();
        return [.. covariance.Diagonal().Select(value => Math.Sqrt(value))];
    }

    // By central differences of the gradient.
    private static Matrix<double> HessianOf(Func<Vector<double>, Vector<double>> gradient, Vector<double> at, double? step)
    {
        var columns = at.ToArray().Select((value, i) =>
        {
            var h = step ?? (value * 1e-4);
            var (up, down) = (at.Clone(), at.Clone());
            up[i] += h;
            down[i] -= h;
            return (gradient(up) - gradient(down)) / (2 * h);
        });
        var hessian = Matrix<double>.Build.DenseOfColumnVectors(columns);
        return (hessian + hessian.Transpose()) / 2;
    }

    // What the minimizer goes down, and its gradient, in one pass over the sample.
    private static (double Value, Vector<double> Gradient) Downhill(ILikelihood likelihood, Vector<double> logarithms)
    {
        Span<double> parameters = stackalloc double[logarithms.Count];
        Exponentiate(logarithms, parameters);
        var gradient = new double[logarithms.Count];
        var mean = likelihood.Mean(parameters, gradient);
        for (var i = 0; i < gradient.Length; i++)
        {
            gradient[i] *= -parameters[i];
        }

        // The line search needs numbers everywhere; so unlikely nothing is.
        return (double.IsFinite(mean) ? -mean : 1e10, Vector<double>.Build.Dense(gradient));
    }

    private static double Mean(ILikelihood likelihood, Vector<double> logarithms)
    {
        Span<double> parameters = stackalloc double[logarithms.Count];
        Exponentiate(logarithms, parameters);
        return likelihood.Mean(parameters, []);
    }

    private static Vector<double> GradientOf(ILikelihood likelihood, Vector<double> logarithms) => -Downhill(likelihood, logarithms).Gradient;

    private static void Exponentiate(Vector<double> logarithms, Span<double> parameters)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i] = Math.Exp(logarithms[i]);
        }
    }
}
