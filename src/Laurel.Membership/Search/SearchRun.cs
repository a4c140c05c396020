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

/// <summary>Asks the database what a plan needs to know: counts, candidates that are gathered, and walks in the order of the list.</summary>
/// <remarks>Every statement is put together of constant pieces; what a caller gave stands in parameters.</remarks>
internal sealed class SearchRun(SqlSession session, Database from, SearchPlan plan, bool hasFigures, CancellationToken cancellationToken)
{
    // Asked row by row: of a list of candidates no planner is to make a walk over all members.
    private readonly string _join = from.Choose(
        " CROSS JOIN members m ON m.tenant_id = @Tenant AND m.id = d.id",
        " CROSS JOIN LATERAL (SELECT r.* FROM members r WHERE r.tenant_id = @Tenant AND r.id = d.id OFFSET 0) m",
        " STRAIGHT_JOIN members m ON m.tenant_id = @Tenant AND m.id = d.id");

    public SearchPlan Plan => plan;

    /// <summary>The walk in the order of the list; null where no index has it.</summary>
    public string? WalkOfSort { get; } = plan.Sort switch
    {
        { Column: null } => null,
        { Figure: null, Column: { } column } => Walk("members w", "w.id", "w." + column, plan),
        { Figure: { } figure } => hasFigures ? Walk("member_figures w", "w.member_id", "w." + figure, plan) : null,
    };

    /// <summary>A walk in the order of ids.</summary>
    public string WalkOf(IndexedCondition condition) =>
        $"SELECT {condition.Id} AS id, {condition.Id} AS at FROM {condition.From} AND {condition.Id} > @After ORDER BY {condition.Id} LIMIT {MemberSearch.WalkedMax}";

    /// <summary>For how many members a condition holds, counted as far as <paramref name="max"/>.</summary>
    public Task<long> CountAsync(IndexedCondition condition, int max) =>
        session.Connection.ExecuteScalarAsync<long>(With($"SELECT COUNT(*) FROM (SELECT 1 AS one FROM {condition.From} LIMIT {max}) n"));

    /// <summary>All for whom the leader holds, asked for the others, sorted.</summary>
    public async Task<List<SearchRow>> GatherAsync(IndexedCondition leader, IReadOnlyList<IndexedCondition> others)
    {
        var column = plan.Sort.Column;
        var at = column is null ? "d.id" : "m." + column;
        var order = plan.Sort.IsDescending ? " DESC" : "";
        var (above, same) = plan.Sort.IsDescending ? ($"{at} < @At", "d.id < @After") : ($"{at} > @At", "d.id > @After");
        var after = column is null ? "d.id > @After" : $"({above} OR ({at} = @At AND {same}))";
        var sql = $"""
            SELECT d.id AS Id, {at} AS At FROM (SELECT {leader.Id} AS id FROM {leader.From} LIMIT {MemberSearch.GatheredMax + 1}) d
            {JoinFor(others, column is not null)} WHERE {after}{ConditionsOf(others)} ORDER BY {at}{order}, d.id{order} LIMIT @Limit
            """;
        return (await session.Connection.QueryAsync<SearchRow>(With(sql))).AsList();
    }

    /// <summary>Those on a walk for whom the conditions hold, in its order.</summary>
    public async Task<List<SearchRow>> WalkAsync(string walk, IReadOnlyList<IndexedCondition> others)
    {
        var order = plan.Sort.IsDescending ? " DESC" : "";
        var sql = $"""
            SELECT d.id AS Id, d.at AS At FROM ({walk}) d {JoinFor(others, false)} WHERE 1 = 1{ConditionsOf(others)}
            ORDER BY d.at{order}, d.id{order} LIMIT @Limit
            """;
        return (await session.Connection.QueryAsync<SearchRow>(With(sql))).AsList();
    }

    /// <summary>The last on a walk that was not long enough for everybody; null when it was.</summary>
    public Task<SearchRow?> EndOfAsync(string walk)
    {
        var order = plan.Sort.IsDescending ? " DESC" : "";
        var sql = $"SELECT d.id AS Id, d.at AS At FROM ({walk}) d ORDER BY d.at{order}, d.id{order} LIMIT 1 OFFSET {MemberSearch.WalkedMax - 1}";
        return session.Connection.QuerySingleOrDefaultAsync<SearchRow?>(With(sql));
    }

    // In two halves, each of them one stretch of the index: first those that have the same value as the last, then those beyond.
    private static string Walk(string table, string id, string column, SearchPlan plan)
    {
        var (order, beyond) = plan.Sort.IsDescending ? (" DESC", "<") : ("", ">");
        var rows = $"SELECT {id} AS id, {column} AS at FROM {table} WHERE w.tenant_id = @Tenant{plan.WalkBounds}";
        return $"""
            SELECT u.id, u.at FROM (
                SELECT e.id, e.at FROM ({rows} AND {column} = @At AND {id} {beyond} @After ORDER BY {id}{order} LIMIT {MemberSearch.WalkedMax}) e
                UNION ALL
                SELECT b.id, b.at FROM ({rows} AND {column} {beyond} @At ORDER BY {column}{order}, {id}{order} LIMIT {MemberSearch.WalkedMax}) b) u
            ORDER BY u.at{order}, u.id{order} LIMIT {MemberSearch.WalkedMax}
            """;
    }

    private string JoinFor(IReadOnlyList<IndexedCondition> others, bool isSorted) =>
        isSorted || plan.RowConditions.Count > 0 || others.Any(condition => condition.NeedsRow) ? _join : "";

    private string ConditionsOf(IReadOnlyList<IndexedCondition> others) =>
        string.Concat(others.Select(condition => " AND " + condition.Holds).Concat(plan.RowConditions.Select(condition => " AND " + condition)));

    private CommandDefinition With(string sql) => new(sql, plan.Parameters, cancellationToken: cancellationToken);
}
