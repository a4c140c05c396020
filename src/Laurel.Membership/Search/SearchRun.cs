using System.Data.Common;
using Dapper;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Search;

/// <summary>A candidate.</summary>
internal sealed class SearchRow
{
    public long Id { get; init; }

    /// <summary>What the list is sorted by.</summary>
    public long At { get; init; }
}

/// <summary>A part of an index, in the order of the list.</summary>
/// <param name="Rows">Selects <c>id</c> and <c>at</c>, and ends with the conditions by which it begins.</param>
/// <param name="Order">The order of the index.</param>
/// <param name="Whole">By what it ends where all of it is walked.</param>
/// <param name="To">By what it ends at a place before that: in the stead of the other, for SQLite goes by one end alone.</param>
internal sealed record SearchStretch(string Rows, string Order, string Whole, string To);

/// <summary>Asks the database what a plan needs to know: how many, how far, candidates that are gathered, and walks in the order of the list.</summary>
/// <remarks>Every statement is put together of constant pieces; what a caller gave stands in parameters.</remarks>
internal sealed class SearchRun(DbConnection connection, Database from, SearchPlan plan, CancellationToken cancellationToken)
{
    // Asked row by row: of a list of candidates no planner is to make a walk over all members.
    private readonly string _join = from.Choose(
        " CROSS JOIN members m ON m.tenant_id = @Tenant AND m.id = d.id",
        " CROSS JOIN LATERAL (SELECT r.* FROM members r WHERE r.tenant_id = @Tenant AND r.id = d.id OFFSET 0) m",
        " STRAIGHT_JOIN members m ON m.tenant_id = @Tenant AND m.id = d.id");

    private readonly Dictionary<(SearchIndex, int), long> _counts = [];

    private bool _begins;

    public SearchPlan Plan => plan;

    /// <summary>Everybody, in the order of ids.</summary>
    public SearchIndex All { get; } = new(SearchPlan.RowsBy(from, "members", "a", "PRIMARY") + " WHERE a.tenant_id = @Tenant", "a.id");

    /// <summary>Whether an index has the order of the list beside that of ids.</summary>
    public bool HasWalkOfSort => plan.Sort is { Column: not null, Figure: null } || (plan.Sort.Figure is not null && plan.HasFigures);

    /// <summary>Where the list goes on.</summary>
    public void GoOnAt(SearchPlace place)
    {
        _begins = place with { Stage = 0 } == plan.Start;
        plan.Parameters.Add("At", place.At);
        plan.Parameters.Add("After", place.Id);
    }

    /// <summary>For how many members a condition holds, counted as far as <paramref name="max"/>.</summary>
    public async Task<long> CountAsync(SearchIndex index, int max)
    {
        if (!_counts.TryGetValue((index, max), out var count))
        {
            count = await connection.ExecuteScalarAsync<long>(With($"SELECT COUNT(*) FROM (SELECT 1 AS one FROM {index.From} ORDER BY {index.Order} LIMIT {max}) q"));
            _counts.Add((index, max), count);
        }

        return count;
    }

    /// <summary>The id of the last of the next members, by which index they are the fewest among all; null where there are no more so many.</summary>
    /// <param name="members">How many members on.</param>
    public Task<long?> ReachAsync(SearchIndex index, int members)
    {
        var after = plan.Sort.Column is null ? $" AND {index.Id} > @After" : "";
        return connection.ExecuteScalarAsync<long?>(With($"SELECT {index.Id} FROM {index.From}{after} ORDER BY {index.Id} LIMIT 1 OFFSET {members - 1}"));
    }

    /// <summary>All whom an index finds, of whom the conditions hold, sorted. They are no more than are gathered: whoever asks has counted them.</summary>
    public async Task<List<SearchRow>> GatherAsync(SearchIndex index, IReadOnlyList<SearchCondition> others, int limit)
    {
        var column = plan.Sort.Column;
        var at = column is null ? "d.id" : "m." + column;
        var order = plan.Sort.IsDescending ? " DESC" : "";
        var (above, same) = plan.Sort.IsDescending ? ($"{at} < @At", "d.id < @After") : ($"{at} > @At", "d.id > @After");
        var after = column is null ? "d.id > @After" : $"({above} OR ({at} = @At AND {same}))";
        var sql = $"""
            SELECT d.id AS Id, {at} AS At FROM (SELECT {index.Id} AS id FROM {index.From} ORDER BY {index.Order} LIMIT {MemberSearch.GatheredMax + 1}) d
            {JoinFor(others, column is not null)} WHERE {after}{ConditionsOf(others)} ORDER BY {at}{order}, d.id{order} LIMIT {limit}
            """;
        return (await connection.QueryAsync<SearchRow>(With(sql))).AsList();
    }

