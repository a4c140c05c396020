namespace Laurel.ContractTests.Model;

/// <summary>A programme whose points lapse by inactivity, in words of the model.</summary>
/// <param name="Days">Days after that of the last activity on which they can be spent.</param>
/// <param name="AllPoints">All points, or those of the rule that pays for orders alone.</param>
public sealed record NaiveInactivity(int Days, bool AllPoints);

/// <content>Points without a date.</content>
internal sealed partial class NaiveMember
{
    /// <summary>When all points without a date lapse; null while there never were any.</summary>
    public DateTimeOffset? UndatedEnd { get; private set; }

    /// <summary>Whether points without a date came, lapsed, and were saved by what the member did.</summary>
    public (int Lapsed, int Saved) UndatedMet { get; private set; }

    /// <summary>The member did something that counts.</summary>
    public void Act(DateTimeOffset time)
    {
        if (UndatedEnd is { } end && EndAfter(time) > end)
        {
            UndatedEnd = EndAfter(time);
            UndatedMet = (UndatedMet.Lapsed, UndatedMet.Saved + 1);
        }
    }

    private DateTimeOffset EndAfter(DateTimeOffset time) => NaiveArithmetic.StartOf(NaiveArithmetic.BusinessDayOf(time).AddDays(inactivity!.Days + 1));

    private void StartWith(NaiveLot lot, DateTimeOffset time)
    {
        if (!lot.IsUndated)
        {
            return;
        }

        if (UndatedEnd is not { } end || end <= time)
        {
            UndatedEnd = EndAfter(time);
        }

        if (lot.ActiveAt > time && EndAfter(lot.ActiveAt) > UndatedEnd)
        {
            UndatedEnd = EndAfter(lot.ActiveAt);
        }
    }

    /// <summary>The time is over: points without a date ended then.</summary>
    private void EndUndated(DateTimeOffset end)
    {
        foreach (var lot in lots.Where(lot => lot.IsUndated && lot.Remaining > 0).ToList())
        {
            lot.Move(end, lot.ActiveAt, end);
            UndatedMet = (UndatedMet.Lapsed + 1, UndatedMet.Saved);
        }
    }
}
