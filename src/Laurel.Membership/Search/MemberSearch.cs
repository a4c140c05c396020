using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Search;

/// <summary>Where a list of members goes on: the value that it is sorted by, and the id.</summary>
public readonly record struct SearchPlace(long At, long Id);

/// <summary>A page of ids that were found.</summary>
public sealed record FoundMembers
{
    public required IReadOnlyList<long> Ids { get; init; }

    /// <summary>Where the next page begins; null when there is none.</summary>
    public required SearchPlace? Next { get; init; }

    /// <summary>Whether it ended because as many members were looked at as one call may.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether members who were there before the index are still being brought into it.</summary>
    public bool IsFilling { get; init; }

    /// <summary>What names have to contain, of each id that is here for its name alone.</summary>
    public IReadOnlyDictionary<long, IReadOnlyList<string>> Names { get; init; } = new Dictionary<long, IReadOnlyList<string>>();

    /// <summary>Why it cannot be answered; null when it can.</summary>
    public Refusal? Refusal { get; init; }
}

/// <summary>Finds members by indexes alone, and looks at a bounded number of them in each call.</summary>
/// <remarks>Each way to match has one condition that leads, and the others are asked of each candidate. A condition that holds for few is gathered and sorted;
/// otherwise an index is walked in the order of the list, for as long as one call may.</remarks>
public sealed class MemberSearch(PersonalDataVault vault)
{
    /// <summary>Members that are gathered and sorted at the most.</summary>
    internal const int GatheredMax = 5_000;

    /// <summary>Members that one walk looks at at the most.</summary>
    internal const int WalkedMax = 10_000;

    /// <summary>How far conditions are counted to find the rarest.</summary>
    private const int CountedMax = 20_000;

    private const string Filled = "SELECT part FROM search_fills WHERE tenant_id = @Tenant AND completed_at IS NOT NULL";

    private static readonly IndexedCondition s_all = new("members a WHERE a.tenant_id = @Tenant", "a.id", "1 = 1", IsOrdered: true);

    /// <summary>What one alternative found, in order.</summary>
    /// <param name="CutAt">Up to where it looked; null where it looked at everything.</param>
    private sealed record Part(List<SearchRow> Rows, SearchPlace? CutAt, IReadOnlyList<string> Names);

    /// <summary>Finds the first members after a place.</summary>
    /// <param name="after">Null begins the list.</param>
    /// <param name="keepsFigures">Whether the programme keeps figures.</param>
    public async Task<FoundMembers> FindAsync(
        Database from, TenantId tenant, MemberFilter filter, SearchPlace? after, int limit, bool keepsFigures, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(cancellationToken);
        using var timed = from.Times.Begin("members.search");
        var filled = await session.Connection.QueryAsync<string>(new CommandDefinition(Filled, new { Tenant = tenant.Value }, cancellationToken: cancellationToken));
        var parts = filled.ToHashSet(StringComparer.Ordinal);
        var hasFigures = keepsFigures && parts.Contains(SearchPart.Figures);
        var plan = new SearchPlan(tenant, filter, vault, hasFigures);
        var start = after ?? (plan.Sort.IsDescending ? new SearchPlace(long.MaxValue, long.MaxValue) : new SearchPlace(long.MinValue, 0));
        plan.Parameters.Add("At", start.At);
        plan.Parameters.Add("After", start.Id);
        plan.Parameters.Add("Limit", limit + 1);
        var run = new SearchRun(session, from, plan, hasFigures, cancellationToken);
        List<Part> found = [];
        foreach (var alternative in plan.Alternatives)
        {
            if (await FindAsync(run, alternative, limit) is not { } part)
            {
                return new FoundMembers { Ids = [], Next = null, Refusal = new Refusal(ErrorCode.SearchTooBroad, ("max", GatheredMax), ("sort", filter.Sort)) };
            }

            found.Add(part);
        }

        return Merge(found, plan.Sort.IsDescending, limit) with { IsFilling = filter.AsksForName && !parts.Contains(SearchPart.Names) };
    }

    /// <summary>Whether a member of a page is found after all: pairs of a long name may stand apart.</summary>
    internal bool IsFound(FoundMembers found, MemberView view) =>
        !found.Names.TryGetValue(view.Id.Value, out var names) || names.All(name => IsNamed(view, name));

