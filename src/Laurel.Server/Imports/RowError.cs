namespace Laurel.Server.Imports;

/// <summary>The codes of rows that an import rejects, beside those of the API that the engine answers with.</summary>
internal static class RowErrorCode
{
    public const string QuotesBroken = "QUOTES_BROKEN";
    public const string RowTooLong = "ROW_TOO_LONG";
    public const string FieldsTooFew = "FIELDS_TOO_FEW";
    public const string FieldsTooMany = "FIELDS_TOO_MANY";
    public const string EncodingInvalid = "ENCODING_INVALID";
    public const string AmountInvalid = "AMOUNT_INVALID";
    public const string AmountNegative = "AMOUNT_NEGATIVE";
    public const string AmountTooPrecise = "AMOUNT_TOO_PRECISE";
    public const string AmountTooLarge = "AMOUNT_TOO_LARGE";
    public const string DateInvalid = "DATE_INVALID";
}

/// <summary>Why a row was not taken.</summary>
/// <param name="Line">The line of the file on which the row begins; the header is line 1.</param>
/// <param name="Column">The column at fault by its name in the header; empty when it is the whole row.</param>
/// <param name="Code">Stable, upper case.</param>
/// <param name="Value">What stands there, as it was read.</param>
internal sealed record RowError(int Line, string Column, string Code, string Message, string Value);

/// <summary>A field of a row as it was understood, or why it was not.</summary>
internal readonly record struct FieldRead<T>(T Value, string? Code, string? Message)
{
    public static FieldRead<T> Of(T value) => new(value, null, null);

    public static FieldRead<T> Failed(string code, string message) => new(default!, code, message);
}
