using Laurel.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Access;

/// <summary>Words that stand for several permissions.</summary>
public sealed class GrantsTests
{
    [Fact]
    public void AreAllPermissions_When_EverythingIsGiven() => Grants.Expand(["*"]).ShouldBe(Permission.All, ignoreOrder: true);

    [Fact]
    public void ReadAndChangeNothingElse_When_AllMayBeRead()
    {
        var expanded = Grants.Expand([Grants.ReadAll]);

        expanded.ShouldContain(Permission.FinanceRead);
        expanded.ShouldAllBe(permission => permission.EndsWith(":read", StringComparison.Ordinal));
        expanded.ShouldNotContain(Permission.TenantsRead);
        expanded.ShouldNotContain(Permission.MembersReveal);
    }

    /// <summary>What moves money, approves, reveals or merges is given by name, and merchants are made by the platform's super administrator.</summary>
    [Fact]
    public void ApproveAndRevealNothing_When_AllMayBeUpdated()
    {
        var expanded = Grants.Expand([Grants.UpdateAll, Grants.DeleteAll]);

        expanded.ShouldContain(Permission.PointsWrite);
        expanded.ShouldContain(Permission.MembersDelete);
        foreach (var permission in new[]
        {
            Permission.PointsApprove, Permission.BalanceAdjust, Permission.RechargesRefund, Permission.WithdrawalsApprove, Permission.WithdrawalsPay,
            Permission.MembersReveal, Permission.MembersMerge, Permission.TokensRotate, Permission.TenantsWrite, Permission.ReadOnlySwitch,
        })
        {
            expanded.ShouldNotContain(permission);
        }
    }

    [Fact]
    public void GrantNothing_When_AWordIsNotKnown()
    {
        Grants.Expand(["read:everything", "points:fly", ""]).ShouldBeEmpty();
        Grants.IsKnown("points:fly").ShouldBeFalse();
        Permission.All.ShouldAllBe(permission => Grants.IsKnown(permission));
    }
}
