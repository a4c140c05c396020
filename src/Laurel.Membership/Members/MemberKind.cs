using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Addresses;
using Laurel.Membership.Adjustments;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.Levels;
using Laurel.Membership.Merges;
using Laurel.Membership.Notes;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Rules;
using Laurel.Membership.Search;
using Laurel.Membership.Units;
using Laurel.Membership.Watch;
using Laurel.Platform.Access;

namespace Laurel.Membership.Members;

/// <summary>How members are locked, read and written: one row each, wallets of the built-in units in its columns.</summary>
public sealed class MemberKind : AggregateKind
{
    private readonly record struct Key(int Tenant, long Id);

    private sealed record Changed(MemberBook Before, MemberBook After);

    private const string Columns = """
        m.tenant_id, m.id, m.member_code, m.external_id, m.nickname, m.status, m.registered_at, m.level_code, m.level_since,
        m.last_id, m.points, m.held, m.debt, m.receivable, m.next_change_at, m.activation_at, m.growth, m.balance,
        m.lifetime, m.total_orders, m.total_amount, m.first_order_used, m.version, m.balance_held, m.real_name_verified,
        m.level_state, m.level_due_at, m.merged_into, m.inactive_at, m.inactive_reminded_days, m.carried_at, m.cancel_due_at, m.erased_at, m.tags,
        m.cancel_asked_by
        """;

    // The order of the ids is the order of the locks, over the whole batch.
    private static readonly SetStatement<Key> s_lock = Statements.Lock(Columns, "members m",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("id", k => k.Id));

    private static readonly SetStatement<Key> s_read = Statements.Find(Columns, "members m", "",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("id", k => k.Id));

    private static readonly SetStatement<MemberBook> s_insert = Statements.Insert("members",
        Column<MemberBook>.Int32("tenant_id", b => b.Identity.Tenant.Value),
        Column<MemberBook>.Int64("id", b => b.Identity.Id.Value),
        Column<MemberBook>.Text("member_code", b => b.Identity.Code),
        Column<MemberBook>.Text("external_id", b => b.Identity.ExternalId),
        Column<MemberBook>.Text("nickname", b => b.Identity.Nickname),
        Column<MemberBook>.Text("status", b => NameOf(b.Status)),
        Column<MemberBook>.Instant("registered_at", b => b.Identity.RegisteredAt),
        Column<MemberBook>.Text("level_code", b => b.LevelCode),
        Column<MemberBook>.Instant("level_since", b => b.LevelSince),
        Column<MemberBook>.Int64("last_id", b => b.LastId),
        Column<MemberBook>.Int64("points", b => b.Points.Balance),
        Column<MemberBook>.Int64("held", b => b.Points.Held),
        Column<MemberBook>.Int64("debt", b => b.Points.Debt),
        Column<MemberBook>.Int64("receivable", b => b.Points.Receivable),
        Column<MemberBook>.Instant("next_change_at", b => b.Points.NextChangeAt),
        Column<MemberBook>.Instant("activation_at", b => b.Points.ActivationAtMax),
        Column<MemberBook>.Int64("growth", b => b.Growth),
        Column<MemberBook>.Int64("balance", b => b.Balance),
        Column<MemberBook>.Int64("lifetime", b => b.Lifetime),
        Column<MemberBook>.Int64("total_orders", b => b.TotalOrders),
        Column<MemberBook>.Int64("total_amount", b => b.TotalAmount),
        Column<MemberBook>.Flag("first_order_used", b => b.FirstOrderUsed),
        Column<MemberBook>.Int64("balance_held", b => b.BalanceHeld),
        Column<MemberBook>.Flag("real_name_verified", b => b.RealNameVerified),
        Column<MemberBook>.Text("level_state", b => b.LevelState.ToText()),
        Column<MemberBook>.NullableInt64("level_due_at", b => b.LevelDueAt?.UnixMicroseconds),
        Column<MemberBook>.NullableInt64("inactive_at", InactiveAt),
        Column<MemberBook>.Int64("version", _ => 1));

