using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Statuses;

/// <summary>What becomes of the points of a member who leaves.</summary>
public enum CancelledPoints
{
    /// <summary>They are taken, by entries of their own.</summary>
    Forfeit,

    /// <summary>Who has points that can be spent does not leave before they are spent.</summary>
    Refuse,
}

/// <summary>What the programme says of members who leave.</summary>
public sealed record CancellationRules
{
    /// <summary>Days in which the member may stay after all, 0 to 365.</summary>
    public int CoolingOffDays { get; init; } = 7;

    public CancelledPoints Points { get; init; } = CancelledPoints.Forfeit;

    /// <summary>Whether a member whom somebody else asks to leave does so only when a second person has confirmed it. Who asks for itself always may.</summary>
    public bool TwoPersons { get; init; }
}

/// <summary>What keeps a member from leaving: money of the member's, and what is not done yet.</summary>
internal static class CancellationObstacles
{
    /// <summary>Asks for what is needed to tell.</summary>
    /// <returns>Whether it is here.</returns>
    public static bool IsKnown(MemberBooks books, MemberBook book, LoadPlan plan)
    {
        var isKnown = books.HasAllLots(book, plan) & books.HasPersonal(book, plan) & books.HasAddresses(book, plan) & books.HasNotes(book, plan);
        if (!book.Personal.HasDealings && book.Version > 0)
        {
            plan.Need(books.Dealings, PersonalStatements.KeyOf(book));
            isKnown = false;
        }

        return isKnown;
    }

    /// <summary>Null where nothing does.</summary>
    public static Refusal? RefusalOf(MemberBook book, CancellationRules rules, Instant time)
    {
        List<string> found = [];
        void Note(bool stands, string name)
        {
            if (stands)
            {
                found.Add(name);
            }
        }

        Note(book.Points.Held > 0, "held_points");
        Note(book.Balance != 0, "stored_money");
        Note(book.BalanceHeld > 0, "withdrawals");
        Note(book.HasMoney && book.Money.Recharges.Values.Any(recharge => recharge.Status == RechargeStatus.Created), "recharges");
        Note(book.HasCheckouts && book.Checkouts.Values.Any(checkout => checkout.State == CheckoutState.Reserved && checkout.ExpiresAt > time), "checkouts");
        Note(book.Points.Pending.Values.Any(pending => !pending.Ended && pending.Event == WatchCase.Event), "watch_cases");
        Note(rules.Points == CancelledPoints.Refuse && book.Points.AvailableAt(time, long.MaxValue) > 0, "points");
        return found.Count == 0 ? null : new Refusal("CANCELLATION_BLOCKED", ("obstacles", string.Join(", ", found))) { Definitive = false };
    }
}

/// <summary>Reads recharges and checkouts of members, all of them: who leaves has none that are open.</summary>
internal sealed class DealingsLoader(MemberKind members) : ChildLoader<PersonalStatements.MemberKey>
{
    private static readonly Column<PersonalStatements.MemberKey>[] s_keys =
    [
        Column<PersonalStatements.MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<PersonalStatements.MemberKey>.Int64("member_id", k => k.Member),
    ];

    private static readonly SetStatement<PersonalStatements.MemberKey> s_recharges =
        Statements.Find(BalanceStatements.RechargeColumns, "balance_recharges r", "", s_keys);

    private static readonly SetStatement<PersonalStatements.MemberKey> s_checkouts = Statements.Find(CheckoutStatements.Columns, "checkouts c", "", s_keys);

    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<PersonalStatements.MemberKey> needs)
    {
        var recharges = new List<(long Member, Recharge Recharge)>();
        var checkouts = new List<(long Member, Checkout Checkout)>();
        builder.Add(s_recharges, needs, row => recharges.Add((row.Int64(1), BalanceStatements.ReadRecharge(row))));
        builder.Add(s_checkouts, needs, row => checkouts.Add((row.Int64(1), CheckoutStatements.Read(row))));
        return set =>
        {
            foreach (var need in needs)
            {
                var book = set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)));
                recharges.FindAll(one => one.Member == need.Member).ForEach(one => book.Money.Recharges.Load(one.Recharge.RechargeId, one.Recharge));
                checkouts.FindAll(one => one.Member == need.Member).ForEach(one => book.Checkouts.Load(one.Checkout.CheckoutId, one.Checkout));
                book.Personal.HasDealings = true;
            }
        };
    }
}
