using System.Globalization;

namespace Laurel.ContractTests.Model;

/// <summary>What became of one operation.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>
    /// One line to compare and to read: movements netted by member and unit, then the level change, or the refusal. How
    /// finely an engine cuts its movements does not show.
    /// </summary>
    public abstract string Summary { get; }

    /// <summary>The operation took effect.</summary>
    /// <param name="Movements">What the operation itself moved. Expiries that fell due, or that a released hold brought
    /// about, are not in it.</param>
    /// <param name="Level">Null when the level stayed.</param>
    public sealed record Applied(IReadOnlyList<Movement> Movements, LevelChange? Level) : Outcome
    {
        public override string Summary
        {
            get
            {
                var nets = Movements
                    .GroupBy(movement => (movement.Member, movement.Unit))
                    .Select(group => (group.Key.Member, group.Key.Unit, Amount: group.Sum(movement => movement.Amount)))
                    .Where(net => net.Amount != 0)
                    .OrderBy(net => net.Member, StringComparer.Ordinal)
                    .ThenBy(net => net.Unit, StringComparer.Ordinal)
                    .Select(net => string.Create(
                        CultureInfo.InvariantCulture, $" {net.Member} {net.Unit} {net.Amount:+0;-0};"));
                var level = Level is null ? "" : $" level {Level.From} > {Level.To}";
                return "applied" + string.Concat(nets) + level;
            }
        }

        public long Net(string unit) =>
            Movements.Where(movement => movement.Unit == unit).Sum(movement => movement.Amount);
    }

    /// <summary>The operation was refused and left no trace.</summary>
    /// <param name="Code">One of <see cref="Codes"/>.</param>
    /// <param name="Required">With <see cref="Codes.PointsInsufficient"/> the points asked for, else null.</param>
    /// <param name="Available">With <see cref="Codes.PointsInsufficient"/> the points there were, negative in debt;
    /// else null.</param>
    public sealed record Refused(string Code, long? Required, long? Available) : Outcome
    {
        public override string Summary => Required is null
            ? $"refused {Code}"
            : string.Create(CultureInfo.InvariantCulture, $"refused {Code} required {Required} available {Available}");
    }

    /// <summary>The order or refund had been applied before; nothing happened.</summary>
    public sealed record Duplicate : Outcome
    {
        public override string Summary => "duplicate";
    }
}

/// <summary>A signed change of a member's balance in one unit.</summary>
/// <param name="Member">The external id.</param>
/// <param name="Unit">One of <see cref="Units"/>.</param>
/// <param name="Amount">Positive when the member gains.</param>
public sealed record Movement(string Member, string Unit, long Amount);

/// <summary>A change of level, by level code.</summary>
public sealed record LevelChange(string From, string To);

/// <summary>A member's figures.</summary>
/// <param name="Available">Unpinned points of the live lots, less the debt; may be negative.</param>
/// <param name="Held">Points pinned by open holds, also in lots that have expired since.</param>
/// <param name="Debt">Points taken back that the member no longer had.</param>
/// <param name="Lifetime">Points earned by registration, orders, bonus and earnings, less what refunds took
/// back.</param>
/// <param name="Growth">Growth earned by orders, less what refunds took back.</param>
/// <param name="Level">The code of the level the lifetime sum stands for.</param>
/// <param name="TotalOrders">Completed orders that were not refunded whole.</param>
/// <param name="TotalAmount">Minor units of completed orders less refunds.</param>
public sealed record MemberState(
    long Available,
    long Held,
    long Debt,
    long Lifetime,
    long Growth,
    string Level,
    long TotalOrders,
    long TotalAmount);

/// <summary>The units of movements.</summary>
public static class Units
{
    public const string Points = "points";
    public const string Growth = "growth";
}

/// <summary>The refusal codes both sides must agree on.</summary>
public static class Codes
{
    public const string HoldClosed = "HOLD_CLOSED";
    public const string HoldExceeded = "HOLD_EXCEEDED";
    public const string HoldNotFound = "HOLD_NOT_FOUND";
    public const string MemberNotFound = "MEMBER_NOT_FOUND";
    public const string OrderLineNotFound = "ORDER_LINE_NOT_FOUND";
    public const string OrderLinesExceedAmount = "ORDER_LINES_EXCEED_AMOUNT";
    public const string OrderNotFound = "ORDER_NOT_FOUND";
    public const string PointsInsufficient = "POINTS_INSUFFICIENT";
    public const string RefundExceedsOrder = "REFUND_EXCEEDS_ORDER";
    public const string TimeInFuture = "TIME_IN_FUTURE";
}

/// <summary>Who bears what a refund could not take back. A setting of the programme.</summary>
public enum ShortfallPolicy
{
    /// <summary>The member owes it: the balance goes below zero and the next credit repays it. The default.</summary>
    Negative,

    /// <summary>The shop bears it.</summary>
    Forgive,

    /// <summary>Later earnings repay it, half of each at most.</summary>
    Receivable,
}
