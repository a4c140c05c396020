using System.Globalization;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>What a member has of a unit, as it is stored.</summary>
internal sealed record UnitRow(int Tenant, long Member, string Unit, long Amount) : IMemberRow
{
    public static readonly SetStatement<PageKey> Pages = VerificationPages.Page(
        "SELECT u.tenant_id, u.member_id, u.unit, u.amount FROM {member_units u}",
        "u.tenant_id", "u.member_id, u.unit", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.Text);

    public static UnitRow Read(SqlRow row) => new(row.Int32(0), row.Int64(1), row.Text(2), row.Int64(3));

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, Text = Unit };
}

/// <summary>The units of one member that programmes define: I1 of their wallets, and I25.</summary>
internal sealed class UnitReplay(Findings findings, MemberRow member, WalletReplay wallets, TrialBalance totals)
{
    private readonly HashSet<string> _stored = [];

    public static bool IsOfProgramme(string unit) => unit is not ("points" or "growth" or "balance");

    public void Apply(EntryRow entry)
    {
        findings.Look(InvariantCode.I25);
        if (entry.BalanceAfter < 0)
        {
            Report(InvariantCode.I25, "entries", entry.IdText, $"{entry.Unit} ≥ 0", Text(entry.BalanceAfter));
        }

        if (entry.Kind is not ("earn" or "spend" or "adjust" or "reverse" or "merge"))
        {
            Report(InvariantCode.I25, "entries", entry.IdText, $"a movement that {entry.Unit} can have", entry.Kind);
        }

        if (entry is not { DebtDelta: 0, LifetimeDelta: 0, ExpiresAt: null })
        {
            Report(InvariantCode.I25, "entries", entry.IdText, $"no debt, lifetime points or expiry of {entry.Unit}", "some");
        }
    }

    public void Apply(UnitRow row)
    {
        _stored.Add(row.Unit);
        findings.Look(InvariantCode.I1);
        findings.Look(InvariantCode.I25);
        if (wallets.SumOf(row.Unit) != row.Amount)
        {
            Report(InvariantCode.I1, "member_units", row.Unit, SumOf(row.Unit), Text(row.Amount));
        }

        if (row.Amount < 0)
        {
            Report(InvariantCode.I25, "member_units", row.Unit, "amount ≥ 0", Text(row.Amount));
        }

        totals.Add(row.Tenant, row.Unit, "members", row.Amount);
    }

    /// <summary>All rows were told: what has entries has a row, and what has either some programme defined.</summary>
    public void Close(ProgrammeHistory programmes)
    {
        foreach (var unit in wallets.Units.Where(IsOfProgramme).Union(_stored))
        {
            findings.Look(InvariantCode.I25);
            if (!programmes.HasDefined(member.Tenant, unit))
            {
                Report(InvariantCode.I25, "member_units", unit, "a unit that some version of the programme defines", "none does");
            }

            if (!_stored.Contains(unit) && wallets.SumOf(unit) != 0)
            {
                Report(InvariantCode.I1, "member_units", unit, SumOf(unit), "no such row");
            }
        }
    }

    private string SumOf(string unit) => string.Create(CultureInfo.InvariantCulture, $"amount = Σ entries: {wallets.SumOf(unit)}");

    private void Report(InvariantCode code, string table, string id, string expected, string found) => findings.Report(code, new Offence
    {
        Tenant = member.Tenant,
        Member = member.Member,
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