    // Guarded by the version: the row is locked, so a miss is a fault, and it must not be committed.
    private static readonly SetStatement<Changed> s_update = new(
        sqlite: """
            UPDATE members SET status = $4, level_since = $6, last_id = $7, points = $8, held = $9, debt = $10,
                receivable = $11, activation_at = $13, growth = $14, balance = $15, lifetime = $16, total_orders = $17,
                total_amount = $18, first_order_used = $19, balance_held = $20, real_name_verified = $21, version = version + 1
            WHERE tenant_id = $1 AND id = $2 AND version = $3 AND $5 IS NOT NULL AND $12 IS NOT NULL
            """,
        postgres: """
            WITH hit AS (
                UPDATE members m SET status = c.status, level_code = c.level_code, level_since = c.level_since,
                    last_id = c.last_id, points = c.points, held = c.held, debt = c.debt, receivable = c.receivable,
                    next_change_at = c.next_change_at, activation_at = c.activation_at, growth = c.growth, balance = c.balance,
                    lifetime = c.lifetime, total_orders = c.total_orders, total_amount = c.total_amount,
                    first_order_used = c.first_order_used, balance_held = c.balance_held, real_name_verified = c.real_name_verified,
                    version = m.version + 1
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
                    c (tenant_id, id, version, status, level_code, level_since, last_id, points, held, debt, receivable,
                       next_change_at, activation_at, growth, balance, lifetime, total_orders, total_amount, first_order_used,
                       balance_held, real_name_verified)
                WHERE m.tenant_id = c.tenant_id AND m.id = c.id AND m.version = c.version
                RETURNING 1)
            SELECT laurel_require(count(*), cardinality($1)) FROM hit
            """,
        mySql: """
            UPDATE {rows} k STRAIGHT_JOIN members m ON m.tenant_id = k.tenant_id AND m.id = k.id AND m.version = k.version
            SET m.status = k.status, m.level_code = k.level_code, m.level_since = k.level_since, m.last_id = k.last_id,
                m.points = k.points, m.held = k.held, m.debt = k.debt, m.receivable = k.receivable,
                m.next_change_at = k.next_change_at, m.activation_at = k.activation_at, m.growth = k.growth, m.balance = k.balance,
                m.lifetime = k.lifetime, m.total_orders = k.total_orders, m.total_amount = k.total_amount,
                m.first_order_used = k.first_order_used, m.balance_held = k.balance_held, m.real_name_verified = k.real_name_verified,
                m.version = m.version + 1
            """,
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.Int64("version", c => c.Before.Version),
        Column<Changed>.Text("status", c => NameOf(c.After.Status)),
        Column<Changed>.Text("level_code", c => c.After.LevelCode),
        Column<Changed>.Instant("level_since", c => c.After.LevelSince),
        Column<Changed>.Int64("last_id", c => c.After.LastId),
        Column<Changed>.Int64("points", c => c.After.Points.Balance),
        Column<Changed>.Int64("held", c => c.After.Points.Held),
        Column<Changed>.Int64("debt", c => c.After.Points.Debt),
        Column<Changed>.Int64("receivable", c => c.After.Points.Receivable),
        Column<Changed>.Instant("next_change_at", c => c.After.Points.NextChangeAt),
        Column<Changed>.Instant("activation_at", c => c.After.Points.ActivationAtMax),
        Column<Changed>.Int64("growth", c => c.After.Growth),
        Column<Changed>.Int64("balance", c => c.After.Balance),
        Column<Changed>.Int64("lifetime", c => c.After.Lifetime),
        Column<Changed>.Int64("total_orders", c => c.After.TotalOrders),
        Column<Changed>.Int64("total_amount", c => c.After.TotalAmount),
        Column<Changed>.Flag("first_order_used", c => c.After.FirstOrderUsed),
        Column<Changed>.Int64("balance_held", c => c.After.BalanceHeld),
        Column<Changed>.Flag("real_name_verified", c => c.After.RealNameVerified))
    {
        HitsEveryRow = true,
    };

    // SQLite rewrites the index of every column that an UPDATE names, changed or not: a page of the index for each earning.
    // So it names next_change_at only where it changed. PostgreSQL and MySQL compare the values themselves and have nothing left to do.
    private static readonly SetStatement<Changed> s_updateNextChange = new(
        sqlite: "UPDATE members SET next_change_at = $3 WHERE tenant_id = $1 AND id = $2",
        postgres: "",
        mySql: "",
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.Instant("next_change_at", c => c.After.Points.NextChangeAt))
    {
        HitsEveryRow = true,
    };

    // What only some writes change of the level, so that the others neither send nor index it.
    private static readonly SetStatement<Changed> s_updateLevel = Statements.Update(
        "members",
        keys: 2,
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.Text("level_code", c => c.After.LevelCode),
        Column<Changed>.Text("level_state", c => c.After.LevelState.ToText()),
        Column<Changed>.NullableInt64("level_due_at", c => c.After.LevelDueAt?.UnixMicroseconds));

    // Once for each carryover of the programme.
    private static readonly SetStatement<Changed> s_updateCarried = Statements.Update(
        "members",
        keys: 2,
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.NullableInt64("carried_at", c => c.After.CarriedAt?.UnixMicroseconds));

