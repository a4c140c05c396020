using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;

namespace Laurel.Membership.Levels;

/// <summary>What a member has in each figure that a window may ask for.</summary>
internal readonly record struct LevelSums(long Points, long Growth, long Spend, long Orders)
{
    public static LevelSums Of(MemberBook book) => new(book.Lifetime, book.Growth, book.TotalAmount, book.TotalOrders);

    public static LevelSums operator +(LevelSums left, LevelSums right) =>
        new(left.Points + right.Points, left.Growth + right.Growth, left.Spend + right.Spend, left.Orders + right.Orders);

    public static LevelSums operator -(LevelSums left, LevelSums right) =>
        new(left.Points - right.Points, left.Growth - right.Growth, left.Spend - right.Spend, left.Orders - right.Orders);

    public long Of(LevelMetric metric) => metric switch
    {
        LevelMetric.PointsEarned => Points,
        LevelMetric.Growth => Growth,
        LevelMetric.Spend => Spend,
        LevelMetric.Orders => Orders,
        LevelMetric.Balance => throw new InvariantBrokenException("A balance has no window."),
    };
}

/// <summary>What was gained on a day, or in a month where no window asks for days.</summary>
/// <param name="Day">20260131; of a month its first day.</param>
internal readonly record struct LevelBucket(int Day, LevelSums Sums);

/// <summary>The level that a member would have without cards, and since when, in microseconds.</summary>
internal sealed record OwnLevel(string Code, long Since);

/// <summary>The level that a member has reached in a track, and since when, in microseconds.</summary>
/// <param name="State">What judges it; the days are those of the member.</param>
internal sealed record TrackStanding(string Track, string Level, long Since, LevelState State);

/// <summary>What judges a member's level besides the sums in the member's row: one text, and none for members who have nothing of it.</summary>
internal sealed record LevelState
{
    public static readonly LevelState None = new();

    /// <summary>Until then the level stays as somebody set it; the greatest number is for ever. Instants are in microseconds.</summary>
    public long? Pinned { get; init; }

    /// <summary>The end of the period that was not requalified in; null while no grace runs.</summary>
    public long? Grace { get; init; }

    /// <summary>When a change that fell in a cooldown is made.</summary>
    public long? Cooldown { get; init; }

    /// <summary>Whether what waits for the end of a cooldown may be a fall.</summary>
    public bool MayFall { get; init; }

    /// <summary>The last end of a period, or of a grace, that was judged: none is judged twice.</summary>
    public long? Evaluated { get; init; }

    /// <summary>The levels that rules have paid for, those that repeat themselves left out; null for none.</summary>
    public IReadOnlyList<string>? Rewarded { get; init; }

    /// <summary>Gained since the last change.</summary>
    public LevelSums SinceChange { get; init; }

    /// <summary>By day, the earliest first; only what a window may still ask for.</summary>
    public IReadOnlyList<LevelBucket>? Days { get; init; }

    /// <summary>The cards that the member holds, those that have ended and are not settled yet among them; null for none.</summary>
    public IReadOnlyList<HeldCard>? Cards { get; init; }

    /// <summary>The member's own level, where it is another than the level held, or was reached at another time; null where they are one.</summary>
    public OwnLevel? Own { get; init; }

    /// <summary>Where the member stands in tracks, in no order; null for none. Who is in none of them has the lowest level of each.</summary>
    public IReadOnlyList<TrackStanding>? Tracks { get; init; }

    [JsonIgnore]
    public bool IsPinned => Pinned is not null;

    public static LevelState Parse(string? text)
    {
        if (text is null)
        {
            return None;
        }

        var state = JsonSerializer.Deserialize(text, LevelStateJson.Default.LevelState);
        Invariant.Require(state is not null, "The state of a level is an object.");
        return state;
    }

    /// <summary>Null where there is nothing to be kept.</summary>
    public string? ToText() => this == None ? null : JsonSerializer.Serialize(this, LevelStateJson.Default.LevelState);

