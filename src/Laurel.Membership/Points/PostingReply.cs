using System.Text.Json.Serialization;

namespace Laurel.Membership.Points;

/// <summary>One movement, as callers see it.</summary>
public sealed record EntryReply
{
    public required string Id { get; init; }

    /// <summary><c>points</c>, <c>growth</c> or <c>balance</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>What the wallet gained; negative for what it lost.</summary>
    public required long Amount { get; init; }

    public required long BalanceAfter { get; init; }

    public required string Kind { get; init; }

    /// <summary>The rule that made it.</summary>
    public required string Rule { get; init; }

    /// <summary>When the points granted lapse, exclusive; null when they never do or none were granted.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Points a cap cut off.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Cut { get; init; }
}

/// <summary>A change of level.</summary>
public sealed record LevelMove
{
    public required string From { get; init; }

    public required string To { get; init; }
}

/// <summary>Where the entries of a repeated call are, that are no longer in the ledger: opening balances stand for them.</summary>
public sealed record DetachedEntries
{
    /// <summary>The first of them; the entries themselves are in the table or file of the month that its id was drawn in.</summary>
    public required string FirstId { get; init; }

    public required string LastId { get; init; }
}

/// <summary>What a movement of points did.</summary>
public sealed record PostingReply
{
    public required string MemberId { get; init; }

    public required IReadOnlyList<EntryReply> Entries { get; init; }

    /// <summary>Given when the call was carried out so long ago that its entries are detached: <see cref="Entries"/> is empty then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DetachedEntries? Detached { get; init; }

    /// <summary>Null when the level stayed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LevelMove? Level { get; init; }
}

/// <summary>What opening, capturing or releasing a hold did.</summary>
public sealed record HoldReply
{
    public required string HoldId { get; init; }

    public required string MemberId { get; init; }

    /// <summary><c>open</c>, <c>captured</c>, <c>released</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Points set aside at first.</summary>
    public required long Points { get; init; }

    public required long Captured { get; init; }

    public required long Released { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The movements of a capture, or of points that lapsed while they were held.</summary>
    public required IReadOnlyList<EntryReply> Entries { get; init; }

    /// <inheritdoc cref="PostingReply.Detached"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DetachedEntries? Detached { get; init; }
}

/// <summary>What a transfer did.</summary>
public sealed record TransferReply
{
    public required string From { get; init; }

    public required string To { get; init; }

    public required long Points { get; init; }

    /// <summary>The movement out, then those in: one for each expiry the points keep.</summary>
    public required IReadOnlyList<EntryReply> Entries { get; init; }

    /// <inheritdoc cref="PostingReply.Detached"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DetachedEntries? Detached { get; init; }
}
