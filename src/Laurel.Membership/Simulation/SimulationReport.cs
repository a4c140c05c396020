using System.Globalization;
using System.Text.Json.Serialization;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Simulation;

/// <summary>The sums of one programme over a history.</summary>
public sealed record SimulationSums
{
    public required long Members { get; init; }

    public required long Issued { get; init; }

    public required long Expired { get; init; }

    /// <summary>At the end of the history.</summary>
    public required long Outstanding { get; init; }

    /// <summary>Stored money that rules paid, in minor units.</summary>
    public required long Money { get; init; }

    /// <summary>What the issued points are worth, and the money that was paid, in minor units.</summary>
    public required long Cost { get; init; }

    /// <summary>What the outstanding points are worth, and the money that was paid, in minor units: nobody spends it in a simulation.</summary>
    public required long Liability { get; init; }

    public required IReadOnlyDictionary<string, long> PaidByRule { get; init; }

    /// <summary>What members have at the end of the units that the programme defines, by code: nothing in a history of orders spends them.</summary>
    public required IReadOnlyDictionary<string, long> Units { get; init; }

    /// <summary>Minor units, by the code of the rule.</summary>
    public required IReadOnlyDictionary<string, long> MoneyByRule { get; init; }

    /// <summary>Members by the code of their level at the end.</summary>
    public required IReadOnlyDictionary<string, long> Levels { get; init; }

    /// <summary>The same of each track of the programme, by its code.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Tracks { get; init; }

    public required IReadOnlyDictionary<string, long> RefusedOrders { get; init; }
}

/// <summary>Members who change from one level to another.</summary>
public sealed record LevelMigration(string From, string To, long Members);

/// <summary>Members who stand elsewhere in a track.</summary>
/// <param name="From">Null where the programme in force has no such track.</param>
/// <param name="To">Null where the draft has none.</param>
public sealed record TrackMigration(string Track, string? From, string? To, long Members);

/// <summary>A member who gains or loses.</summary>
/// <param name="Difference">Points issued under the draft less those issued under the present programme.</param>
/// <param name="PresentMoney">Stored money that rules paid, in minor units.</param>
/// <param name="MoneyDifference">The same of it, in minor units.</param>
public sealed record MemberDifference(
    string ExternalId, long Present, long Draft, long Difference, long PresentMoney, long DraftMoney, long MoneyDifference, string PresentLevel, string DraftLevel)
{
    /// <summary>What orders those who gain: the worth of the difference by the draft's value of a point, exactly, then its points.</summary>
    internal (Int128 Worth, long Points) GainBy(Programme draft) =>
        (((Int128)Difference * draft.Finance.ValueMinorUnits) + ((Int128)MoneyDifference * draft.Finance.ValuePoints), Difference);
}

/// <summary>What a draft would have made of a history, beside what the programme in force would have.</summary>
public sealed record SimulationReport
{
    /// <summary>Members that are named on either side at the most.</summary>
    public const int NamedMax = 20;

    public required string Currency { get; init; }

    public required long Orders { get; init; }

    public required SimulationSums Present { get; init; }

    public required SimulationSums Draft { get; init; }

    public required IReadOnlyList<ProgrammeDifference> Changes { get; init; }

    /// <summary>Only members whose level differs.</summary>
    public required IReadOnlyList<LevelMigration> Levels { get; init; }

    /// <summary>Only members whose level in a track differs.</summary>
    public required IReadOnlyList<TrackMigration> Tracks { get; init; }

    public required long Winners { get; init; }

    public required long Losers { get; init; }

    public required long Unchanged { get; init; }

    /// <summary>Those who gain most.</summary>
    public required IReadOnlyList<MemberDifference> TopWinners { get; init; }

    /// <summary>Those who lose most.</summary>
    public required IReadOnlyList<MemberDifference> TopLosers { get; init; }

