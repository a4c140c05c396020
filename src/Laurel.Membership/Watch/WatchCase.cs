using System.Globalization;
using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.Membership.Watch;

/// <summary>How far a case is. <see cref="Released"/> and <see cref="Confirmed"/> are final.</summary>
public enum WatchCaseStatus
{
    Open = 0,

    /// <summary>Somebody looks at it.</summary>
    Assigned = 1,

    /// <summary>Nothing was wrong: what waited is the member's.</summary>
    Released = 2,

    /// <summary>Something was wrong: what waited is gone.</summary>
    Confirmed = 3,
}

/// <summary>The hits of one watch rule on one member that somebody has to look at. While it is not decided there is one of a rule and member.</summary>
public sealed record WatchCase
{
    /// <summary>What the points that are held wait for. No event can be named so.</summary>
    public const string Event = "watch:case";

    public const int NoteLengthMax = 1_000;

    /// <summary>Names it and orders the lists.</summary>
    public required long Id { get; init; }

    /// <summary>The code of the watch rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Of the programme that made the last hit.</summary>
    public required int RuleVersion { get; init; }

    /// <summary>What the last hit did.</summary>
    public required WatchAction Action { get; init; }

    public required WatchCaseStatus Status { get; init; }

    /// <summary>1 or more.</summary>
    public required long Hits { get; init; }

    /// <summary>Business time of the first hit.</summary>
    public required Instant OpenedAt { get; init; }

    public required Instant LastHitAt { get; init; }

    /// <summary>What the last hit measured.</summary>
    public required long Value { get; init; }

    /// <summary>What it had to be above.</summary>
    public required long Threshold { get; init; }

    /// <summary>Whether it made the member inactive.</summary>
    public bool Froze { get; init; }

    /// <summary>Who looks at it; null for nobody.</summary>
    public string? AssignedTo { get; init; }

    public Instant? DecidedAt { get; init; }

    /// <summary>The name of the key that decided; null before.</summary>
    public string? DecidedBy { get; init; }

    public bool IsDecided => Status is WatchCaseStatus.Released or WatchCaseStatus.Confirmed;

    public string IdText => Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>The natural key of a case, by which whoever decides finds the member.</summary>
    public static Hash128 HandleOf(TenantId tenant, long id) => Hash128.Of(tenant.Value, "watch_case", id.ToString(CultureInfo.InvariantCulture));

    public static string NameOf(WatchCaseStatus status) => status switch
    {
        WatchCaseStatus.Open => "open",
        WatchCaseStatus.Assigned => "assigned",
        WatchCaseStatus.Released => "released",
        WatchCaseStatus.Confirmed => "confirmed",
    };

    internal static WatchCaseStatus StatusOf(string name) => name switch
    {
        "open" => WatchCaseStatus.Open,
        "assigned" => WatchCaseStatus.Assigned,
        "released" => WatchCaseStatus.Released,
        "confirmed" => WatchCaseStatus.Confirmed,
        _ => throw new InvariantBrokenException($"A watch case has status '{name}', which no version wrote."),
    };

    internal static WatchAction ActionOf(string name) => name switch
    {
        "flag" => WatchAction.Flag,
        "hold" => WatchAction.Hold,
        "refuse" => WatchAction.Refuse,
        "freeze" => WatchAction.Freeze,
        _ => throw new InvariantBrokenException($"A watch case has action '{name}', which no version wrote."),
    };
}

/// <summary>What happened to a case, as it is stored. Never changed.</summary>
internal sealed record WatchChange
{
    public const string Hit = "hit";
    public const string Assign = "assign";
    public const string Release = "release";
    public const string Confirm = "confirm";

    public required int Tenant { get; init; }

    public required long Member { get; init; }

    /// <summary>Drawn for the member, as the ids of entries are.</summary>
    public required long Id { get; init; }

    /// <summary>As it was after the change.</summary>
    public required WatchCase Case { get; init; }

    public required string Kind { get; init; }

    public required Instant OccurredAt { get; init; }

    public required Instant RecordedAt { get; init; }

    /// <summary>The name of the key that did it; null of a hit.</summary>
    public string? Operator { get; init; }

    /// <summary>Why, in the operator's words; null of a hit.</summary>
    public string? Note { get; init; }

    /// <summary>Of a hit: the figures that made it, as a JSON object; null otherwise.</summary>
    public string? Evidence { get; init; }
}

/// <summary>The cases of one member that a command works with. A part of the member's book.</summary>
public sealed class WatchBook
{
    /// <summary>By id.</summary>
    public Tracked<long, WatchCase> Cases { get; private set; } = new();

    /// <summary>Whether all cases of the member are here.</summary>
    public bool AllLoaded { get; private set; }

    /// <summary>The last case of a rule; null where there never was one.</summary>
    public WatchCase? LastOf(string rule) => Cases.Values.Where(one => one.Rule == rule).MaxBy(one => one.Id);

    /// <summary>Takes all stored cases.</summary>
    internal void Load(IEnumerable<WatchCase> cases)
    {
        foreach (var one in cases)
        {
            Cases.Load(one.Id, one);
        }

        AllLoaded = true;
    }

    public WatchBook Copy() => new() { Cases = Cases.Copy(), AllLoaded = AllLoaded };
}
