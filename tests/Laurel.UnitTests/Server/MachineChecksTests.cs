using Laurel.Server.Diagnosis;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

/// <summary>What the doctor says of the machine.</summary>
public sealed class MachineChecksTests
{
    [Theory]
    [InlineData(true, true, Severity.Warning)]
    [InlineData(true, false, Severity.Fine)]
    [InlineData(false, true, Severity.Fine)]
    internal void WarnsOfGroupsOfSessions_When_TheDatabaseIsBeside(bool isBeside, bool isGrouped, Severity expected)
    {
        var finding = MachineChecks.Judge(isBeside, isGrouped);

        finding.Severity.ShouldBe(expected);
        (finding.Remedy is null).ShouldBe(expected == Severity.Fine);
    }
}
