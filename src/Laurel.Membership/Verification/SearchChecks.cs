using System.Data.Common;
using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Search;

namespace Laurel.Membership.Verification;

/// <summary>Proves that members are found by what they are, and by nothing else: I32.</summary>
/// <remarks>The index is reckoned anew from the rows. Of the whole only sums are compared, for the index lies in the order of its terms; where they differ,
/// members are compared a range at a time.</remarks>
internal sealed class SearchChecks(ReadSnapshot snapshot, Findings findings)
{
    /// <summary>Members whose terms are in memory at once.</summary>
    private const int MembersOfRange = 50_000;

    private const string Members = """
        SELECT m.tenant_id, m.id, m.nickname, m.tags, COALESCE(m.merged_into, 0), p.search_terms,
            (SELECT COUNT(*) FROM search_fills f WHERE f.tenant_id = m.tenant_id AND f.part = 'names' AND f.completed_at IS NOT NULL),
            m.level_state
        FROM members m LEFT JOIN personal_data p ON p.tenant_id = m.tenant_id AND p.member_id = m.id ORDER BY m.tenant_id, m.id
        """;

    private const string Terms = "SELECT t.tenant_id, t.term, t.member_id FROM member_terms t";

    private const string TermsOfRange = Terms + """
         WHERE (t.tenant_id > @FromTenant OR (t.tenant_id = @FromTenant AND t.member_id >= @FromMember))
        AND (t.tenant_id < @ToTenant OR (t.tenant_id = @ToTenant AND t.member_id <= @ToMember))
        """;

    private const string Strays = """
        SELECT t.tenant_id, t.member_id, 'member_terms' FROM member_terms t
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = t.tenant_id AND m.id = t.member_id)
        UNION SELECT n.tenant_id, n.member_id, 'member_notes' FROM member_notes n
        WHERE NOT EXISTS (SELECT 1 FROM personal_data p WHERE p.tenant_id = n.tenant_id AND p.member_id = n.member_id)
        UNION SELECT f.tenant_id, f.member_id, 'member_figures' FROM member_figures f
        LEFT JOIN members m ON m.tenant_id = f.tenant_id AND m.id = f.member_id
        WHERE (m.id IS NULL OR m.total_amount <> f.spend OR m.points <> f.points OR m.growth <> f.growth)
            AND EXISTS (SELECT 1 FROM search_fills s WHERE s.tenant_id = f.tenant_id AND s.part = 'figures' AND s.completed_at IS NOT NULL)
        UNION SELECT m.tenant_id, m.id, 'member_figures' FROM members m
        JOIN search_fills s ON s.tenant_id = m.tenant_id AND s.part = 'figures' AND s.completed_at IS NOT NULL
        WHERE NOT EXISTS (SELECT 1 FROM member_figures f WHERE f.tenant_id = m.tenant_id AND f.member_id = m.id)
        """;

    private const string Definitions = "SELECT g.tenant_id, g.code, g.removed FROM tags g";

