namespace Laurel.Expressions;

/// <summary>What is wrong with an expression, or why it has no value. Stable: hosts map each to a code of their own.</summary>
public enum ExpressionErrorCode
{
    /// <summary>There is no error.</summary>
    None,

    // Reading the text.
    TextTooLong,
    SyntaxInvalid,
    LiteralInvalid,
    NestingTooDeep,
    ExpressionTooLarge,
    MacroInvalid,

    // Checking names and types.
    NameUnknown,
    FieldUnknown,
    FieldsUnsupported,
    FunctionUnknown,
    OverloadMissing,
    TypesDiffer,
    ResultTypeWrong,
    MessageUnsupported,
    PatternInvalid,
    ConstantInvalid,

    // Evaluating. These are values of an evaluation, which && and || may absorb.
    Overflow,
    DivisionByZero,
    KeyMissing,
    KeyRepeated,
    KeyUnsupported,
    IndexOutOfRange,
    FieldAbsent,
    ValueInvalid,
    ValueOutOfRange,
    ZoneUnknown,

    /// <summary>The budget of steps is spent. Nothing absorbs it: evaluation ends at once.</summary>
    CostExceeded,
}
