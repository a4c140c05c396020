using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Search;

/// <summary>What is looked for: all of <see cref="Common"/>, and one of the alternatives of a stage.</summary>
internal sealed class SearchPlan
{
    private static readonly SearchCondition s_nobody = new("1 = 0", false, new("members x WHERE x.tenant_id = @Tenant AND 1 = 0", "x.id"));

    private readonly Database _from;
    private readonly TenantId _tenant;
    private readonly PersonalDataVault _vault;
    private int _terms;

    /// <param name="hasFigures">Whether figures of all members are in an index.</param>
    public SearchPlan(Database from, TenantId tenant, Programme programme, MemberFilter filter, PersonalDataVault vault, bool hasFigures)
    {
        (_from, _tenant, _vault, HasFigures) = (from, tenant, vault, hasFigures);
        Parameters.Add("Tenant", tenant.Value);
        Sort = MemberSort.Of(filter.Sort);
        AddNamed(filter);
        AddTrack(TrackLevel.ParseOrNull(filter.Track), programme);
        AddLevel(filter.Level);
        AddStatus(filter.Status);
        AddActivity(filter);
        var (first, last) = (MicrosecondsOf(filter.RegisteredFrom), MicrosecondsOf(filter.RegisteredTo) - 1);
        AddRange("Registered", "registered_at", first, last, MembersBy("f", "members_registered"), "f.id", "registered_at");
        AddRange("Spend", "total_amount", filter.SpendMin, filter.SpendMax, FiguresBy("spend"), "f.member_id", "spend");
        AddRange("Points", "points", filter.PointsMin, filter.PointsMax, FiguresBy("points"), "f.member_id", "points");
        AddRange("Growth", "growth", filter.GrowthMin, filter.GrowthMax, FiguresBy("growth"), "f.member_id", "growth");
        Stages = StagesOf(filter);
    }

    public DynamicParameters Parameters { get; } = new();

    public MemberSort Sort { get; }

    public bool HasFigures { get; }

    public List<SearchCondition> Common { get; } = [];

    /// <summary>Ways to match, in the order in which they are told: a stage finds nobody whom one before it finds. None is empty.</summary>
    public IReadOnlyList<IReadOnlyList<SearchAlternative>> Stages { get; }

    /// <summary>The bounds of what the list is sorted by, both inclusive; null for none.</summary>
    public (long? Min, long? Max) SortBounds { get; private set; }

    /// <summary>Where a stage begins: before the first of whom the list may have.</summary>
    public SearchPlace Start => Sort.IsDescending
        ? SortBounds.Max is { } max ? new SearchPlace(max + 1, 0) : new SearchPlace(long.MaxValue, long.MaxValue)
        : SortBounds.Min is { } min ? new SearchPlace(min - 1, long.MaxValue) : new SearchPlace(long.MinValue, 0);

    private void AddNamed(MemberFilter filter)
    {
        foreach (var tag in filter.Tags)
        {
            Common.Add(OfTerm(SearchTerms.OfTag(_tenant, tag)));
        }

        if (filter.Phone is { } phone)
        {
            Common.Add(OfPhone(phone));
        }

        if (filter.Email is { } email)
        {
            Common.Add(EmailAddress.Normalise(email, out var normalised) is null ? OfEmail(normalised) : s_nobody);
        }

        if (filter.Code is { } code)
        {
            Common.Add(OfCode("Code", code));
        }

        if (filter.ExternalId is { } externalId)
        {
            Parameters.Add("Handle", MemberKind.HandleOf(_tenant, externalId).ToBytes());
            Common.Add(new SearchCondition("(SELECT COUNT(*) FROM natural_keys n WHERE n.key_hash = @Handle AND n.root_id = d.id) = 1", false,
                new SearchIndex("natural_keys n WHERE n.key_hash = @Handle", "n.root_id", IsExact: true)));
        }
    }

    private void AddLevel(string? level)
    {
        if (level is not null)
        {
            Parameters.Add("Level", level);
            Common.Add(new SearchCondition("m.level_code = @Level", true,
                new SearchIndex($"{MembersBy("l", "members_level")} WHERE l.tenant_id = @Tenant AND l.level_code = @Level", "l.id")));
        }
    }

