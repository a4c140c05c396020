using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.MerchantUnits;
using Laurel.ContractTests.Merges;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Lots;

/// <summary>What a changed programme makes of what members have already, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class CarryoverContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task IsForNewEarningsOnly_When_NothingElseIsSaid()
    {
        await using var desk = await OpenAsync("new_only");
        var member = await desk.NewMemberAsync("m", 0);
        var before = await EndsAsync(desk, member);
        await ChangeAsync(desk, programme => programme with { ValidityDays = 10 });
        await CarryAsync(desk);
        await desk.AppliedAsync(desk.Earn(member, 5, "e"));

        (await EndsAsync(desk, member)).ShouldBe([new(Days(desk, 11), 5), .. before]);
        (await CountAsync(desk, "SELECT COUNT(*) FROM members WHERE carried_at IS NOT NULL")).ShouldBe(0);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task GivesLotsTheirNewEndsOnce_When_TheDateHasCome()
    {
        await using var desk = await OpenAsync("lots");
        var member = await desk.NewMemberAsync("m", 0);
        desk.Advance(TimeSpan.FromDays(100));
        await desk.AppliedAsync(desk.Earn(member, 50, "young"));
        await desk.AppliedAsync(new HoldPoints(MergeDesk.Tenant, MemberReference.ById(member), MergeDesk.Points(30, "h"), desk.Books)
        {
            ExpiresAt = Instant.From(desk.Clock.GetUtcNow().AddDays(90)),
        });
        var date = desk.Clock.GetUtcNow().AddDays(10);
        var carryover = new Carryover { From = date, Lots = new LotValidity { Days = 60 } };
        await ChangeAsync(desk, programme => programme with { Carryover = carryover });

        // Before the date nothing happens.
        await CarryAsync(desk);
        (await CountAsync(desk, "SELECT COUNT(*) FROM lot_changes WHERE kind = 'carry'")).ShouldBe(0);
        var preview = await PreviewAsync(desk);
        (preview.Members, preview.MembersWithLots, preview.Lots, preview.Points, preview.PointsSooner, preview.PointsLater).ShouldBe((1, 1, 2, 150, 150, 0));

        desk.Advance(TimeSpan.FromDays(10) + TimeSpan.FromMinutes(1));
        await desk.AppliedAsync(desk.Earn(member, 7, "after"));
        await CarryAsync(desk);
        await CarryAsync(desk);

        // The hundred of a hundred days ago end with the date and no sooner; what came after it is as its rule said.
        (await CountAsync(desk, "SELECT COUNT(*) FROM lot_changes WHERE kind = 'carry'")).ShouldBe(2);
        (await EndsAsync(desk, member)).ShouldBe(
            [new(Instant.From(date).UnixMicroseconds, 100), new(Days(desk, 51), 50), new(Days(desk, 366), 7)]);
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(87, "thirty of the hundred are held");
        await desk.VerifyAsync();

        // A later change of the programme carries nobody again, and who is enrolled later is not carried.
        await ChangeAsync(desk, programme => programme with { HoldDays = 8 });
        var late = await desk.NewMemberAsync("late", 0);
        await CarryAsync(desk);
        (await EndsAsync(desk, late)).ShouldBe([new(Days(desk, 366), 100)]);
        (await CountAsync(desk, "SELECT COUNT(*) FROM lot_changes WHERE kind = 'carry'")).ShouldBe(2);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task StartsEveryClockThen_When_EverybodysPointsLapseByInactivityFromADate()
    {
        await using var desk = await OpenAsync("inactive");
        var member = await desk.NewMemberAsync("m", 0);
        desk.Advance(TimeSpan.FromDays(200));
        await ChangeAsync(desk, programme => programme with
        {
            Inactivity = new InactivityRules { AllPoints = true, Days = 30 },
            Carryover = new Carryover { From = desk.Clock.GetUtcNow(), Lots = new LotValidity { Inactivity = true } },
        });
        (await PreviewAsync(desk)).PointsLater.ShouldBe(100);
        await CarryAsync(desk);
        desk.Advance(TimeSpan.FromDays(30));
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(100);
        await desk.VerifyAsync();
        desk.Advance(TimeSpan.FromDays(1));
        await desk.SweepAsync();
        (await desk.OfAsync(member)).Points.ShouldBe(0);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task JudgesEveryLevelAnewOrKeepsIt_When_ThresholdsAreRaised()
    {
        await using var desk = await OpenAsync("levels");
        var (member, low) = (await desk.NewMemberAsync("m", 0), await desk.NewMemberAsync("low", 0));
        await desk.AppliedAsync(desk.Earn(member, 1_000, "e"));
        (await LevelAsync(desk, member)).ShouldBe("silver");
        desk.Advance(TimeSpan.FromDays(2));
        static Programme Raised(Programme programme) =>
            programme with { Levels = [.. programme.Levels.Select(level => level.Code == "silver" ? level with { Threshold = 2_000 } : level)] };

        // Whoever has a level keeps it, through jobs and earnings.
        await ChangeAsync(desk, Raised);
        await CarryAsync(desk);
        await desk.AppliedAsync(desk.Earn(member, 1, "f"));
        (await LevelAsync(desk, member)).ShouldBe("silver");

        await ChangeAsync(desk, programme => programme with { Carryover = new Carryover { From = desk.Clock.GetUtcNow(), JudgesLevels = true } });
        await CarryAsync(desk);
        (await LevelAsync(desk, member), await LevelAsync(desk, low)).ShouldBe(("bronze", "bronze"));
        (await CountAsync(desk, "SELECT COUNT(*) FROM level_changes WHERE reason = 'programme changed'")).ShouldBe(1);
        (await CountAsync(desk, "SELECT COUNT(*) FROM members WHERE carried_at IS NOT NULL")).ShouldBe(2);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task KeepsALevelAgainstRefunds_When_WhatWasEnoughIsKept()
    {
        await using var desk = await OpenAsync("kept");
        var (kept, bare) = (await desk.NewMemberAsync("kept", 0), await desk.NewMemberAsync("bare", 0));
        foreach (var (member, name) in new[] { (kept, "k"), (bare, "b") })
        {
            await desk.AppliedAsync(desk.Buy(member, $"{name}-small", 10_000));
            await desk.AppliedAsync(desk.Buy(member, $"{name}-large", 130_000));
        }

        (await LevelAsync(desk, kept)).ShouldBe("silver");
        desk.Advance(TimeSpan.FromDays(2));
        var carryover = new Carryover { From = desk.Clock.GetUtcNow(), KeptLevels = [new KeptLevel { Level = "silver", Threshold = 1_000 }] };
        await ChangeAsync(desk, programme => programme with
        {
            Carryover = carryover,
            Levels = [.. programme.Levels.Select(level => level.Code == "silver" ? level with { Threshold = 4_000 } : level)],
        });
        await CarryAsync(desk);
        (await CountAsync(desk, "SELECT COUNT(*) FROM members WHERE carried_at IS NOT NULL")).ShouldBe(0, "nothing is to be carried out");

        // What was enough before is still there, and then it is not.
        await desk.AppliedAsync(desk.GiveBack("k-small", 10_000, "k-r1"));
        (await LevelAsync(desk, kept)).ShouldBe("silver");
        await desk.AppliedAsync(desk.GiveBack("k-large", 130_000, "k-r2"));
        (await LevelAsync(desk, kept)).ShouldBe("bronze");

        // Without it the same refund is judged by the thresholds of now.
        await ChangeAsync(desk, programme => programme with { Carryover = null });
        await desk.AppliedAsync(desk.GiveBack("b-small", 10_000, "b-r1"));
        (await LevelAsync(desk, bare)).ShouldBe("bronze");
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task CarriesEachMemberOnce_When_JobsRunAtOnceAndMembersSpend()
    {
        await using var desk = await OpenAsync("many");
        var members = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => desk.NewMemberAsync($"m{i}", 0)));
        desk.Advance(TimeSpan.FromDays(1));
        var carryover = new Carryover { From = desk.Clock.GetUtcNow(), Lots = new LotValidity { Months = 2, RoundedUpTo = CalendarSpan.Quarter }, JudgesLevels = true };
        await ChangeAsync(desk, programme => programme with { Carryover = carryover });

        var spends = members.Select((member, i) => desk.AppliedAsync(desk.Spend(MemberReference.ById(member), 10, $"s-{i}")));
        await Task.WhenAll([CarryAsync(desk), CarryAsync(desk), .. spends]);

        (await CountAsync(desk, "SELECT COUNT(*) FROM lot_changes WHERE kind = 'carry'")).ShouldBe(60);
        (await CountAsync(desk, "SELECT COUNT(DISTINCT expires_at) FROM lots")).ShouldBe(1);
        (await CountAsync(desk, "SELECT SUM(points) FROM members")).ShouldBe(60 * 90);
        await desk.VerifyAsync();
    }

    private sealed record End(long ExpiresAt, long Remaining);

    private Task<MoneyDatabase> OpenAsync(string name) => MoneyDatabase.OpenAsync(kind, databases, "carryover_" + name, isFree: true);

    // Midnight of a business day so many days on.
    private static long Days(MoneyDatabase desk, int days)
    {
        var calendar = new BusinessCalendar(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
        return calendar.StartOf(calendar.DayOf(Instant.Now(desk.Clock)).AddDays(days)).UnixMicroseconds;
    }

    private static Task<long> CarryAsync(MoneyDatabase desk) =>
        new CarryoverJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(MergeDesk.Tenant, null, Cancellation);

    private static async Task<CarryoverPreview> PreviewAsync(MoneyDatabase desk) => await CarryoverPreview.ReadAsync(
        desk.Database, MergeDesk.Tenant, await new ProgrammeStore(desk.Database, desk.Books.Programmes, desk.Clock).LatestAsync(MergeDesk.Tenant, Cancellation), Instant.Now(desk.Clock), Cancellation);

    private static async Task ChangeAsync(MoneyDatabase desk, Func<Programme, Programme> change) => await desk.AppliedAsync(
        new ChangeProgramme(MergeDesk.Tenant, programme => new ProgrammeEdit.To(change(programme)), desk.Books.Programmes) { ChangedBy = "test" });

    private static async Task<IReadOnlyList<End>> EndsAsync(MoneyDatabase desk, MemberId member)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return
        [
            .. await session.Connection.QueryAsync<End>(
                "SELECT expires_at AS ExpiresAt, remaining AS Remaining FROM lots WHERE member_id = @Member ORDER BY expires_at", new { Member = member.Value }),
        ];
    }

    private static async Task<string> LevelAsync(MoneyDatabase desk, MemberId member) =>
        await desk.OneAsync<string>("SELECT level_code FROM members WHERE id = @Member", new { Member = member.Value });

    private static async Task<long> CountAsync(MoneyDatabase desk, string sql)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(sql);
    }
}

public sealed class CarryoverOnSqliteTests(NamedDatabases databases) : CarryoverContract(DatabaseUnderTest.Sqlite, databases);

public sealed class CarryoverOnPostgresTests(NamedDatabases databases) : CarryoverContract(DatabaseUnderTest.Postgres, databases);

public sealed class CarryoverOnMySqlTests(NamedDatabases databases) : CarryoverContract(DatabaseUnderTest.MySql, databases);
