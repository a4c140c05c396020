using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Model;

/// <summary>
/// The script meets everything it is written for, and the model keeps its books balanced on the way. Both are
/// conditions for a comparison with the product to mean anything.
/// </summary>
public sealed class TwentyThousandEventsThroughTheNaiveModelTests
{
    private const int Seed = 20_250_601;
    private const int Count = 20_000;

    private static readonly Lazy<Task<EventScript>> Script = new(
        () => EventScript.GenerateAsync(Seed, Count, CancellationToken.None));

    [Fact]
    public async Task IsTheSame_When_WrittenAgainFromItsSeed()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var first = await EventScript.GenerateAsync(7, 2_000, cancellationToken);
        var again = await EventScript.GenerateAsync(7, 2_000, cancellationToken);
        var beginning = await EventScript.GenerateAsync(7, 500, cancellationToken);
        var other = await EventScript.GenerateAsync(8, 500, cancellationToken);

        Lines(again).ShouldBe(Lines(first));
        Lines(beginning).ShouldBe(Lines(first).Take(500));
        Lines(other).ShouldNotBe(Lines(beginning));
    }

    [Fact]
    public async Task MeetsEverySituation_When_Run()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = await Script.Value;
        var loyalty = new NaiveLoyalty(ShortfallPolicy.Negative);
        var met = new SituationsMet(loyalty);

        foreach (var operation in script.Operations)
        {
            met.Before(operation);
            met.After(operation, await operation.ApplyToAsync(loyalty, cancellationToken));
        }

        script.Operations.Count.ShouldBe(Count);
        (script.End - EventScript.Start).TotalDays.ShouldBeInRange(600, 900);
        met.Counts.Where(situation => situation.Value < 5).ShouldBeEmpty($"{script}\n{met}");
    }

    [Theory]
    [InlineData(ShortfallPolicy.Negative)]
    [InlineData(ShortfallPolicy.Forgive)]
    [InlineData(ShortfallPolicy.Receivable)]
    public async Task BooksBalanceAfterEveryEvent_When_PolicyIs(ShortfallPolicy policy)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = await Script.Value;
        var loyalty = new NaiveLoyalty(policy);
        var moved = new Dictionary<string, long>(StringComparer.Ordinal);
        var latest = EventScript.Start;

        foreach (var operation in script.Operations)
        {
            var outcome = await operation.ApplyToAsync(loyalty, cancellationToken);
            latest = operation.Time > latest ? operation.Time : latest;
            var movements = (outcome as Outcome.Applied)?.Movements ?? [];
            foreach (var movement in movements.Where(movement => movement.Unit == Units.Points))
            {
                moved[movement.Member] = moved.GetValueOrDefault(movement.Member) + movement.Amount;
            }

            foreach (var name in movements.Select(movement => movement.Member).Distinct(StringComparer.Ordinal))
            {
                var member = loyalty.FindMember(name)!;
                if (FaultsOf(member, moved.GetValueOrDefault(name), latest).FirstOrDefault() is { } fault)
                {
                    Assert.Fail($"{fault}\n{script}\n{operation}");
                }
            }
        }

        moved.Count.ShouldBe(script.Members.Count());
    }

    private static IEnumerable<string> FaultsOf(NaiveMember member, long moved, DateTimeOffset latest)
    {
        var lots = member.Lots;
        if (lots.Sum(lot => lot.Remaining) - member.Debt != moved - lots.Sum(lot => lot.Expired))
        {
            yield return "Movements and expiries do not add up to the lots less the debt.";
        }

        if (lots.Any(lot => lot.Pinned < 0 || lot.Pinned > lot.Remaining))
        {
            yield return "A lot pins more than it has, or less than nothing.";
        }

        if (lots.Any(lot => lot.Expired < 0 || lot.Expired + lot.Remaining > lot.Granted))
        {
            yield return "A lot has more than was granted.";
        }

        if (member.Debt < 0 || member.Receivable < 0 || Math.Min(member.Debt, member.Receivable) > 0)
        {
            yield return "Debt and receivable are below zero, or both above.";
        }

        var state = member.StateAt(latest);
        long[] sums = [state.Lifetime - 100, state.Growth, state.Held, state.TotalOrders, state.TotalAmount];
        if (sums.Min() < 0)
        {
            yield return $"A sum is too small: {state}";
        }

        // Nothing is dated after the latest business time, so known now and as of then are one.
        if (member.StateAsOf(latest) != state)
        {
            yield return $"As of {latest:O} the state is {member.StateAsOf(latest)}, and seen at it {state}.";
        }
    }

    private static IEnumerable<string> Lines(EventScript script) =>
        script.Operations.Select(operation => operation.ToString());
}
