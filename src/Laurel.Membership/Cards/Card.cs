using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.Membership.Cards;

/// <summary>A membership that is sold by the period, with benefits of its own: a monthly or yearly card.</summary>
public sealed record MembershipCard
{
    /// <summary>Names it for good: 1 to 40 lower-case letters, digits, underscores.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    /// <summary>At most 1,000 characters; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Of one period, in minor units, 0 or more.</summary>
    public required long Price { get; init; }

    /// <summary>How long one period lasts: <c>P1M</c>, <c>P1Y</c>, <c>P30D</c> (ISO 8601, years, months and days).</summary>
    public required string Period { get; init; }

    /// <summary>The code of the package of benefits that holders have; null gives none.</summary>
    public string? Package { get; init; }

    /// <summary>The code of the level that holders have at the least; null leaves the level alone.</summary>
    public string? Level { get; init; }

    /// <summary>Whether it is sold. Whoever holds it keeps it to its end.</summary>
    public bool Active { get; init; } = true;
}

/// <summary>A number of months and, after them, of days.</summary>
internal readonly partial record struct CardPeriod(int Months, int Days)
{
    /// <summary>Ten years.</summary>
    public const int MonthsMax = 120;

    public const int DaysMax = 3_660;

    public static CardPeriod operator +(CardPeriod left, CardPeriod right) => new(left.Months + right.Months, left.Days + right.Days);

    public static CardPeriod operator -(CardPeriod left, CardPeriod right) => new(left.Months - right.Months, left.Days - right.Days);

    public static CardPeriod operator *(CardPeriod period, int times) => new(period.Months * times, period.Days * times);

    /// <summary>Null where it is no period, or none that is sold: longer than nothing, and than neither of the limits.</summary>
    public static CardPeriod? Parse(string? text)
    {
        if (text is null || Form().Match(text) is not { Success: true } match)
        {
            return null;
        }

        int Number(string group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
        var period = new CardPeriod((Number("years") * 12) + Number("months"), Number("days"));
        return period is { Months: >= 0 and <= MonthsMax, Days: >= 0 and <= DaysMax } && period != default ? period : null;
    }

    /// <summary>When it ends that begins at an instant: 00:00 local after the last day. The day on which it begins is not counted, and the 31st
    /// of a month that has none is its last day.</summary>
    public Instant EndFrom(Instant start, BusinessCalendar calendar) =>
        calendar.StartOf(calendar.DayOf(start).AddMonths(Months).AddDays(Days).AddDays(1));

    [GeneratedRegex("^P(?=[0-9])((?<years>[0-9]{1,2})Y)?((?<months>[0-9]{1,3})M)?((?<days>[0-9]{1,4})D)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Form();
}

/// <summary>A card that a member holds, as the member's row has it: earning reads nothing more. Instants are in microseconds.</summary>
/// <param name="Code">Of the card.</param>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
/// <param name="Of">The member who bought it and has been merged into this one since; 0 where it is this one's own.</param>
internal sealed record HeldCard(string Code, long From, long Until, long Of = 0)
{
    [JsonIgnore]
    public bool IsOwn => Of == 0;

    public bool IsInForce(Instant at) => at.UnixMicroseconds >= From && at.UnixMicroseconds < Until;
}

/// <summary>A member's membership by one card: the present one, or the last.</summary>
internal sealed record CardMembership
{
    /// <summary>The code of the card.</summary>
    public required string Card { get; init; }

    /// <summary>Counts the times it began anew after it had ended, from 1.</summary>
    public required int Run { get; init; }

    /// <summary>Business time, inclusive.</summary>
    public required Instant StartTime { get; init; }

    /// <summary>Business time, exclusive.</summary>
    public required Instant EndTime { get; init; }

    /// <summary>What was bought in this run and not taken back.</summary>
    public required CardPeriod Bought { get; init; }

    /// <summary>Whether a refund ended it before its time.</summary>
    public bool EndedEarly { get; init; }

    /// <summary>When somebody said that it is not renewed; null where nobody did.</summary>
    public Instant? CancelledAt { get; init; }

    public string? CancelReason { get; init; }

    /// <summary>Who cancelled it.</summary>
    public string? CancelledBy { get; init; }

    public bool IsInForce(Instant at) => at >= StartTime && at < EndTime;
}

/// <summary>One purchase of a card: the first of a membership, or a renewal.</summary>
internal sealed record CardPurchase
{
    /// <summary>The shop's name of it, unique in the tenant for ever.</summary>
    public required string Reference { get; init; }

    /// <summary>Orders the lists.</summary>
    public required long Id { get; init; }

    /// <summary>The code of the card.</summary>
    public required string Card { get; init; }

    /// <summary>Of the membership that it began or made longer.</summary>
    public required int Run { get; init; }

    /// <summary>1 or more.</summary>
    public required int Periods { get; init; }

    /// <summary>What all of them come to, by the card as it was.</summary>
    public required CardPeriod Bought { get; init; }

    /// <summary>What was paid, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>The shop's id of the order; null where there is none.</summary>
    public string? OrderId { get; init; }

    /// <summary>When the membership ended after it.</summary>
    public required Instant EndTime { get; init; }

    /// <summary>Business time.</summary>
    public required Instant PurchasedAt { get; init; }

    public required Instant RecordedAt { get; init; }

    /// <summary>The version of the programme that the card was sold by.</summary>
    public required int Version { get; init; }

    /// <summary>Null where it was not refunded.</summary>
    public CardRefund? Refund { get; init; }

    /// <summary>The natural key of a purchase, and the handle by which it is refunded.</summary>
    public static Hash128 HandleOf(TenantId tenant, string reference) => Hash128.Of(tenant.Value, "card-purchase", reference);
}

/// <summary>The refund of a purchase.</summary>
/// <param name="Id">Orders it among the purchases.</param>
/// <param name="At">Business time.</param>
/// <param name="Reason">In words; null where none was given.</param>
/// <param name="TookBack">Whether the membership became shorter by it: not where it had ended.</param>
/// <param name="EndTime">When the membership ended after it.</param>
internal sealed record CardRefund(long Id, Instant At, string? Reason, bool TookBack, Instant EndTime);

/// <summary>What of a member's memberships and purchases a command works with. A part of the member's book.</summary>
internal sealed class CardBook
{
    /// <summary>By the code of the card.</summary>
    public Tracked<string, CardMembership> Memberships { get; private set; } = new();

    /// <summary>By reference.</summary>
    public Tracked<string, CardPurchase> Purchases { get; private set; } = new();

    public CardBook Copy() => new() { Memberships = Memberships.Copy(), Purchases = Purchases.Copy() };
}
