using Laurel.Expressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Expressions;

/// <summary>Whoever wrote a wrong expression learns what is wrong, where, and what is probably meant.</summary>
public sealed class ExplainingMistakesTests
{
    [Theory]
    [InlineData("", ExpressionErrorCode.SyntaxInvalid, 1, 1, 0, null)]
    [InlineData("order.amount >", ExpressionErrorCode.SyntaxInvalid, 1, 15, 0, null)]
    [InlineData("order.amount = 1", ExpressionErrorCode.SyntaxInvalid, 1, 14, 1, "==")]
    [InlineData("true and false", ExpressionErrorCode.SyntaxInvalid, 1, 6, 3, "&&")]
    [InlineData("true | false", ExpressionErrorCode.SyntaxInvalid, 1, 6, 1, "||")]
    [InlineData("(order.amount", ExpressionErrorCode.SyntaxInvalid, 1, 14, 0, null)]
    [InlineData("[1, 2", ExpressionErrorCode.SyntaxInvalid, 1, 6, 0, null)]
    [InlineData("size(1,)", ExpressionErrorCode.SyntaxInvalid, 1, 8, 1, null)]
    [InlineData("{1: 2", ExpressionErrorCode.SyntaxInvalid, 1, 6, 0, null)]
    [InlineData("a.1", ExpressionErrorCode.SyntaxInvalid, 1, 2, 2, null)]
    [InlineData("for + 1", ExpressionErrorCode.SyntaxInvalid, 1, 1, 3, null)]
    [InlineData("order.\n  amount ;", ExpressionErrorCode.SyntaxInvalid, 2, 10, 1, null)]
    [InlineData("'open", ExpressionErrorCode.LiteralInvalid, 1, 1, 5, null)]
    [InlineData("'\\q'", ExpressionErrorCode.LiteralInvalid, 1, 1, 3, null)]
    [InlineData("'\\ud800'", ExpressionErrorCode.LiteralInvalid, 1, 1, 7, null)]
    [InlineData("b'\\u0041'", ExpressionErrorCode.LiteralInvalid, 1, 1, 4, null)]
    [InlineData("9223372036854775808", ExpressionErrorCode.LiteralInvalid, 1, 1, 19, null)]
    [InlineData("18446744073709551616u", ExpressionErrorCode.LiteralInvalid, 1, 1, 21, null)]
    [InlineData("0x", ExpressionErrorCode.LiteralInvalid, 1, 1, 2, null)]
    [InlineData("12points", ExpressionErrorCode.LiteralInvalid, 1, 1, 3, null)]
    [InlineData("has(order)", ExpressionErrorCode.MacroInvalid, 1, 5, 5, "has(order.note)")]
    [InlineData("order.lines.all(l.sku, true)", ExpressionErrorCode.MacroInvalid, 1, 17, 5, "all(x, …)")]
    public void PointsAtThePlace_When_TheTextCannotBeRead(
        string text, ExpressionErrorCode code, int line, int column, int length, string? hint) =>
        Check(text, code, line, column, length, hint);