    private sealed record Member(int Tenant, long Id, HashSet<long> Terms, bool IsWhole);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I32);
        var definitions = new Dictionary<(int, string), bool>();
        await EachAsync(Definitions, null, row => definitions[(row.GetInt32(0), row.GetString(1))] = row.GetInt32(2) == 1, cancellationToken);
        UInt128 expected = 0;
        var isWhole = true;
        await EachAsync(Members, null, row =>
        {
            var member = Read(row);
            isWhole &= member.IsWhole;
            findings.Look(InvariantCode.I32);
            LookAtTags(row, definitions);
            foreach (var term in member.Terms)
            {
                expected = unchecked(expected + DigestOf(member.Tenant, term, member.Id));
            }
        }, cancellationToken);
        UInt128 found = 0;
        await EachAsync(Terms, null, row => found = unchecked(found + DigestOf(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2))), cancellationToken);
        if (!isWhole || expected != found)
        {
            await CompareAsync(cancellationToken);
        }

        await EachAsync(Strays, null, row =>
            Report(row.GetInt32(0), row.GetInt64(1), row.GetString(2), "what its member is", "something else, or nothing"), cancellationToken);
    }

    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        var range = new List<Member>();
        var ranges = new List<(int FromTenant, long FromMember, int ToTenant, long ToMember)>();
        await EachAsync(Members, null, row =>
        {
            var (tenant, id) = (row.GetInt32(0), row.GetInt64(1));
            if (range.Count == 0 || range.Count == MembersOfRange)
            {
                range.Clear();
                ranges.Add((tenant, id, tenant, id));
            }

            range.Add(new Member(tenant, id, [], true));
            ranges[^1] = ranges[^1] with { ToTenant = tenant, ToMember = id };
        }, cancellationToken);
        foreach (var (fromTenant, fromMember, toTenant, toMember) in ranges)
        {
            await CompareAsync(new { FromTenant = fromTenant, FromMember = fromMember, ToTenant = toTenant, ToMember = toMember }, cancellationToken);
        }
    }

    private async Task CompareAsync(object range, CancellationToken cancellationToken)
    {
        const string ofRange = """
             WHERE (m.tenant_id > @FromTenant OR (m.tenant_id = @FromTenant AND m.id >= @FromMember))
            AND (m.tenant_id < @ToTenant OR (m.tenant_id = @ToTenant AND m.id <= @ToMember)) ORDER BY
            """;
        var members = new Dictionary<(int, long), Member>();
        await EachAsync(Members.Replace(" ORDER BY", ofRange, StringComparison.Ordinal), range, row =>
        {
            var member = Read(row);
            members.Add((member.Tenant, member.Id), member);
        }, cancellationToken);
        var reported = new HashSet<(int, long)>();
        await EachAsync(TermsOfRange, range, row =>
        {
            var key = (row.GetInt32(0), row.GetInt64(2));
            if (members.TryGetValue(key, out var member) && !member.Terms.Remove(row.GetInt64(1)) && reported.Add(key))
            {
                Report(member.Tenant, member.Id, "member_terms", "terms of what the member is", "another term");
            }
        }, cancellationToken);
        foreach (var member in members.Values.Where(member => member.IsWhole && member.Terms.Count > 0))
        {
            Report(member.Tenant, member.Id, "member_terms", "a term for each part of what the member is", $"{member.Terms.Count} missing");
        }
    }

    private static Member Read(DbDataReader row)
    {
        var tenant = new TenantId(row.GetInt32(0));
        var tags = MemberTags.Parse(row.IsDBNull(3) ? null : row.GetString(3));
        var levels = LevelState.Parse(row.IsDBNull(7) ? null : row.GetString(7));
        var terms = SearchTerms.InTheOpen(tenant, row.IsDBNull(2) ? null : row.GetString(2), tags, row.GetInt64(4) > 0, levels);
        terms.UnionWith(SearchTerms.Read(row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5)));
        return new Member(tenant.Value, row.GetInt64(1), terms, row.GetInt64(6) > 0);
    }

    private void LookAtTags(DbDataReader row, Dictionary<(int, string), bool> definitions)
    {
        if (row.IsDBNull(3))
        {
            return;
        }

        var (tenant, codes) = (row.GetInt32(0), row.GetString(3).Split(' '));
        if (codes.Length > MemberTags.Max || !codes.Order(StringComparer.Ordinal).Distinct().SequenceEqual(codes))
        {
            Report(tenant, row.GetInt64(1), "members", $"at most {MemberTags.Max} tags in ascending order", row.GetString(3));
        }

        foreach (var code in codes.Where(code => !definitions.TryGetValue((tenant, code), out var removed) || removed))
        {
            Report(tenant, row.GetInt64(1), "members", "tags that there are", code);
        }
    }

    // Sums do not ask for an order: each triple is spread over 128 bits first.
    private static UInt128 DigestOf(int tenant, long term, long member)
    {
        var high = Mix(unchecked((ulong)term * 0x9E3779B97F4A7C15UL) ^ (ulong)tenant);
        var low = Mix(unchecked((ulong)member ^ high));
        return new UInt128(Mix(high ^ (low << 1)), low);
    }

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }

    private async Task EachAsync(string sql, object? arguments, Action<DbDataReader> look, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(sql, arguments, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            look(reader);
        }
    }

    private void Report(int tenant, long member, string table, string expected, string found) => findings.Report(InvariantCode.I32, new Offence
    {
        Tenant = tenant,
        Member = member,
        Table = table,
        Id = member.ToString(CultureInfo.InvariantCulture),
        Expected = expected,
        Found = found,
    });
}