    // The lowest level of a track is not written down: who has none of the others has it.
    private void AddTrack(TrackLevel? asked, Programme programme)
    {
        if (asked is null)
        {
            return;
        }

        var levels = programme.Tracks.FirstOrDefault(track => track.Code == asked.Track)?.Levels ?? [];
        if (levels.IsEmpty || levels[0].Code != asked.Level)
        {
            Common.Add(OfTerm(SearchTerms.OfTrackLevel(_tenant, asked.Track, asked.Level)));
            return;
        }

        Common.AddRange(levels[1..].Select(level => OfTerm(SearchTerms.OfTrackLevel(_tenant, asked.Track, level.Code)).Not));
    }

    private void AddStatus(string? status)
    {
        switch (status)
        {
            case null:
                return;
            case "active":
                // Most are, so the index has the others.
                Common.Add(new SearchCondition("m.status = 'active'", true));
                return;
            default:
                Parameters.Add("Status", status);
                Common.Add(new SearchCondition("m.status = @Status", true, new SearchIndex(
                    $"{MembersBy("s", "members_status")} WHERE s.tenant_id = @Tenant AND s.status = @Status AND s.status <> 'active'", "s.id")));
                return;
        }
    }

    private void AddActivity(MemberFilter filter)
    {
        if (filter.ActiveSince is { } since)
        {
            Common.Add(new SearchCondition(Activity("ActiveSince", since) + " IS NOT NULL", false));
        }

        if (filter.InactiveSince is { } idle)
        {
            Common.Add(new SearchCondition(Activity("InactiveSince", idle) + " IS NULL", false));
        }
    }

    // Ids are drawn in the order of time, and nothing is recorded before it happened: so the id bounds what is read of a member's entries.
    private string Activity(string name, DateTimeOffset since)
    {
        var instant = Instant.From(since);
        Parameters.Add(name, instant.UnixMicroseconds);
        Parameters.Add(name + "Id", IdGenerator.FirstOf(instant));
        return $"""
            (SELECT e.id FROM entries e WHERE e.tenant_id = @Tenant AND e.member_id = d.id AND e.id >= @{name}Id AND e.occurred_at >= @{name}
            AND (e.kind IN ('earn', 'spend', 'exchange') OR (e.kind = 'transfer' AND e.amount < 0)) ORDER BY e.id LIMIT 1)
            """;
    }

    private static long? MicrosecondsOf(DateTimeOffset? time) => time is { } at ? Instant.From(at).UnixMicroseconds : null;

    private void AddRange(string name, string column, long? min, long? max, string? table, string id, string indexed)
    {
        if (min is null && max is null)
        {
            return;
        }

        Parameters.Add(name + "Min", min ?? long.MinValue);
        Parameters.Add(name + "Max", max ?? long.MaxValue);
        if (Sort.Column == column)
        {
            SortBounds = (min, max);
        }

        Common.Add(new SearchCondition($"m.{column} BETWEEN @{name}Min AND @{name}Max", true, table is null
            ? null
            : new SearchIndex($"{table} WHERE f.tenant_id = @Tenant AND f.{indexed} BETWEEN @{name}Min AND @{name}Max", id, "f." + indexed)));
    }

    private List<IReadOnlyList<SearchAlternative>> StagesOf(MemberFilter filter)
    {
        List<SearchAlternative> named = filter.Name is { } name ? [.. ByName(name)] : [SearchAlternative.All];
        List<SearchAlternative> asked = filter.Query is { } query ? [.. ByAnything(query.Trim())] : [SearchAlternative.All];
        var exact = asked.Where(one => one.IsExact).ToList();
        var others = asked.Where(one => !one.IsExact).Select(one => one.Without(exact)).ToList();
        return [.. new[] { exact, others }.Where(stage => stage.Count > 0).Select(stage => (IReadOnlyList<SearchAlternative>)
            [.. from one in named from other in stage select one.And(other)])];
    }

