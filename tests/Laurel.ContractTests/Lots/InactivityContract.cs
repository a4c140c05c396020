using System.Text.Json;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Merges;
using Laurel.ContractTests.Product;
using Laurel.Engine.Events;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Finance;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Lots;

/// <summary>Points that lapse by inactivity, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class InactivityContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly Programme s_thirtyDays = new() { Inactivity = new InactivityRules { AllPoints = true, Days = 30 } };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TurnsOneClockAndWritesNoLot_When_AMemberDoesSomething()
    {
        await using var desk = await OpenAsync("clock", s_thirtyDays);
        var member = await desk.NewMemberAsync("m", 0);
        for (var day = 0; day < 5; day++)
        {
            await desk.OrderAsync(member, $"o-{day}", 10_000);
            desk.Advance(TimeSpan.FromDays(20));
        }

        (await CountAsync(desk, "SELECT COUNT(*) FROM lots WHERE expires_at = 9223372036854775806 AND remaining > 0")).ShouldBe(7);
        (await CountAsync(desk, "SELECT COUNT(*) FROM lot_changes")).ShouldBe(0);
        await desk.VerifyAsync();

        desk.Advance(TimeSpan.FromDays(12));
        await desk.SweepAsync();

        // All of them have the date now on which they lapsed, and one entry took them.
        (await CountAsync(desk, "SELECT points FROM members")).ShouldBe(0);
        (await CountAsync(desk, "SELECT COUNT(*) FROM entries WHERE kind = 'expire' AND reason = 'No activity'")).ShouldBe(1);
        (await CountAsync(desk, "SELECT COUNT(*) FROM lot_changes WHERE kind = 'inactive'")).ShouldBe(7);
        (await CountAsync(desk, "SELECT COUNT(*) FROM lots l JOIN members m ON m.id = l.member_id WHERE l.expires_at = m.inactive_at")).ShouldBe(7);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task LapseWithNothingButTime_When_OnlyOneRuleSaysSo()
    {
        var programme = new Programme
        {
            Inactivity = new InactivityRules { Days = 10, ResetBy = [InactivityRules.Transferred] },
            Rules = [.. StandardRules.All.Select(rule => rule.Code == StandardRules.Registration ? rule with { Validity = new LotValidity { Inactivity = true } } : rule)],
        };
        await using var desk = await OpenAsync("rule", programme);
        var (member, other) = (await desk.NewMemberAsync("m", 0), await desk.NewMemberAsync("n", 0));
        desk.Advance(TimeSpan.FromDays(6));
        await desk.OrderAsync(member, "o", 10_000);
        await desk.AppliedAsync(new TransferPoints(
            MergeDesk.Tenant, MemberReference.ById(other), MemberReference.ById(member), new TransferRequest { Points = 30, Reason = "gift", Reference = "g" }, desk.Books));

        // The order's points have a date. What was given has none, and counts as an activity of the giver.
        desk.Advance(TimeSpan.FromDays(6));
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(300);
        (await desk.OfAsync(other)).Points.ShouldBe(70);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task TellsWhenTheyLapse_When_AskedBeforehand()
    {
        await using var desk = await OpenAsync("told", s_thirtyDays);
        var member = await desk.NewMemberAsync("m", 0);
        desk.Advance(TimeSpan.FromDays(10));
        await desk.AppliedAsync(desk.Spend(MemberReference.ById(member), 10, "s"));
        await using var reader = new MemberReader(ReadRouter.Of(desk.Database), desk.Node.Vault, desk.Clock);

        var calendar = new BusinessCalendar(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
        var report = await ExpiringPoints.ReadAsync(desk.Database, MergeDesk.Tenant, calendar, Instant.Now(desk.Clock), Cancellation);
        var month = report.Items.ShouldHaveSingleItem();
        (month.Month, month.Points).ShouldBe(("2026-04", 90));
        (await reader.FindAsync(MergeDesk.Tenant, member))!.Points.Expiring30d.ShouldBe(0);

        desk.Advance(TimeSpan.FromDays(1));
        (await reader.FindAsync(MergeDesk.Tenant, member))!.Points.Expiring30d.ShouldBe(90);
        desk.Advance(TimeSpan.FromDays(30));
        var found = await reader.FindAsync(MergeDesk.Tenant, member);
        (found!.Points.Available, found.Points.Expiring30d).ShouldBe((0, 0));
        (await ExpiringPoints.ReadAsync(desk.Database, MergeDesk.Tenant, calendar, Instant.Now(desk.Clock), Cancellation))
            .Items.ShouldHaveSingleItem().Month.ShouldBe("due");
    }

    [Fact]
    public async Task IsRemindedOnceForEachDate_When_JobsLook()
    {
        await using var desk = await OpenAsync("reminded", s_thirtyDays with { RemindDaysBefore = [30, 7] });
        var member = await desk.NewMemberAsync("m", 0);
        (await RemindedAsync(desk)).ShouldBeEmpty("nobody is told so many days before that the period is no longer");
        desk.Advance(TimeSpan.FromDays(24));
        (await RemindedAsync(desk)).ShouldBe([(100, 7)]);
        (await RemindedAsync(desk)).Count.ShouldBe(1);

        await desk.AppliedAsync(desk.Spend(MemberReference.ById(member), 10, "s"));
        (await RemindedAsync(desk)).Count.ShouldBe(1);
        desk.Advance(TimeSpan.FromDays(25));
        (await RemindedAsync(desk)).ShouldBe([(100, 7), (90, 7)]);
        (await RemindedAsync(desk)).Count.ShouldBe(2);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task TakesNothingFromAnybody_When_InactivityIsSwitchedOn()
    {
        await using var desk = await MoneyDatabase.OpenAsync(kind, databases, "inactive_switch", isFree: true);
        var member = await desk.NewMemberAsync("m", 0);
        desk.Advance(TimeSpan.FromDays(100));
        await ChangeAsync(desk, programme => programme with { Inactivity = s_thirtyDays.Inactivity });
        desk.Advance(TimeSpan.FromDays(100));
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(100);

        // What comes from now on has a clock; a shorter period takes no time away from it.
        await desk.AppliedAsync(desk.Earn(member, 50, "e"));
        await ChangeAsync(desk, programme => programme with { Inactivity = s_thirtyDays.Inactivity with { Days = 3 } });
        desk.Advance(TimeSpan.FromDays(20));
        await desk.AppliedAsync(desk.Earn(member, 7, "f"));
        desk.Advance(TimeSpan.FromDays(10));
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(157);
        desk.Advance(TimeSpan.FromDays(1));
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(100);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task GoesOnWithTheSurvivor_When_MembersAreMergedAndParted()
    {
        await using var desk = await OpenAsync("merged", s_thirtyDays);
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.OrderAsync(from, "o", 10_000);
        desk.Advance(TimeSpan.FromDays(25));
        var merge = await desk.MergedAsync(from, into);
        desk.Advance(TimeSpan.FromDays(25));
        await desk.SweepAsync();
        (await desk.OfAsync(into)).Points.ShouldBe(500);
        await desk.SoundAsync();

        await desk.AppliedAsync(desk.Undo(merge));
        desk.Advance(TimeSpan.FromDays(25));
        await desk.SweepAsync();
        ((await desk.OfAsync(from)).Points, (await desk.OfAsync(into)).Points).ShouldBe((400, 100));
        desk.Advance(TimeSpan.FromDays(10));
        await desk.SweepAsync();
        ((await desk.OfAsync(from)).Points, (await desk.OfAsync(into)).Points).ShouldBe((0, 0));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task StartsWithItsActivation_When_ThePointsOfARuleWaitForAnEvent()
    {
        var programme = new Programme
        {
            Inactivity = new InactivityRules { Days = 10 },
            Rules =
            [
                .. StandardRules.All.Select(rule => rule.Code == StandardRules.Order
                    ? rule with { Validity = new LotValidity { Inactivity = true }, Pending = new RulePending { Event = "shipment.delivered", CancelDays = 90 } }
                    : rule),
            ],
        };
        await using var desk = await OpenAsync("event", programme);
        var member = await desk.NewMemberAsync("m", 0);
        await desk.OrderAsync(member, "o", 10_000);
        desk.Advance(TimeSpan.FromDays(40));
        await desk.AppliedAsync(new ActivateForEvent(MergeDesk.Tenant, MemberReference.ById(member), "shipment.delivered", "o", "came", desk.Books));
        desk.Advance(TimeSpan.FromDays(10));
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(400);
        desk.Advance(TimeSpan.FromDays(1));
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(300);
        await desk.VerifyAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name, Programme programme) => MoneyDatabase.OpenAsync(kind, databases, "inactive_" + name, programme: programme);

    private static async Task ChangeAsync(MoneyDatabase desk, Func<Programme, Programme> change) => await desk.AppliedAsync(
        new ChangeProgramme(MergeDesk.Tenant, programme => new ProgrammeEdit.To(change(programme)), desk.Books.Programmes) { ChangedBy = "test" });

    private static async Task<IReadOnlyList<(long Points, long Days)>> RemindedAsync(MoneyDatabase desk)
    {
        await new Reminders(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(Cancellation);
        var told = new List<(long, long)>();
        await foreach (var record in new EventStore(desk.Database).ReadAsync(MergeDesk.Tenant, Instant.Earliest, Instant.Never, Cancellation))
        {
            if (record.Type == "points.expiring")
            {
                using var json = JsonDocument.Parse(record.CloudEvent);
                var data = json.RootElement.GetProperty("data");
                told.Add((data.GetProperty("points").GetInt64(), data.GetProperty("days_before").GetInt64()));
            }
        }

        return told;
    }

    private static async Task<long> CountAsync(MoneyDatabase desk, string sql)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(sql);
    }
}

public sealed class InactivityOnSqliteTests(NamedDatabases databases) : InactivityContract(DatabaseUnderTest.Sqlite, databases);

public sealed class InactivityOnPostgresTests(NamedDatabases databases) : InactivityContract(DatabaseUnderTest.Postgres, databases);

public sealed class InactivityOnMySqlTests(NamedDatabases databases) : InactivityContract(DatabaseUnderTest.MySql, databases);
