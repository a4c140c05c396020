using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Merges;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Lots;

/// <summary>Points that lapsed by inactivity, a part of them while a hold pinned it, and a member whose points still live.</summary>
public sealed class InactiveHistoryDatabase : SpoilableDatabase
{
    protected override TimeProvider Clock { get; } = SettableAt(new DateTimeOffset(2026, 3, 1, 4, 0, 0, TimeSpan.Zero));

    protected override LaurelSettings Prepare(LaurelSettings settings) => settings with
    {
        Programme = _ => new Programme { Inactivity = new InactivityRules { AllPoints = true, Days = 30 } },
    };

    protected override async Task WriteAsync(LaurelNode node)
    {
        var desk = new MoneyDesk(node.Lanes, node.Database, node.Books, node.Vault, (SettableClock)Clock);
        var (gone, alive) = (await desk.NewMemberAsync("gone", 0), await desk.NewMemberAsync("alive", 0));
        await desk.OrderAsync(gone, "g-1", 10_000);
        await desk.AppliedAsync(new HoldPoints(MergeDesk.Tenant, MemberReference.ById(gone), MergeDesk.Points(40, "h"), node.Books)
        {
            ExpiresAt = Kernel.Instant.From(Clock.GetUtcNow().AddDays(200)),
        });
        desk.Advance(TimeSpan.FromDays(20));
        await desk.AppliedAsync(desk.Spend(MemberReference.ById(alive), 10, "a-1"));
        desk.Advance(TimeSpan.FromDays(20));
        await desk.AppliedAsync(desk.Spend(MemberReference.ById(alive), 10, "a-2"));
        await new Sweep(node.Database, node.Lanes, node.Books, Clock).RunAsync(null, TestContext.Current.CancellationToken);
    }

    private static SettableClock SettableAt(DateTimeOffset now)
    {
        var clock = new SettableClock();
        clock.Set(now);
        return clock;
    }
}

/// <summary>A sound database with points that lapse by inactivity passes; one thing changed by hand is found.</summary>
public sealed class VerifyingInactivityTests(InactiveHistoryDatabase database) : IClassFixture<InactiveHistoryDatabase>
{
    private const string Day = "86400000000";

    public static TheoryData<string, string, string, string> Corruptions => new()
    {
        { "more time", $"UPDATE members SET inactive_at = inactive_at + {Day} WHERE external_id = 'alive'", "I3", "members" },
        { "less time", $"UPDATE members SET inactive_at = inactive_at - {Day} WHERE external_id = 'alive'", "I3", "members" },
        { "no clock", "UPDATE members SET inactive_at = NULL WHERE external_id = 'alive'", "I3", "members" },
        { "a clock of nothing", "UPDATE members SET inactive_at = NULL WHERE external_id = 'gone'", "I3", "members" },
        { "not looked at in time", "UPDATE members SET next_change_at = 9223372036854775807 WHERE external_id = 'alive'", "I8", "members" },
        { "ended early", $"UPDATE lot_changes SET expires_after = expires_after - {Day} WHERE kind = 'inactive'", "I3", "lot_changes" },
        { "ended though it has a date", "UPDATE lot_changes SET expires_before = expires_before - 1 WHERE kind = 'inactive'", "I3", "lot_changes" },
        { "lapsed without an end", "DELETE FROM lot_changes WHERE kind = 'inactive'", "I8", "entries" },
        { "a date from nowhere", $"UPDATE lots SET expires_at = 1774972800000000 + {Day} WHERE expires_at = 9223372036854775806", "I3", "lots" },
        {
            "an activity gone",
            "DELETE FROM lot_takes WHERE entry_id IN (SELECT id FROM entries WHERE reference_id = 'a-2'); DELETE FROM entries WHERE reference_id = 'a-2'",
            "I3",
            "members"
        },
        {
            "activity that the programme does not count",
            "UPDATE programmes SET document = REPLACE(document, '\"points.spent\"', '\"points.spared\"')",
            "I3",
            "members"
        },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string what, string sql, string invariant, string table)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(copy);

        var finding = report.Invariants.Single(candidate => candidate.Code.ToString() == invariant);
        finding.Failed.ShouldBeGreaterThan(0, string.Join("; ", report.Invariants.SelectMany(i => i.Offences.Select(o => $"{i.Code} {o}"))));
        finding.Offences.ShouldContain(offence => offence.Table == table);
    }

    [Fact]
    public async Task Holds_When_NothingIsChanged()
    {
        var report = await SmallDatabase.VerifyAsync(database.Copy());

        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }
}