    private IEnumerable<SearchAlternative> ByAnything(string query)
    {
        if (query.Contains('@', StringComparison.Ordinal) && EmailAddress.Normalise(query, out var email) is null)
        {
            return [new SearchAlternative([OfEmail(email)], [])];
        }

        List<SearchAlternative> found = [];
        if (query.Length > 9 && query[0] is 'M' or 'm' && query.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            found.Add(new SearchAlternative([OfCode("QueryCode", query.ToUpperInvariant())], []));
        }

        if (PhoneNumber.Normalise(query, out _) is null || IsTail(query))
        {
            found.Add(new SearchAlternative([OfPhone(query)], []));
        }

        return found.Concat(ByName(query));
    }

    private IEnumerable<SearchAlternative> ByName(string text)
    {
        var name = SearchText.Normalise(text);
        switch (SearchText.LengthOf(name))
        {
            case 0:
                yield return new SearchAlternative([s_nobody], []);
                yield break;
            case 1:
                yield return new SearchAlternative([OfTerm(SearchTerms.OfNickname(_tenant, SearchText.BeginningOf(name)))], []);
                yield break;
        }

        var pairs = SearchText.PairsOf(name).Distinct(StringComparer.Ordinal).ToList();
        yield return new SearchAlternative([.. pairs.Select(pair => OfTerm(SearchTerms.OfNickname(_tenant, pair)))], [name]);
        yield return new SearchAlternative([.. pairs.Select(pair => OfTerm(SearchTerms.OfRealName(_vault, _tenant, pair)))], [name]);
    }

    private static bool IsTail(string text) => text.Length == SearchTerms.TailLength && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    private SearchCondition OfTerm(long term)
    {
        var name = $"Term{_terms++}";
        Parameters.Add(name, term);
        return new SearchCondition(
            $"(SELECT COUNT(*) FROM member_terms t WHERE t.tenant_id = @Tenant AND t.term = @{name} AND t.member_id = d.id) = 1", false,
            new SearchIndex($"member_terms t WHERE t.tenant_id = @Tenant AND t.term = @{name}", "t.member_id"));
    }

    private SearchCondition OfPhone(string phone)
    {
        if (IsTail(phone))
        {
            return OfTerm(SearchTerms.OfTail(_vault, _tenant, phone));
        }

        return PhoneNumber.Normalise(phone, out var normalised) is null ? OfPersonal("phone_index", PersonalField.Phone, normalised) : s_nobody;
    }

    private SearchCondition OfEmail(string normalised) => OfPersonal("email_index", PersonalField.Email, normalised);

    private SearchCondition OfPersonal(string column, string field, string normalised)
    {
        var name = $"Sealed{_terms++}";
        Parameters.Add(name, _vault.BlindIndex(_tenant, field, normalised).ToBytes());
        return new SearchCondition(
            $"(SELECT COUNT(*) FROM personal_data p WHERE p.tenant_id = @Tenant AND p.member_id = d.id AND p.{column} = @{name}) = 1", false,
            new SearchIndex($"personal_data p WHERE p.tenant_id = @Tenant AND p.{column} = @{name}", "p.member_id", IsExact: true));
    }

    private SearchCondition OfCode(string name, string code)
    {
        Parameters.Add(name, code);
        return new SearchCondition($"m.member_code = @{name}", true,
            new SearchIndex($"{MembersBy("c", "members_code")} WHERE c.tenant_id = @Tenant AND c.member_code = @{name}", "c.id", IsExact: true));
    }

    private string MembersBy(string alias, string index) => RowsBy(_from, "members", alias, index);

    private string? FiguresBy(string figure) => HasFigures ? RowsBy(_from, "member_figures", "f", "member_figures_" + figure) : null;

    /// <summary>A table that is read along an index: MySQL would take one that it holds for shorter, and sort what it gives.</summary>
    public static string RowsBy(Database from, string table, string alias, string index) =>
        from.Choose($"{table} {alias}", $"{table} {alias}", $"{table} {alias} FORCE INDEX ({index})");
}
