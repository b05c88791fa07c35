using CustomerPipeline.Domain.Lifetime;
using MathNet.Numerics;
using MathNet.Numerics.Integration;

namespace CustomerPipeline.Domain.Tests.Lifetime;

public sealed class The_hypergeometric_function
{
    /// <summary>Closed forms: Abramowitz and Stegun 1964, 15.1.3 (a logarithm) and 15.1.8 (a power); the last is for Euler's transformation.</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Is_what_its_closed_forms_say(double z)
    {
        Assert.Equal(-Math.Log(1 - z) / z, Hypergeometric.Gauss(1, 1, 2, z), 1e-13);
        Assert.Equal(1 / ((1 - z) * (1 - z)), Hypergeometric.Gauss(2, 3, 3, z), 1e-10);
        Assert.Equal(Math.Pow(1 - z, -2.5) * (1 - z), Hypergeometric.Gauss(1.5, 4, 4, z), 1e-12);
    }

    /// <summary>Euler's integral (15.3.1), on both sides of where his transformation helps.</summary>
    [Theory]
    [InlineData(0.5, 1.5, 4, 0.6)]
    [InlineData(2.5, 1.5, 3.2, 0.6)]
    [InlineData(2.5, 1.5, 3.2, 0.95)]
    [InlineData(12, 1.5, 13, 0.9)]
    [InlineData(30, 2, 31, 0.3)]
    [InlineData(4, 2, 3.5, 0.8)]
    public void Is_what_its_integral_says(double a, double b, double c, double z)
    {
        // t = u^2 (3 - 2u): no corner is left at either end.
        double At(double u)
        {
            var t = u * u * (3 - (2 * u));
            return Math.Pow(t, b - 1) * Math.Pow(1 - t, c - b - 1) * Math.Pow(1 - (z * t), -a) * 6 * u * (1 - u);
        }

        var integral = DoubleExponentialTransformation.Integrate(At, 0, 1, 1e-13) * Math.Exp(SpecialFunctions.GammaLn(c) - SpecialFunctions.GammaLn(b) - SpecialFunctions.GammaLn(c - b));

        Assert.Equal(1, Hypergeometric.Gauss(a, b, c, z) / integral, 1e-9);
    }

    [Theory]
    [InlineData(0, 1, 1, 0.5)]
    [InlineData(1, 0, 1, 0.5)]
    [InlineData(1, 1, -1, 0.5)]
    [InlineData(1, 1, 0, 0.5)]
    [InlineData(1, 1, 1, -0.1)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(double.NaN, 1, 1, 0.5)]
    [InlineData(1, 1, 1, double.NaN)]
    public void Is_no_number_where_it_is_not_worked_out(double a, double b, double c, double z) => Assert.Equal(double.NaN, Hypergeometric.Gauss(a, b, c, z));

    [Fact]
    public void Is_no_number_where_its_series_is_too_long() => Assert.Equal(double.NaN, Hypergeometric.Gauss(3, 3, 0.5, 1 - 1e-9));
}
