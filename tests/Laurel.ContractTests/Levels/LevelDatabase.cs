using System.Collections.Immutable;
using System.Globalization;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Levels;

/// <summary>A node on a database of its own, with a clock of the test's, whose members earn, order, return and wait.</summary>
internal sealed class LevelDatabase : IAsyncDisposable
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    private readonly DirectoryInfo _folder;
    private readonly LaurelNode _node;
    private readonly SettableClock _clock;
    private readonly FaultsLogged _faults;
    private int _references;

    private LevelDatabase(DirectoryInfo folder, LaurelNode node, SettableClock clock, FaultsLogged faults) =>
        (_folder, _node, _clock, _faults) = (folder, node, clock, faults);

    public LaurelNode Node => _node;

    /// <summary>The members who have a level of a track, <c>vip:gold</c>.</summary>
    public async Task<IReadOnlyList<long>> FoundAsync(string trackLevel) => (await new MemberSearch(_node.Vault).FindAsync(
        _node.Database, s_tenant, _node.Books.Programmes.Latest(s_tenant)!.Programme, new MemberFilter { Track = trackLevel }, null, 100, Cancellation)).Ids;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<LevelDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name, Func<Programme, Programme> programme)
    {
        var url = await databases.FindAsync(kind, name);
        var folder = Directory.CreateTempSubdirectory("laurel-levels-");
        var clock = new SettableClock();
        clock.Set(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(8)));
        var settings = new LaurelSettings
        {
            DataFolder = folder.FullName,
            Urls = LaurelSettings.DefaultUrls,
            Database = kind switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = url,
            Cluster = new ClusterSettings { DatabaseRole = PostgresCluster.RoleOf(url) },
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => stored,
            SweepEvery = TimeSpan.FromHours(1),
        };
        var faults = new FaultsLogged();
        var node = await LaurelNode.OpenAsync(settings, "contract", clock, new LoggerFactory([faults]), Cancellation);
        var opened = new LevelDatabase(folder, node, clock, faults);
        await opened.ChangeAsync(programme);
        return opened;
    }

    public Task<object> ChangeAsync(Func<Programme, Programme> change) => AppliedAsync(
        new ChangeProgramme(s_tenant, programme => new ProgrammeEdit.To(change(programme)), _node.Books.Programmes) { ChangedBy = "test" });

    /// <summary>The clock of the business, in its zone: <c>2026-07-20</c> or <c>2026-07-20 10:00</c>.</summary>
    public void Set(string time) => _clock.Set(TimeOf(time));

    public async Task<MemberId> RegisterAsync(string name)
    {
        var request = new RegisterRequest
        {
            ExternalId = name,
            Nickname = null,
            Phone = null,
            Email = null,
            RegisteredAt = Instant.Now(_clock),
        };
        var reply = (MemberReply)await AppliedAsync(new RegisterMember(s_tenant, request, _node.Books, _node.Vault));
        return new MemberId(long.Parse(reply.Id, CultureInfo.InvariantCulture));
    }

    public Task<object> EarnAsync(MemberId member, long points) => AppliedAsync(new EarnPoints(s_tenant, MemberReference.ById(member), Request(points), _node.Books));

    public Task<object> AdjustAsync(MemberId member, long points) => AppliedAsync(new AdjustPoints(s_tenant, MemberReference.ById(member), Request(points), _node.Books));

    public Task<object> OrderAsync(MemberId member, string id, long amount) => AppliedAsync(new CompleteOrder(
        s_tenant,
        MemberReference.ById(member),
        new OrderRequest { OrderId = id, Currency = "CNY", Amount = amount, Lines = ImmutableArray<OrderLineRequest>.Empty },
        new EventOrigin("/test", "order.completed", id),
        _node.Books));

    public Task<object> RefundAsync(string order, long amount) => AppliedAsync(new RefundOrder(
        s_tenant,
        new RefundRequest { OrderId = order, RefundId = "r-" + order, Amount = amount, Lines = [] },
        new EventOrigin("/test", "order.refunded", "r-" + order),
        _node.Books));

    public Task<Outcome> SetLevelAsync(MemberId member, string? level, string? until = null, string? track = null) => _node.Lanes.SubmitAsync(
        new SetLevel(s_tenant, MemberReference.ById(member), level, new LevelHand("by hand", "olga"), _node.Books)
        {
            Track = track,
            Until = until is null ? null : Instant.From(TimeOf(until)),
        },
        Cancellation);

    public Task<Outcome> ImportToAsync(string? track, MemberId member, params ReadOnlySpan<(string Level, string Time)> changes) => _node.Lanes.SubmitAsync(
        new ImportLevels(
            s_tenant,
            MemberReference.ById(member),
            [.. changes.ToArray().Select(change => new ImportedLevel { Level = change.Level, Time = TimeOf(change.Time), Reason = "as it was" })],
            "olga",
            _node.Books)
        {
            Track = track,
        },
        Cancellation);

    public Task<Outcome> ImportAsync(MemberId member, params ReadOnlySpan<(string Level, string Time)> changes) => ImportToAsync(null, member, changes);

    public Task<Outcome> SubmitAsync(Command command) => _node.Lanes.SubmitAsync(command, Cancellation);

    public BuyMembership Buy(MemberId member, string card, string reference, int periods = 1, string? time = null, long? amount = null) => new(
        s_tenant, MemberReference.ById(member), new CardRequest { Reference = reference, Card = card, Periods = periods, Amount = amount }, _node.Books)
    {
        Time = time is null ? null : Instant.From(TimeOf(time)),
    };

    public RefundMembership RefundCard(string reference) => new(s_tenant, reference, "sent back", _node.Books);

    public CancelMembership CancelCard(MemberId member, string card) => new(s_tenant, MemberReference.ById(member), card, "too dear", "olga", _node.Books);

    /// <summary>The membership by a card as it is stored: <c>from until</c>, by the clock of the business; none where there is none.</summary>
    public async Task<string> MembershipAsync(MemberId member, string card)
    {
        await using var session = await _node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        var rows = await session.Connection.QueryAsync<(long Start, long End)>(
            "SELECT start_time, end_time FROM memberships WHERE member_id = @Member AND card_code = @Card", new { Member = member.Value, Card = card });
        return rows.Select(row => $"{TextOf(row.Start)} {TextOf(row.End)}").SingleOrDefault("none");
    }

    /// <summary>The events of memberships that were told, the oldest first: <c>started 2026-01-05 00:00</c>.</summary>
    public async Task<IReadOnlyList<string>> MembershipEventsAsync(MemberId member)
    {
        var told = new List<string>();
        await foreach (var record in new Laurel.Engine.Events.EventStore(_node.Database).ReadAsync(s_tenant, Instant.Earliest, Instant.Never, Cancellation))
        {
            if (record.MemberId == member.Value && record.Type.StartsWith("membership.", StringComparison.Ordinal))
            {
                using var document = System.Text.Json.JsonDocument.Parse(record.CloudEvent);
                var time = document.RootElement.GetProperty("time").GetDateTimeOffset();
                told.Add($"{record.Type["membership.".Length..]} {TextOf(Instant.From(time).UnixMicroseconds)}");
            }
        }

        return told;
    }

    /// <summary>The rises and falls that were told, the oldest first: <c>upgraded buyer regular</c>; of the main levels the track is <c>none</c>.</summary>
    public async Task<IReadOnlyList<string>> LevelEventsAsync(MemberId member)
    {
        var told = new List<string>();
        await foreach (var record in new Laurel.Engine.Events.EventStore(_node.Database).ReadAsync(s_tenant, Instant.Earliest, Instant.Never, Cancellation))
        {
            if (record.MemberId == member.Value && record.Type.StartsWith("level.", StringComparison.Ordinal))
            {
                using var document = System.Text.Json.JsonDocument.Parse(record.CloudEvent);
                var data = document.RootElement.GetProperty("data");
                told.Add($"{record.Type["level.".Length..]} {data.GetProperty("track").GetString() ?? "none"} {data.GetProperty("new_level").GetString()}");
            }
        }

        return told;
    }

    public Task<long> SweepAsync() => new Sweep(_node.Database, _node.Lanes, _node.Books, _clock).RunAsync(null, Cancellation);

    public Task<long> RunJobAsync() => new LevelJob(_node.Database, _node.Lanes, _node.Books, _clock).RunAsync(s_tenant, null, Cancellation);

    public Task<long> HoldersAsync(string level, string? track = null) =>
        LevelHolders.CountAsync(_node.Database, s_tenant, new LevelPlace(track, level), hasCards: true, Cancellation);

    public async Task<string> LevelAsync(MemberId member)
    {
        await using var session = await _node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return (await session.Connection.ExecuteScalarAsync<string>(
            "SELECT level_code FROM members WHERE tenant_id = @Tenant AND id = @Member", new { Tenant = s_tenant.Value, Member = member.Value }))!;
    }

    /// <summary>The code of the level that is written of a track; <c>none</c> where nothing is.</summary>
    public async Task<string> InTrackAsync(MemberId member, string track)
    {
        await using var session = await _node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        var state = await session.Connection.ExecuteScalarAsync<string?>(
            "SELECT level_state FROM members WHERE tenant_id = @Tenant AND id = @Member", new { Tenant = s_tenant.Value, Member = member.Value });
        using var document = System.Text.Json.JsonDocument.Parse(state ?? "{}");
        return document.RootElement.TryGetProperty("tracks", out var tracks)
            ? tracks.EnumerateArray().Where(one => one.GetProperty("track").GetString() == track)
                .Select(one => one.GetProperty("level").GetString()!).SingleOrDefault("none")
            : "none";
    }

    public async Task<long> LifetimeAsync(MemberId member)
    {
        await using var session = await _node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(
            "SELECT lifetime FROM members WHERE tenant_id = @Tenant AND id = @Member", new { Tenant = s_tenant.Value, Member = member.Value });
    }

    /// <summary>How the level came about, the oldest first: <c>from to reason</c>.</summary>
    /// <param name="track">Null for the main ladder.</param>
    public async Task<IReadOnlyList<string>> HistoryAsync(MemberId member, string? track = null)
    {
        await using var session = await _node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        var rows = await session.Connection.QueryAsync<(string From, string To, string Reason)>(
            "SELECT from_code, to_code, reason FROM level_changes WHERE member_id = @Member AND from_code IS NOT NULL AND COALESCE(track, '') = @Track ORDER BY id",
            new { Member = member.Value, Track = track ?? "" });
        return [.. rows.Select(row => $"{row.From} {row.To}: {row.Reason}")];
    }

    /// <summary>How the level of a track came about, the oldest first: <c>from to time</c>.</summary>
    public async Task<IReadOnlyList<string>> DatedHistoryAsync(MemberId member, string track)
    {
        await using var session = await _node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        var rows = await session.Connection.QueryAsync<(string From, string To, long At)>(
            "SELECT from_code, to_code, occurred_at FROM level_changes WHERE member_id = @Member AND track = @Track ORDER BY id",
            new { Member = member.Value, Track = track });
        return [.. rows.Select(row => $"{row.From} {row.To} {TextOf(row.At)}")];
    }

    /// <summary>What the rule <c>reward</c> paid, the oldest first: <c>level points</c>.</summary>
    public async Task<string> RewardsAsync(MemberId member)
    {
        await using var session = await _node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        var rows = await session.Connection.QueryAsync<(string Level, long Points)>(
            "SELECT reference_id, amount FROM entries WHERE member_id = @Member AND rule = 'reward' ORDER BY id", new { Member = member.Value });
        return string.Join(", ", rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Level} {row.Points}")));
    }

    /// <summary>When the last entry happened, by the clock of the business.</summary>
    public async Task<string> LatestEntryAsync(MemberId member)
    {
        await using var session = await _node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        var at = await session.Connection.ExecuteScalarAsync<long>(
            "SELECT occurred_at FROM entries WHERE member_id = @Member ORDER BY id DESC LIMIT 1", new { Member = member.Value });
        return TextOf(at);
    }

    /// <summary>Every invariant holds.</summary>
    public async Task VerifyAsync()
    {
        var report = await new Verifier(_node.Database).RunAsync(null, Cancellation);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<object> AppliedAsync(Command command)
    {
        var outcome = await _node.Lanes.SubmitAsync(command, Cancellation);
        return outcome.ShouldBeOfType<Outcome.Applied>($"{outcome} {_faults}").Reply;
    }

    private static string TextOf(long at) =>
        new Instant(at).ToDateTimeOffset().ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private PointsRequest Request(long points) => new()
    {
        Points = points,
        Reason = "test",
        ReferenceType = "test",
        ReferenceId = "auto-" + Interlocked.Increment(ref _references).ToString(CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset TimeOf(string time) => new(
        DateTime.ParseExact(time, ["yyyy-MM-dd", "yyyy-MM-dd HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None),
        TimeSpan.FromHours(8));
}
