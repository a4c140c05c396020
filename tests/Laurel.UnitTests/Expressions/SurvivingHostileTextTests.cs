using System.Diagnostics;
using System.Text;
using Laurel.Expressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Expressions;

/// <summary>Whatever is written, the answer is an error within a bounded time: no crash, no stack overflow, no endless work.</summary>
public sealed class SurvivingHostileTextTests
{
    private static readonly TimeSpan s_bounded = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, (string Text, ExpressionErrorCode Code)> s_hostile = new()
    {
        ["parentheses"] = (Repeat("(", 10_000) + "1" + Repeat(")", 10_000 - 4_000), ExpressionErrorCode.NestingTooDeep),
        ["brackets"] = (Repeat("[", 8_000), ExpressionErrorCode.NestingTooDeep),
        ["braces"] = (Repeat("{1:", 5_000), ExpressionErrorCode.NestingTooDeep),
        ["exclamation marks"] = (Repeat("!", 8_000) + "true", ExpressionErrorCode.NestingTooDeep),
        ["minus signs"] = (Repeat("-", 8_000) + "1", ExpressionErrorCode.NestingTooDeep),
        ["sums"] = ("1" + Repeat(" + 1", 4_000), ExpressionErrorCode.NestingTooDeep),
        ["fields"] = ("order" + Repeat(".order", 2_500), ExpressionErrorCode.NestingTooDeep),
        ["indices"] = ("order" + Repeat("[0]", 5_000), ExpressionErrorCode.NestingTooDeep),
        ["conditions"] = (Repeat("true ? true : ", 1_000) + "true", ExpressionErrorCode.NestingTooDeep),
        ["open conditions"] = (Repeat("true ? (", 1_000) + "true", ExpressionErrorCode.NestingTooDeep),
        ["calls"] = (Repeat("size(", 3_000), ExpressionErrorCode.NestingTooDeep),
        ["logic"] = ("true" + Repeat("&&true", 2_700), ExpressionErrorCode.None),
        ["elements"] = ("[" + Repeat("1,", 8_000) + "]", ExpressionErrorCode.ExpressionTooLarge),
        ["a million characters"] = ("'" + Repeat("x", 1_000_000) + "'", ExpressionErrorCode.TextTooLong),
        ["a long string"] = ("'" + Repeat("x", 16_000) + "' == ''", ExpressionErrorCode.None),
        ["blanks"] = (Repeat(" ", 16_384), ExpressionErrorCode.SyntaxInvalid),
        ["control characters"] = ("\0\u0001\uffff", ExpressionErrorCode.SyntaxInvalid),
        ["half a surrogate pair"] = ("'\ud800'", ExpressionErrorCode.LiteralInvalid),
        ["a great exponent"] = ("1e999999999", ExpressionErrorCode.None),
        ["many digits"] = (Repeat("9", 16_000), ExpressionErrorCode.LiteralInvalid),
        ["a long pattern"] = ("''.matches('" + Repeat("a", 600) + "')", ExpressionErrorCode.PatternInvalid),
        ["a multiplying pattern"] = ("''.matches('((((a{1,100}){1,100}){1,100}){1,100})')", ExpressionErrorCode.PatternInvalid),
        ["a pattern that looks ahead"] = ("''.matches('(?=a)b')", ExpressionErrorCode.PatternInvalid),
        ["an open pattern"] = ("''.matches('" + Repeat("(", 500) + "')", ExpressionErrorCode.PatternInvalid),
        ["a path"] = (Repeat("order.", 2_000) + "x", ExpressionErrorCode.NestingTooDeep),
    };

    public static TheoryData<string> Hostile => [.. s_hostile.Keys];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void IsRefusedInTime_When_TheTextIsDeepOrLarge(string name)
    {
        var (text, code) = s_hostile[name];
        var watch = Stopwatch.StartNew();
        var check = Shop.Environment.Check(text);

        check.Errors.Select(error => error.Code).FirstOrDefault().ShouldBe(code);
        check.Expression?.Compile<object>().Evaluate(Shop.Usual).Code.ShouldBe(ExpressionErrorCode.None);
        watch.Elapsed.ShouldBeLessThan(s_bounded);
    }

    [Fact]
    public void IsCompiledInTime_When_ItIsAsDeepAsAllowed()
    {
        var watch = Stopwatch.StartNew();
        var alternating = Enumerable.Range(0, ExpressionLimits.DepthMax / 2 - 4)
            .Aggregate(
                "order.amount / order.amount == 1",
                (text, i) => i % 2 == 0 ? $"(order.note == 'x' && {text})" : $"(has(order.note) || {text})");
        var nested = Enumerable.Range(0, 30).Aggregate("true", (text, i) => $"order.lines.all(x{i}, {text})");

        foreach (var text in new[] { alternating, nested })
        {
            var check = Shop.Environment.Check(text, ExpressionType.Bool);
            check.Errors.ShouldBeEmpty();
            check.Expression!.Compile<bool>().Evaluate(Shop.Usual);
        }

        watch.Elapsed.ShouldBeLessThan(s_bounded);
    }

