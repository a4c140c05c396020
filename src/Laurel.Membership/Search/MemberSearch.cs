using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Search;

/// <summary>Where a list of members goes on: the value that it is sorted by, and the id, in a stage of the list.</summary>
/// <param name="Stage">0 begins with whom a question names, if it names anybody; who only matches comes in the stage after it.</param>
public readonly record struct SearchPlace(long At, long Id, int Stage = 0);

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
/// <remarks>Each way to match has one index that leads, and the other conditions are asked of each candidate. What holds for few is gathered and sorted;
/// otherwise an index is walked in the order of the list, as far as one call may. All of it sees one moment of the database, so that nobody is passed over
/// who changes in between.</remarks>
public sealed class MemberSearch(PersonalDataVault vault)
{
    /// <summary>Members that are gathered and sorted at the most.</summary>
    internal const int GatheredMax = 5_000;

    /// <summary>Members that one walk looks at at the most.</summary>
    internal const int WalkedMax = 10_000;

    /// <summary>Rows of indexes that a call looks at at the most to find the rarest of the terms of a question.</summary>
    private const int WeighedMax = 20_000;

    /// <summary>How far each of few terms is looked at to find the rarest.</summary>
    private const int ReachMax = 1_000;

    private const string Filled = "SELECT part FROM search_fills WHERE tenant_id = @Tenant AND completed_at IS NOT NULL";

    /// <summary>What one alternative found, in order.</summary>
    /// <param name="CutAt">Up to where it looked; null where it looked at everything, or found enough.</param>
    private sealed record Part(List<SearchRow> Rows, SearchPlace? CutAt, IReadOnlyList<string> Names);

