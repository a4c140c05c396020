using System.Globalization;

namespace Laurel.Expressions;

/// <summary>A part of a message that is words itself.</summary>
internal sealed record Phrase(string English, string Chinese);

/// <summary>The words of every error in both languages.</summary>
internal static class ExpressionMessages
{
    public static string English(ExpressionErrorCode code, params object[] values) =>
        string.Format(
            CultureInfo.InvariantCulture, Words(code).English, [.. values.Select(static value => value is Phrase phrase ? phrase.English : value)]);

    public static string Chinese(ExpressionErrorCode code, params object[] values) =>
        string.Format(
            CultureInfo.InvariantCulture, Words(code).Chinese, [.. values.Select(static value => value is Phrase phrase ? phrase.Chinese : value)]);

    private static (string English, string Chinese) Words(ExpressionErrorCode code) => code switch
    {
        ExpressionErrorCode.None => ("There is no error.", "没有错误。"),
        ExpressionErrorCode.TextTooLong => ("The expression has {0} characters; at most {1} are allowed.", "表达式有 {0} 个字符，最多允许 {1} 个。"),
        ExpressionErrorCode.SyntaxInvalid => ("Expected {0}, but found {1}.", "此处应为 {0}，实际为 {1}。"),
        ExpressionErrorCode.LiteralInvalid => ("This literal is not valid: {0}.", "字面量无效：{0}。"),
        ExpressionErrorCode.NestingTooDeep => ("The expression nests deeper than {0} levels.", "表达式嵌套超过 {0} 层。"),
        ExpressionErrorCode.ExpressionTooLarge => ("The expression has more than {0} parts.", "表达式超过 {0} 个部分。"),
        ExpressionErrorCode.MacroInvalid => ("{0} is called wrongly: {1}.", "{0} 的用法不正确：{1}。"),
        ExpressionErrorCode.NameUnknown => ("There is no {0} here.", "此处没有 {0}。"),
        ExpressionErrorCode.FieldUnknown => ("{0} has no field {1}.", "{0} 没有字段 {1}。"),
        ExpressionErrorCode.FieldsUnsupported => ("A value of type {0} has no fields.", "类型 {0} 的值没有字段。"),
        ExpressionErrorCode.FunctionUnknown => ("There is no function {0}.", "没有函数 {0}。"),
        ExpressionErrorCode.OverloadMissing => ("{0} cannot be applied to {1}.", "{0} 不能用于 {1}。"),
        ExpressionErrorCode.TypesDiffer => (
            "Both results of a condition must have one type, not {0} and {1}.", "条件的两个结果必须是同一类型，而不是 {0} 和 {1}。"),
        ExpressionErrorCode.ResultTypeWrong => ("The expression must give {0}, but gives {1}.", "表达式的结果应为 {0}，实际为 {1}。"),
        ExpressionErrorCode.MessageUnsupported => ("Messages such as {0} cannot be made here.", "此处不能构造 {0} 这样的消息。"),
        ExpressionErrorCode.PatternInvalid => ("The regular expression is not accepted: {0}.", "正则表达式不被接受：{0}。"),
        ExpressionErrorCode.ConstantInvalid => ("{0} cannot take this constant: {1}", "{0} 不接受此常量：{1}"),
        ExpressionErrorCode.Overflow => ("The result does not fit its type.", "结果超出其类型的范围。"),
        ExpressionErrorCode.DivisionByZero => ("Division by zero.", "除数为零。"),
        ExpressionErrorCode.KeyMissing => ("The map has no such key.", "映射中没有该键。"),
        ExpressionErrorCode.KeyRepeated => ("A key of the map is given twice.", "映射的键重复。"),
        ExpressionErrorCode.KeyUnsupported => ("A key of a map is a bool, int, uint or string.", "映射的键只能是 bool、int、uint 或 string。"),
        ExpressionErrorCode.IndexOutOfRange => ("The list has no such element.", "列表没有该元素。"),
        ExpressionErrorCode.FieldAbsent => ("The field has no value.", "该字段没有值。"),
        ExpressionErrorCode.ValueInvalid => ("The value cannot be converted.", "该值无法转换。"),
        ExpressionErrorCode.ValueOutOfRange => ("The value is out of range.", "该值超出范围。"),
        ExpressionErrorCode.ZoneUnknown => ("There is no such time zone.", "没有该时区。"),
        ExpressionErrorCode.CostExceeded => ("The evaluation took more steps than it may.", "求值步数超出限制。"),
    };
}
