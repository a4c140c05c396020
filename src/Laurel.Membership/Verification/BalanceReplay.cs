using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Balance;

namespace Laurel.Membership.Verification;

/// <summary>The stored money of one member during the replay: I14. What is below the cut opening balances stand for, and is not compared.</summary>
internal sealed class BalanceReplay(Findings findings, MemberRow member, KeyChecks keys, long cut)
{
    // Entries that belong to a row each, until that row was told.
    private readonly Dictionary<long, EntryRow> _expected = [];

    // What went back of the entry that it names.
    private readonly Dictionary<long, Int128> _returned = [];

    // What the rows of refunds say went back of a recharge.
    private readonly Dictionary<string, Int128> _refundedRows = [];

    // What a posting that exchanges has moved of each unit.
    private readonly Dictionary<long, (Int128 Points, Int128 Money)> _exchanged = [];
    private readonly List<RechargeRow> _recharges = [];
    private Int128 _held;

    public void Apply(EntryRow entry)
    {
        if (entry.Kind == "exchange")
        {
            var (points, money) = _exchanged.GetValueOrDefault(entry.PostingId);
            _exchanged[entry.PostingId] = entry.Unit == "balance" ? (points, money + entry.Amount) : (points + entry.Amount, money);
        }

        if (entry.Unit != "balance")
        {
            return;
        }

        findings.Look(InvariantCode.I14);
        if (entry.BalanceAfter < 0)
        {
            Report("entries", entry.IdText, "balance_after ≥ 0", Text($"{entry.BalanceAfter}"));
        }

        if (entry.Rule is "recharge" or "recharge_refund" or "withdrawal" or "balance_spend")
        {
            _expected[entry.Id] = entry;
        }

        if (entry.Rule is "recharge_refund" or "balance_refund")
        {
            var returned = entry.Rule == "recharge_refund" ? -(Int128)entry.Amount : entry.Amount;
            _returned[entry.RelatedId ?? 0] = _returned.GetValueOrDefault(entry.RelatedId ?? 0) + returned;
        }
    }

    /// <summary>Compared at the end, once its refunds were told too.</summary>
    public void Apply(RechargeRow recharge)
    {
        _recharges.Add(recharge);
        keys.ExpectHandle(Recharge.HandleOf(new TenantId(member.Tenant), recharge.RechargeId), member, "balance_recharges", recharge.RechargeId);
        var isCredited = recharge.Status is "paid" or "refunded";
        Match("balance_recharges", recharge.RechargeId, new Wanted("recharge", recharge.Amount, recharge.RechargeId), recharge.EntryId, isCredited);
        Returned("balance_recharges", recharge.RechargeId, recharge.EntryId, recharge.Refunded);
        if (!isCredited && recharge.Status is not ("created" or "closed"))
        {
            Report("balance_recharges", recharge.RechargeId, "a status that there is", recharge.Status);
        }

        if ((recharge.Status == "refunded") != (recharge.Refunded == recharge.Amount))
        {
            Report("balance_recharges", recharge.RechargeId, "refunded once all of it went back", Text($"{recharge.Status}, {recharge.Refunded} of {recharge.Amount}"));
        }
    }

    public void Apply(RechargeRefundRow refund)
    {
        _refundedRows[refund.RechargeId] = _refundedRows.GetValueOrDefault(refund.RechargeId) + refund.Amount;
        Match("balance_recharge_refunds", refund.RefundId, new Wanted("recharge_refund", -refund.Amount, refund.RefundId), refund.EntryId, isThere: true);
    }

    public void Apply(WithdrawalRow withdrawal)
    {
        var (table, id) = ("balance_withdrawals", withdrawal.WithdrawalId);
        keys.ExpectHandle(Withdrawal.HandleOf(new TenantId(member.Tenant), id), member, table, id);
        Match(table, id, new Wanted("withdrawal", -withdrawal.Amount, id), withdrawal.EntryId, withdrawal.Status == "paid");
        switch (withdrawal.Status)
        {
            case "applied" or "approved" or "sending":
                _held += withdrawal.Amount;
                break;
            case "paid" or "rejected" or "failed":
                break;
            default:
                Report(table, id, "a status that there is", withdrawal.Status);
                break;
        }
    }

