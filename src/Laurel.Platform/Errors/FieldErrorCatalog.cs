using System.Collections.Frozen;

namespace Laurel.Platform.Errors;

/// <summary>The codes of single fields, used inside <c>errors[]</c>.</summary>
public static class FieldErrorCode
{
    public const string Required = "REQUIRED";
    public const string UnknownField = "UNKNOWN_FIELD";
    public const string WrongType = "WRONG_TYPE";
    public const string NotAnInteger = "NOT_AN_INTEGER";
    public const string OutOfRange = "OUT_OF_RANGE";
    public const string TooLong = "TOO_LONG";
    public const string TooShort = "TOO_SHORT";
    public const string InvalidFormat = "INVALID_FORMAT";
    public const string DuplicateField = "DUPLICATE_FIELD";
    public const string InvalidText = "INVALID_TEXT";
    public const string TooMany = "TOO_MANY";
    public const string ExactlyOne = "EXACTLY_ONE";
    public const string NotUnique = "NOT_UNIQUE";
    public const string Reserved = "RESERVED";
    public const string Overlaps = "OVERLAPS";
    public const string StaffOnly = "STAFF_ONLY";
    public const string GuardianNeeded = "GUARDIAN_NEEDED";
    public const string NothingBetween = "NOTHING_BETWEEN";
    public const string Invalid = "INVALID";
    public const string ExpressionInvalid = "EXPRESSION_INVALID";
    public const string PasswordKnown = "PASSWORD_KNOWN";
}

/// <summary>One way a single field is at fault. Its templates are those of <see cref="DetailTemplate"/>.</summary>
public sealed record FieldErrorKind(
    string Code,
    string DetailEnglish,
    string DetailChinese,
    params IReadOnlyList<string> Values)
{
    public string Detail(Language language, IReadOnlyDictionary<string, object?> values) => language switch
    {
        Language.English => DetailTemplate.Fill(DetailEnglish, values, language),
        Language.Chinese => DetailTemplate.Fill(DetailChinese, values, language),
    };
}

/// <summary>The closed table of field codes.</summary>
public static class FieldErrorCatalog
{
    public static IReadOnlyList<FieldErrorKind> All { get; } =
    [
        new(FieldErrorCode.Required, "This field is required.", "此字段必填。"),
        new(FieldErrorCode.UnknownField, "This field is not known here.", "此处没有这个字段。"),
        new(FieldErrorCode.WrongType, "The value must be of the type {expected}.", "值的类型必须是 {expected}。", "expected"),
        new(
            FieldErrorCode.NotAnInteger,
            "The value must be an integer written with digits only.",
            "值必须是只用数字书写的整数。"),
        new(
            FieldErrorCode.OutOfRange,
            "The value must be between {min} and {max}.",
            "值必须在 {min} 与 {max} 之间。",
            "min",
            "max"),
        new(FieldErrorCode.TooLong, "The value must have at most {max} characters.", "值最多 {max} 个字符。", "max"),
        new(FieldErrorCode.TooShort, "The value must not be blank.", "值不能为空白。"),
        new(FieldErrorCode.InvalidFormat, "The value must be {expected}.", "值必须是{expected}。", "expected"),
        new(FieldErrorCode.DuplicateField, "This field is given more than once.", "此字段重复出现。"),
        new(
            FieldErrorCode.InvalidText,
            "The text holds a NUL or half of a surrogate pair.",
            "文本含有 NUL 或不完整的代理对。"),
        new(FieldErrorCode.TooMany, "At most {max} are allowed here.", "此处最多允许 {max} 个。", "max"),
        new(FieldErrorCode.ExactlyOne, "Exactly one of {names} must be given.", "必须且只能给出以下之一：{names}。", "names"),
        new(FieldErrorCode.NotUnique, "The value {value} is used more than once.", "值 {value} 重复使用。", "value"),
        new(FieldErrorCode.Reserved, "The name {value} is kept for entries that no rule makes.", "名称 {value} 保留给非规则产生的流水。", "value"),
        new(FieldErrorCode.StaffOnly, "Only staff may set this field.", "此字段仅限工作人员设置。"),
        new(FieldErrorCode.GuardianNeeded, "The member is too young to tell this alone; leave it out, and tell it later together with a guardian's consent.", "会员年龄过小，请先不填此字段，之后连同监护人同意一并提交。"),
        new(FieldErrorCode.Overlaps, "This overlaps with another span of the same list.", "此时段与同一列表中的其他时段重叠。"),
        new(FieldErrorCode.Invalid, "{mistake}", "此处有误：{mistake}", "mistake"),
        new(FieldErrorCode.NothingBetween, "The end must lie after the beginning.", "结束必须晚于开始。"),
        new(
            FieldErrorCode.ExpressionInvalid,
            "Line {line}, column {column}: {message} {hint}",
            "第 {line} 行第 {column} 列：{message}{hint}",
            "line",
            "column",
            "message",
            "hint"),
        new(
            FieldErrorCode.PasswordKnown,
            "This password is known to others, or is the user name: choose another one.",
            "该密码已为他人所知或与用户名相同，请换一个密码。"),
    ];

    private static readonly FrozenDictionary<string, FieldErrorKind> s_byCode = All.ToFrozenDictionary(k => k.Code);

    /// <summary>The kind of a field code; null when this table does not know it.</summary>
    public static FieldErrorKind? Find(string code) => s_byCode.GetValueOrDefault(code);
}
