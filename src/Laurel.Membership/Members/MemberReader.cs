using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Members;

/// <summary>Reads members for answers: figures as of now, lapsed points never counted.</summary>
public sealed class MemberReader : IAsyncDisposable
{
    private readonly record struct Key(int Tenant, long Id);

    private readonly record struct WindowKey(int Tenant, long Id, Instant Now, Instant Soon);

    /// <summary>What a member's lots and overdue holds change of its stored figures.</summary>
    private sealed record Window(long Pending, long Lapsed, long Expiring)
    {
        public static readonly Window Empty = new(0, 0, 0);

        /// <summary>When the next lot activates.</summary>
        public Instant ActiveAt { get; init; } = Instant.Never;

        /// <summary>When the next lot will lapse within <see cref="MemberView.Soon"/>.</summary>
        public Instant SoonAt { get; init; } = Instant.Never;

        public long FreedLive { get; init; }

        public long FreedLapsed { get; init; }

        /// <summary>Points that can be spent now and lapse by inactivity.</summary>
        public long Inactive { get; init; }

        /// <summary>Of <see cref="FreedLive"/>, what lapses by inactivity.</summary>
        public long FreedInactive { get; init; }

        /// <summary>With what the member's clock makes of points that lapse by inactivity.</summary>
        public Window At(Instant inactiveAt, Instant now) => inactiveAt switch
        {
            _ when inactiveAt <= now => this with { Lapsed = Lapsed + Inactive, FreedLive = FreedLive - FreedInactive, FreedLapsed = FreedLapsed + FreedInactive },
            _ when inactiveAt <= now.Plus(MemberView.Soon) => this with { Expiring = Expiring + Inactive },
            { IsNever: false } => this with { SoonAt = Instant.Min(SoonAt, inactiveAt.Plus(-MemberView.Soon)) },
            _ => this,
        };
    }

    private const string Columns = """
        m.tenant_id, m.id, m.member_code, m.external_id, m.nickname, m.status, m.registered_at, m.level_code, m.level_since,
        m.points, m.held, m.debt, m.receivable, m.next_change_at, m.activation_at, m.growth, m.balance, m.lifetime,
        m.total_orders, m.total_amount, p.wrapped_key, p.phone, p.email, m.version,
        m.level_state, m.merged_into, m.inactive_at, p.profile, p.profile_version, m.tags
        """;

    private static readonly SetStatement<Key> s_readMembers = Statements.Find(
        Columns, "members m", "LEFT JOIN personal_data p ON p.tenant_id = m.tenant_id AND p.member_id = m.id",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("id", k => k.Id));

    private static readonly SetStatement<WindowKey> s_readLots = new(
        sqlite: """
            SELECT l.member_id,
                COALESCE(SUM(CASE WHEN l.active_at > $3 THEN l.remaining - l.held ELSE 0 END), 0),
                COALESCE(SUM(CASE WHEN l.expires_at <= $3 THEN l.remaining - l.held ELSE 0 END), 0),
                COALESCE(SUM(CASE WHEN l.active_at <= $3 AND l.expires_at > $3 AND l.expires_at <= $4 THEN l.remaining - l.held ELSE 0 END), 0),
                MIN(CASE WHEN l.active_at > $3 THEN l.active_at END),
                COALESCE(SUM(CASE WHEN l.active_at <= $3 AND l.expires_at = 9223372036854775806 THEN l.remaining - l.held ELSE 0 END), 0)
            FROM lots l
            WHERE l.tenant_id = $1 AND l.member_id = $2 AND l.remaining > 0 AND (l.expires_at <= $4 OR l.expires_at = 9223372036854775806 OR l.active_at > $3)
            GROUP BY l.member_id
            """,
        postgres: """
            SELECT l.member_id,
                SUM(CASE WHEN l.active_at > k.now THEN l.remaining - l.held ELSE 0 END)::bigint,
                SUM(CASE WHEN l.expires_at <= k.now THEN l.remaining - l.held ELSE 0 END)::bigint,
                SUM(CASE WHEN l.active_at <= k.now AND l.expires_at > k.now AND l.expires_at <= k.soon THEN l.remaining - l.held ELSE 0 END)::bigint,
                MIN(CASE WHEN l.active_at > k.now THEN l.active_at END),
                SUM(CASE WHEN l.active_at <= k.now AND l.expires_at = 9223372036854775806 THEN l.remaining - l.held ELSE 0 END)::bigint
            FROM unnest($1, $2, $3, $4) k (tenant_id, id, now, soon)
            JOIN lots l ON l.tenant_id = k.tenant_id AND l.member_id = k.id AND l.remaining > 0
                AND (l.expires_at <= k.soon OR l.expires_at = 9223372036854775806 OR l.active_at > k.now)
            GROUP BY l.member_id
            """,
        mySql: """
            SELECT l.member_id,
                SUM(CASE WHEN l.active_at > k.now THEN l.remaining - l.held ELSE 0 END),
                SUM(CASE WHEN l.expires_at <= k.now THEN l.remaining - l.held ELSE 0 END),
                SUM(CASE WHEN l.active_at <= k.now AND l.expires_at > k.now AND l.expires_at <= k.soon THEN l.remaining - l.held ELSE 0 END),
                MIN(CASE WHEN l.active_at > k.now THEN l.active_at END),
                SUM(CASE WHEN l.active_at <= k.now AND l.expires_at = 9223372036854775806 THEN l.remaining - l.held ELSE 0 END)
            FROM {rows} k
            STRAIGHT_JOIN lots l ON l.tenant_id = k.tenant_id AND l.member_id = k.id AND l.open_expires_at IS NOT NULL
                AND (l.expires_at <= k.soon OR l.expires_at = 9223372036854775806 OR l.active_at > k.now)
            GROUP BY l.member_id
            """,
        Column<WindowKey>.Int32("tenant_id", k => k.Tenant),
        Column<WindowKey>.Int64("id", k => k.Id),
        Column<WindowKey>.Instant("now", k => k.Now),
        Column<WindowKey>.Instant("soon", k => k.Soon));