    public void Apply(SpendRow spend)
    {
        var id = Text($"{spend.EntryId}");
        Match("balance_spends", id, new Wanted("balance_spend", -spend.Amount, null), spend.EntryId, isThere: true);
        Returned("balance_spends", id, spend.EntryId, spend.Refunded);
        if (spend.Refunded < 0 || spend.Refunded > spend.Amount)
        {
            Report("balance_spends", id, Text($"refunded from 0 to {spend.Amount}"), Text($"{spend.Refunded}"));
        }
    }

    /// <summary>Everything of the member was told.</summary>
    public void Close()
    {
        findings.Look(InvariantCode.I14);
        foreach (var recharge in _recharges)
        {
            var rows = _refundedRows.GetValueOrDefault(recharge.RechargeId);
            _refundedRows.Remove(recharge.RechargeId);
            if (rows != recharge.Refunded)
            {
                Report("balance_recharges", recharge.RechargeId, Text($"refunded = its refunds: {rows}"), Text($"{recharge.Refunded}"));
            }
        }

        foreach (var stray in _refundedRows.Keys)
        {
            Report("balance_recharge_refunds", stray, "the recharge that it gives back", "none");
        }

        foreach (var entry in _expected.Values)
        {
            Report("entries", entry.IdText, $"the row that a {entry.Rule} has beside its entry", "none");
        }

        foreach (var entry in _returned.Where(pair => pair.Value != 0 && pair.Key >= cut).Select(pair => pair.Key))
        {
            Report("entries", Text($"{entry}"), "what refunds give back", "nothing of the member's that was spent or recharged");
        }

        foreach (var (posting, (points, money)) in _exchanged.Where(pair => pair.Key >= cut && Int128.Sign(pair.Value.Points) * Int128.Sign(pair.Value.Money) != -1))
        {
            Report("entries", Text($"{posting}"), "points for stored money, or the other way round", Text($"{points} points, {money} of the balance"));
        }

        if (member.BalanceHeld < 0 || member.BalanceHeld > member.Balance)
        {
            Report("members", Text($"{member.Member}"), Text($"0 ≤ balance_held ≤ balance, {member.Balance}"), Text($"{member.BalanceHeld}"));
        }

        if (_held != member.BalanceHeld)
        {
            Report("members", Text($"{member.Member}"), Text($"balance_held = Σ open withdrawals: {_held}"), Text($"{member.BalanceHeld}"));
        }
    }

    /// <param name="Reference">Null where the row does not say.</param>
    private sealed record Wanted(string Rule, Int128 Amount, string? Reference);

    /// <summary>The row's entry is there, with the amount and the reference of the row; or there is none, and none is named.</summary>
    private void Match(string table, string id, Wanted wanted, long entryId, bool isThere)
    {
        findings.Look(InvariantCode.I14);
        if (!isThere)
        {
            if (entryId != 0)
            {
                Report(table, id, "no entry in this state", Text($"entry {entryId}"));
            }

            return;
        }

        var isFound = _expected.Remove(entryId, out var entry);
        if (!isFound && entryId > 0 && entryId < cut)
        {
            return;
        }

        if (entry is null || entry.Rule != wanted.Rule || entry.Amount != wanted.Amount || (wanted.Reference is { } reference && reference != entry.ReferenceId))
        {
            var found = entry is null ? "no such entry" : Text($"{entry.Rule} of {entry.Amount}, {entry.ReferenceId}");
            Report(table, id, Text($"entry {entryId}: {wanted.Rule} of {wanted.Amount}"), found);
        }
    }

    /// <summary>What refunds gave back of an entry is what its row says. Of an entry below the cut, some refunds may be below too.</summary>
    private void Returned(string table, string id, long entryId, long refunded)
    {
        var returned = _returned.GetValueOrDefault(entryId);
        _returned.Remove(entryId);
        if (entryId >= cut ? returned != refunded : returned > refunded)
        {
            Report(table, id, Text($"refunded = entries of its refunds: {returned}"), Text($"{refunded}"));
        }
    }

    private void Report(string table, string id, string expected, string found) => findings.Report(InvariantCode.I14, new Offence
    {
        Tenant = member.Tenant,
        Member = member.Member,
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    });

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
