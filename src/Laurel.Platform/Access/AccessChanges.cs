using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Access;

/// <summary>What a change of who may call is about. Stored as its number.</summary>
public enum AccessSubject
{
    /// <summary>Changes may have been missed: whatever is remembered may be wrong. Told, never stored.</summary>
    Everything = 0,

    /// <summary>An API key.</summary>
    Key = 1,

    /// <summary>A role.</summary>
    Role = 2,

    /// <summary>A user.</summary>
    User = 3,

    /// <summary>A session of a user.</summary>
    Session = 4,

    /// <summary>A tenant.</summary>
    Tenant = 5,

    /// <summary>By what a tenant's people sign in.</summary>
    SignIn = 6,
}

/// <summary>A change of who may call.</summary>
/// <param name="Tenant">Whose it is; of <see cref="AccessSubject.Everything"/> nobody's.</param>
/// <param name="What">The kind of thing that changed.</param>
/// <param name="Subject">Its id; 0 where all of the kind of that tenant are meant.</param>
public readonly record struct AccessChange(TenantId Tenant, AccessSubject What, long Subject);

/// <summary>Makes every node forget what it remembers of who may call: this one with the commit, the others within
/// <see cref="AccessWatch.AskEvery"/> and what the question takes.</summary>
/// <remarks>A command that changes a key, a role, a user, a session or a tenant calls <see cref="Note"/>; whoever remembers any of it
/// subscribes once, at the start. Told more than once, a change means the same (docs/adr/0085).</remarks>
public sealed class AccessChanges
{
    private readonly SetStatement<Row> _insert;
    private Action<AccessChange>? _forget;

    private readonly record struct Row(long Id, AccessChange Change);

    public AccessChanges() => _insert = Statements.Insert("access_changes",
            Column<Row>.Int64("id", row => row.Id),
            Column<Row>.Int32("tenant_id", row => row.Change.Tenant.Value),
            Column<Row>.Int32("what", row => (int)row.Change.What),
            Column<Row>.Int64("subject_id", row => row.Change.Subject))
        .Telling(rows =>
        {
            foreach (var row in rows)
            {
                Tell(row.Change);
            }
        });

    /// <summary>Has a subscriber told of every change from now on, by any thread, before the caller of the change is answered where it was made
    /// here. It never throws and never waits.</summary>
    public void Subscribe(Action<AccessChange> forget)
    {
        Action<AccessChange>? before;
        do
        {
            before = Volatile.Read(ref _forget);
        }
        while (Interlocked.CompareExchange(ref _forget, before + forget, before) != before);
    }

    /// <summary>Notes a change in the command that makes it: one row more in its batch.</summary>
    public void Note(Draft draft, TenantId tenant, AccessSubject what, long subject)
    {
        Invariant.Require(what != AccessSubject.Everything, "A change is of something.");
        draft.Insert(_insert, new Row(draft.NextId(0), new AccessChange(tenant, what, subject)));
    }

    internal void Tell(AccessChange change) => Volatile.Read(ref _forget)?.Invoke(change);
}