    [Theory]
    [InlineData("order.lines.all(a, order.lines.all(b, order.lines.all(c, order.lines.all(d, a.sku != 'x' || d.sku != 'y'))))")]
    [InlineData("order.lines.map(a, order.lines.map(b, order.lines.map(c, [a.sku, b.sku, c.sku]))).size() > 0")]
    [InlineData("order.lines.map(a, a.sku in order.lines.map(b, b.sku)).size() > 0")]
    [InlineData("order.lines.all(a, order.lines.all(b, order.note.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab') || true))")]
    [InlineData("order.lines.all(a, order.note.matches('(a+)+$') || true)")]
    [InlineData("order.lines.all(a, order.lines.all(b, order.note == order.note + '' || true))")]
    [InlineData("order.lines.all(a, order.lines.all(b, now.getHours(order.note) == 0 || true))")]
    [InlineData("order.lines.all(a, order.lines.all(b, decimal('79228162514264337593543950335') * order.amount > 0 || true))")]
    [InlineData("order.lines.all(a, order.lines.all(b, string(bytes(order.note)) != '' || true))")]
    [InlineData("order.lines.all(a, order.lines.all(b, order.note.split('').size() > 0 || true))")]
    [InlineData("order.lines.all(a, order.lines.all(b, order.note.replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') != '' || true))")]
    public void EndsByItsBudget_When_AnExpressionWantsTooMuch(string text) => EndsByItsBudget(text);

    [Theory]
    [InlineData("'0123456789012345678901234567890123456789'")]
    [InlineData("[1, 2]")]
    public void EndsByItsBudget_When_AValueIsDoubledAgainAndAgain(string value) =>
        EndsByItsBudget($"[{value}]{Repeat(".map(a, a + a)", 18)} == []");

    private static void EndsByItsBudget(string text)
    {
        var input = new Shop
        {
            Member = Shop.Usual.Member,
            Order = new Purchase
            {
                Amount = 7,
                Lines = [.. Enumerable.Range(0, 1_000).Select(i => new Line { Sku = $"S-{i}", Quantity = 1, Eligible = i })],
                Note = Repeat("a", 50_000),
            },
        };
        var expression = Shop.Environment.Check(text, ExpressionType.Bool).Expression!.Compile<bool>();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();

        expression.Evaluate(input).Code.ShouldBe(ExpressionErrorCode.CostExceeded);

        watch.Elapsed.ShouldBeLessThan(s_bounded);
        (GC.GetAllocatedBytesForCurrentThread() - allocated).ShouldBeLessThan(64L << 20);
    }

    [Fact]
    public void IsLinear_When_ARegularExpressionWouldBacktrack()
    {
        var input = new Shop { Member = Shop.Usual.Member, Order = new Purchase { Note = Repeat("a", 20_000) + "b" } };
        var expression = Shop.Environment.Check("order.note.matches('^(a+)+$')", ExpressionType.Bool).Expression!.Compile<bool>();
        var watch = Stopwatch.StartNew();

        expression.Evaluate(input).Value.ShouldBeFalse();

        watch.Elapsed.ShouldBeLessThan(s_bounded);
    }

    [Theory]
    [InlineData("order.GetType()", ExpressionErrorCode.FunctionUnknown)]
    [InlineData("'x'.Length", ExpressionErrorCode.FieldsUnsupported)]
    [InlineData("'x'.ToString()", ExpressionErrorCode.FunctionUnknown)]
    [InlineData("order.Amount", ExpressionErrorCode.FieldUnknown)]
    [InlineData("type(order).Assembly", ExpressionErrorCode.FieldsUnsupported)]
    [InlineData("System.IO.File.ReadAllText('/etc/passwd')", ExpressionErrorCode.NameUnknown)]
    [InlineData("this", ExpressionErrorCode.NameUnknown)]
    [InlineData("input", ExpressionErrorCode.NameUnknown)]
    [InlineData("state.StepsLeft", ExpressionErrorCode.NameUnknown)]
    [InlineData("Equals(order, order)", ExpressionErrorCode.FunctionUnknown)]
    [InlineData("_+_(1, 2)", ExpressionErrorCode.NameUnknown)]
    [InlineData("@in(1, [1])", ExpressionErrorCode.SyntaxInvalid)]
    public void ReachesNothing_When_ItNamesMembersOfTheRuntime(string text, ExpressionErrorCode code) =>
        Shop.Environment.Check(text).Errors.Select(error => error.Code).First().ShouldBe(code);

    [Theory]
    [InlineData("dyn(order).Amount")]
    [InlineData("dyn(order).GetType")]
    [InlineData("dyn(order).Lines")]
    public void ReachesNothing_When_ItNamesThemAtEvaluation(string text) =>
        Shop.Evaluate(text).Code.ShouldBe(ExpressionErrorCode.FieldUnknown);

    [Fact]
    public void EndsAtOnce_When_TheHostGivesASmallBudget()
    {
        var expression = Shop.Environment.Check("order.lines.all(l, l.quantity > 0)", ExpressionType.Bool).Expression!.Compile<bool>();

        expression.Evaluate(Shop.Usual, stepsMax: 1).Code.ShouldBe(ExpressionErrorCode.CostExceeded);
        expression.Evaluate(Shop.Usual, stepsMax: 2).Value.ShouldBeTrue();
    }

    [Fact]
    public void NeverThrows_When_TheTextIsChance()
    {
        const int seed = 20_261_121;
        var random = new Random(seed);
        string[] words =
        [
            "order", ".", "amount", "lines", "(", ")", "[", "]", "{", "}", ",", "?", ":", "+", "-", "*", "/", "%", "!",
            "&&", "||", "==", "<",
            "in", "1", "0u", "2.5", "'a'", "b'x'", "null", "true", "l", "all", "exists", "map", "has", "size",
            "dyn", "type", "string", "int", "\"", "'", "\\", "é", "😀",
        ];
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(1, 16); length > 0; length--)
            {
                text.Append(words[random.Next(words.Length)]).Append(random.Next(3) == 0 ? " " : "");
            }

            try
            {
                var check = Shop.Environment.Check(text.ToString());
                check.Expression?.Compile<object>().Evaluate(Shop.Usual, stepsMax: 1_000);
                (check.Expression is null).ShouldBe(check.Errors.Count > 0);
            }
            catch (Exception failure)
            {
                Assert.Fail($"Seed {seed}, round {i}: {text}\n{failure}");
            }
        }
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