    /// <summary>A walk along an index of ids, from the place on.</summary>
    public static IReadOnlyList<SearchStretch> WalkOf(SearchIndex index) =>
        [new SearchStretch($"SELECT {index.Id} AS id, {index.Id} AS at FROM {index.From} AND {index.Id} > @After", index.Id, "", $" AND {index.Id} <= @EndId")];

    /// <summary>A walk in the order of the list, from the place on: first those that have the same value as the last, then those beyond.</summary>
    public IReadOnlyList<SearchStretch> WalkOfSort()
    {
        var (table, id, column) = plan.Sort.Figure is { } figure
            ? (SearchPlan.RowsBy(from, "member_figures", "w", "member_figures_" + figure), "w.member_id", "w." + figure)
            : (SearchPlan.RowsBy(from, "members", "w", "members_registered"), "w.id", "w." + plan.Sort.Column);
        var (order, beyond, upTo, before) = plan.Sort.IsDescending ? (" DESC", "<", ">=", ">") : ("", ">", "<=", "<");
        var last = plan.Sort.IsDescending ? plan.SortBounds.Min : plan.SortBounds.Max;
        if (last is not null)
        {
            plan.Parameters.Add("Last", last);
        }

        var rows = $"SELECT {id} AS id, {column} AS at FROM {table} WHERE w.tenant_id = @Tenant";
        var same = new SearchStretch($"{rows} AND {column} = @At AND {id} {beyond} @After", id + order, "", $" AND {id} {upTo} @EndId");
        var others = new SearchStretch($"{rows} AND {column} {beyond} @At", $"{column}{order}, {id}{order}",
            last is null ? "" : $" AND {column} {upTo} @Last",
            $" AND {column} {upTo} @EndAt AND ({column} {before} @EndAt OR {id} {upTo} @EndId)");
        return _begins ? [others] : [same, others];
    }

    /// <summary>The last that one call looks at on a stretch; null where it comes to the end of it.</summary>
    public Task<SearchRow?> EndOfAsync(SearchStretch stretch) => connection.QuerySingleOrDefaultAsync<SearchRow?>(
        With($"SELECT d.id AS Id, d.at AS At FROM ({stretch.Rows}{stretch.Whole} ORDER BY {stretch.Order} LIMIT 1 OFFSET {MemberSearch.WalkedMax - 1}) d"));

    /// <summary>Those on a stretch for whom the conditions hold, in its order.</summary>
    /// <param name="end">The last that is looked at; null where all of it is.</param>
    public async Task<List<SearchRow>> WalkAsync(SearchStretch stretch, SearchRow? end, IReadOnlyList<SearchCondition> others, int limit)
    {
        var order = plan.Sort.IsDescending ? " DESC" : "";
        var to = end is null ? stretch.Whole : stretch.To;
        if (end is not null)
        {
            plan.Parameters.Add("EndAt", end.At);
            plan.Parameters.Add("EndId", end.Id);
        }

        var sql = $"""
            SELECT d.id AS Id, d.at AS At FROM ({stretch.Rows}{to}) d{JoinFor(others, false)} WHERE 1 = 1{ConditionsOf(others)}
            ORDER BY {(plan.Sort.Column is null ? "" : $"d.at{order}, ")}d.id{order} LIMIT {limit}
            """;
        return (await connection.QueryAsync<SearchRow>(With(sql))).AsList();
    }

    private string JoinFor(IReadOnlyList<SearchCondition> others, bool isSorted) => isSorted || others.Any(condition => condition.NeedsRow) ? _join : "";

    private static string ConditionsOf(IReadOnlyList<SearchCondition> others) => string.Concat(others.Select(condition => " AND " + condition.Holds));

    private CommandDefinition With(string sql) => new(sql, plan.Parameters, cancellationToken: cancellationToken);
}
