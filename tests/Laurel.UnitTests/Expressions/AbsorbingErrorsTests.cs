using Laurel.Expressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Expressions;

/// <summary>Logic is commutative: an error counts only when the other parts leave the answer open.</summary>
public sealed class AbsorbingErrorsTests
{
    private const string Error = "1 / (order.amount - 12000) == 1";
    private const string True = "order.amount == 12000";
    private const string False = "order.amount == 1";

    public static TheoryData<string, string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string, string>();
            string[] parts = [Error, True, False];
            foreach (var left in parts)
            {
                foreach (var right in parts)
                {
                    pairs.Add(left, right, parts[0]);
                    pairs.Add(left, right, parts[1]);
                    pairs.Add(left, right, parts[2]);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void DecidesAsTheSpecificationSays_When_PartsFail(string first, string second, string third)
    {
        string[] parts = [first, second, third];

        Outcome(string.Join(" && ", parts)).ShouldBe(parts.Contains(False) ? "False" : parts.Contains(Error) ? "DivisionByZero" : "True");
        Outcome(string.Join(" || ", parts)).ShouldBe(parts.Contains(True) ? "True" : parts.Contains(Error) ? "DivisionByZero" : "False");
    }

    [Theory]
    [InlineData("order.lines.all(l, 20000 / (l.eligible - 2000) > 100)", "False")]
    [InlineData("order.lines.exists(l, 20000 / (l.eligible - 2000) == 2)", "True")]
    [InlineData("order.lines.all(l, 20000 / (l.eligible - 2000) == 2)", "DivisionByZero")]
    [InlineData("order.lines.exists(l, 20000 / (l.eligible - 2000) == 3)", "DivisionByZero")]
    [InlineData("order.lines.exists_one(l, 20000 / (l.eligible - 2000) == 2)", "DivisionByZero")]
    [InlineData("order.lines.filter(l, 20000 / (l.eligible - 2000) == 2).size() == 1", "DivisionByZero")]
    [InlineData("order.lines.all(l, l.tags.all(t, order.lines.all(k, k.eligible / (l.quantity - 1) > 0 || t == 'new')))", "True")]
    [InlineData("(order.note == 'x' ? true : false) || order.amount > 0", "True")]
    [InlineData("order.amount > 0 ? (order.note == 'x' || true) : order.note == 'y'", "True")]
    [InlineData("!(order.note == 'x') && false", "False")]
    [InlineData("order.note == 'x' || order.lines[5].sku == 'y' || order.lines[0].sku == 'B-7'", "True")]
    [InlineData("order.note == 'x' || order.lines[5].sku == 'y'", "FieldAbsent")]
    public void DecidesAsTheSpecificationSays_When_PartsOfMacrosFail(string text, string expected) => Outcome(text).ShouldBe(expected);

    [Fact]
    public void StartsAfresh_When_TheSameCodeIsEvaluatedAgain()
    {
        var expression = Shop.Environment.Check($"{Error} || order.lines.exists(l, 1 / (l.quantity - 1) == 1)", ExpressionType.Bool)
            .Expression!.Compile<bool>();
        var without = new Shop { Member = Shop.Usual.Member, Order = new Purchase { Amount = 12_001 } };
        var failing = new Shop { Member = Shop.Usual.Member, Order = new Purchase { Amount = 12_000 } };

        for (var i = 0; i < 3; i++)
        {
            expression.Evaluate(Shop.Usual).Value.ShouldBeTrue();
            expression.Evaluate(failing).Code.ShouldBe(ExpressionErrorCode.DivisionByZero);
            expression.Evaluate(without).Value.ShouldBeTrue();
        }
    }

    private static string Outcome(string text)
    {
        var check = Shop.Environment.Check(text, ExpressionType.Bool);
        check.Errors.ShouldBeEmpty();
        var result = check.Expression!.Compile<bool>().Evaluate(Shop.Usual);
        return result.IsError ? result.Code.ToString() : result.Value.ToString();
    }
}
