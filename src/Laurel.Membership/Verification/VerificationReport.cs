using Laurel.Engine.Partitions;

namespace Laurel.Membership.Verification;

/// <summary>The invariants of docs/internals/invariants.md that a stored database can prove.</summary>
public enum InvariantCode
{
    /// <summary>Every movement is double: the trial balance is zero, and balances are the sums of entries.</summary>
    I1,

    /// <summary>The sum of entries is what lots have left, less debt.</summary>
    I2,

    /// <summary>Lots, holds and debt stay within their bounds, and lots have lost what was taken from them.</summary>
    I3,

    /// <summary>Every fact is recorded once, under its natural key.</summary>
    I4,

    /// <summary>A frozen reply tells what was really done.</summary>
    I5,

    /// <summary>Every committed change is told by one kept event, and what waits in the outbox is there.</summary>
    I6,

    /// <summary>Lots are spent in order, while they are live.</summary>
    I8,

    /// <summary>Every row belongs to a member of its tenant.</summary>
    I9,

    /// <summary>Replaying the entries rebuilds every figure that a member and an order carry.</summary>
    I10,

    /// <summary>What a hold set aside was captured, released or is still held, and it ends once.</summary>
    I11,

    /// <summary>Opening balances are those that were taken, and go on in what is left.</summary>
    I13,

    /// <summary>Stored money is never negative, what is held is what open withdrawals hold, and each recharge, withdrawal and spend agrees with
    /// its entries.</summary>
    I14,

    /// <summary>Coupons are as many as their templates have counted, and stand where their changes led them.</summary>
    I15,

    /// <summary>Closed days are the sums of the entries they were closed from, and each goes on where the one before ended.</summary>
    I16,

    /// <summary>The counters of benefits are the sums of their uses, and within the limits.</summary>
    I17,

    /// <summary>An adjustment that takes a second person is posted once, when another than its asker has approved it.</summary>
    I18,

    /// <summary>Checkouts hold what they promise, and give back what was given for them.</summary>
    I19,

    /// <summary>What a merge took from one member the other has, and a merged member has nothing but what is set aside.</summary>
    I20,

    /// <summary>Watch counters are what the entries come to, and what waits for a case waits for one that is not decided.</summary>
    I21,

    /// <summary>Memberships are what was bought and not refunded, and members hold what they say.</summary>
    I22,

    /// <summary>Units that programmes define are never negative, and some version of the programme defines them.</summary>
    I25,

    /// <summary>Every tenant has a programme and hosts of its own, and nothing belongs to a tenant that is not there.</summary>
    I26,

    /// <summary>Statuses are where their history led them, and of who has left nothing personal is kept.</summary>
    I27,

    /// <summary>Users who are members are members, and every name and session is of a user.</summary>
    I28,

    /// <summary>An API key has the secrets that its rotations made, and nothing of it counts on that was ended.</summary>
    I30,

    /// <summary>The audit is as it was written: whole, in its order, and found by its index.</summary>
    I31,

    /// <summary>What members are found by is what they are.</summary>
    I32,

    /// <summary>A stored file is kept by one member at the most, and none that is kept is to be removed; cards that were scanned are of members.</summary>
    I33,

    /// <summary>Real names are verified by a number that is kept, and no card verifies more members than it has places.</summary>
    I34,

    /// <summary>Every sealed value opens with the key that its row names.</summary>
    I35,
}

/// <summary>A row that breaks an invariant.</summary>
public sealed record Offence
{
    public required int Tenant { get; init; }

    /// <summary>The member concerned; 0 when the row belongs to none.</summary>
    public required long Member { get; init; }

    public required string Table { get; init; }

    /// <summary>The row's own key within the table: an id, an order's id, or a key hash in hexadecimal.</summary>
    public required string Id { get; init; }

    /// <summary>What was checked, with what was expected of it.</summary>
    public required string Expected { get; init; }

    public required string Found { get; init; }
}

/// <summary>What became of one invariant.</summary>
/// <param name="Checked">Facts that were looked at.</param>
/// <param name="Failed">How many of them broke it.</param>
/// <param name="Offences">The first <see cref="Findings.OffencesShownMax"/> of those that broke it.</param>
public sealed record InvariantFinding(InvariantCode Code, string Title, long Checked, long Failed, IReadOnlyList<Offence> Offences);

