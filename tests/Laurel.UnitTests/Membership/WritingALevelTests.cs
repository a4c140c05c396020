using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership;

/// <summary>What the write of a member costs for the level: nothing, as long as neither it nor what judges it changes.</summary>
public sealed class WritingALevelTests
{
    [Fact]
    public void SendsOneStatement_When_AMemberEarnsAndTheLevelStays() => StatementsOf(book =>
    {
        book.Lifetime += 10;
        book.Growth += 10;
        book.TotalOrders++;
    }).ShouldBe(1);

    [Fact]
    public void SendsOneMore_When_TheLevelChanges() => StatementsOf(book => book.LevelCode = "silver").ShouldBe(2);

    [Fact]
    public void SendsOneMore_When_AChangeHasToWait() => StatementsOf(book => book.LevelDueAt = new Instant(86_400_000_000)).ShouldBe(2);

    private static int StatementsOf(Action<MemberBook> change)
    {
        var (kind, tenant, id) = (new MemberKind(), new TenantId(1), new MemberId(7));
        var before = new MemberBook
        {
            Identity = new MemberIdentity { Tenant = tenant, Id = id, Code = "M2026010100001", ExternalId = "c-1", Nickname = null, RegisteredAt = new Instant(0) },
            Status = MemberStatus.Active,
            Points = PointsWallet.Empty(),
            Growth = 0,
            Balance = 0,
            Lifetime = 100,
            TotalOrders = 0,
            TotalAmount = 0,
            FirstOrderUsed = false,
            LevelCode = "bronze",
            LevelSince = new Instant(0),
            LastId = 7,
            Version = 1,
        };
        var after = (MemberBook)before.Copy();
        change(after);
        var script = new SqlScript();
        kind.Write(new SqlScriptBuilder(script), [new ChangedRoot(kind.RootOf(tenant, id), before, after)]);
        return script.Steps.Count;
    }
}
