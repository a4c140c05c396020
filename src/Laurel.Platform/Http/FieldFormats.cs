using Laurel.Platform.Errors;

namespace Laurel.Platform.Http;

/// <summary>What an INVALID_FORMAT says was expected, in both languages.</summary>
public static class FieldFormats
{
    public static readonly Wording Time = new(
        "an RFC 3339 time with an offset, like 2025-09-18T10:00:00+08:00 (in a query string + is written %2B)",
        "带时区偏移的 RFC 3339 时间，例如 2025-09-18T10:00:00+08:00（查询字符串中的 + 写作 %2B）");

    public static readonly Wording Day = new("a day like 2026-01-31, from the year 1900 to 2999", "形如 2026-01-31 的日期，1900 年至 2999 年");

    public static readonly Wording MemberId = new(
        "a member id: a positive 64-bit integer in decimal digits, as a string",
        "会员编号：以字符串书写的十进制正 64 位整数");

    public static readonly Wording Identifier = new(
        "visible text without control characters and without white space at its ends",
        "可见文本，不含控制字符，首尾不含空白");

    public static readonly Wording Cursor = new("a cursor that this list gave out", "此列表给出的游标");

    public static readonly Wording Flag = new("true or false", " true 或 false");

    public static readonly Wording Code = new(
        "1 to 40 lower-case letters, digits and underscores, beginning with a letter",
        "1 到 40 个小写字母、数字或下划线，以字母开头");

    public static readonly Wording EventType = new(
        "an event type: lower-case words of letters, digits and underscores, joined by dots, at most 64 characters",
        "事件类型：以点连接的小写单词（字母、数字、下划线），最多 64 个字符");

    public static Wording OneOf(ReadOnlySpan<string> allowed)
    {
        var names = string.Join(", ", allowed);
        return new Wording($"one of {names}", $"以下之一：{names}");
    }
}
