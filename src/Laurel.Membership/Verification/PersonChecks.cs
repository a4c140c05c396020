using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Addresses;
using Laurel.Membership.Statuses;
using Laurel.Platform.Access;
using System.Data.Common;
using System.Globalization;

namespace Laurel.Membership.Verification;

/// <summary>Proves that statuses are where their history led them, and that nothing is kept of whom nothing is known any more: I27.</summary>
internal sealed class PersonChecks(ReadSnapshot snapshot, Findings findings)
{
    private const string Steps = """
        SELECT c.tenant_id, c.member_id, c.id, c.kind, c.from_status, c.to_status, c.due_at, m.status, m.cancel_due_at,
            c.hands, m.cancel_asked_by
        FROM member_status_changes c LEFT JOIN members m ON m.tenant_id = c.tenant_id AND m.id = c.member_id
        ORDER BY c.tenant_id, c.member_id, c.id
        """;

    private const string Leaving = """
        SELECT m.tenant_id, m.id, m.status, m.external_id, m.nickname, m.erased_at, m.cancel_due_at, p.member_id,
            (SELECT COUNT(*) FROM member_addresses a WHERE a.tenant_id = m.tenant_id AND a.member_id = m.id)
        FROM members m LEFT JOIN personal_data p ON p.tenant_id = m.tenant_id AND p.member_id = m.id
        WHERE m.erased_at IS NOT NULL OR m.status = 'cancelled'
        """;

    // Who asked to leave has a step that says so, and nobody confirms what nobody asked for.
    private const string Unasked = """
        SELECT m.tenant_id, m.id FROM members m
        WHERE (m.cancel_due_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM member_status_changes c
            WHERE c.tenant_id = m.tenant_id AND c.member_id = m.id AND c.kind = 'cancellation_requested' AND c.due_at = m.cancel_due_at))
        OR (m.cancel_due_at IS NULL AND m.cancel_asked_by IS NOT NULL)
        """;

    private const string Strays = """
        SELECT p.tenant_id, p.member_id, 'personal_data' FROM personal_data p
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = p.tenant_id AND m.id = p.member_id)
        UNION ALL
        SELECT c.tenant_id, c.member_id, 'member_consents' FROM member_consents c
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = c.tenant_id AND m.id = c.member_id)
        UNION ALL
        SELECT t.tenant_id, t.member_id, 'profile_completions' FROM profile_completions t
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = t.tenant_id AND m.id = t.member_id)
        UNION ALL
        SELECT a.tenant_id, a.member_id, 'member_addresses' FROM member_addresses a
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = a.tenant_id AND m.id = a.member_id)
        """;

    private const string Addressed = """
        SELECT a.tenant_id, a.member_id, COUNT(*), SUM(a.is_default), COUNT(p.member_id)
        FROM member_addresses a LEFT JOIN personal_data p ON p.tenant_id = a.tenant_id AND p.member_id = a.member_id
        GROUP BY a.tenant_id, a.member_id
        """;

    private Step? _last;

