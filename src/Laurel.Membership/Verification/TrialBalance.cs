using System.Collections.Immutable;
using System.Globalization;
using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Verification;

/// <summary>Sums by tenant, unit and account over the whole database: wallets on one side, what stands against them on the other.</summary>
internal sealed class TrialBalance(Findings findings)
{
    private readonly SortedDictionary<(int Tenant, string Unit, string Account), Int128> _totals = [];

    /// <summary>What a wallet gained, the named account lost.</summary>
    public void AddEntry(EntryRow entry) => Add(entry.Tenant, entry.Unit, entry.Account, -(Int128)entry.Amount);

    public void AddWallet(MemberRow member)
    {
        Add(member.Tenant, "points", "members", member.Points);
        Add(member.Tenant, "growth", "members", member.Growth);
        Add(member.Tenant, "balance", "members", member.Balance);
    }

    public IReadOnlyList<AccountTotal> Close()
    {
        foreach (var unit in _totals.GroupBy(pair => (pair.Key.Tenant, pair.Key.Unit)))
        {
            IsZero(unit.Key.Tenant, unit.Key.Unit, "all accounts of the unit", unit.Aggregate((Int128)0, (sum, pair) => sum + pair.Value));
            IsZero(unit.Key.Tenant, unit.Key.Unit, "transfer", _totals.GetValueOrDefault((unit.Key.Tenant, unit.Key.Unit, "transfer")));
        }

        return [.. _totals.Where(pair => pair.Value != 0).Select(pair => new AccountTotal(pair.Key.Tenant, pair.Key.Unit, pair.Key.Account, pair.Value))];
    }

    /// <summary>Adds to an account, as what stands against the wallets.</summary>
    public void Add(int tenant, string unit, string account, Int128 amount) =>
        _totals[(tenant, unit, account)] = _totals.GetValueOrDefault((tenant, unit, account)) + amount;

    private void IsZero(int tenant, string unit, string what, Int128 sum)
    {
        findings.Look(InvariantCode.I1);
        if (sum != 0)
        {
            findings.Report(InvariantCode.I1, new Offence
            {
                Tenant = tenant,
                Member = 0,
                Table = "entries",
                Id = unit,
                Expected = $"{what}: 0",
                Found = sum.ToString(CultureInfo.InvariantCulture),
            });
        }
    }
}

/// <summary>Every version of every programme: a level is judged by the version that was in force.</summary>
internal sealed class ProgrammeHistory
{
    private readonly Dictionary<int, List<Programme>> _versions = [];

    public void Add(int tenant, Programme programme)
    {
        if (!_versions.TryGetValue(tenant, out var versions))
        {
            _versions.Add(tenant, versions = []);
        }

        versions.Add(programme);
    }

    /// <summary>Whether any version watched anything.</summary>
    public bool HasWatched => _versions.Values.Any(versions => versions.Exists(programme => programme.Watch.Any(rule => rule.Active)));

    /// <summary>Whether any version of a tenant's programme defined a unit.</summary>
    public bool HasDefined(int tenant, string unit) => (_versions.GetValueOrDefault(tenant) ?? []).Exists(programme => programme.FindUnit(unit) is not null);

    /// <summary>A version of a tenant's programme; null when there is none.</summary>
    public Programme? Find(int tenant, int version) => _versions.GetValueOrDefault(tenant)?.Find(programme => programme.Version == version);

    /// <summary>The level a member should have at least, or null when the present one is high enough.</summary>
    /// <remarks>A later version raises members only with their next event, which leaves no trace when it moves no points.
    /// So a level is too low only when it is too low for every version since the last movement that was judged.</remarks>
    /// <param name="track">Null for the main ladder.</param>
    /// <param name="level">Null for the lowest.</param>
    public string? LowestLevelOwed(int tenant, string? track, int sinceVersion, string? level, long lifetime)
    {
        string? owed = null;
        foreach (var programme in Since(tenant, sinceVersion))
        {
            // A version without the track owes nothing of it.
            if (LadderOf(programme, track) is not { } ladder || !Programme.JudgesByLifetimeAlone(ladder.Levels, ladder.Rules))
            {
                return null;
            }

            var target = Programme.LevelFor(ladder.Levels, lifetime).Code;
            var codes = ladder.Levels.Select(one => one.Code).ToList();
            if (Math.Max(0, codes.IndexOf(level ?? "")) >= codes.IndexOf(target))
            {
                return null;
            }

            owed ??= target;
        }

        return owed;
    }

    /// <summary>The tracks of all versions from one on.</summary>
    public IEnumerable<string> TracksSince(int tenant, int version) =>
        Since(tenant, version).SelectMany(programme => programme.Tracks).Select(track => track.Code).Distinct();

    /// <summary>Whether a level was the lowest of a track by some version.</summary>
    public bool HasLowest(int tenant, string track, string? level) =>
        Since(tenant, 0).SelectMany(programme => programme.Tracks).Any(one => one.Code == track && one.Levels[0].Code == level);

    private IEnumerable<Programme> Since(int tenant, int version) =>
        (_versions.GetValueOrDefault(tenant) ?? []).Where(programme => programme.Version >= version);

    private static (ImmutableArray<Level> Levels, LevelRules Rules)? LadderOf(Programme programme, string? track) => track is null
        ? (programme.Levels, programme.LevelRules)
        : programme.Tracks.FirstOrDefault(one => one.Code == track) is { } found ? (found.Levels, found.LevelRules) : null;

    /// <summary>Whether a level is lower than what cards give, by every version of the programme that has one of them.</summary>
    /// <remarks>A version that gives more lifts members with their next event.</remarks>
    public bool IsBelowCards(int tenant, string level, IReadOnlyCollection<string> cards)
    {
        var having = (_versions.GetValueOrDefault(tenant) ?? []).Where(programme => programme.Cards.Any(card => cards.Contains(card.Code)));
        return having.Any() && having.All(programme => programme.Cards
            .Where(card => card.Level is not null && cards.Contains(card.Code))
            .Any(card => programme.RankOf(card.Level!) > programme.RankOf(level)));
    }

    /// <summary>The greatest limit that any version set on the uses of a benefit in a period; null where one of them set none.</summary>
    /// <remarks>A limit may be lowered after uses that kept it. Versions that did not have the benefit let nobody use it.</remarks>
    public long? UsesMaxEver(int tenant, string benefit, string period)
    {
        long? max = 0;
        foreach (var programme in _versions.GetValueOrDefault(tenant) ?? [])
        {
            foreach (var definition in programme.Benefits.Where(definition => definition.Code == benefit))
            {
                var set = definition.Limits.FirstOrDefault(limit => Rules.CapPeriods.NameOf(limit.Period) == period);
                max = set is null || max is null ? null : Math.Max(max.Value, set.UsesMax);
            }
        }

        return max;
    }
}
