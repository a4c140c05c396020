using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.DataKeys;

/// <summary>The last renewal of the data keys of a tenant's members: one row for each tenant that has asked for one.</summary>
public sealed class DataKeyRenewal : RowAggregate
{
    public required Instant AskedAt { get; set; }

    /// <summary>All members up to this id are looked at.</summary>
    public long Through { get; set; }

    /// <summary>Members who have a new key by it.</summary>
    public long Renewed { get; set; }

    /// <summary>Null while it is under way.</summary>
    public Instant? FinishedAt { get; set; }

    internal static RowKind<DataKeyRenewal> Kind { get; } = new(47, "data_key_renewals", Read,
        Column<DataKeyRenewal>.Instant("asked_at", r => r.AskedAt),
        Column<DataKeyRenewal>.Int64("through", r => r.Through),
        Column<DataKeyRenewal>.Int64("renewed", r => r.Renewed),
        Column<DataKeyRenewal>.NullableInt64("finished_at", r => r.FinishedAt?.UnixMicroseconds));

    internal static RootRef RootOf(TenantId tenant) => Kind.RootOf(tenant, 1);

    private static DataKeyRenewal Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        AskedAt = row.Instant(2),
        Through = row.Int64(3),
        Renewed = row.Int64(4),
        FinishedAt = row.InstantOrNull(5),
    };
}

/// <summary>How far the renewal of a tenant's data keys is.</summary>
public sealed record DataKeyRenewalReply
{
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>Members who have a new key by it so far.</summary>
    public required long Renewed { get; init; }

    /// <summary>When the last member had one; null while it is under way.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }

    internal static DataKeyRenewalReply Of(DataKeyRenewal renewal) => new()
    {
        AskedAt = renewal.AskedAt.ToDateTimeOffset(),
        Renewed = renewal.Renewed,
        FinishedAt = renewal.FinishedAt?.ToDateTimeOffset(),
    };
}

/// <summary>A command on the renewal of a tenant's data keys.</summary>
public abstract class DataKeyRenewalCommand(TenantId tenant) : Command(tenant)
{
    public override long FairnessKey => 0;

    private protected RootRef Root => DataKeyRenewal.RootOf(Tenant);

    public override void NameHandles(HandleResolution handles)
    {
        // A tenant has one row at the most.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Asked for twice it is one, and what was done is not done again.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // The row is all there is.
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        (JsonSerializer.SerializeToUtf8Bytes((DataKeyRenewalReply)reply, MembershipJson.Default.DataKeyRenewalReply), 0);
}

/// <summary>Has all members of a tenant given new data keys. One that is under way goes on.</summary>
public sealed class AskDataKeyRenewal(TenantId tenant) : DataKeyRenewalCommand(tenant)
{
    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var renewal = draft.Edit<DataKeyRenewal>(Root);
        if (renewal is null)
        {
            renewal = new DataKeyRenewal { Tenant = Tenant, Id = Root.Id, AskedAt = draft.Now };
            draft.Create(Root, renewal);
        }
        else if (renewal.FinishedAt is not null)
        {
            (renewal.AskedAt, renewal.Through, renewal.Renewed, renewal.FinishedAt) = (draft.Now, 0, 0, null);
        }

        return new Decision.Apply(DataKeyRenewalReply.Of(renewal), 0, 0, 0);
    }
}

/// <summary>Notes that members up to an id have new data keys, as far as nobody has noted more.</summary>
/// <param name="renewed">How many more they are.</param>
/// <param name="isLast">Whether there are no more members.</param>
public sealed class AdvanceDataKeyRenewal(TenantId tenant, long from, long through, long renewed, bool isLast) : DataKeyRenewalCommand(tenant)
{
    /// <summary>Holds it back when the node that sent it has lost its lease; null asks for no lease.</summary>
    public LeaseFence? Fence { get; init; }

    // Where it stands is nobody's act: who asked for it is on record.
    public override bool IsAudited => false;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Fence is { } fence)
        {
            roots.Add(fence.Root);
        }
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (Fence?.RefusalIn(draft) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var renewal = draft.Edit<DataKeyRenewal>(Root);
        Invariant.Require(renewal is not null, "A renewal that goes on was asked for.");
        if (renewal.Through == from && renewal.FinishedAt is null)
        {
            (renewal.Through, renewal.Renewed) = (through, checked(renewal.Renewed + renewed));
            renewal.FinishedAt = isLast ? draft.Now : null;
        }

        return new Decision.Apply(DataKeyRenewalReply.Of(renewal), 0, 0, 0);
    }
}
