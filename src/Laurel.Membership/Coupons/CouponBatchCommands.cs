using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Coupons;

/// <summary>A batch of codes as it is told.</summary>
public sealed record CouponBatchReply
{
    public required string Id { get; init; }

    public required string Template { get; init; }

    /// <summary><c>generated</c> or <c>imported</c>.</summary>
    public required string Origin { get; init; }

    /// <summary><c>making</c>; <c>ready</c>, when its codes can be fetched; or <c>closed</c>, when nobody can be told them any more.</summary>
    public required string State { get; init; }

    public required long Total { get; init; }

    /// <summary>How many codes can be redeemed already.</summary>
    public required long Made { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    internal static CouponBatchReply Of(CouponBatch batch) => new()
    {
        Id = batch.Id.ToString(CultureInfo.InvariantCulture),
        Template = batch.Template,
        Origin = batch.Origin,
        State = batch.Made < batch.Total ? "making" : batch.Seed is null ? "closed" : "ready",
        Total = batch.Total,
        Made = batch.Made,
        CreatedAt = batch.CreatedAt.ToDateTimeOffset(),
        CreatedBy = batch.CreatedBy,
    };
}

/// <summary>What making and importing codes have in common: they take as much of a template's stock as there will be codes, at once.</summary>
/// <remarks>Refusals, first match wins: COUPON_TEMPLATE_NOT_FOUND, COUPON_CODE_EXISTS, COUPON_SOLD_OUT.</remarks>
public abstract class AddCodes(TenantId tenant, string template, string reference, string createdBy, MemberBooks books) : Command(tenant)
{
    public override long FairnessKey => unchecked((long)Hash128.Of(Tenant.Value, "coupon-batches", template).Low);

    protected MemberBooks Books { get; } = books;

    /// <summary>How many codes.</summary>
    protected abstract long Total { get; }

    /// <summary>Tells this batch from another under the same reference.</summary>
    protected abstract string Content { get; }

    public override void NameHandles(HandleResolution handles)
    {
        // A template is found by its code.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(Books.Programmes.RootOf(Tenant));
        if (Books.Programmes.Latest(Tenant)?.Programme.FindCoupon(template) is not null)
        {
            roots.Add(Books.CouponStocks.RootOf(Tenant, template));
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "coupon-batch", template, reference),
        Hash128.Of(Tenant.Value, "coupon-batch", Content)));

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // The roots are all there is.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (draft.Find<ActiveProgramme>(Books.Programmes.RootOf(Tenant))?.Programme.FindCoupon(template) is not { } found)
        {
            return new Decision.Refuse(new Refusal("COUPON_TEMPLATE_NOT_FOUND", ("template", template)));
        }

        if (draft.Edit<CouponStock>(Books.CouponStocks.RootOf(Tenant, template)) is not { } stock)
        {
            return Decision.NeedRoots.Instance;
        }

        if (Why(draft) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        if (stock.Issued + Total > found.Stock)
        {
            return new Decision.Refuse(new Refusal("COUPON_SOLD_OUT", ("template", template), ("stock", found.Stock)));
        }

        stock.Issue(Total);
        var batch = Make(draft, draft.NextId(0), template, createdBy);
        draft.Create(Books.CouponBatches.RootOf(Tenant, batch.Id), batch);
        return new Decision.Apply(CouponBatchReply.Of(batch), batch.Id, 0, 0);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    /// <summary>Why these codes cannot be added; null where nothing is against it.</summary>
    private protected virtual Refusal? Why(Draft draft) => null;

    private protected abstract CouponBatch Make(Draft draft, long id, string template, string createdBy);
}

/// <summary>Begins a batch of new codes. <see cref="CouponCodeJob"/> makes them.</summary>
public sealed class CreateCouponBatch(TenantId tenant, string template, long total, string reference, string createdBy, MemberBooks books, SecretVault secrets)
    : AddCodes(tenant, template, reference, createdBy, books)
{
    /// <summary>Codes of a batch at the most.</summary>
    public const long TotalMax = 1_000_000;

    protected override long Total => total;

    protected override string Content => total.ToString(CultureInfo.InvariantCulture);

    private protected override CouponBatch Make(Draft draft, long id, string template, string createdBy) => new()
    {
        Tenant = Tenant,
        Id = id,
        Template = template,
        Origin = "generated",
        Total = total,
        Made = 0,
        Seed = secrets.Seal(Tenant, CouponBatch.SeedPurpose, id, secrets.Draw(CouponCode.SeedLength)),
        CreatedAt = draft.Now,
        CreatedBy = createdBy,
    };
}

/// <summary>Adds codes that were printed elsewhere.</summary>
public sealed class ImportCouponCodes(TenantId tenant, string template, IReadOnlyList<string> codes, string reference, string createdBy, MemberBooks books)
    : AddCodes(tenant, template, reference, createdBy, books)
{
    /// <summary>Codes of one call at the most.</summary>
    public const int CodesMax = 1_000;

    private readonly List<CodeKey> _keys = [.. codes.Select(code => CouponCode.KeyOf(tenant, code))];

    protected override long Total => _keys.Count;

    protected override string Content => string.Join('|', _keys.Select(key => $"{key.Id:x}{key.Check:x}"));

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        foreach (var key in _keys)
        {
            roots.Add(Books.CouponCodes.RootOf(Tenant, key));
        }
    }

