using System.Globalization;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>One change of a level as it is stored.</summary>
internal sealed record LevelChangeRow : IMemberRow
{
    public static readonly SetStatement<PageKey> Pages = VerificationPages.Page(
        "SELECT c.tenant_id, c.member_id, c.id, c.from_code, c.to_code FROM {level_changes c}",
        "c.tenant_id", "c.member_id, c.id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First);

    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required long Id { get; init; }

    public required string? From { get; init; }

    public required string To { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Id };

    public static LevelChangeRow Read(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        Id = row.Int64(2),
        From = row.TextOrNull(3),
        To = row.Text(4),
    };
}

/// <summary>Follows a member's level through its history: each change begins where the one before it ended, and the last is the level held.</summary>
internal sealed class LevelReplay(Findings findings, MemberRow member)
{
    private string? _level;
    private bool _hasHistory;

    public void Apply(LevelChangeRow change)
    {
        if (change.From != _level)
        {
            Report("level_changes", change.Id, $"a change from {_level ?? "nothing"}", change.From ?? "nothing");
        }

        (_level, _hasHistory) = (change.To, true);
    }

    public void Close()
    {
        findings.Look(InvariantCode.I10);
        if (!_hasHistory || _level != member.LevelCode)
        {
            Report("members", member.Member, $"level {_level ?? "with a history"}", member.LevelCode);
        }
    }

    private void Report(string table, long id, string expected, string found) => findings.Report(InvariantCode.I10, new Offence
    {
        Tenant = member.Tenant,
        Member = member.Member,
        Table = table,
        Id = id.ToString(CultureInfo.InvariantCulture),
        Expected = expected,
        Found = found,
    });
}
