namespace Laurel.Membership.Imports;

/// <summary>A row of a file of members: one JSON object, or what keeps it from being one.</summary>
/// <param name="Line">The line of the file on which the row begins; the first is 1.</param>
/// <param name="Json">In UTF-8; empty where there is a fault.</param>
/// <param name="Fault">Null where the row was understood so far. It stands in no column.</param>
public sealed record ImportedRow(int Line, ReadOnlyMemory<byte> Json, Platform.Errors.FieldError? Fault);

/// <summary>What became of a file of members.</summary>
public sealed record MemberImportReply
{
    /// <summary>Whether it was only looked at: then <see cref="Created"/> is how many would be enrolled.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Rows of the file; a header is none.</summary>
    public required int Rows { get; init; }

    /// <summary>Members who were enrolled.</summary>
    public required int Created { get; init; }

    /// <summary>Rows whose external id a member has already, from an earlier run or from elsewhere. Nothing of that member changes.</summary>
    public required int Existing { get; init; }

    /// <summary>Rows that were not taken. Those that a repeat may take have <see cref="MemberImportError.Retryable"/>.</summary>
    public required int Failed { get; init; }

    /// <summary>Why, in the order of the file; the first <see cref="MemberImport.ErrorsMax"/> of them.</summary>
    public required IReadOnlyList<MemberImportError> Errors { get; init; }

    /// <summary>Errors beyond those.</summary>
    public required int ErrorsOmitted { get; init; }
}

/// <summary>Why a row was not taken.</summary>
public sealed record MemberImportError
{
    /// <summary>The line of the file on which the row begins; the first is 1.</summary>
    public required int Line { get; init; }

    /// <summary>The column at fault, of an attribute <c>attributes.CODE</c>; empty when it is the whole row.</summary>
    public required string Column { get; init; }

    /// <summary>Stable, upper case: of the table of errors.</summary>
    public required string Code { get; init; }

    /// <summary>In the caller's language.</summary>
    public required string Detail { get; init; }

    /// <summary>Whether the same row may be taken a moment later.</summary>
    public required bool Retryable { get; init; }
}