    public static SimulationReport Of(Programme present, SimulationOutcome before, Programme draft, SimulationOutcome after)
    {
        var drafted = after.Members.ToDictionary(member => member.ExternalId);
        var pairs = before.Members.Select(member => (Present: member, Draft: drafted[member.ExternalId])).ToList();
        var differences = pairs.ConvertAll(pair => new MemberDifference(
            pair.Present.ExternalId,
            pair.Present.Issued,
            pair.Draft.Issued,
            pair.Draft.Issued - pair.Present.Issued,
            pair.Present.Money,
            pair.Draft.Money,
            pair.Draft.Money - pair.Present.Money,
            pair.Present.Level,
            pair.Draft.Level));
        var gains = differences.ConvertAll(difference => (Of: difference, By: difference.GainBy(draft)));
        var (winners, losers) = (gains.FindAll(gain => gain.By.CompareTo((0, 0)) > 0), gains.FindAll(gain => gain.By.CompareTo((0, 0)) < 0));
        return new SimulationReport
        {
            Currency = draft.Currency,
            Orders = before.Orders,
            Present = SumsOf(present, before),
            Draft = SumsOf(draft, after),
            Changes = ProgrammeDiff.Between(present, draft),
            Levels =
            [
                .. differences.Where(difference => difference.PresentLevel != difference.DraftLevel)
                    .GroupBy(difference => (difference.PresentLevel, difference.DraftLevel))
                    .Select(group => new LevelMigration(group.Key.PresentLevel, group.Key.DraftLevel, group.Count()))
                    .OrderByDescending(migration => migration.Members),
            ],
            Tracks =
            [
                .. from pair in pairs
                   from track in pair.Present.Tracks.Keys.Union(pair.Draft.Tracks.Keys)
                   let move = (Track: track, From: pair.Present.Tracks.GetValueOrDefault(track), To: pair.Draft.Tracks.GetValueOrDefault(track))
                   where move.From != move.To
                   group move by move into same
                   orderby same.Key.Track, same.Count() descending
                   select new TrackMigration(same.Key.Track, same.Key.From, same.Key.To, same.Count()),
            ],
            Winners = winners.Count,
            Losers = losers.Count,
            Unchanged = differences.Count - winners.Count - losers.Count,
            TopWinners = [.. winners.OrderByDescending(gain => gain.By).ThenBy(gain => gain.Of.ExternalId, StringComparer.Ordinal).Select(gain => gain.Of).Take(NamedMax)],
            TopLosers = [.. losers.OrderBy(gain => gain.By).ThenBy(gain => gain.Of.ExternalId, StringComparer.Ordinal).Select(gain => gain.Of).Take(NamedMax)],
        };
    }

    /// <summary>Whether either programme pays stored money.</summary>
    [JsonIgnore]
    public bool PaysMoney => Present.Money != 0 || Draft.Money != 0;

    /// <summary>The amount as people read it.</summary>
    public string Money(long minorUnits) => (Programmes.Currency.Find(Currency) ?? new Currency(Currency, 2)).Write(minorUnits);

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>All of it, as if every point were redeemed.</summary>
    private static long ValueOf(Programme programme, long points) =>
        checked((long)((Int128)points * programme.Finance.ValueMinorUnits / programme.Finance.ValuePoints));

    private static SimulationSums SumsOf(Programme programme, SimulationOutcome outcome)
    {
        var issued = outcome.Members.Sum(member => member.Issued);
        var outstanding = outcome.Members.Sum(member => member.Outstanding);
        var money = outcome.Members.Sum(member => member.Money);
        return new SimulationSums
        {
            Members = outcome.Members.Count,
            Issued = issued,
            Expired = outcome.Members.Sum(member => member.Expired),
            Outstanding = outstanding,
            Money = money,
            Cost = checked(ValueOf(programme, issued) + money),
            Liability = checked(ValueOf(programme, outstanding) + money),
            PaidByRule = outcome.PaidByRule,
            Units = programme.Units.ToDictionary(unit => unit.Code, unit => outcome.Members.Sum(member => member.Units.GetValueOrDefault(unit.Code))),
            MoneyByRule = outcome.MoneyByRule,
            Levels = outcome.Members.GroupBy(member => member.Level).ToDictionary(group => group.Key, group => (long)group.Count()),
            Tracks = outcome.Members.SelectMany(member => member.Tracks).GroupBy(place => place.Key).ToDictionary(
                track => track.Key,
                track => (IReadOnlyDictionary<string, long>)track.GroupBy(place => place.Value).ToDictionary(level => level.Key, level => (long)level.Count())),
            RefusedOrders = outcome.Refused,
        };
    }
}
