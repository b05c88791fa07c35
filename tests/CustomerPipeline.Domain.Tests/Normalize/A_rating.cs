using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class A_rating
{
    [Theory]
    [InlineData(3, 1, 5, false)]
    [InlineData(4, 1, 5, true)]
    [InlineData(7, 0, 10, false)]
    [InlineData(8, 0, 10, true)]
    [InlineData(0, 0, 1, false)]
    [InlineData(1, 0, 1, true)]
    public void Satisfies_in_the_upper_quarter_of_its_scale(int score, int worst, int best, bool isSatisfied) => Assert.Equal(isSatisfied, new Rating(score, worst, best).IsSatisfied);
}