    // The soonest lot that does not lapse soon yet: one look at the index.
    private static readonly SetStatement<WindowKey> s_readNextLot = new(
        sqlite: """
            SELECT $2, (SELECT l.expires_at FROM lots l WHERE l.member_id = $2 AND l.remaining > 0 AND l.expires_at > $4 ORDER BY l.expires_at LIMIT 1)
            WHERE $1 IS NOT NULL AND $3 IS NOT NULL
            """,
        postgres: """
            SELECT k.id, next.expires_at
            FROM unnest($1, $2, $3, $4) k (tenant_id, id, now, soon)
            CROSS JOIN LATERAL (
                SELECT l.expires_at FROM lots l
                WHERE l.tenant_id = k.tenant_id AND l.member_id = k.id AND l.remaining > 0 AND l.expires_at > k.soon
                ORDER BY l.expires_at LIMIT 1) next
            """,
        mySql: """
            SELECT k.id, (SELECT l.open_expires_at FROM lots l
                WHERE l.tenant_id = k.tenant_id AND l.member_id = k.id AND l.open_expires_at > k.soon ORDER BY l.open_expires_at LIMIT 1)
            FROM {rows} k
            """,
        Column<WindowKey>.Int32("tenant_id", k => k.Tenant),
        Column<WindowKey>.Int64("id", k => k.Id),
        Column<WindowKey>.Instant("now", k => k.Now),
        Column<WindowKey>.Instant("soon", k => k.Soon));

    // A hold past its end frees its pins for every reader, though the sweep has not written it yet.
    private static readonly SetStatement<WindowKey> s_readOverdueHolds = new(
        sqlite: """
            SELECT h.member_id,
                COALESCE(SUM(CASE WHEN l.expires_at > $3 THEN p.points ELSE 0 END), 0),
                COALESCE(SUM(CASE WHEN l.expires_at <= $3 THEN p.points ELSE 0 END), 0),
                COALESCE(SUM(CASE WHEN l.expires_at = 9223372036854775806 THEN p.points ELSE 0 END), 0)
            FROM holds h
            JOIN hold_pins p ON p.member_id = h.member_id AND p.hold_id = h.id
            JOIN lots l ON l.id = p.lot_id
            WHERE h.tenant_id = $1 AND h.member_id = $2 AND h.status = 'open' AND h.expires_at <= $3 AND $4 > 0
            GROUP BY h.member_id
            """,
        postgres: """
            SELECT h.member_id,
                SUM(CASE WHEN l.expires_at > k.now THEN p.points ELSE 0 END)::bigint,
                SUM(CASE WHEN l.expires_at <= k.now THEN p.points ELSE 0 END)::bigint,
                SUM(CASE WHEN l.expires_at = 9223372036854775806 THEN p.points ELSE 0 END)::bigint
            FROM unnest($1, $2, $3, $4) k (tenant_id, id, now, soon)
            JOIN holds h ON h.tenant_id = k.tenant_id AND h.member_id = k.id AND h.status = 'open' AND h.expires_at <= k.now
            JOIN hold_pins p ON p.tenant_id = h.tenant_id AND p.member_id = h.member_id AND p.hold_id = h.id
            JOIN lots l ON l.tenant_id = p.tenant_id AND l.member_id = p.member_id AND l.id = p.lot_id
            GROUP BY h.member_id
            """,
        mySql: """
            SELECT h.member_id,
                SUM(CASE WHEN l.expires_at > k.now THEN p.points ELSE 0 END),
                SUM(CASE WHEN l.expires_at <= k.now THEN p.points ELSE 0 END),
                SUM(CASE WHEN l.expires_at = 9223372036854775806 THEN p.points ELSE 0 END)
            FROM {rows} k
            STRAIGHT_JOIN holds h ON h.tenant_id = k.tenant_id AND h.member_id = k.id AND h.status = 'open' AND h.expires_at <= k.now
            STRAIGHT_JOIN hold_pins p ON p.tenant_id = h.tenant_id AND p.member_id = h.member_id AND p.hold_id = h.id
            STRAIGHT_JOIN lots l ON l.tenant_id = p.tenant_id AND l.member_id = p.member_id AND l.id = p.lot_id
            GROUP BY h.member_id
            """,
        Column<WindowKey>.Int32("tenant_id", k => k.Tenant),
        Column<WindowKey>.Int64("id", k => k.Id),
        Column<WindowKey>.Instant("now", k => k.Now),
        Column<WindowKey>.Instant("soon", k => k.Soon));

