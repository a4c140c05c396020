using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Nodes;

/// <summary>Refuses commands that a node sends under a lease it has lost. A batch that carries them reads the lease's token after
/// it has locked its roots; whoever holds a member's lock so knows whether another node has taken the work over since.</summary>
/// <remarks>For commands that share a batch with those of callers, where a statement that fails would take the others along. The
/// row is read and not locked: a node that was stopped in the middle of a batch must not keep the next one from the lease.</remarks>
public sealed class LeaseFence(string lease, long token) : AggregateKind
{
    // On MySQL one by one: by the text of a JSON table no key of text is found.
    private static readonly SetStatement<string> s_read = new(
        sqlite: "SELECT l.token FROM leases l WHERE l.name = $1",
        postgres: "SELECT l.token FROM unnest($1) k (name) JOIN leases l ON l.name = k.name",
        Column<string>.Text("name", r => r));

    private sealed class Term(long token) : Aggregate
    {
        public long Token => token;

        public override Aggregate Copy() => this;
    }

    public LeaseFence(ClusterLease lease)
        : this(lease.Name, lease.Token)
    {
    }

    /// <summary>After everything that is locked.</summary>
    public override int Rank => 90;

    /// <summary>To be named by every command that the fence holds back.</summary>
    public RootRef Root => new(this, new TenantId(0), token);

    /// <summary>What a command is refused with when the lease has passed to another holder; null while it has not.</summary>
    public Refusal? RefusalIn(Draft draft) =>
        draft.Find<Term>(Root)?.Token == token ? null : new Refusal("LEASE_LOST", ("lease", lease)) { Definitive = false };

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        builder.Add(s_read, [lease], row => set.Load(Root, new Term(row.Int64(0))));

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed) =>
        throw new InvariantBrokenException("A batch never changes a lease that it only asks for.");
}
