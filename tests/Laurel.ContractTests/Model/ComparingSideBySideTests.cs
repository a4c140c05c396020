using Shouldly;
using Xunit;
using Xunit.Sdk;

namespace Laurel.ContractTests.Model;

/// <summary>The comparison agrees with itself and sees a difference where there is one.</summary>
public sealed class ComparingSideBySideTests
{
    [Fact]
    public async Task Passes_When_BothAreTheSame()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = await EventScript.GenerateAsync(3, 3_000, cancellationToken);
        var counting = new NaiveLoyalty(ShortfallPolicy.Negative);

        await SideBySide.RunAsync(script, new NaiveLoyalty(ShortfallPolicy.Negative), counting, cancellationToken);

        counting.FindMember(script.Members.First()).ShouldNotBeNull();
    }

    [Fact]
    public async Task Fails_When_PoliciesDiffer()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = await EventScript.GenerateAsync(3, 3_000, cancellationToken);

        var failure = await Assert.ThrowsAnyAsync<XunitException>(() => SideBySide.RunAsync(
            script,
            new NaiveLoyalty(ShortfallPolicy.Negative),
            new NaiveLoyalty(ShortfallPolicy.Forgive),
            cancellationToken));

        failure.Message.ShouldContain("EventScript.GenerateAsync(3, 3000), operation");
    }
}
