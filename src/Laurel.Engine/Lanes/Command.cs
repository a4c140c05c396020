using Laurel.Engine.Audit;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>One use case's request on its way through a lane. Immutable but for what the lane tells it.</summary>
/// <remarks>The lane calls, in this order and always from one thread: <see cref="NameHandles"/>, <see cref="NameRoots"/>,
/// <see cref="NameClaims"/>, <see cref="Plan"/> as often as something new was loaded, <see cref="Decide"/>. All of it may
/// be repeated from the start when a batch is tried again, so a command keeps no state between the calls.</remarks>
public abstract class Command(TenantId tenant)
{
    public TenantId Tenant { get; } = tenant;

    /// <summary>Whose rows its transaction reaches: those of its tenant, and of others where it is about them.</summary>
    public virtual Reach Reach => Reach.Of(Tenant);

    /// <summary>Null when the caller sent none.</summary>
    public IdempotencyKey? Idempotency { get; init; }

    /// <summary>Whether it is carried out though the node takes no writes: what ends that state, and asks whether it has ended.</summary>
    public bool PassesReadOnlyMode { get; init; }

    /// <summary>Whether it is work of Laurel's own, that no caller asked for.</summary>
    public virtual bool IsJob => false;

    /// <summary>Who asks for it, and from where; null where no call is being answered.</summary>
    public Origin? CalledFrom { get; init; } = Origin.Current;

    /// <summary>Whether the audit has a record of it when it applies: it changes something that somebody may ask about later.</summary>
    public virtual bool IsAudited => true;

    /// <summary>Whether shops ask for it all the time, so that the audit finds its records by their time alone, unless a person asked.</summary>
    public virtual bool IsTraffic => false;

    /// <summary>Its name in the audit.</summary>
    public virtual string Operation => GetType().Name;

    /// <summary>The member that it concerns though it does not change its book; 0 for none.</summary>
    public virtual long AuditedMember => 0;

    /// <summary>When it happened, where the caller said so; null is the moment it is recorded.</summary>
    public virtual Instant? BusinessTime => null;

    /// <summary>What else the audit says of it. Neither personal data nor secrets.</summary>
    public virtual IReadOnlyList<(string Name, string Value)> AuditDetails => [];

    /// <summary>What the queue counts under one name, so that one member cannot fill it.</summary>
    public abstract long FairnessKey { get; }

    /// <summary>Adds the handles (external id, order id …) that have to be resolved to find the roots, and those it creates.</summary>
    public abstract void NameHandles(HandleResolution handles);

    /// <summary>Adds the roots to be locked. A handle that leads nowhere adds none.</summary>
    public abstract void NameRoots(HandleResolution handles, ICollection<RootRef> roots);

    /// <summary>Adds the natural keys it would write.</summary>
    public abstract void NameClaims(HandleResolution handles, ICollection<Claim> claims);

    /// <summary>Asks for children of the locked roots, as far as can be told from what is loaded. A prefetch: a need that
    /// shows only in <see cref="Decide"/> is answered by <see cref="Decision.NeedMore"/>.</summary>
    public abstract void Plan(WorkingSet set, LoadPlan plan);

    /// <summary>Decides on a draft: pure, no clock, no store.</summary>
    public abstract Decision Decide(Draft draft, LoadPlan plan);

    /// <summary>The stored form of its reply, for <see cref="FrozenReply"/>.</summary>
    /// <returns>The bytes, free of personal data, and the member whose data has to be filled in again (0 for none).</returns>
    public abstract (byte[] Body, long RootId) Freeze(object reply);
}

/// <summary>One kind of aggregate: how its roots are locked, its children read and its changes written.</summary>
/// <remarks>Roots are locked in the order of (rank, tenant, id) over a whole batch, so two batches never wait for each
/// other in a circle. Two kinds never share a rank.</remarks>
public abstract class AggregateKind
{
    public abstract int Rank { get; }

    /// <summary>Adds the statement that locks these roots (creating them first where they may be missing) and reads them
    /// into the set. Called once a batch, in order of rank; the ids are sorted.</summary>
    public abstract void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set);

    /// <summary>Adds the statement that reads these roots as they are, for questions; those that are missing stay missing.</summary>
    public virtual void Read(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        throw new InvariantBrokenException("Questions are asked only of kinds that can be read without a lock.");

    /// <summary>What the audit calls one of these roots; null where it says nothing of them, since what changes them is said of others.</summary>
    public virtual string? AuditName => null;

    /// <summary>The member that one of these roots is, or belongs to; 0 for none.</summary>
    public virtual long MemberOf(Aggregate aggregate) => 0;

    /// <summary>Adds what the audit may say of a root: neither personal data nor secrets.</summary>
    public virtual void Describe(Aggregate aggregate, AuditState state)
    {
    }

    /// <summary>Adds the statements that write what changed.</summary>
    public abstract void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed);

    /// <summary>Adds the statement that deletes roots.</summary>
    public virtual void Remove(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots) =>
        throw new InvariantBrokenException("Roots are removed only of kinds that are one row each.");
}

/// <summary>Names a root: an aggregate with a lock of its own.</summary>
public readonly record struct RootRef(AggregateKind Kind, TenantId Tenant, long Id) : IComparable<RootRef>
{
    public int CompareTo(RootRef other)
    {
        var byRank = Kind.Rank.CompareTo(other.Kind.Rank);
        if (byRank != 0)
        {
            return byRank;
        }

        var byTenant = Tenant.CompareTo(other.Tenant);
        return byTenant != 0 ? byTenant : Id.CompareTo(other.Id);
    }
}

/// <summary>The state behind a root. Commands change copies.</summary>
public abstract class Aggregate
{
    public abstract Aggregate Copy();
}

/// <summary>A root that a batch changed: as it was stored (null when new) and as it is to be stored.</summary>
public readonly record struct ChangedRoot(RootRef Root, Aggregate? Before, Aggregate After);
