using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Merges;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Lots;

/// <summary>A member whose lots a carryover has given another end, and one who was carried to inactivity.</summary>
public sealed class CarriedHistoryDatabase : SpoilableDatabase
{
    private readonly SettableClock _clock = new();

    protected override TimeProvider Clock => _clock;

    protected override async Task WriteAsync(LaurelNode node)
    {
        _clock.Set(new DateTimeOffset(2026, 3, 1, 4, 0, 0, TimeSpan.Zero));
        var desk = new MoneyDesk(node.Lanes, node.Database, node.Books, node.Vault, _clock);
        await desk.NewMemberAsync("m", 0);
        foreach (var lots in (LotValidity[])[new LotValidity { Days = 90 }, new LotValidity { Inactivity = true }])
        {
            desk.Advance(TimeSpan.FromDays(1));
            var carryover = new Carryover { From = _clock.GetUtcNow(), Lots = lots };
            await desk.AppliedAsync(
                new ChangeProgramme(MergeDesk.Tenant, programme => new ProgrammeEdit.To(programme with { Carryover = carryover }), node.Books.Programmes) { ChangedBy = "test" });
            await new CarryoverJob(node.Database, node.Lanes, node.Books, _clock).RunAsync(MergeDesk.Tenant, null, TestContext.Current.CancellationToken);
        }
    }
}

/// <summary>A sound database in which members were carried passes; one thing changed by hand is found.</summary>
public sealed class VerifyingCarryoverTests(CarriedHistoryDatabase database) : IClassFixture<CarriedHistoryDatabase>
{
    private const string Dated = " WHERE kind = 'carry' AND expires_after < 9223372036854775806";

    public static TheoryData<string, string> Corruptions => new()
    {
        { "another end", "UPDATE lot_changes SET expires_after = expires_after + 86400000000" + Dated },
        { "another version", "UPDATE lot_changes SET reference = '1'" + Dated },
        { "no version", "UPDATE lot_changes SET reference = 'none'" + Dated },
        { "before its date", "UPDATE lot_changes SET occurred_at = occurred_at - 864000000000" + Dated },
        { "gone", "DELETE FROM lot_changes" + Dated },
        { "a clock that started later", "UPDATE lot_changes SET occurred_at = occurred_at + 864000000000 WHERE expires_after = 9223372036854775806" },
        { "a clock that did not start", "UPDATE members SET inactive_at = NULL" },
        { "a lot that kept its date", "UPDATE lots SET expires_at = 1800000000000000" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFound_When_OneThingIsChanged(string what, string sql)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(copy);

        report.Invariants.Single(candidate => candidate.Code == Membership.Verification.InvariantCode.I3).Failed.ShouldBeGreaterThan(0, what);
    }

    [Fact]
    public async Task Holds_When_NothingIsChanged()
    {
        var report = await SmallDatabase.VerifyAsync(database.Copy());

        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }
}