    /// <summary>What the windows are told of a gain, or of what was taken back.</summary>
    /// <param name="keepFrom">Days before it are asked for by no window any more.</param>
    public LevelState Counting(LevelSums gain, int day, int keepFrom, bool isSinceChange)
    {
        var days = new List<LevelBucket>((Days?.Count ?? 0) + 1);
        var sums = gain;
        foreach (var bucket in Days ?? [])
        {
            if (bucket.Day == day)
            {
                sums += bucket.Sums;
            }
            else if (bucket.Day >= keepFrom)
            {
                days.Add(bucket);
            }
        }

        if (day >= keepFrom && sums != default)
        {
            var position = days.FindIndex(bucket => bucket.Day > day);
            days.Insert(position < 0 ? days.Count : position, new LevelBucket(day, sums));
        }

        return this with { Days = days.Count > 0 ? days : null, SinceChange = isSinceChange ? SinceChange + gain : SinceChange };
    }

    /// <summary>What two members have when they are one.</summary>
    public LevelState With(LevelState other) => this with
    {
        Days = Sum(Days, other.Days, 1),
        SinceChange = SinceChange + other.SinceChange,
        Rewarded = other.Rewarded is null ? Rewarded : [.. (Rewarded ?? []).Union(other.Rewarded)],
    };

    /// <summary>What is left when the other is a member of its own again.</summary>
    /// <param name="sinceChange">Whether the level is still the one from before they were one.</param>
    public LevelState Without(LevelState other, bool sinceChange) => this with
    {
        Days = Sum(Days, other.Days, -1),
        SinceChange = sinceChange ? SinceChange - other.SinceChange : SinceChange,
    };

    private static List<LevelBucket>? Sum(IReadOnlyList<LevelBucket>? mine, IReadOnlyList<LevelBucket>? others, int sign)
    {
        var days = (mine ?? []).Concat((others ?? []).Select(bucket => sign > 0 ? bucket : bucket with { Sums = default(LevelSums) - bucket.Sums }))
            .GroupBy(bucket => bucket.Day)
            .Select(same => new LevelBucket(same.Key, same.Aggregate(default(LevelSums), (sums, bucket) => sums + bucket.Sums)))
            .Where(bucket => bucket.Sums != default)
            .OrderBy(bucket => bucket.Day)
            .ToList();
        return days.Count > 0 ? days : null;
    }

    /// <summary>The level has changed: nothing waits any more.</summary>
    public LevelState Changed() => this with { Grace = null, Cooldown = null, MayFall = false, SinceChange = default, Own = null };

    /// <summary>Where the member stands in a track; null where nothing has been written of it.</summary>
    public TrackStanding? InTrack(string track)
    {
        foreach (var standing in Tracks ?? [])
        {
            if (standing.Track == track)
            {
                return standing;
            }
        }

        return null;
    }

    /// <summary>The same with another standing in a track.</summary>
    public LevelState Standing(TrackStanding standing) =>
        this with { Tracks = [.. (Tracks ?? []).Where(other => other.Track != standing.Track), standing] };

    /// <summary>When the next card ends; null where none is held.</summary>
    public Instant? NextCardEnd() => Cards is null ? null : new Instant(Cards.Min(card => card.Until));

    /// <summary>The same with a card held from and until these instants, in the place of what was held of it; until null it is held no more.</summary>
    /// <param name="of">The merged member who bought it; 0 where it is the member's own.</param>
    public LevelState Holding(string code, Instant from, Instant? until, long of = 0)
    {
        var others = (Cards ?? []).Where(card => (card.Code, card.Of) != (code, of));
        HeldCard[] cards = until is { } end ? [.. others, new HeldCard(code, from.UnixMicroseconds, end.UnixMicroseconds, of)] : [.. others];
        return this with { Cards = cards.Length > 0 ? cards : null };
    }

    /// <summary>What is held of a card: the member's own, or a merged member's; null for nothing.</summary>
    public HeldCard? Holds(string code, long of = 0) => Cards?.FirstOrDefault(card => (card.Code, card.Of) == (code, of));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(LevelState))]
[JsonSerializable(typeof(IReadOnlyList<TrackMerge>))]
internal sealed partial class LevelStateJson : JsonSerializerContext;
