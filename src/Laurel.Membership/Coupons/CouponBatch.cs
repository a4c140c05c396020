using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Coupons;

/// <summary>Codes that are made or imported together.</summary>
internal sealed class CouponBatch : Aggregate
{
    /// <summary>What their seeds are sealed for.</summary>
    public const string SeedPurpose = "coupon-codes";

    public required TenantId Tenant { get; init; }

    public required long Id { get; init; }

    public required string Template { get; init; }

    /// <summary><c>generated</c> or <c>imported</c>.</summary>
    public required string Origin { get; init; }

    public required long Total { get; init; }

    /// <summary>How many of them are stored.</summary>
    public required long Made { get; set; }

    /// <summary>Sealed; null of an import, and once the codes were fetched.</summary>
    public required byte[]? Seed { get; set; }

    public required Instant CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public override Aggregate Copy() => (CouponBatch)MemberwiseClone();

    public static CouponBatch Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Template = row.Text(2),
        Origin = row.Text(3),
        Total = row.Int64(4),
        Made = row.Int64(5),
        Seed = row.BytesOrNull(6),
        CreatedAt = row.Instant(7),
        CreatedBy = row.Text(8),
    };
}

/// <summary>How batches are locked, read and written.</summary>
public sealed class CouponBatchKind : AggregateKind
{
    public override string AuditName => "coupon_batch";

    public override void Describe(Aggregate aggregate, AuditState state)
    {
        var batch = (CouponBatch)aggregate;
        state.Add("template", batch.Template);
        state.Add("total", batch.Total);
        state.Add("made", batch.Made);
    }

    internal const string Columns = "b.tenant_id, b.id, b.template, b.origin, b.total, b.made, b.seed, b.created_at, b.created_by";

    private readonly record struct Key(int Tenant, long Id);

    private static readonly SetStatement<Key> s_lock = Statements.Lock(Columns, "coupon_batches b",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("id", k => k.Id));

    private static readonly SetStatement<CouponBatch> s_insert = Statements.Insert("coupon_batches",
        Column<CouponBatch>.Int32("tenant_id", b => b.Tenant.Value),
        Column<CouponBatch>.Int64("id", b => b.Id),
        Column<CouponBatch>.Text("template", b => b.Template),
        Column<CouponBatch>.Text("origin", b => b.Origin),
        Column<CouponBatch>.Int64("total", b => b.Total),
        Column<CouponBatch>.Int64("made", b => b.Made),
        Column<CouponBatch>.Bytes("seed", b => b.Seed),
        Column<CouponBatch>.Instant("created_at", b => b.CreatedAt),
        Column<CouponBatch>.Text("created_by", b => b.CreatedBy));

    private static readonly SetStatement<CouponBatch> s_update = Statements.Update("coupon_batches", keys: 2,
        Column<CouponBatch>.Int32("tenant_id", b => b.Tenant.Value),
        Column<CouponBatch>.Int64("id", b => b.Id),
        Column<CouponBatch>.Int64("made", b => b.Made),
        Column<CouponBatch>.Bytes("seed", b => b.Seed));

    public override int Rank => 15;

    public RootRef RootOf(TenantId tenant, long id) => new(this, tenant, id);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        builder.Add(s_lock, [.. roots.Select(root => new Key(root.Tenant.Value, root.Id))], row =>
        {
            var batch = CouponBatch.Read(row);
            set.Load(RootOf(batch.Tenant, batch.Id), batch);
        });

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed)
    {
        builder.Add(s_insert, [.. changed.Where(root => root.Before is null).Select(root => (CouponBatch)root.After)]);
        builder.Add(s_update, [.. changed.Where(root => root.Before is not null).Select(root => (CouponBatch)root.After)]);
    }
}

/// <summary>A code as it is stored.</summary>
internal sealed class StoredCode : Aggregate
{
    public required TenantId Tenant { get; init; }

    public required CodeKey Key { get; init; }

    public required long Batch { get; init; }

    public required string Template { get; init; }

    /// <summary>Who redeemed it; null while nobody has.</summary>
    public long? Member { get; set; }

    /// <summary>The coupon it became; null while nobody has redeemed it.</summary>
    public long? Coupon { get; set; }

    public override Aggregate Copy() => (StoredCode)MemberwiseClone();
}

/// <summary>How codes are locked, read and written. Locked before members.</summary>
public sealed class CouponCodeKind : AggregateKind
{
    private readonly record struct Id(int Tenant, long Value);

    private static readonly SetStatement<Id> s_lock = Statements.Lock(
        "c.tenant_id, c.id, c.check_hash, c.last_four, c.batch_id, c.template, c.member_id, c.coupon_id", "coupon_codes c",
        Column<Id>.Int32("tenant_id", k => k.Tenant),
        Column<Id>.Int64("id", k => k.Value));

    internal static readonly SetStatement<StoredCode> Insert = Statements.Insert("coupon_codes",
        Column<StoredCode>.Int32("tenant_id", c => c.Tenant.Value),
        Column<StoredCode>.Int64("id", c => c.Key.Id),
        Column<StoredCode>.Int64("check_hash", c => c.Key.Check),
        Column<StoredCode>.Text("last_four", c => c.Key.LastFour),
        Column<StoredCode>.Int64("batch_id", c => c.Batch),
        Column<StoredCode>.Text("template", c => c.Template));

    private static readonly SetStatement<StoredCode> s_update = Statements.Update("coupon_codes", keys: 2,
        Column<StoredCode>.Int32("tenant_id", c => c.Tenant.Value),
        Column<StoredCode>.Int64("id", c => c.Key.Id),
        Column<StoredCode>.NullableInt64("member_id", c => c.Member),
        Column<StoredCode>.NullableInt64("coupon_id", c => c.Coupon));

    public override int Rank => 16;

    internal RootRef RootOf(TenantId tenant, CodeKey key) => new(this, tenant, key.Id);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        builder.Add(s_lock, [.. roots.Select(root => new Id(root.Tenant.Value, root.Id))], row =>
        {
            var code = new StoredCode
            {
                Tenant = new TenantId(row.Int32(0)),
                Key = new CodeKey(row.Int64(1), row.Int64(2), row.Text(3)),
                Batch = row.Int64(4),
                Template = row.Text(5),
                Member = row.Int64OrNull(6),
                Coupon = row.Int64OrNull(7),
            };
            set.Load(RootOf(code.Tenant, code.Key), code);
        });

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed)
    {
        builder.Add(Insert, [.. changed.Where(root => root.Before is null).Select(root => (StoredCode)root.After)]);
        builder.Add(s_update, [.. changed.Where(root => root.Before is not null).Select(root => (StoredCode)root.After)]);
    }
}
