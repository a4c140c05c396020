using Dapper;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Search;

/// <summary>A condition that an index answers: the ids for which it holds, and whether it holds for one id.</summary>
/// <param name="From">The rows, after FROM.</param>
/// <param name="Id">The member's id in them.</param>
/// <param name="Holds">Asked of the candidate <c>d.id</c>, whose row is <c>m</c> where <paramref name="NeedsRow"/>. A scalar, so that no planner turns it into
/// a walk over everything for which it holds.</param>
/// <param name="IsOrdered">Whether the index has the ids in ascending order.</param>
/// <param name="IsExact">Whether it never holds for many.</param>
internal sealed record IndexedCondition(string From, string Id, string Holds, bool IsOrdered, bool IsExact = false, bool NeedsRow = false);

/// <summary>What is looked for, as conditions: all of <see cref="Common"/>, and all of one of the <see cref="Alternatives"/>.</summary>
internal sealed class SearchPlan
{
    private static readonly IndexedCondition s_nobody = new("members x WHERE 1 = 0", "x.id", "1 = 0", IsOrdered: true, IsExact: true);

    private readonly TenantId _tenant;
    private readonly PersonalDataVault _vault;
    private int _terms;

    public SearchPlan(TenantId tenant, MemberFilter filter, PersonalDataVault vault, bool hasFigures)
    {
        (_tenant, _vault) = (tenant, vault);
        Parameters.Add("Tenant", tenant.Value);
        Sort = MemberSort.Of(filter.Sort);
        AddCommon(filter, hasFigures);
        AddAlternatives(filter);
    }

    public DynamicParameters Parameters { get; } = new();

    public MemberSort Sort { get; }

    public List<IndexedCondition> Common { get; } = [];

    /// <summary>Conditions on the member's row that no index answers.</summary>
    public List<string> RowConditions { get; } = [];

    /// <summary>Never empty: one without conditions where no name is asked for.</summary>
    public List<SearchAlternative> Alternatives { get; } = [];

    /// <summary>The bounds of the sorted column, by which a walk in its order begins and ends.</summary>
    public string WalkBounds { get; private set; } = "";

