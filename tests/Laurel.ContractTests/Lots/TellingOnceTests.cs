using System.Text.Json;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Lots;

/// <summary>Two nodes run the same jobs at the same time, again and again: each lot is told of once for each number of days, and lapses once.</summary>
public sealed class TellingOnceTests(DatabaseServers servers) : IClassFixture<DatabaseServers>, IDisposable
{
    private const int MemberCount = 150;

    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-once-");
    private readonly SettableClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "24")]
    public async Task EachLotIsToldOfAndLapsesOnce_When_TwoJobsRunAtOnce(DatabaseUnderTest kind)
    {
        var url = await servers.CreateDatabaseAsync(kind, Cancellation);
        Set("2025-01-01T10:00:00+08:00");
        await using var one = await OpenAsync(kind, url, "one");
        await using var other = kind == DatabaseUnderTest.Sqlite ? null : await OpenAsync(kind, url, "other");
        LaurelNode[] nodes = [one, other ?? one];
        await Task.WhenAll(Enumerable.Range(0, MemberCount).Select(i => RegisterAsync(one, $"m{i}")));

        Set("2025-12-02T10:00:00+08:00");
        await RemindAsync(nodes);
        (await RemindersAsync(one)).ShouldBeEmpty("their end is more than thirty days away");

        Set("2025-12-10T10:00:00+08:00");
        await RemindAsync(nodes);
        await RemindAsync(nodes);
        var told = await RemindersAsync(one);
        told.Count.ShouldBe(MemberCount);
        told.ShouldAllBe(reminder => reminder == new Told(100, 1, 30, "2026-01-01T16:00:00Z"));

        Set("2025-12-28T10:00:00+08:00");
        await RemindAsync(nodes);
        await RemindAsync(nodes);
        (await RemindersAsync(one)).Select(reminder => reminder.Days).Order().ShouldBe([.. Enumerable.Repeat(7, MemberCount), .. Enumerable.Repeat(30, MemberCount)]);

        Set("2026-01-02T10:00:00+08:00");
        await Task.WhenAll(nodes.Select(node => new Sweep(node.Database, node.Lanes, node.Books, _clock).RunAsync(null, Cancellation)));
        await RemindAsync(nodes);
        (await RemindersAsync(one)).Count.ShouldBe(2 * MemberCount);
        (await CountAsync(one, "SELECT COUNT(*) FROM entries WHERE kind = 'expire'")).ShouldBe(MemberCount);
        (await CountAsync(one, "SELECT COUNT(*) FROM members WHERE points <> 0")).ShouldBe(0);
        (await new Verifier(one.Database).RunAsync(null, Cancellation)).Holds.ShouldBeTrue();
    }

    [Fact]
    public async Task TheNearestNumberIsToldAlone_When_ALotIsFirstSeenLate()
    {
        Set("2025-01-01T10:00:00+08:00");
        await using var node = await OpenAsync(DatabaseUnderTest.Sqlite, null, "late");
        await RegisterAsync(node, "m");

        Set("2025-12-30T10:00:00+08:00");
        await RemindAsync([node]);
        await RemindAsync([node]);

        (await RemindersAsync(node)).ShouldHaveSingleItem().Days.ShouldBe(7);
    }

    [Fact]
    public async Task TheNewEndIsToldOf_When_ALotWasExtended()
    {
        Set("2025-01-01T10:00:00+08:00");
        await using var node = await OpenAsync(DatabaseUnderTest.Sqlite, null, "extended");
        await RegisterAsync(node, "m");
        Set("2025-12-28T10:00:00+08:00");
        await RemindAsync([node]);
        var request = new ExtendRequest
        {
            LotIds = [],
            ExpiringBefore = Instant.From(DateTimeOffset.Parse("2026-02-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture)),
            ExpiresAt = null,
            Days = 100,
            Reason = "apology",
            Operator = "li",
            Reference = "x",
        };
        (await node.Lanes.SubmitAsync(new ExtendLots(s_tenant, MemberReference.ByExternalId(s_tenant, "m"), request, node.Books), Cancellation)).ShouldBeOfType<Outcome.Applied>();
        await RemindAsync([node]);
        (await RemindersAsync(node)).Count.ShouldBe(1);

        Set("2026-03-20T10:00:00+08:00");
        await RemindAsync([node]);

        (await RemindersAsync(node)).Select(reminder => reminder.Days).ShouldBe([7, 30]);
        (await CountAsync(node, "SELECT COUNT(*) FROM lot_changes WHERE kind = 'extend' AND operator = 'li' AND reason = 'apology' AND points = 100")).ShouldBe(1);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TheLotsOfAnEventAndNoOthersBecomeActive_When_ItComes(DatabaseUnderTest kind)
    {
        Set("2025-01-01T10:00:00+08:00");
        await using var node = await OpenAsync(kind, await servers.CreateDatabaseAsync(kind, Cancellation), "event");
        await RegisterAsync(node, "m");
        await EarnAsync(node, "shipped", "o-1", 300);
        await EarnAsync(node, "shipped", "o-2", 70);
        await EarnAsync(node, "reviewed", "o-1", 900);

        Set("2025-02-01T10:00:00+08:00");
        var command = new ActivateForEvent(s_tenant, MemberReference.ByExternalId(s_tenant, "m"), "shipped", "o-1", "e-1", node.Books);
        var reply = (PostingReply)(await node.Lanes.SubmitAsync(command, Cancellation)).ShouldBeOfType<Outcome.Applied>().Reply;
        reply.Entries.ShouldHaveSingleItem().Kind.ShouldBe("activate");
        (await node.Lanes.SubmitAsync(command, Cancellation)).ShouldBeOfType<Outcome.Duplicate>();
        (await CountAsync(node, "SELECT lifetime FROM members")).ShouldBe(400);
        (await CountAsync(node, "SELECT COUNT(*) FROM pending_lots")).ShouldBe(2);

        // The others are cancelled by the sweep, and none of them lapses.
        Set("2025-04-01T10:00:00+08:00");
        await new Sweep(node.Database, node.Lanes, node.Books, _clock).RunAsync(null, Cancellation);
        (await CountAsync(node, "SELECT SUM(amount) FROM entries WHERE kind = 'cancel' AND account = 'cancellation'")).ShouldBe(-970);
        (await CountAsync(node, "SELECT COUNT(*) FROM entries WHERE kind = 'expire'")).ShouldBe(0);
        (await CountAsync(node, "SELECT points FROM members")).ShouldBe(400);
        (await new Verifier(node.Database).RunAsync(null, Cancellation)).Holds.ShouldBeTrue();
    }

    private async Task EarnAsync(LaurelNode node, string waitsFor, string reference, long points)
    {
        var request = new PointsRequest { Points = points, Reason = "test", ReferenceType = waitsFor, ReferenceId = reference };
        var command = new EarnPoints(s_tenant, MemberReference.ByExternalId(s_tenant, "m"), request, node.Books)
        {
            PendingEvent = waitsFor,
            CancelAt = Instant.Now(_clock).Plus(TimeSpan.FromDays(60)),
        };
        (await node.Lanes.SubmitAsync(command, Cancellation)).ShouldBeOfType<Outcome.Applied>();
    }

    private sealed record Told(long Points, long Lots, long Days, string ExpiresAt);

    private void Set(string now) => _clock.Set(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));

    private Task RemindAsync(IEnumerable<LaurelNode> nodes) =>
        Task.WhenAll(nodes.Select(node => new Reminders(node.Database, node.Lanes, node.Books, _clock).RunAsync(Cancellation)));

    private static async Task<IReadOnlyList<Told>> RemindersAsync(LaurelNode node)
    {
        var told = new List<Told>();
        await foreach (var record in new EventStore(node.Database).ReadAsync(s_tenant, Instant.Earliest, Instant.Never, Cancellation))
        {
            if (record.Type == "points.expiring")
            {
                using var json = JsonDocument.Parse(record.CloudEvent);
                var data = json.RootElement.GetProperty("data");
                told.Add(new Told(
                    data.GetProperty("points").GetInt64(),
                    data.GetProperty("lots").GetInt64(),
                    data.GetProperty("days_before").GetInt64(),
                    data.GetProperty("expires_at").GetString()!));
            }
        }

        return told;
    }

    private static async Task<long> CountAsync(LaurelNode node, string sql)
    {
        await using var session = await node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(sql);
    }

    private async Task RegisterAsync(LaurelNode node, string externalId)
    {
        var request = new RegisterRequest { ExternalId = externalId, Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(_clock) };
        (await node.Lanes.SubmitAsync(new RegisterMember(s_tenant, request, node.Books, node.Vault), Cancellation)).ShouldBeOfType<Outcome.Applied>();
    }

    private async Task<LaurelNode> OpenAsync(DatabaseUnderTest kind, string? url, string name)
    {
        var (settings, mistakes) = LaurelSettings.Read(Path.Combine(_folder.FullName, name), null);
        mistakes.ShouldBeEmpty();
        settings = settings! with
        {
            Database = kind switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = url,
            Cluster = new ClusterSettings { DatabaseRole = PostgresCluster.RoleOf(url) },
        };
        return await LaurelNode.OpenAsync(settings, name, _clock, NullLoggerFactory.Instance, Cancellation);
    }
}
