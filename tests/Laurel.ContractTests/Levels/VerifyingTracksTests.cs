using System.Globalization;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Levels;

/// <summary>One member who has risen in a track on lifetime points, beside the main levels.</summary>
public sealed class TrackHistoryDatabase : SpoilableDatabase
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    protected override async Task WriteAsync(LaurelNode node)
    {
        await AppliedAsync(node, new ChangeProgramme(s_tenant, programme => new ProgrammeEdit.To(WithTrack(programme)), node.Books.Programmes) { ChangedBy = "test" });
        var request = new RegisterRequest { ExternalId = "tracked", Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(TimeProvider.System) };
        var registered = (MemberReply)await AppliedAsync(node, new RegisterMember(s_tenant, request, node.Books, node.Vault));
        var id = new MemberId(long.Parse(registered.Id, CultureInfo.InvariantCulture));
        foreach (var points in (long[])[500, 400])
        {
            var earning = new PointsRequest { Points = points, Reason = "test", ReferenceType = "test", ReferenceId = points.ToString(CultureInfo.InvariantCulture) };
            await AppliedAsync(node, new EarnPoints(s_tenant, MemberReference.ById(id), earning, node.Books));
        }
    }

    private static Programme WithTrack(Programme programme) => programme with
    {
        LevelRules = new LevelRules { CooldownHours = 0 },
        Tracks =
        [
            new LevelTrack
            {
                Code = "vip",
                NameEnglish = "VIP",
                NameChinese = "贵宾",
                LevelRules = new LevelRules { CooldownHours = 0 },
                Levels = [LevelOf("one", 0), LevelOf("two", 600), LevelOf("three", 1_000)],
            },
        ],
    };

    private static Level LevelOf(string code, long threshold) => new()
    {
        Code = code,
        NameEnglish = code,
        NameChinese = code,
        Threshold = threshold,
        MultiplierBasisPoints = 10_000,
        DiscountBasisPoints = 10_000,
        FreeShippingFrom = 0,
    };

    private static async Task<object> AppliedAsync(LaurelNode node, Command command) =>
        (await node.Lanes.SubmitAsync(command, TestContext.Current.CancellationToken)).ShouldBeOfType<Outcome.Applied>().Reply;
}

/// <summary>A sound database with a track passes; one thing changed by hand is found under I10.</summary>
public sealed class VerifyingTracksTests(TrackHistoryDatabase database) : IClassFixture<TrackHistoryDatabase>
{
    public static TheoryData<string, string, string> Corruptions => new()
    {
        { "a change gone, the first", "DELETE FROM level_changes WHERE track = 'vip' AND from_code = 'one'", "level_changes" },
        { "a change gone, the last", "DELETE FROM level_changes WHERE track = 'vip' AND to_code = 'three'", "members" },
        { "no history", "DELETE FROM level_changes WHERE track = 'vip'", "members" },
        { "where a level came from", "UPDATE level_changes SET from_code = 'three' WHERE track = 'vip' AND to_code = 'two'", "level_changes" },
        { "a change from nothing", "UPDATE level_changes SET from_code = NULL WHERE track = 'vip' AND to_code = 'two'", "level_changes" },
        { "a change in between", "UPDATE level_changes SET from_code = 'one' WHERE track = 'vip' AND to_code = 'three'", "level_changes" },
        { "a change of another track", "UPDATE level_changes SET track = 'pro' WHERE track = 'vip' AND to_code = 'three'", "level_changes" },
        { "a change of the main levels", "UPDATE level_changes SET track = NULL WHERE track = 'vip' AND to_code = 'three'", "level_changes" },
        { "another level", "UPDATE members SET level_state = REPLACE(level_state, '\"three\"', '\"two\"') WHERE external_id = 'tracked'", "members" },
        { "nothing written of the track", "UPDATE members SET level_state = NULL WHERE external_id = 'tracked'", "members" },
        {
            "less than the points deserve",
            "UPDATE members SET level_state = REPLACE(level_state, '\"three\"', '\"two\"') WHERE external_id = 'tracked'; "
                + "DELETE FROM level_changes WHERE track = 'vip' AND to_code = 'three'",
            "members"
        },
        {
            "nothing where the points deserve much",
            "UPDATE members SET level_state = NULL WHERE external_id = 'tracked'; DELETE FROM level_changes WHERE track = 'vip'",
            "members"
        },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFound_When_OneThingIsChanged(string what, string sql, string table)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(copy);

        var finding = report.Invariants.Single(candidate => candidate.Code == InvariantCode.I10);
        finding.Offences.ShouldContain(offence => offence.Table == table, string.Join("; ", finding.Offences.Select(offence => offence.ToString())));
    }

    [Fact]
    public async Task Holds_When_NothingIsChanged()
    {
        var report = await SmallDatabase.VerifyAsync(database.Copy());

        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }
}