    private readonly Dictionary<Database, ReadLane<(TenantId Tenant, MemberId Id), MemberView>> _lanes;
    private readonly Database _primary;
    private readonly PersonalDataVault _vault;
    private readonly TimeProvider _clock;

    public MemberReader(ReadRouter router, PersonalDataVault vault, TimeProvider clock)
    {
        (_vault, _clock, _primary) = (vault, clock, router.Primary);
        _lanes = router.Replicas.Select(replica => replica.Database).Append(_primary)
            .ToDictionary(
                database => database,
                database => new ReadLane<(TenantId Tenant, MemberId Id), MemberView>(database, "members.read", key => Reach.Of(key.Tenant), ReadAsync));
    }

    /// <summary>The member as of now, from the primary, or null.</summary>
    public Task<MemberReply?> FindAsync(TenantId tenant, MemberId id) => FindAsync(_primary, tenant, id);

    /// <param name="from">The primary or a replica of the router.</param>
    /// <param name="programme">Whose attributes are shown; null shows none.</param>
    /// <param name="forOwner">Whether the member itself asks.</param>
    public async Task<MemberReply?> FindAsync(Database from, TenantId tenant, MemberId id, Programme? programme = null, bool forOwner = false) =>
        await FindViewAsync(from, tenant, id) is { } view ? ReplyOf(view, programme, forOwner) : null;

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values)
        {
            await lane.DisposeAsync();
        }
    }

    internal Task<MemberView?> FindViewAsync(Database from, TenantId tenant, MemberId id) => _lanes[from].FindAsync((tenant, id));

    /// <param name="programme">Whose attributes are shown; null shows none.</param>
    /// <param name="forOwner">Whether the member itself asks, who sees its birthday and no attribute of the staff's.</param>
    internal MemberReply ReplyOf(MemberView view, Programme? programme = null, bool forOwner = false)
    {
        if (view.Personal is not { } personal)
        {
            return MemberReply.Of(view, PersonalData.None, forOwner);
        }

        using var key = _vault.OpenKey(view.Tenant, view.Id, personal.WrappedKey);
        return MemberReply.Of(view, PersonalData.Masked(
            personal.Phone is { } phone ? key.Decrypt(PersonalField.Phone, phone) : null,
            personal.Email is { } email ? key.Decrypt(PersonalField.Email, email) : null) with
        {
            Profile = personal.Version == 0 ? null : ProfileReply.Of(MemberProfile.Open(key, personal.Profile), personal.Version, programme?.Profile ?? new(), forOwner),
        }, forOwner);
    }

    private async Task<IReadOnlyDictionary<(TenantId Tenant, MemberId Id), MemberView>> ReadAsync(
        SqlSession session,
        IReadOnlyList<(TenantId Tenant, MemberId Id)> keys,
        CancellationToken cancellationToken)
    {
        var now = Instant.Now(_clock);
        var soon = now.Plus(MemberView.Soon);
        var views = new Dictionary<(TenantId, MemberId), MemberView>(keys.Count);
        var changing = new List<WindowKey>();
        var inactiveAt = new Dictionary<long, Instant>();
        var script = new SqlScript();
        script.Add(s_readMembers, [.. keys.Select(k => new Key(k.Tenant.Value, k.Id.Value))], row =>
        {
            var view = Read(row, now);
            views.Add((view.Tenant, view.Id), view);
            if (MemberView.UnchangedUntil(row.Instant(13), row.Instant(14), now) is null)
            {
                changing.Add(new WindowKey(view.Tenant.Value, view.Id.Value, now, soon));
                if (!row.IsNull(26))
                {
                    inactiveAt.Add(view.Id.Value, row.Instant(26));
                }
            }
        });
        await session.RunAsync(script, cancellationToken);
        if (changing.Count > 0)
        {
            await AddWindowsAsync(session, changing, inactiveAt, views, cancellationToken);
        }

        return views;
    }

    /// <summary>Corrects the stored figures by what lapsed, activates or ended since they were written.</summary>
    private static async ValueTask AddWindowsAsync(
        SqlSession session,
        List<WindowKey> changing,
        Dictionary<long, Instant> inactiveAt,
        Dictionary<(TenantId, MemberId), MemberView> views,
        CancellationToken cancellationToken)
    {
        var windows = new Dictionary<long, Window>();
        var script = new SqlScript();
        script.Add(s_readLots, changing, row => windows[row.Int64(0)] = new Window(row.Int64(1), row.Int64(2), row.Int64(3))
        {
            ActiveAt = row.IsNull(4) ? Instant.Never : row.Instant(4),
            Inactive = row.Int64(5),
        });
        script.Add(s_readNextLot, changing, row =>
        {
            if (!row.IsNull(1) && !row.Instant(1).IsWhenInactive)
            {
                windows[row.Int64(0)] = windows.GetValueOrDefault(row.Int64(0), Window.Empty) with { SoonAt = row.Instant(1).Plus(-MemberView.Soon) };
            }
        });
        script.Add(s_readOverdueHolds, changing, row =>
            windows[row.Int64(0)] = windows.GetValueOrDefault(row.Int64(0), Window.Empty) with
            {
                FreedLive = row.Int64(1),
                FreedLapsed = row.Int64(2),
                FreedInactive = row.Int64(3),
            });
        await session.RunAsync(script, cancellationToken);
        foreach (var key in changing)
        {
            var id = (new TenantId(key.Tenant), new MemberId(key.Id));
            var window = windows.GetValueOrDefault(key.Id, Window.Empty).At(inactiveAt.GetValueOrDefault(key.Id, Instant.Never), key.Now);
            if (windows.ContainsKey(key.Id))
            {
                views[id] = views[id] with { Figures = FiguresOf(views[id].Figures, window) };
            }

            views[id] = views[id] with { ValidUntil = ValidUntilOf(views[id], window, key.Now) };
        }
    }

    // What is due already is written by the next sweep; until then the figures rest on the moment they were read.
    private static Instant ValidUntilOf(MemberView view, Window window, Instant now) => view.NextChangeAt <= now
        ? now
        : Instant.Min(view.NextChangeAt, Instant.Min(window.ActiveAt, window.SoonAt));

    private static PointsFigures FiguresOf(PointsFigures stored, Window window) => stored with
    {
        Available = stored.Available - window.Pending - window.Lapsed + window.FreedLive,
        Pending = window.Pending,
        Held = stored.Held - window.FreedLive - window.FreedLapsed,
        Expiring30d = window.Expiring,
    };

    private static MemberView Read(SqlRow row, Instant now) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = new MemberId(row.Int64(1)),
        Code = row.Text(2),
        ExternalId = row.Text(3),
        Nickname = row.TextOrNull(4),
        Status = row.Text(5),
        RegisteredAt = row.Instant(6),
        LevelCode = row.Text(7),
        LevelSince = row.Instant(8),
        LevelState = row.TextOrNull(24),
        MergedInto = row.Int64OrNull(25),
        Tags = row.TextOrNull(29),
        PointsBalance = row.Int64(9),
        Figures = new PointsFigures
        {
            Available = row.Int64(9) - row.Int64(10),
            Pending = 0,
            Held = row.Int64(10),
            Debt = row.Int64(11),
            Expiring30d = 0,
        },
        Receivable = row.Int64(12),
        Growth = row.Int64(15),
        Balance = row.Int64(16),
        Lifetime = row.Int64(17),
        TotalOrders = row.Int64(18),
        TotalAmount = row.Int64(19),
        Version = row.Int64(23),
        NextChangeAt = row.Instant(13),
        ValidUntil = MemberView.UnchangedUntil(row.Instant(13), row.Instant(14), now) ?? now,
        Personal = row.IsNull(20) ? null : new SealedPersonalData(row.Bytes(20), row.BytesOrNull(21), row.BytesOrNull(22), row.BytesOrNull(27), row.Int64(28)),
    };
}