    private void AddCommon(MemberFilter filter, bool hasFigures)
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
            Common.Add(new IndexedCondition("natural_keys n WHERE n.key_hash = @Handle", "n.root_id",
                "(SELECT COUNT(*) FROM natural_keys n WHERE n.key_hash = @Handle AND n.root_id = d.id) = 1", IsOrdered: true, IsExact: true));
        }

        if (filter.Level is { } level)
        {
            Parameters.Add("Level", level);
            Common.Add(new IndexedCondition("members l WHERE l.tenant_id = @Tenant AND l.level_code = @Level",
                "l.id", "m.level_code = @Level", IsOrdered: true, NeedsRow: true));
        }

        AddStatus(filter.Status);
        AddRange("Registered", "registered_at", MicrosecondsOf(filter.RegisteredFrom), MicrosecondsOf(filter.RegisteredTo) - 1, "members f", "f.id", "registered_at");
        AddRange("Spend", "total_amount", filter.SpendMin, filter.SpendMax, hasFigures ? "member_figures f" : null, "f.member_id", "spend");
        AddRange("Points", "points", filter.PointsMin, filter.PointsMax, hasFigures ? "member_figures f" : null, "f.member_id", "points");
        AddRange("Growth", "growth", filter.GrowthMin, filter.GrowthMax, hasFigures ? "member_figures f" : null, "f.member_id", "growth");
    }

    private static long? MicrosecondsOf(DateTimeOffset? time) => time is { } at ? Instant.From(at).UnixMicroseconds : null;

    private void AddStatus(string? status)
    {
        switch (status)
        {
            case null:
                return;
            case "active":
                // Most are, so the index has the others.
                RowConditions.Add("m.status = 'active'");
                return;
            default:
                Parameters.Add("Status", status);
                Common.Add(new IndexedCondition("members s WHERE s.tenant_id = @Tenant AND s.status = @Status AND s.status <> 'active'", "s.id", "m.status = @Status",
                    IsOrdered: true, NeedsRow: true));
                return;
        }
    }

    private void AddRange(string name, string column, long? min, long? max, string? table, string id, string indexed)
    {
        if (min is null && max is null)
        {
            return;
        }

        Parameters.Add(name + "Min", min ?? long.MinValue);
        Parameters.Add(name + "Max", max ?? long.MaxValue);
        var holds = $"m.{column} BETWEEN @{name}Min AND @{name}Max";
        if (Sort.Column == column)
        {
            WalkBounds = $" AND w.{indexed} BETWEEN @{name}Min AND @{name}Max";
        }

        if (table is null)
        {
            RowConditions.Add(holds);
        }
        else
        {
            Common.Add(new IndexedCondition($"{table} WHERE f.tenant_id = @Tenant AND f.{indexed} BETWEEN @{name}Min AND @{name}Max",
                id, holds, IsOrdered: false, NeedsRow: true));
        }
    }

    private void AddAlternatives(MemberFilter filter)
    {
        List<SearchAlternative> named = filter.Name is { } name ? [.. ByName(name)] : [SearchAlternative.All];
        List<SearchAlternative> asked = filter.Query is { } query ? [.. ByAnything(query.Trim())] : [SearchAlternative.All];
        Alternatives.AddRange(from one in named from other in asked select one.And(other));
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

    private IndexedCondition OfTerm(long term)
    {
        var name = $"Term{_terms++}";
        Parameters.Add(name, term);
        return new IndexedCondition($"member_terms t WHERE t.tenant_id = @Tenant AND t.term = @{name}", "t.member_id",
            $"(SELECT COUNT(*) FROM member_terms t WHERE t.tenant_id = @Tenant AND t.term = @{name} AND t.member_id = d.id) = 1", IsOrdered: true);
    }

    private IndexedCondition OfPhone(string phone)
    {
        if (IsTail(phone))
        {
            return OfTerm(SearchTerms.OfTail(_vault, _tenant, phone));
        }

        return PhoneNumber.Normalise(phone, out var normalised) is null ? OfPersonal("phone_index", PersonalField.Phone, normalised) : s_nobody;
    }

    private IndexedCondition OfEmail(string normalised) => OfPersonal("email_index", PersonalField.Email, normalised);

    private IndexedCondition OfPersonal(string column, string field, string normalised)
    {
        var name = $"Sealed{_terms++}";
        Parameters.Add(name, _vault.BlindIndex(_tenant, field, normalised).ToBytes());
        return new IndexedCondition($"personal_data p WHERE p.tenant_id = @Tenant AND p.{column} = @{name}", "p.member_id",
            $"(SELECT COUNT(*) FROM personal_data p WHERE p.tenant_id = @Tenant AND p.member_id = d.id AND p.{column} = @{name}) = 1", IsOrdered: true, IsExact: true);
    }

    private IndexedCondition OfCode(string name, string code)
    {
        Parameters.Add(name, code);
        return new IndexedCondition($"members c WHERE c.tenant_id = @Tenant AND c.member_code = @{name}",
            "c.id", $"m.member_code = @{name}", IsOrdered: true, IsExact: true, NeedsRow: true);
    }
}

/// <summary>One way in which a member may match.</summary>
/// <param name="Conditions">All of them hold.</param>
/// <param name="Names">What the nickname or the real name has to contain, each of them, for the pairs of a long name may stand apart.</param>
internal sealed record SearchAlternative(IReadOnlyList<IndexedCondition> Conditions, IReadOnlyList<string> Names)
{
    public static readonly SearchAlternative All = new([], []);

    public SearchAlternative And(SearchAlternative other) => new([.. Conditions, .. other.Conditions], [.. Names, .. other.Names]);
}
