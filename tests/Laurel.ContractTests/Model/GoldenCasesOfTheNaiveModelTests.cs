using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Model;

/// <summary>The oracle itself is checked against figures worked out by hand.</summary>
public sealed class GoldenCasesOfTheNaiveModelTests
{
    public static TheoryData<string> Names => GoldenCases.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task ComesOutAsWorkedOut_When_Run(string name)
    {
        var golden = GoldenCases.Named(name);
        return golden.RunAsync(new NaiveLoyalty(golden.Policy, cooldownHours: 0, golden.Inactivity), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void NamesAreUnique_When_Listed() =>
        GoldenCases.All.Select(golden => golden.Name).ShouldBeUnique();

    [Fact]
    public async Task Fails_When_AFigureIsWrong()
    {
        var wrong = new GoldenCase(
            "wrong",
            "Registration adds 100.",
            [GoldenWords.Register("m", "2025-01-01 09:00").Gives("m", 101, 0)]);

        var failure = await Assert.ThrowsAsync<ShouldAssertException>(
            () => wrong.RunAsync(new NaiveLoyalty(wrong.Policy, cooldownHours: 0), TestContext.Current.CancellationToken));

        failure.Message.ShouldContain("wrong, step 1 of 1");
    }
}
