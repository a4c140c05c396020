using System.Globalization;
using Laurel.Membership.Openings;

namespace Laurel.Membership.Verification;

/// <summary>The wallets of one member during the replay, unit by unit: I1.</summary>
internal sealed class WalletReplay(Findings findings, MemberRow member, TrialBalance totals)
{
    private readonly Dictionary<string, Wallet> _wallets = [];
    private Int128 _earned;
    private Int128 _spent;
    private long _movements;
    private long? _movedAt;

    private sealed class Wallet
    {
        public Int128 Sum { get; private set; }

        public Int128 Running { get; set; }

        public Dictionary<string, Int128> Accounts { get; } = [];

        public void Add(string account, Int128 amount)
        {
            Sum += amount;
            Running += amount;
            Accounts[account] = Accounts.GetValueOrDefault(account) + amount;
        }
    }

    /// <summary>The units that anything was told of.</summary>
    public IEnumerable<string> Units => _wallets.Keys;

    public Int128 SumOf(string unit) => _wallets.GetValueOrDefault(unit)?.Sum ?? 0;

    public void Begin(MemberOpening opening)
    {
        (_earned, _spent, _movements) = (opening.Figures.Earned, opening.Figures.Spent, opening.Figures.Movements);
        _movedAt = opening.Figures.MovedAt;
        foreach (var unit in opening.Units)
        {
            var wallet = _wallets[unit.Unit] = new Wallet();
            foreach (var (account, amount) in unit.Accounts().Where(one => one.Amount != 0))
            {
                wallet.Add(account, amount);
                totals.Add(member.Tenant, unit.Unit, account, -(Int128)amount);
            }
        }
    }

    public void Apply(EntryRow entry)
    {
        if (!_wallets.TryGetValue(entry.Unit, out var wallet))
        {
            _wallets.Add(entry.Unit, wallet = new Wallet());
        }

        findings.Look(InvariantCode.I1);
        wallet.Add(entry.Account, entry.Amount);
        if (wallet.Running != entry.BalanceAfter)
        {
            Report(entry, string.Create(CultureInfo.InvariantCulture, $"balance_after: {wallet.Running}"), entry.BalanceAfter.ToString(CultureInfo.InvariantCulture));
        }

        // One break is one offence: from here on the entry's own figure counts.
        wallet.Running = entry.BalanceAfter;
        var account = AccountOf(entry.Kind);
        if (account != entry.Account)
        {
            Report(entry, account is null ? "a kind that has an account" : $"account {account}", $"{entry.Kind}, {entry.Account}");
        }

        if (entry.Unit == "points")
        {
            _earned += entry.Kind == "earn" ? entry.Amount : 0;
            _spent -= entry.Kind == "spend" ? entry.Amount : 0;
            _movements++;
            _movedAt = Math.Max(_movedAt ?? entry.OccurredAt, entry.OccurredAt);
        }

        totals.AddEntry(entry);
    }

    /// <summary>The figures of an opening that tell of wallets.</summary>
    public OpeningFigures Fill(OpeningFigures figures) => figures with
    {
        Earned = checked((long)_earned),
        Spent = checked((long)_spent),
        Movements = _movements,
        MovedAt = _movedAt,
    };

    /// <summary>The wallets as they stand, by account.</summary>
    public IReadOnlyList<UnitOpening> At(long cut) => [.. _wallets.Select(pair => UnitOf(pair.Key, pair.Value.Accounts, cut))];

    /// <summary>Told apart from the writer's own list: a kind that moved elsewhere must show.</summary>
    private static string? AccountOf(string kind) => kind switch
    {
        "earn" or "reverse" or "activate" => "issuance",
        "spend" => "redemption",
        "expire" or "reinstate" => "expiry",
        "cancel" => "cancellation",
        "adjust" => "adjustment",
        "transfer" or "merge" => "transfer",
        "repay" => "receivable",
        "recharge" or "recharge_refund" => "cash",
        "withdraw" => "payout",
        "refund" => "redemption",
        "exchange" => "exchange",
        _ => null,
    };

    private UnitOpening UnitOf(string unit, Dictionary<string, Int128> accounts, long cut)
    {
        long Of(string account) => checked((long)accounts.GetValueOrDefault(account));
        return new UnitOpening
        {
            Tenant = member.Tenant,
            Member = member.Member,
            Cut = cut,
            Unit = unit,
            Issuance = Of("issuance"),
            Redemption = Of("redemption"),
            Expiry = Of("expiry"),
            Adjustment = Of("adjustment"),
            Transfer = Of("transfer"),
            Receivable = Of("receivable"),
            Cancellation = Of("cancellation"),
            Cash = Of("cash"),
            Payout = Of("payout"),
            Exchange = Of("exchange"),
        };
    }

    private void Report(EntryRow entry, string expected, string found) => findings.Report(InvariantCode.I1, new Offence
    {
        Tenant = member.Tenant,
        Member = member.Member,
        Table = "entries",
        Id = entry.IdText,
        Expected = expected,
        Found = found,
    });
}
