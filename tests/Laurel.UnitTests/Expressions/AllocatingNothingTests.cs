using Laurel.Expressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Expressions;

/// <summary>Where types are known, evaluating leaves nothing for the garbage collector.</summary>
public sealed class AllocatingNothingTests
{
    private const int Evaluations = 1_000;

    [Theory]
    [InlineData("order.amount >= 10000 && member.level in ['gold', 'platinum'] && order.lines.exists(l, l.sku.startsWith('A'))")]
    [InlineData("order.lines.all(l, l.eligible / 100 * 2 - 1 < 9223372036854775807)")]
    [InlineData("has(member.birthday) && member.birthday.getMonth() == now.getMonth() || order.note == 'x' || true")]
    [InlineData("now > timestamp('2026-01-01T00:00:00Z') + duration('24h') && now.getHours('+08:00') < 22")]
    [InlineData("decimal('0.015') * order.amount > 100 && order.rate * 2.0 < 1.0 && counters.orders > 2")]
    [InlineData("member.attributes.vip == true && 1 / (order.amount - 12000) == 1 || member.level.size() == 4")]
    [InlineData("member.level in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'gold'] && order.amount in [1, 2, 12000]")]
    [InlineData("cel.bind(x, order.amount + 1, x > 0 && x % 7 >= 0)")]
    public void AllocatesNothing_When_AConditionIsEvaluated(string text)
    {
        var input = Shop.Usual;
        var expression = Shop.Environment.Check(text, ExpressionType.Bool).Expression!.Compile<bool>();
        Evaluate(expression, input);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Evaluate(expression, input);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static void Evaluate(CompiledExpression<Shop, bool> expression, Shop input)
    {
        for (var i = 0; i < Evaluations; i++)
        {
            _ = expression.Evaluate(input);
        }
    }
}