    /// <summary>What a step left behind, beside what the member's row says.</summary>
    private sealed record Step(int Tenant, long Member, string Id, string To, long? DueAt, Hands? AskedBy, string? Status, long? CancelDueAt, Hands? CancelAskedBy);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I27);
        await ReadAsync(Steps, Follow, cancellationToken);
        Close();
        await ReadAsync(Leaving, LookAtErased, cancellationToken);
        await ReadAsync(Unasked, row => Report(row.GetInt32(0), row.GetInt64(1), "members", "a request to leave", "none"), cancellationToken);
        await ReadAsync(Addressed, LookAtAddresses, cancellationToken);
        await ReadAsync(Strays, row => Report(row.GetInt32(0), row.GetInt64(1), row.GetString(2), "a member of its tenant", "none"), cancellationToken);
    }

    private void Follow(DbDataReader row)
    {
        findings.Look(InvariantCode.I27);
        var (tenant, member, id) = (row.GetInt32(0), row.GetInt64(1), Text(row.GetInt64(2)));
        var (kind, from, to) = (row.GetString(3), row.GetString(4), row.GetString(5));
        var isNext = _last is { } last && last.Tenant == tenant && last.Member == member;
        if (!isNext)
        {
            Close();
        }
        else if (_last!.To != from)
        {
            Report(tenant, member, "member_status_changes", $"step {id} from {_last.To}, where the one before ended", from);
        }

        if (kind == StatusChange.Status == (from == to))
        {
            Report(tenant, member, "member_status_changes", $"step {id} that changes the status exactly when it says so", $"{kind}: {from} to {to}");
        }

        var due = kind switch
        {
            StatusChange.Requested => NumberOrNull(row, 6),
            StatusChange.Withdrawn => null,
            StatusChange.Confirmed => isNext ? _last!.DueAt : null,
            _ => isNext && to is not ("cancelled" or "merged") ? _last!.DueAt : null,
        };
        var asked = AskedAfter(row, kind, isNext ? _last!.AskedBy : null);
        _last = new Step(tenant, member, id, to, due, asked, row.IsDBNull(7) ? null : row.GetString(7), NumberOrNull(row, 8), HandsOrNull(row, 10));
    }

    /// <summary>For whose second person the member waits after a step; null for nobody's.</summary>
    /// <param name="before">The same before it.</param>
    private Hands? AskedAfter(DbDataReader row, string kind, Hands? before)
    {
        var (tenant, member, id, to, hands) = (row.GetInt32(0), row.GetInt64(1), Text(row.GetInt64(2)), row.GetString(5), HandsOrNull(row, 9));
        switch (kind)
        {
            case StatusChange.Requested:
                return hands;
            case StatusChange.Confirmed when before is null || hands is null || hands.Meets(before):
                Report(tenant, member, "member_status_changes", $"step {id} to confirm what another asked for", "nothing to confirm, or one person");
                return null;
            case StatusChange.Status when before is not null && to == "cancelled":
                Report(tenant, member, "member_status_changes", $"a second person before step {id}", "none: the member has left");
                return null;
            default:
                return kind == StatusChange.Status && to is not ("cancelled" or "merged") ? before : null;
        }
    }

    /// <summary>Compares where the history of a member led with where it stands.</summary>
    private void Close()
    {
        if (_last is { } last)
        {
            if (last.Status != last.To)
            {
                Report(last.Tenant, last.Member, "members", $"the status {last.To}, to which its history led", last.Status ?? "no such member");
            }

            if (last.CancelDueAt != last.DueAt)
            {
                Report(last.Tenant, last.Member, "members", $"to leave at {last.DueAt?.ToString(CultureInfo.InvariantCulture) ?? "no time"}", Text(last.CancelDueAt));
            }

            if (!Equals(last.CancelAskedBy, last.AskedBy))
            {
                Report(last.Tenant, last.Member, "members", last.AskedBy is null ? "to wait for nobody" : "to wait for a second person", "otherwise");
            }
        }

        _last = null;
    }

    private void LookAtErased(DbDataReader row)
    {
        findings.Look(InvariantCode.I27);
        var (tenant, member, status) = (row.GetInt32(0), row.GetInt64(1), row.GetString(2));
        void Expect(bool holds, string expected, string found)
        {
            if (!holds)
            {
                Report(tenant, member, "members", expected, found);
            }
        }

        Expect(!row.IsDBNull(5), "erased, since it has left", "not erased");
        Expect(status is "cancelled" or "merged", "cancelled or merged, since it is erased", status);
        Expect(row.GetString(3) == ErasedMember.NameOf(new MemberId(member)), "an external id that tells nothing", "another");
        Expect(row.IsDBNull(4), "no nickname", "one");
        Expect(row.IsDBNull(6), "no time to leave at", "one");
        Expect(row.IsDBNull(7), "no personal data", "some");
        Expect(row.GetInt64(8) == 0, "no addresses", "some");
    }

    private void LookAtAddresses(DbDataReader row)
    {
        findings.Look(InvariantCode.I27);
        var (tenant, member) = (row.GetInt32(0), row.GetInt64(1));
        var (count, defaults, keys) = (row.GetInt64(2), Convert.ToInt64(row.GetValue(3), CultureInfo.InvariantCulture), row.GetInt64(4));
        if (count > AddressBook.Max || defaults != 1 || keys != count)
        {
            var found = string.Create(CultureInfo.InvariantCulture, $"{count}, {defaults} of them, {keys} with a key");
            Report(tenant, member, "member_addresses", $"at most {AddressBook.Max} addresses, one of them the default, and a data key", found);
        }
    }

    private async Task ReadAsync(string sql, Action<DbDataReader> look, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(sql, null, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            look(reader);
        }
    }

    private void Report(int tenant, long member, string table, string expected, string found) => findings.Report(InvariantCode.I27, new Offence
    {
        Tenant = tenant,
        Member = member,
        Table = table,
        Id = Text(member),
        Expected = expected,
        Found = found,
    });

    private static Hands? HandsOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : Hands.FromBytes(row.GetFieldValue<byte[]>(column));

    private static long? NumberOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "none";
}
