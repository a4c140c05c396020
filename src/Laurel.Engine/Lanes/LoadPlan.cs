using Laurel.Engine.Sql;

namespace Laurel.Engine.Lanes;

/// <summary>Adds statements to the script of a batch.</summary>
public sealed class SqlScriptBuilder(SqlScript script)
{
    public void Add<TRow>(SetStatement<TRow> statement, IReadOnlyList<TRow> rows) => script.Add(statement, rows);

    public void Add<TRow>(SetStatement<TRow> statement, IReadOnlyList<TRow> rows, Action<SqlRow> read) => script.Add(statement, rows, read);
}

/// <summary>What is to be read of locked roots before the commands decide.</summary>
public sealed class LoadPlan
{
    private readonly Dictionary<ChildLoader, HashSet<object>> _needs = [];

    public bool IsEmpty => _needs.Count == 0;

    /// <summary>Asks for children; the same need twice is one need.</summary>
    public void Need<TNeed>(ChildLoader<TNeed> loader, TNeed need)
        where TNeed : notnull
    {
        if (!_needs.TryGetValue(loader, out var needs))
        {
            _needs.Add(loader, needs = []);
        }

        needs.Add(need);
    }

    internal IReadOnlyList<LoadResult> AddTo(SqlScript script)
    {
        var builder = new SqlScriptBuilder(script);
        var results = new List<LoadResult>();
        foreach (var (loader, needs) in _needs)
        {
            results.Add(loader.AddTo(builder, needs));
        }

        return results;
    }

    internal void Clear() => _needs.Clear();
}

/// <summary>Applies what a loader has read, once the statements have run.</summary>
public delegate void LoadResult(WorkingSet set);

/// <summary>Reads one kind of children for many roots at once.</summary>
public abstract class ChildLoader
{
    internal abstract LoadResult AddTo(SqlScriptBuilder builder, IEnumerable<object> needs);
}

/// <inheritdoc />
public abstract class ChildLoader<TNeed> : ChildLoader
    where TNeed : notnull
{
    /// <summary>Adds the statements that read for all the needs, and returns what puts the result into the set.</summary>
    protected abstract LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<TNeed> needs);

    internal override LoadResult AddTo(SqlScriptBuilder builder, IEnumerable<object> needs) => Load(builder, [.. needs.Cast<TNeed>()]);
}