    private protected override Refusal? Why(Draft draft)
    {
        foreach (var key in _keys)
        {
            if (draft.Find<StoredCode>(Books.CouponCodes.RootOf(Tenant, key)) is not null)
            {
                return new Refusal("COUPON_CODE_EXISTS", ("lastFour", key.LastFour));
            }
        }

        return null;
    }

    private protected override CouponBatch Make(Draft draft, long id, string template, string createdBy)
    {
        foreach (var key in _keys)
        {
            draft.Create(Books.CouponCodes.RootOf(Tenant, key), new StoredCode { Tenant = Tenant, Key = key, Batch = id, Template = template });
        }

        return new CouponBatch
        {
            Tenant = Tenant,
            Id = id,
            Template = template,
            Origin = "imported",
            Total = _keys.Count,
            Made = _keys.Count,
            Seed = null,
            CreatedAt = draft.Now,
            CreatedBy = createdBy,
        };
    }
}

/// <summary>What a job does to a batch, under its lock: every piece is stored once, whoever makes it and however often.</summary>
public sealed class MakeCodes(TenantId tenant, long batchId, long from, IReadOnlyList<string> codes, MemberBooks books) : Command(tenant)
{
    private readonly List<CodeKey> _keys = [.. codes.Select(code => CouponCode.KeyOf(tenant, code))];

    /// <summary>Holds it back when the node that sent it has lost its lease; null asks for no lease.</summary>
    public LeaseFence? Fence { get; init; }

    public override bool IsJob => true;

    public override long FairnessKey => batchId;

    public override void NameHandles(HandleResolution handles)
    {
        // A batch is found by its id.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(books.CouponBatches.RootOf(Tenant, batchId));
        if (Fence is { } fence)
        {
            roots.Add(fence.Root);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // A piece that is there already is seen by what the batch has made.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // The batch is all there is.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (Fence?.RefusalIn(draft) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var batch = draft.Edit<CouponBatch>(books.CouponBatches.RootOf(Tenant, batchId));
        Invariant.Require(batch is not null, "Batches are never deleted.");
        if (batch.Made == from)
        {
            foreach (var key in _keys)
            {
                draft.Insert(CouponCodeKind.Insert, new StoredCode { Tenant = Tenant, Key = key, Batch = batchId, Template = batch.Template });
            }

            batch.Made += _keys.Count;
        }

        return new Decision.Apply(batch.Made, batchId, 0, 0);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        throw new InvariantBrokenException("A job's write carries no idempotency key.");
}

/// <summary>Forgets what the codes of a batch were made from: nobody can be told them again.</summary>
public sealed class CloseCouponBatch(TenantId tenant, long batchId, MemberBooks books) : Command(tenant)
{
    public override long FairnessKey => batchId;

    public override void NameHandles(HandleResolution handles)
    {
        // A batch is found by its id.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(books.CouponBatches.RootOf(Tenant, batchId));

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // What is forgotten twice is forgotten.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // The batch is all there is.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var batch = draft.Edit<CouponBatch>(books.CouponBatches.RootOf(Tenant, batchId));
        Invariant.Require(batch is not null && batch.Made == batch.Total, "Only a batch whose codes were told is closed.");
        batch.Seed = null;
        return new Decision.Apply(CouponBatchReply.Of(batch), batchId, 0, 0);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);
}