/// <summary>One account of the trial balance: a tenant's wallets of a unit, or what stands against them.</summary>
public sealed record AccountTotal(int Tenant, string Unit, string Account, Int128 Amount);

/// <summary>What a verification found.</summary>
public sealed record VerificationReport
{
    /// <summary>In the order of their numbers.</summary>
    public required IReadOnlyList<InvariantFinding> Invariants { get; init; }

    /// <summary>By tenant, unit and account; the sum of each tenant's unit is zero when I1 holds.</summary>
    public required IReadOnlyList<AccountTotal> TrialBalance { get; init; }

    public required long Members { get; init; }

    public required long Entries { get; init; }

    /// <summary>The first month whose entries are there, opening balances standing for the earlier ones; null where all are.</summary>
    public Month? Since { get; init; }

    public bool Holds => Invariants.All(invariant => invariant.Failed == 0);
}

/// <summary>How far a verification is.</summary>
/// <param name="Total">0 while it is not known.</param>
public sealed record VerificationProgress(string Step, long Done, long Total);

/// <summary>Collects what is checked and what fails.</summary>
public sealed class Findings
{
    /// <summary>Offending rows that are kept for each invariant; all are counted.</summary>
    public const int OffencesShownMax = 20;

    private readonly SortedDictionary<InvariantCode, Tally> _tallies = [];

    internal Findings()
    {
        foreach (var code in Enum.GetValues<InvariantCode>())
        {
            _tallies.Add(code, new Tally());
        }
    }

    private sealed class Tally
    {
        public long Checked { get; set; }

        public long Failed { get; set; }

        public List<Offence> Offences { get; } = [];
    }

    /// <summary>Counts one fact as looked at.</summary>
    internal void Look(InvariantCode code) => _tallies[code].Checked++;

    internal void Look(InvariantCode code, long count) => _tallies[code].Checked += count;

    internal void Report(InvariantCode code, Offence offence)
    {
        var tally = _tallies[code];
        tally.Failed++;
        if (tally.Offences.Count < OffencesShownMax)
        {
            tally.Offences.Add(offence);
        }
    }

    internal IReadOnlyList<InvariantFinding> Close() =>
        [.. _tallies.Select(pair => new InvariantFinding(pair.Key, TitleOf(pair.Key), pair.Value.Checked, pair.Value.Failed, pair.Value.Offences))];

    private static string TitleOf(InvariantCode code) => code switch
    {
        InvariantCode.I1 => "every movement is double, balances are sums",
        InvariantCode.I2 => "entries are lots less debt",
        InvariantCode.I3 => "lots, holds and debt within bounds",
        InvariantCode.I4 => "every fact recorded once, under its key",
        InvariantCode.I5 => "frozen replies tell what was done",
        InvariantCode.I6 => "kept events tell what was committed",
        InvariantCode.I8 => "lots spent in order and while live",
        InvariantCode.I9 => "every row belongs to a member of its tenant",
        InvariantCode.I10 => "replay rebuilds every figure",
        InvariantCode.I11 => "holds add up and end once",
        InvariantCode.I13 => "opening balances stand for what is below",
        InvariantCode.I14 => "stored money agrees with its orders",
        InvariantCode.I15 => "coupons are counted and stand where their changes led",
        InvariantCode.I16 => "closed days are the sums of their entries",
        InvariantCode.I17 => "benefits are counted as they were used",
        InvariantCode.I18 => "adjustments above the threshold took two persons",
        InvariantCode.I22 => "memberships are what was bought, and are held",
        InvariantCode.I19 => "checkouts hold what they promise and give back what was given",
        InvariantCode.I20 => "merges move what they take, and merged members keep nothing",
        InvariantCode.I21 => "watch counters agree with entries, held lots with their cases",
        InvariantCode.I25 => "units of programmes are defined and never negative",
        InvariantCode.I26 => "tenants have programmes and hosts of their own",
        InvariantCode.I27 => "statuses have their history, and of who has left nothing personal is kept",
        InvariantCode.I28 => "names and sessions are of users who are there",
        InvariantCode.I30 => "API keys have the secrets that rotations made",
        InvariantCode.I31 => "the audit is whole and as it was written",
        InvariantCode.I32 => "members are found by what they are, and by nothing else",
        InvariantCode.I33 => "stored files are kept by one member, and cards that were scanned are of members",
        InvariantCode.I34 => "real names are verified by cards that have a place for them",
        InvariantCode.I35 => "sealed values open with the keys that their rows name",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };
}
