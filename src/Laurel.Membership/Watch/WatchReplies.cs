using System.Text.Json;
using Laurel.Kernel;

namespace Laurel.Membership.Watch;

/// <summary>A case as callers see it.</summary>
public sealed record WatchCaseReply
{
    public required string CaseId { get; init; }

    public required string MemberId { get; init; }

    /// <summary>The code of the watch rule.</summary>
    public required string Rule { get; init; }

    /// <summary>The version of the programme that made the last hit.</summary>
    public required int RuleVersion { get; init; }

    /// <summary>What the last hit did: <c>flag</c>, <c>hold</c>, <c>refuse</c> or <c>freeze</c>.</summary>
    public required string Action { get; init; }

    /// <summary><c>open</c>, <c>assigned</c>, <c>released</c> or <c>confirmed</c>.</summary>
    public required string Status { get; init; }

    public required long Hits { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset LastHitAt { get; init; }

    /// <summary>What the last hit measured; of a ratio, times 10,000.</summary>
    public required long Value { get; init; }

    /// <summary>What the value is above.</summary>
    public required long Threshold { get; init; }

    /// <summary>Whether it made the member inactive.</summary>
    public required bool Froze { get; init; }

    public required string? AssignedTo { get; init; }

    public required DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The name of the key that decided.</summary>
    public required string? DecidedBy { get; init; }

    internal static WatchCaseReply Of(long member, WatchCase one) => new()
    {
        CaseId = one.IdText,
        MemberId = new MemberId(member).ToString(),
        Rule = one.Rule,
        RuleVersion = one.RuleVersion,
        Action = WatchRules.NameOf(one.Action),
        Status = WatchCase.NameOf(one.Status),
        Hits = one.Hits,
        OpenedAt = one.OpenedAt.ToDateTimeOffset(),
        LastHitAt = one.LastHitAt.ToDateTimeOffset(),
        Value = one.Value,
        Threshold = one.Threshold,
        Froze = one.Froze,
        AssignedTo = one.AssignedTo,
        DecidedAt = one.DecidedAt?.ToDateTimeOffset(),
        DecidedBy = one.DecidedBy,
    };
}

/// <summary>Something that happened to a case.</summary>
public sealed record WatchChangeReply
{
    /// <summary><c>hit</c>, <c>assign</c>, <c>release</c> or <c>confirm</c>.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Of a hit: what it did.</summary>
    public required string? Action { get; init; }

    /// <summary>The name of the key that did it; null of a hit.</summary>
    public required string? Operator { get; init; }

    public required string? AssignedTo { get; init; }

    public required string? Note { get; init; }

    /// <summary>Of a hit: the figures that made it, and what the call referred to.</summary>
    public required JsonElement? Evidence { get; init; }
}

/// <summary>A case with what waits for it and what happened to it.</summary>
public sealed record WatchCaseDetail
{
    public required WatchCaseReply Case { get; init; }

    /// <summary>Points that wait for its decision.</summary>
    public required long HeldPoints { get; init; }

    /// <summary>Newest first, at most 200; the case counts its hits.</summary>
    public required IReadOnlyList<WatchChangeReply> Changes { get; init; }
}

/// <summary>A page of cases, newest first.</summary>
public sealed record WatchCasePage
{
    public required IReadOnlyList<WatchCaseReply> Items { get; init; }

    public required string? NextCursor { get; init; }
}

/// <summary>What assigning a case asks for.</summary>
public sealed record AssignWatchCaseBody
{
    /// <summary>Who is to look at it, in the shop's own words.</summary>
    public required string Assignee { get; init; }

    /// <summary>Why, for the auditor.</summary>
    public required string Note { get; init; }
}

/// <summary>What deciding a case asks for.</summary>
public sealed record DecideWatchCaseBody
{
    /// <summary>Why, for the auditor.</summary>
    public required string Note { get; init; }
}

/// <summary>Which stretch of history a rule is replayed on.</summary>
public sealed record WatchReplayBody
{
    /// <summary>Business time, inclusive; from ever when absent.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Business time, exclusive; for ever when absent.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Where the page before ended.</summary>
    public string? Cursor { get; init; }

    /// <summary>Members of this page, 1 to 10,000; 1,000 when absent.</summary>
    public int? Members { get; init; }
}

/// <summary>What a rule would have hit among some members. The sums of all pages are those of the whole.</summary>
public sealed record WatchReplayReply
{
    public required string Rule { get; init; }

    /// <summary>Of the programme the rule belongs to.</summary>
    public required int Version { get; init; }

    /// <summary>Members that were looked at.</summary>
    public required long Members { get; init; }

    /// <summary>Commands with movements that the rule sees.</summary>
    public required long Movements { get; init; }

    public required long Hits { get; init; }

    /// <summary>Members who were hit.</summary>
    public required long MembersHit { get; init; }

    public required DateTimeOffset? FirstHitAt { get; init; }

    public required DateTimeOffset? LastHitAt { get; init; }

    /// <summary>Give it back for the next page; null on the last.</summary>
    public required string? NextCursor { get; init; }
}

/// <summary>The watch rules of the programme, in the order in which they stand.</summary>
public sealed record WatchRuleList
{
    /// <summary>Of the programme they belong to.</summary>
    public required int Version { get; init; }

    public required IReadOnlyList<WatchRule> Items { get; init; }
}

/// <summary>A watch rule and the version of the programme it belongs to.</summary>
public sealed record WatchRuleReply
{
    public required int Version { get; init; }

    public required WatchRule Rule { get; init; }
}

/// <summary>The versions of the programme in which a watch rule changed, newest first.</summary>
public sealed record WatchRuleHistory
{
    public required IReadOnlyList<WatchRuleVersion> Items { get; init; }
}

/// <summary>A watch rule as a version of the programme has it.</summary>
public sealed record WatchRuleVersion
{
    public required int Version { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The name of the key that changed it; null when the settings did.</summary>
    public required string? ChangedBy { get; init; }

    public required string? Reason { get; init; }

    /// <summary>Null when this version took the rule away.</summary>
    public required WatchRule? Rule { get; init; }
}