    /// <summary>Finds the first members after a place.</summary>
    /// <param name="programme">Of the tenant.</param>
    /// <param name="after">Null begins the list.</param>
    public async Task<FoundMembers> FindAsync(
        Database from, TenantId tenant, Programme programme, MemberFilter filter, SearchPlace? after, int limit, CancellationToken cancellationToken)
    {
        await using var snapshot = await ReadSnapshot.OpenBriefAsync(from, Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.search");
        var filled = await snapshot.Connection.QueryAsync<string>(new CommandDefinition(Filled, new { Tenant = tenant.Value }, cancellationToken: cancellationToken));
        var parts = filled.ToHashSet(StringComparer.Ordinal);
        var plan = new SearchPlan(from, tenant, programme, filter, vault, hasFigures: programme.Search.Figures && parts.Contains(SearchPart.Figures));
        var found = await FindAsync(new SearchRun(snapshot.Connection, from, plan, cancellationToken), after ?? plan.Start, limit);
        found ??= new FoundMembers { Ids = [], Next = null, Refusal = new Refusal(ErrorCode.SearchTooBroad, ("max", GatheredMax), ("sort", filter.Sort)) };
        return found with { IsFilling = filter.AsksForTerms && !parts.Contains(SearchPart.Names) };
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

    /// <summary>The page, stage after stage; null where it cannot be sorted.</summary>
    private static async Task<FoundMembers?> FindAsync(SearchRun run, SearchPlace place, int limit)
    {
        var (ids, names) = (new List<long>(), new Dictionary<long, IReadOnlyList<string>>());
        for (var stage = place.Stage; stage < run.Plan.Stages.Count; stage++)
        {
            run.GoOnAt(stage == place.Stage ? place : run.Plan.Start);
            List<Part> parts = [];
            foreach (var alternative in run.Plan.Stages[stage])
            {
                if (await FindAsync(run, alternative, limit - ids.Count) is not { } part)
                {
                    return null;
                }

                parts.Add(part);
            }

            var page = Merge(parts, run.Plan.Sort.IsDescending, limit - ids.Count);
            ids.AddRange(page.Ids);
            foreach (var (id, wanted) in page.Names)
            {
                names[id] = wanted;
            }

            var isLast = stage + 1 == run.Plan.Stages.Count;
            if (page.Next is not null || isLast || ids.Count == limit)
            {
                SearchPlace? next = page.Next is { } here ? here with { Stage = stage } : isLast ? null : run.Plan.Start with { Stage = stage + 1 };
                return new FoundMembers { Ids = ids, Next = next, IsCut = page.IsCut, Names = names };
            }
        }

        return new FoundMembers { Ids = ids, Next = null, Names = names };
    }

    private static async Task<Part?> FindAsync(SearchRun run, SearchAlternative alternative, int limit)
    {
        List<SearchCondition> conditions = [.. run.Plan.Common, .. alternative.Conditions];
        var (leader, isFew) = await LeaderAsync(run, conditions);
        var others = conditions.Where(condition => condition.Index != leader).ToList();
        if (isFew)
        {
            return new Part(await run.GatherAsync(leader, others, limit + 1), null, alternative.Names);
        }

        if (run.Plan.Sort.Column is null)
        {
            return await WalkAsync(run, SearchRun.WalkOf(leader), others, limit, alternative.Names);
        }

        return run.HasWalkOfSort ? await WalkAsync(run, run.WalkOfSort(), conditions, limit, alternative.Names) : null;
    }

    /// <summary>What leads, and whether it finds so few that they are gathered. Without conditions it is everybody.</summary>
    private static async Task<(SearchIndex Leader, bool IsFew)> LeaderAsync(SearchRun run, List<SearchCondition> conditions)
    {
        var indexes = conditions.Select(condition => condition.Index).OfType<SearchIndex>().ToList();
        var best = indexes.Find(index => index.IsExact) ?? await RarestAsync(run, indexes.FindAll(index => index.Column is null));
        var isSorted = run.Plan.Sort.Column is not null;

        // A list by id walks what leads. A sorted one gathers it, and every list what only another column has in order, unless what leads is rarer.
        List<SearchIndex> gathered = best is { IsExact: true } ? [] : indexes.FindAll(index => index.Column is not null);
        if (best is not null && (isSorted || gathered.Count > 0))
        {
            gathered.Insert(0, best);
        }

        if (gathered.Count == 0 && isSorted && !run.HasWalkOfSort)
        {
            gathered.Add(run.All);
        }

        var (few, fewest) = (best, (long)GatheredMax + 1);
        foreach (var index in gathered)
        {
            var holds = await run.CountAsync(index, GatheredMax + 1);
            (few, fewest) = holds < fewest ? (index, holds) : (few, fewest);
        }

        return (few ?? run.All, fewest <= GatheredMax);
    }

    /// <summary>The index that finds the fewest from here on: the one whose next members lie the farthest apart. Null for none.</summary>
    private static async Task<SearchIndex?> RarestAsync(SearchRun run, List<SearchIndex> indexes)
    {
        if (indexes.Count < 2)
        {
            return indexes.FirstOrDefault();
        }

        var members = Math.Clamp(WeighedMax / indexes.Count, 1, ReachMax);
        var (rarest, farthest) = (indexes[0], -1L);
        foreach (var index in indexes)
        {
            var reach = await run.ReachAsync(index, members) ?? long.MaxValue;
            (rarest, farthest) = reach > farthest ? (index, reach) : (rarest, farthest);
        }

        return rarest;
    }

    private static async Task<Part> WalkAsync(
        SearchRun run, IReadOnlyList<SearchStretch> stretches, IReadOnlyList<SearchCondition> others, int limit, IReadOnlyList<string> names)
    {
        var rows = new List<SearchRow>();
        foreach (var stretch in stretches)
        {
            // Where nothing is asked of candidates the page itself bounds how many there are.
            var end = others.Count == 0 ? null : await run.EndOfAsync(stretch);
            rows.AddRange(await run.WalkAsync(stretch, end, others, limit + 1 - rows.Count));
            if (rows.Count > limit)
            {
                break;
            }

            if (end is not null)
            {
                return new Part(rows, new SearchPlace(end.At, end.Id), names);
            }
        }

        return new Part(rows, null, names);
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
