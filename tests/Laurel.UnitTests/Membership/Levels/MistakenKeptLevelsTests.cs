using System.Collections.Immutable;
using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Levels;

/// <summary>A carryover that keeps what it cannot keep is refused with the place of what is wrong.</summary>
public sealed class MistakenKeptLevelsTests
{
    public static TheoryData<string, ImmutableArray<KeptLevel>, bool, string[]> Carryovers { get; } = new()
    {
        { "right", [Kept("silver", 900), Kept("gold", 5_000)], false, [] },
        { "a level that there is not", [Kept("star", 900)], false, ["INVALID_FORMAT /carryover/keptLevels/0/level"] },
        { "the lowest level, which nobody loses", [Kept("bronze", 0)], false, ["INVALID_FORMAT /carryover/keptLevels/0/level"] },
        { "a level twice", [Kept("silver", 900), Kept("silver", 800)], false, ["INVALID_FORMAT /carryover/keptLevels/1/level"] },
        { "nothing", [null!], false, ["REQUIRED /carryover/keptLevels/0"] },
        { "more than the level asks for now", [Kept("silver", 1_001)], false, ["OUT_OF_RANGE /carryover/keptLevels/0/threshold"] },
        { "less than nothing", [Kept("silver", -1)], false, ["OUT_OF_RANGE /carryover/keptLevels/0/threshold"] },
        { "what is judged anew at once", [Kept("silver", 900)], true, ["UNKNOWN_FIELD /carryover/keptLevels/0"] },
    };

    [Theory]
    [MemberData(nameof(Carryovers))]
    public void AreNamedWithTheirPlace_When_TheyCannotBeKept(string what, ImmutableArray<KeptLevel> kept, bool judgesLevels, string[] mistakes) =>
        new Programme { Carryover = new Carryover { From = DateTimeOffset.UnixEpoch, KeptLevels = kept, JudgesLevels = judgesLevels } }.AllMistakes()
            .Select(mistake => $"{mistake.Code} {mistake.Location}").ShouldBe(mistakes, what);

    private static KeptLevel Kept(string level, long threshold) => new() { Level = level, Threshold = threshold };
}