    // Leaving is rare: nothing else sends these.
    private static readonly SetStatement<Changed> s_updateLeaving = Statements.Update(
        "members",
        keys: 2,
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.NullableInt64("cancel_due_at", c => c.After.CancelDueAt?.UnixMicroseconds),
        Column<Changed>.NullableInt64("erased_at", c => c.After.ErasedAt?.UnixMicroseconds),
        Column<Changed>.Bytes("cancel_asked_by", c => c.After.CancelAskedBy?.ToBytes()));

    // Who a member is changes when somebody says so, and when it is erased.
    private static readonly SetStatement<Changed> s_updateIdentity = Statements.Update(
        "members",
        keys: 2,
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.Text("external_id", c => c.After.Identity.ExternalId),
        Column<Changed>.Text("nickname", c => c.After.Identity.Nickname));

    // Merging is rare: nothing else sends the column.
    private static readonly SetStatement<Changed> s_updateMerged = Statements.Update(
        "members",
        keys: 2,
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.NullableInt64("merged_into", c => c.After.MergedInto));

    // Nobody is tagged by an order: nothing else sends the column.
    private static readonly SetStatement<Changed> s_updateTags = Statements.Update(
        "members",
        keys: 2,
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.Text("tags", c => c.After.Tags.ToText()));

    // Only members who have points that lapse by inactivity send these, and on most days once.
    private static readonly SetStatement<Changed> s_updateInactive = Statements.Update(
        "members",
        keys: 2,
        Column<Changed>.Int32("tenant_id", c => c.After.Identity.Tenant.Value),
        Column<Changed>.Int64("id", c => c.After.Identity.Id.Value),
        Column<Changed>.NullableInt64("inactive_at", c => InactiveAt(c.After)),
        Column<Changed>.Int32("inactive_reminded_days", c => c.After.Points.Inactivity.RemindedDays));

    public override int Rank => 20;

    public override string AuditName => "member";

    public override long MemberOf(Aggregate aggregate) => ((MemberBook)aggregate).Identity.Id.Value;

    public override void Describe(Aggregate aggregate, AuditState state) => MemberAudit.Describe((MemberBook)aggregate, state);

    public RootRef RootOf(TenantId tenant, MemberId member) => new(this, tenant, member.Value);

    /// <summary>The handle under which the host's own id of a member is found.</summary>
    public static Hash128 HandleOf(TenantId tenant, string externalId) => Hash128.Of(tenant.Value, "member", externalId);