    [Theory]
    [InlineData("amount > 1", ExpressionErrorCode.NameUnknown, 1, 6, "order.amount")]
    [InlineData("ordr.amount > 1", ExpressionErrorCode.NameUnknown, 1, 4, "order")]
    [InlineData("xyz == 1", ExpressionErrorCode.NameUnknown, 1, 3, null)]
    [InlineData("order.amout > 1", ExpressionErrorCode.FieldUnknown, 7, 5, "amount")]
    [InlineData("member.Level == 'gold'", ExpressionErrorCode.FieldUnknown, 8, 5, "level")]
    [InlineData("order.amount.cents", ExpressionErrorCode.FieldsUnsupported, 14, 5, null)]
    [InlineData("member.level.startWith('g')", ExpressionErrorCode.FunctionUnknown, 14, 9, "startsWith")]
    [InlineData("startsWith(member.level, 'g')", ExpressionErrorCode.FunctionUnknown, 1, 10, "x.startsWith(…)")]
    [InlineData("member.level.string()", ExpressionErrorCode.FunctionUnknown, 14, 6, "string(x)")]
    [InlineData("order.amount + 'x'", ExpressionErrorCode.OverloadMissing, 14, 1, null)]
    [InlineData("order.amount * 1.5", ExpressionErrorCode.OverloadMissing, 14, 1, "double(…)")]
    [InlineData("order.amount == 1.5", ExpressionErrorCode.OverloadMissing, 14, 2, "double(…)")]
    [InlineData("order.price * 1.5", ExpressionErrorCode.OverloadMissing, 13, 1, "double(…)")]
    [InlineData("member.birthday == null", ExpressionErrorCode.OverloadMissing, 17, 2, "has(…)")]
    [InlineData("!order.amount", ExpressionErrorCode.OverloadMissing, 1, 1, null)]
    [InlineData("order.amount && true", ExpressionErrorCode.OverloadMissing, 1, 12, null)]
    [InlineData("order.amount ? 1 : 2", ExpressionErrorCode.OverloadMissing, 1, 12, null)]
    [InlineData("true ? 1 : 'one'", ExpressionErrorCode.TypesDiffer, 1, 16, null)]
    [InlineData("order.amount.all(x, true)", ExpressionErrorCode.OverloadMissing, 1, 12, null)]
    [InlineData("order.lines.exists(l, l.quantity)", ExpressionErrorCode.OverloadMissing, 23, 10, null)]
    [InlineData("order.lines.exists(l, k.sku == '')", ExpressionErrorCode.NameUnknown, 23, 1, "l")]
    [InlineData("{1.5: 2}", ExpressionErrorCode.KeyUnsupported, 2, 3, null)]
    [InlineData("Order{amount: 1}", ExpressionErrorCode.MessageUnsupported, 1, 16, null)]
    [InlineData("member.level.matches(member.level)", ExpressionErrorCode.PatternInvalid, 22, 12, "x.matches('^A[0-9]+$')")]
    [InlineData("member.level.matches('(a')", ExpressionErrorCode.PatternInvalid, 22, 4, null)]
    [InlineData("member.level.matches(r'(a)\\1')", ExpressionErrorCode.PatternInvalid, 22, 8, null)]
    [InlineData("timestamp('yesterday') < now", ExpressionErrorCode.ConstantInvalid, 11, 11, "timestamp('2026-11-21T08:00:00Z')")]
    [InlineData("duration('1 hour') > duration('0')", ExpressionErrorCode.ConstantInvalid, 10, 8, "duration('1h30m')")]
    [InlineData("decimal('0,015') * order.amount", ExpressionErrorCode.ConstantInvalid, 9, 7, "decimal('0.015')")]
    public void PointsAtThePlace_When_NamesOrTypesAreWrong(string text, ExpressionErrorCode code, int column, int length, string? hint) =>
        Check(text, code, 1, column, length, hint);

    [Fact]
    public void NamesAllOfThem_When_ThereAreSeveral()
    {
        const string text = "order.amout > 1 && ordr.amount > 2 && order.lines.exists(l, l.skoo == 1 + 'x')";
        var errors = Shop.Environment.Check(text).Errors;

        errors.Select(error => error.Code).ShouldBe(
        [
            ExpressionErrorCode.FieldUnknown,
            ExpressionErrorCode.NameUnknown,
            ExpressionErrorCode.FieldUnknown,
            ExpressionErrorCode.OverloadMissing,
        ]);
        errors.Select(error => error.Hint).ShouldBe(["amount", "order", "sku", null]);
    }

    [Fact]
    public void SaysWhatIsWanted_When_TheResultIsOfAnotherType()
    {
        var error = Shop.Environment.Check("order.amount", ExpressionType.Bool).Errors.ShouldHaveSingleItem();

        error.Code.ShouldBe(ExpressionErrorCode.ResultTypeWrong);
        error.Message.ShouldContain("bool");
        error.Message.ShouldContain("int");
        Shop.Environment.Check("order.amount", ExpressionType.Decimal).Errors.ShouldBeEmpty();
        Shop.Environment.Check("order.rate", ExpressionType.Decimal).Errors.ShouldHaveSingleItem();
    }

    [Fact]
    public void CountsCodePoints_When_TheTextHasOthersThanAscii()
    {
        var error = Shop.Environment.Check("'😀积分' == ordr").Errors.ShouldHaveSingleItem();

        (error.Position, error.Length, error.Line, error.Column).ShouldBe((9, 4, 1, 10));
    }

    [Fact]
    public void HasWordsInBothLanguages_When_AnyCodeIsTold()
    {
        foreach (var code in Enum.GetValues<ExpressionErrorCode>())
        {
            ExpressionMessages.English(code, "a", "b").ShouldNotBeNullOrWhiteSpace();
            ExpressionMessages.Chinese(code, "a", "b").ShouldContain(c => c >= '一' && c <= '龥');
        }
    }

    private static void Check(string text, ExpressionErrorCode code, int line, int column, int length, string? hint)
    {
        var error = Shop.Environment.Check(text).Errors.ShouldHaveSingleItem();

        error.Code.ShouldBe(code);
        (error.Line, error.Column, error.Length).ShouldBe((line, column, length));
        error.Hint.ShouldBe(hint);
    }
}
