using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Finance;

/// <summary>The words that closed days use beside the kinds and units of entries.</summary>
public static class FinanceNames
{
    /// <summary>The unit of what holds pin, a part of the points.</summary>
    public const string Held = "held";

    /// <summary>The unit of paid orders that earned points, in minor units. A flow: it has no balance.</summary>
    public const string Sales = "sales";

    /// <summary>The unit of points whose lots were given a longer life. A flow beside the points, whose sum it does not change; its kinds are the
    /// months of the old and the new expiry, <c>2026-01>2026-07</c>.</summary>
    public const string Extended = "extended";

    /// <summary>Kind of what opening balances bring forward.</summary>
    public const string Opening = "opening";

    /// <summary>Kind of the amounts of orders, in <see cref="Sales"/>.</summary>
    public const string Orders = "orders";

    /// <summary>Kind of the points that these orders earned, in <see cref="Sales"/>.</summary>
    public const string OrderPoints = "order_points";

    /// <summary>The units of which a roll-forward is told: those of the house, what is held, and those that the programme defines.</summary>
    public static IReadOnlyList<string> UnitsOf(Programme programme) =>
        [EntryNames.Points, EntryNames.Growth, EntryNames.Balance, Held, .. programme.Units.Select(unit => unit.Code)];
}

/// <summary>A closed recorded day of a tenant. Never changed.</summary>
public sealed record FinanceDay
{
    public required int Tenant { get; init; }

    /// <summary>20260131, in the tenant's time zone.</summary>
    public required int Day { get; init; }

    /// <summary>The first id that is of the day; that of the first day closed is 0.</summary>
    public required long BeginId { get; init; }

    /// <summary>The first id that is not of the day any more: the next day's <see cref="BeginId"/>.</summary>
    public required long EndId { get; init; }

    /// <summary>Microseconds since 1970.</summary>
    public required long ClosedAt { get; init; }

    /// <summary>Drawn by whoever closed it: its rows are written only where the day is.</summary>
    public required long ClosingId { get; init; }

    public required int ProgrammeVersion { get; init; }

    /// <summary>The value of points on that day: see <see cref="FinanceRules"/>.</summary>
    public required long ValuePoints { get; init; }

    public required long ValueMinorUnits { get; init; }

    public required int RedemptionBasisPoints { get; init; }

    /// <summary><c>fixed</c> by the programme, or estimated from the <c>curve</c>.</summary>
    public required string RedemptionSource { get; init; }

    public PointValue Value => new(ValuePoints, ValueMinorUnits, RedemptionBasisPoints);
}

/// <summary>What one kind moved of one unit, by the business day it happened on, as a closed day books it.</summary>
public sealed record FinanceMovement
{
    /// <summary>The recorded day whose ids these entries have: the day itself, or the one before for what was committed late.</summary>
    public required int OfDay { get; init; }

    public required string Unit { get; init; }

    public required string Kind { get; init; }

    public required string Account { get; init; }

    /// <summary>20260131, in the tenant's time zone; 0 for what has none.</summary>
    public required int BusinessDay { get; init; }

    public required long Entries { get; init; }

    /// <summary>Signed: what the wallets gained.</summary>
    public required long Amount { get; init; }

    public required long Debt { get; init; }

    public required long Receivable { get; init; }

    /// <summary>What the lots gained: points people can still use, debts not set off.</summary>
    public long Lots => Amount + Debt;
}

/// <summary>How one unit stood at both ends of a closed day.</summary>
public sealed record FinanceClosing
{
    public required int Day { get; init; }

    public required string Unit { get; init; }

    public required long Opening { get; init; }

    public required long Closing { get; init; }

    /// <summary>Points taken back beyond what there was, at the end of the day. Not negative.</summary>
    public required long Debt { get; init; }

    public required long Receivable { get; init; }
}

/// <summary>What a closed day added to a cohort: the points issued in a month, by their age in months.</summary>
public sealed record FinanceCohortCell
{
    public required int OfDay { get; init; }

    /// <summary>202601: the business month that granted the points.</summary>
    public required int IssueMonth { get; init; }

    /// <summary>Whole calendar months between issue and movement.</summary>
    public required int Age { get; init; }

    public required string Kind { get; init; }

    public required long Granted { get; init; }

    public required long Taken { get; init; }
}
