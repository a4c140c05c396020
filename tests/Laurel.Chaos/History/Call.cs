namespace Laurel.Chaos.History;

/// <summary>What the caller knows of a call.</summary>
internal enum Knowledge
{
    /// <summary>A 200: it must be in the ledger, exactly once.</summary>
    Acknowledged,

    /// <summary>A definite no: it must not be in the ledger.</summary>
    Refused,

    /// <summary>No answer, or one that asks to come again: it is in the ledger once or not at all.</summary>
    Unknown,
}

/// <summary>One call as it was made: the same key and body are sent again when its fate has to be known.</summary>
/// <param name="Effects">What it changes of each member's available points, when it is carried out.</param>
internal sealed record Call(string Key, string Path, string Body, IReadOnlyList<(string Member, long Points)> Effects);

/// <summary>A call with its end.</summary>
/// <param name="Answer">The body of the answer; empty when there was none.</param>
internal sealed record Ended(Call Call, Knowledge Knowledge, int Status, string Answer);