    private bool IsNamed(MemberView view, string name)
    {
        if (view.Nickname is { } nickname && SearchText.Normalise(nickname).Contains(name, StringComparison.Ordinal))
        {
            return true;
        }

        if (view.Personal is not { Profile: { } profile } personal)
        {
            return false;
        }

        using var key = vault.OpenKey(view.Tenant, view.Id, personal.WrappedKey);
        return MemberProfile.Open(key, profile).RealName is { } realName && SearchText.Normalise(realName).Contains(name, StringComparison.Ordinal);
    }

    private static async Task<Part?> FindAsync(SearchRun run, SearchAlternative alternative, int limit)
    {
        List<IndexedCondition> conditions = [.. run.Plan.Common, .. alternative.Conditions];
        var (leader, isFew) = await LeaderAsync(run, conditions);
        var others = conditions.Where(condition => !ReferenceEquals(condition, leader)).ToList();
        if (isFew)
        {
            return new Part(await run.GatherAsync(leader, others), null, alternative.Names);
        }

        if (run.Plan.Sort.Column is not null && run.WalkOfSort is null)
        {
            return null;
        }

        var walk = run.Plan.Sort.Column is null ? run.WalkOf(leader) : run.WalkOfSort!;
        var asked = run.Plan.Sort.Column is null ? others : conditions;
        var rows = await run.WalkAsync(walk, asked);
        var end = rows.Count > limit ? null : await run.EndOfAsync(walk);
        return new Part(rows, end is null ? null : new SearchPlace(end.At, end.Id), alternative.Names);
    }

    /// <summary>The condition that leads, and whether what it holds for is few enough to be gathered. Without conditions, everybody.</summary>
    private static async Task<(IndexedCondition Leader, bool IsFew)> LeaderAsync(SearchRun run, List<IndexedCondition> conditions)
    {
        if (conditions.Find(condition => condition.IsExact) is { } exact)
        {
            return (exact, true);
        }

        var (best, count) = (s_all, long.MaxValue);
        foreach (var condition in conditions)
        {
            var holds = await run.CountAsync(condition, CountedMax);
            if (holds <= GatheredMax ? holds < count : holds < count && condition.IsOrdered)
            {
                (best, count) = (condition, holds);
            }
        }

        // Who is sorted and not walked is gathered, of a small shop everybody.
        if (count > GatheredMax && run.Plan.Sort.Column is not null && run.WalkOfSort is null && ReferenceEquals(best, s_all))
        {
            count = await run.CountAsync(s_all, GatheredMax + 1);
        }

        return (best, count <= GatheredMax);
    }

    /// <summary>Puts what the alternatives found into one order, as far as all of them have looked.</summary>
    private static FoundMembers Merge(List<Part> parts, bool isDescending, int limit)
    {
        var sign = isDescending ? -1 : 1;
        int Compare(SearchPlace one, SearchPlace other) => sign * (one.At != other.At ? one.At.CompareTo(other.At) : one.Id.CompareTo(other.Id));
        var cuts = parts.Where(part => part.CutAt is not null).Select(part => part.CutAt!.Value).Order(Comparer<SearchPlace>.Create(Compare)).ToList();
        SearchPlace? cut = cuts.Count > 0 ? cuts[0] : null;
        var names = new Dictionary<long, IReadOnlyList<string>>();
        var places = new Dictionary<long, SearchPlace>();
        foreach (var (rows, _, wanted) in parts)
        {
            foreach (var row in rows)
            {
                var isNew = places.TryAdd(row.Id, new SearchPlace(row.At, row.Id));
                if (wanted.Count == 0)
                {
                    names.Remove(row.Id);
                }
                else if (isNew)
                {
                    names[row.Id] = wanted;
                }
            }
        }

        var ordered = places.Values.Where(place => cut is null || Compare(place, cut.Value) <= 0).Order(Comparer<SearchPlace>.Create(Compare)).ToList();
        var page = ordered.Take(limit).ToList();
        return new FoundMembers
        {
            Ids = [.. page.Select(place => place.Id)],
            Next = ordered.Count > limit ? page[^1] : cut,
            IsCut = ordered.Count <= limit && cut is not null,
            Names = names,
        };
    }
}
