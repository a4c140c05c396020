using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>Rows that no member has, on the road of every write: what background jobs write with. On SQLite there is no other road.</summary>
/// <remarks>Carries statements with their rows and decides nothing: what a row depends on, its statement asks in SQL. It may be
/// written together with whatever else is in the batch.</remarks>
/// <param name="job">What the queue counts under one name, so that one job cannot fill it.</param>
/// <param name="reach">Whose rows its statements reach.</param>
public sealed class LaneWrite(string job, Reach reach) : Command(s_noTenant)
{
    /// <summary>Jobs are the installation's; tenants begin at 1.</summary>
    private static readonly TenantId s_noTenant = new(0);

    private readonly List<Action<Draft>> _writes = [];

    // The audit has its records under the tenant that is none.
    public override Reach Reach { get; } = reach.And(Reach.Of(s_noTenant));

    public override bool IsJob => true;

    /// <summary>Its name in the audit, where it does what somebody may ask about later; null leaves it out: most of these are a node's own notes.</summary>
    public string? AuditedAs { get; init; }

    public override bool IsAudited => AuditedAs is not null;

    public override string Operation => AuditedAs ?? base.Operation;

    public override long FairnessKey { get; } = unchecked((long)Hash128.Of(0, "job", job).Low);

    /// <summary>Adds a statement for the rows; none, nothing.</summary>
    public LaneWrite Add<TRow>(SetStatement<TRow> statement, params IReadOnlyList<TRow> rows)
    {
        _writes.Add(draft =>
        {
            foreach (var row in rows)
            {
                draft.Insert(statement, row);
            }
        });
        return this;
    }

    public override void NameHandles(HandleResolution handles)
    {
        // It has no root, so nothing leads to one.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        // It locks nothing.
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // A job that writes twice writes the same, or its statement says what then.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // It reads nothing.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        foreach (var write in _writes)
        {
            write(draft);
        }

        return new Decision.Apply(this, 0, 0, 0);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        throw new InvariantBrokenException("A job's write carries no idempotency key.");
}