    public static string NameOf(MemberStatus status) => status switch
    {
        MemberStatus.Active => "active",
        MemberStatus.Inactive => "inactive",
        MemberStatus.Banned => "banned",
        MemberStatus.Merged => "merged",
        MemberStatus.Frozen => "frozen",
        MemberStatus.Cancelled => "cancelled",
    };

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) => Read(s_lock, builder, roots, set);

    public override void Read(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) => Read(s_read, builder, roots, set);

    private void Read(SetStatement<Key> statement, SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set)
    {
        var keys = new Key[roots.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = new Key(roots[i].Tenant.Value, roots[i].Id);
        }

        builder.Add(statement, keys, row =>
        {
            var book = Read(row);
            set.Load(RootOf(book.Identity.Tenant, book.Identity.Id), book);
        });
    }

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed)
    {
        var books = changed.Select(c => (Before: (MemberBook?)c.Before, After: (MemberBook)c.After)).ToList();
        builder.Add(s_insert, [.. books.Where(b => b.Before is null).Select(b => b.After)]);
        var updated = books.Where(b => b.Before is not null).Select(b => new Changed(b.Before!, b.After)).ToList();
        builder.Add(s_update, updated);
        builder.Add(s_updateNextChange, updated.FindAll(c => c.After.Points.NextChangeAt != c.Before.Points.NextChangeAt));
        builder.Add(s_updateLevel, updated.FindAll(ChangesLevel));
        builder.Add(s_updateInactive, updated.FindAll(c => c.After.Points.Inactivity != c.Before.Points.Inactivity));
        builder.Add(s_updateCarried, updated.FindAll(c => c.After.CarriedAt != c.Before.CarriedAt));
        builder.Add(s_updateLeaving, updated.FindAll(ChangesLeaving));
        builder.Add(s_updateIdentity, updated.FindAll(c => c.After.Identity != c.Before.Identity));
        builder.Add(s_updateMerged, updated.FindAll(c => c.After.MergedInto != c.Before.MergedInto));
        builder.Add(s_updateTags, updated.FindAll(c => !ReferenceEquals(c.After.Tags, c.Before.Tags)));
        LotStatements.Write(builder, books.ConvertAll(b => b.After));
        PendingStatements.Write(builder, books.ConvertAll(b => b.After));
        HoldStatements.Write(builder, books.ConvertAll(b => b.After));
        OrderStatements.Write(builder, books.ConvertAll(b => b.After));
        ReturnStatements.Write(builder, books.ConvertAll(b => b.After));
        LimitStatements.Write(builder, books.ConvertAll(b => b.After));
        CapUseStatements.Write(builder, books.ConvertAll(b => b.After));
        BalanceStatements.Write(builder, books.ConvertAll(b => b.After));
        BenefitStatements.Write(builder, books.ConvertAll(b => b.After));
        CardStatements.Write(builder, books.ConvertAll(b => b.After));
        CouponStatements.Write(builder, books.ConvertAll(b => b.After));
        CheckoutStatements.Write(builder, books.ConvertAll(b => b.After));
        AdjustmentStatements.Write(builder, books.ConvertAll(b => b.After));
        MergeStatements.Write(builder, books.ConvertAll(b => b.After));
        WatchStatements.Write(builder, books.ConvertAll(b => b.After));
        UnitStatements.Write(builder, books.ConvertAll(b => b.After));
        PersonalStatements.Write(builder, books.ConvertAll(b => b.After));
        AddressStatements.Write(builder, books.ConvertAll(b => b.After));
        NoteStatements.Write(builder, books.ConvertAll(b => b.After));
        TermStatements.Write(builder, books);
    }

    private static bool ChangesLevel(Changed change) => change.After.LevelCode != change.Before.LevelCode
        || change.After.LevelDueAt != change.Before.LevelDueAt || change.After.LevelState != change.Before.LevelState;

    private static bool ChangesLeaving(Changed change) => change.After.CancelDueAt != change.Before.CancelDueAt
        || change.After.ErasedAt != change.Before.ErasedAt || !Equals(change.After.CancelAskedBy, change.Before.CancelAskedBy);

    private static long? InactiveAt(MemberBook book) => book.Points.Inactivity.RunsOutAt is { IsNever: false } at ? at.UnixMicroseconds : null;

    private static InactivityClock ClockOf(SqlRow row) => row.IsNull(28) ? InactivityClock.None : new InactivityClock(row.Instant(28), row.Int32(29));

    private static MemberBook Read(SqlRow row) => new()
    {
        Identity = new MemberIdentity
        {
            Tenant = new TenantId(row.Int32(0)),
            Id = new MemberId(row.Int64(1)),
            Code = row.Text(2),
            ExternalId = row.Text(3),
            Nickname = row.TextOrNull(4),
            RegisteredAt = row.Instant(6),
        },
        Status = StatusOf(row.Text(5)),
        LevelCode = row.Text(7),
        LevelSince = row.Instant(8),
        LastId = row.Int64(9),
        Points = PointsWallet.Stored(row.Int64(10), row.Int64(11), row.Int64(12), row.Int64(13), row.Instant(14), row.Instant(15), ClockOf(row)),
        Growth = row.Int64(16),
        Balance = row.Int64(17),
        Lifetime = row.Int64(18),
        TotalOrders = row.Int64(19),
        TotalAmount = row.Int64(20),
        FirstOrderUsed = row.Flag(21),
        Version = row.Int64(22),
        BalanceHeld = row.Int64(23),
        RealNameVerified = row.Flag(24),
        LevelState = LevelState.Parse(row.TextOrNull(25)),
        LevelDueAt = row.IsNull(26) ? null : row.Instant(26),
        MergedInto = row.Int64OrNull(27),
        CarriedAt = row.IsNull(30) ? null : row.Instant(30),
        CancelDueAt = row.IsNull(31) ? null : row.Instant(31),
        ErasedAt = row.IsNull(32) ? null : row.Instant(32),
        Tags = MemberTags.Parse(row.TextOrNull(33)),
        CancelAskedBy = row.BytesOrNull(34) is { } hands ? Hands.FromBytes(hands) : null,
    };

    /// <summary>The status of a name.</summary>
    public static MemberStatus StatusOf(string name) => name switch
    {
        "active" => MemberStatus.Active,
        "inactive" => MemberStatus.Inactive,
        "banned" => MemberStatus.Banned,
        "merged" => MemberStatus.Merged,
        "frozen" => MemberStatus.Frozen,
        "cancelled" => MemberStatus.Cancelled,
        _ => throw new InvariantBrokenException($"A member has status '{name}', which no version wrote."),
    };
}
