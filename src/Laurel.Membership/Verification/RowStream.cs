using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Where a page of rows begins: after this key. Parts a table's key lacks stay as they are.</summary>
internal readonly record struct PageKey(int Tenant, long Member, long First, long Second, string Text)
{
    public static readonly PageKey Start = new(int.MinValue, long.MinValue, long.MinValue, long.MinValue, "");
}

/// <summary>A row that belongs to a member.</summary>
internal interface IMemberRow
{
    int Tenant { get; }

    long Member { get; }

    PageKey Key { get; }
}

/// <summary>A table read in the order of members, a page at a time: memory is that of one page.</summary>
internal sealed class RowStream<TRow>(SqlSession session, SetStatement<PageKey> page, Func<SqlRow, TRow> read)
    where TRow : class, IMemberRow
{
    private readonly List<TRow> _rows = [];
    private int _next;
    private PageKey _after = PageKey.Start;
    private bool _ended;

    /// <summary>The next row without taking it; null after the last.</summary>
    public ValueTask<TRow?> PeekAsync(CancellationToken cancellationToken) =>
        _next < _rows.Count || _ended
            ? ValueTask.FromResult(_next < _rows.Count ? _rows[_next] : null)
            : FillAsync(cancellationToken);

    /// <summary>Takes the row that was peeked at.</summary>
    public void Advance() => _next++;

    private async ValueTask<TRow?> FillAsync(CancellationToken cancellationToken)
    {
        _rows.Clear();
        _next = 0;
        var script = new SqlScript();
        script.Add(page, [_after], row => _rows.Add(read(row)));
        await session.RunAsync(script, cancellationToken);
        if (_rows.Count == 0)
        {
            _ended = true;
            return null;
        }

        _after = _rows[^1].Key;
        return _rows[0];
    }
}
