using Laurel.Engine.Audit;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>An aggregate that is one row and has no children: what is in its fields is all of it.</summary>
public abstract class RowAggregate : Aggregate
{
    public required TenantId Tenant { get; init; }

    public required long Id { get; init; }

    // Fields hold values only: a copy of them is a copy of all.
    public override Aggregate Copy() => (Aggregate)MemberwiseClone();
}

/// <summary>Aggregates that are one row each, found by <c>(tenant_id, id)</c>.</summary>
/// <remarks>Nothing is locked where there is no row. Of two batches that make the same one, the second breaks on the key, is tried again and finds the
/// first one's.</remarks>
public sealed class RowKind<T> : AggregateKind
    where T : RowAggregate
{
    private readonly record struct Key(int Tenant, long Id);

    private readonly Func<SqlRow, T> _read;
    private readonly SetStatement<Key> _lock;
    private readonly SetStatement<T> _insert;
    private readonly SetStatement<T> _update;
    private readonly SetStatement<Key> _delete;
    private readonly string _table;
    private readonly Column<T>[] _columns;

    /// <param name="rank">No other kind's.</param>
    /// <param name="table">Has <c>tenant_id</c> and <c>id</c> as its primary key.</param>
    /// <param name="read">Reads a row of <c>tenant_id</c>, <c>id</c> and the columns, in this order.</param>
    /// <param name="columns">The other columns.</param>
    public RowKind(int rank, string table, Func<SqlRow, T> read, params Column<T>[] columns)
    {
        Column<T>[] all = [Column<T>.Int32("tenant_id", row => row.Tenant.Value), Column<T>.Int64("id", row => row.Id), .. columns];
        (Rank, _read, _table, _columns) = (rank, read, table, columns);
        Column<Key>[] keys = [Column<Key>.Int32("tenant_id", key => key.Tenant), Column<Key>.Int64("id", key => key.Id)];
        _lock = Statements.Lock(string.Join(", ", all.Select(column => "t." + column.Name)), table + " t", keys);
        _insert = Statements.Insert(table, all);
        _update = Statements.Update(table, keys: 2, all);
        _delete = Statements.Delete(table, keys);
    }

    public override int Rank { get; }

    /// <summary>Whether the ids are made of what is personal, hashed: then the audit, which outlives whoever they are of, says nothing of these rows.</summary>
    public bool HasPersonalIds { get; init; }

    /// <summary>The member that a row belongs to, 0 for none; null where rows belong to none.</summary>
    public Func<T, long>? Owner { get; init; }

    public override long MemberOf(Aggregate aggregate) => Owner?.Invoke((T)aggregate) ?? 0;

    public override string? AuditName => HasPersonalIds ? null : _table;

    public override void Describe(Aggregate aggregate, AuditState state)
    {
        foreach (var column in _columns)
        {
            column.Describe((T)aggregate, state);
        }
    }

    public RootRef RootOf(TenantId tenant, long id) => new(this, tenant, id);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        builder.Add(_lock, [.. roots.Select(root => new Key(root.Tenant.Value, root.Id))], row =>
        {
            var aggregate = _read(row);
            set.Load(RootOf(aggregate.Tenant, aggregate.Id), aggregate);
        });

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed)
    {
        builder.Add(_insert, [.. changed.Where(root => root.Before is null).Select(root => (T)root.After)]);
        builder.Add(_update, [.. changed.Where(root => root.Before is not null).Select(root => (T)root.After)]);
    }

    public override void Remove(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots) =>
        builder.Add(_delete, [.. roots.Select(root => new Key(root.Tenant.Value, root.Id))]);
}
