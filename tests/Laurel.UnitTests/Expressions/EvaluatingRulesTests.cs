using System.Globalization;
using Laurel.Expressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Expressions;

/// <summary>Expressions over what a host declares: records, absent fields, maps, decimals, its own functions.</summary>
public sealed class EvaluatingRulesTests
{
    [Theory]
    [InlineData("order.amount >= 10000 && member.level in ['gold', 'platinum'] && order.lines.exists(l, l.sku.startsWith('A'))", true)]
    [InlineData("order.lines.all(l, l.eligible > 2000)", false)]
    [InlineData("order.lines.exists_one(l, 'sale' in l.tags)", true)]
    [InlineData("order.lines.filter(l, l.quantity > 1).map(l, l.sku) == ['A-1']", true)]
    [InlineData("order.lines.map(l, l.quantity > 1, l.eligible)[0] == 10000", true)]
    [InlineData("order.lines[0].tags.size() == 1 && size(order.lines[1].tags) == 2", true)]
    [InlineData("counters['orders'] == 3 && counters.orders == 3 && 'orders' in counters && has(counters.orders)", true)]
    [InlineData("!has(counters.refunds) && !('refunds' in counters)", true)]
    [InlineData("counters.all(name, counters[name] > 0)", true)]
    [InlineData("now.getFullYear() == 2026 && now.getHours('Asia/Shanghai') == 16 && now - duration('30m') < now", true)]
    [InlineData("has(member.birthday) && member.birthday.getMonth() == now.getMonth()", false)]
    [InlineData("has(member.referrer)", false)]
    [InlineData("has(order.note)", false)]
    [InlineData("member.attributes.vip && member.attributes['age'] > 40", true)]
    [InlineData("member.attributes.age + 1 == 42 && type(member.attributes.age) == int", true)]
    [InlineData("type(member) == Member && type(order.lines[0]) == Line", true)]
    [InlineData("dyn(order).amount == 12000 && dyn(order).lines.exists(l, l.sku == 'A-1') && !has(dyn(order).note)", true)]
    [InlineData("order.rate * 2.0 == 0.5 && order.amount > order.rate && 1u < order.amount", true)]
    [InlineData("twice(order.amount) == 24000 && twice(member.points) == 1000 && label(order.amount) == 'some'", true)]
    [InlineData("cel.bind(total, order.lines[0].eligible + order.lines[1].eligible, total == order.amount && total > 0)", true)]
    [InlineData("member.level.matches('^g[a-z]{3}$') && !member.level.matches(r'\\d')", true)]
    [InlineData("[[1]] + [[dyn('a')]] == [[1], ['a']] && [{'a': 1}] + [{'a': dyn(null)}] == [{'a': 1}, {'a': null}]", true)]
    [InlineData("{'a': {'b': 1}} == {'a': {'b': dyn(1.0)}} && (true ? {'a': [1]} : {'a': [dyn('x')]}).a[0] == 1", true)]
    [InlineData("math.least(order.amount, 5000) == 5000 && math.greatest(1.5, 0.5) == 1.5", true)]
    public void GivesTheAnswer_When_ARuleIsEvaluated(string text, bool expected)
    {
        var check = Shop.Environment.Check(text, ExpressionType.Bool);

        check.Errors.ShouldBeEmpty();
        var result = check.Expression!.Compile<bool>().Evaluate(Shop.Usual);
        result.Code.ShouldBe(ExpressionErrorCode.None);
        result.Value.ShouldBe(expected);
    }

    /// <summary>Times of the host are compared as ticks where a constant has any: below a tick, at its edges and before 1970 the answer is the same.</summary>
    [Theory]
    [InlineData("now", "timestamp('1970-01-01T00:00:00Z')", "0001-01-01T00:00:00.0000000Z")]
    [InlineData("now", "timestamp('1969-12-31T23:59:59.9999999Z')", "1969-12-31T23:59:59.9999999Z")]
    [InlineData("now", "timestamp('1969-12-31T23:59:59.99999995Z')", "1969-12-31T23:59:59.9999999Z")]
    [InlineData("now", "timestamp('2026-11-21T08:30:00.000000001Z')", "2026-11-21T08:30:00Z")]
    [InlineData("timestamp('2026-11-21T08:30:00.0000001Z')", "now", "2026-11-21T08:30:00Z")]
    [InlineData("now", "timestamp('9999-12-31T23:59:59.999999999Z')", "9999-12-31T23:59:59.9999999Z")]
    [InlineData("now", "member.birthday", "2026-11-21T16:30:00+08:00")]
    [InlineData("now", "now", "2026-11-21T08:30:00Z")]
    public void ComparesAsMomentsDo_When_TimesOfTheHostAreCompared(string left, string right, string now)
    {
        var shop = new Shop
        {
            Now = DateTimeOffset.Parse(now, CultureInfo.InvariantCulture),
            Member = new Customer { Level = "gold", Birthday = new DateTimeOffset(2026, 11, 21, 8, 30, 0, TimeSpan.Zero) },
            Order = Shop.Usual.Order,
        };
        var (first, second) = (Evaluated<Timestamp>(left, ExpressionType.Timestamp, shop), Evaluated<Timestamp>(right, ExpressionType.Timestamp, shop));
        var expected = first.CompareTo(second);

        Evaluated<bool>($"{left} < {right}", ExpressionType.Bool, shop).ShouldBe(expected < 0);
        Evaluated<bool>($"{left} <= {right}", ExpressionType.Bool, shop).ShouldBe(expected <= 0);
        Evaluated<bool>($"{left} > {right}", ExpressionType.Bool, shop).ShouldBe(expected > 0);
        Evaluated<bool>($"{left} >= {right}", ExpressionType.Bool, shop).ShouldBe(expected >= 0);
    }

    private static T Evaluated<T>(string text, ExpressionType type, Shop shop)
    {
        var check = Shop.Environment.Check(text, type);
        check.Errors.ShouldBeEmpty();
        var result = check.Expression!.Compile<T>().Evaluate(shop);
        result.Code.ShouldBe(ExpressionErrorCode.None);
        return result.Value!;
    }

    [Theory]
    [InlineData("order.lines[1].eligible / 100 * 2", "200")]
    [InlineData("decimal('0.015') * order.amount", "180.000")]
    [InlineData("order.price * 3 + 1", "60.97")]
    [InlineData("10 / decimal('4')", "2.5")]
    [InlineData("round(order.price)", "20")]
    [InlineData("round(decimal('2.5')) + round(decimal('-2.5'))", "0")]
    [InlineData("round(decimal('1.005'), 2)", "1.01")]
    [InlineData("floor(decimal('-1.5')) + ceil(decimal('1.5'))", "0")]
    [InlineData("-order.price % 10", "-9.99")]
    [InlineData("abs(decimal('-0.10'))", "0.10")]
    [InlineData("int(decimal('9.99'))", "9")]
    [InlineData("math.least(order.price, decimal(20))", "19.99")]
    public void IsExact_When_TheAmountIsMoney(string text, string expected)
    {
        var check = Shop.Environment.Check(text, ExpressionType.Decimal);

        check.Errors.ShouldBeEmpty();
        var result = check.Expression!.Compile<decimal>().Evaluate(Shop.Usual);
        result.Code.ShouldBe(ExpressionErrorCode.None);
        result.Value.ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(expected);
    }

    [Theory]
    [InlineData("decimal('1.5') == 3 / decimal(2) && decimal('2.0') == 2 && 2 != decimal('2.1')")]
    [InlineData("decimal('1.5') < 2 && 1 < decimal('1.5') && order.price >= decimal('19.99') && order.price > 19.5")]
    [InlineData("dyn(decimal('2')) == dyn(2.0) && dyn(decimal('2')) == dyn(2u) && dyn(2) == dyn(decimal('2.0'))")]
    [InlineData("double(order.price) == 19.99 && uint(decimal('7.9')) == 7u && string(decimal('1.50')) == '1.50'")]
    public void IsComparedByItsAmount_When_ADecimalMeetsANumber(string text) => Shop.Evaluate(text).Value.ShouldBe(true);

    [Theory]
    [InlineData("order.note == 'x'", ExpressionErrorCode.FieldAbsent)]
    [InlineData("member.birthday < now", ExpressionErrorCode.FieldAbsent)]
    [InlineData("member.referrer.points", ExpressionErrorCode.FieldAbsent)]
    [InlineData("dyn(order).note", ExpressionErrorCode.FieldAbsent)]
    [InlineData("dyn(order).nothing", ExpressionErrorCode.FieldUnknown)]
    [InlineData("label(order.amount - 12000).size() > 0", ExpressionErrorCode.FieldAbsent)]
    [InlineData("counters.refunds", ExpressionErrorCode.KeyMissing)]
    [InlineData("order.lines[2].sku", ExpressionErrorCode.IndexOutOfRange)]
    [InlineData("order.lines[-1].sku", ExpressionErrorCode.IndexOutOfRange)]
    [InlineData("order.amount / (member.points - 500)", ExpressionErrorCode.DivisionByZero)]
    [InlineData("order.price / (order.amount - 12000)", ExpressionErrorCode.DivisionByZero)]
    [InlineData("order.amount * 9223372036854775807", ExpressionErrorCode.Overflow)]
    [InlineData("order.price * decimal('79228162514264337593543950335')", ExpressionErrorCode.Overflow)]
    [InlineData("int(decimal(order.amount) * decimal('1000000000000000000'))", ExpressionErrorCode.ValueOutOfRange)]
    [InlineData("round(order.price, order.amount)", ExpressionErrorCode.ValueOutOfRange)]
    [InlineData("int(member.level)", ExpressionErrorCode.ValueInvalid)]
    [InlineData("decimal(member.level)", ExpressionErrorCode.ValueInvalid)]
    [InlineData("now.getHours(member.level)", ExpressionErrorCode.ZoneUnknown)]
    [InlineData("now.getHours('../../etc/passwd')", ExpressionErrorCode.ZoneUnknown)]
    [InlineData("member.attributes.vip + 1", ExpressionErrorCode.OverloadMissing)]
    [InlineData("member.attributes.age ? 1 : 2", ExpressionErrorCode.OverloadMissing)]
    [InlineData("timestamp('9999-12-31T23:59:59Z').getHours('+01:00')", ExpressionErrorCode.ValueOutOfRange)]
    public void IsAnErrorValue_When_ThereIsNoAnswer(string text, ExpressionErrorCode code) => Shop.Evaluate(text).Code.ShouldBe(code);

    [Theory]
    [InlineData("order.lines.all(l, l.quantity > 0)")]
    [InlineData("order.lines[0].sku == 'A'")]
    [InlineData("order.lines.map(l, l.sku).size() == 1")]
    public void IsAnErrorValue_When_AListOfTheHostHasHoles(string text)
    {
        var input = new Shop { Member = Shop.Usual.Member, Order = new Purchase { Lines = [null!] } };

        Shop.Evaluate(text, input).Code.ShouldBe(ExpressionErrorCode.FieldAbsent);
    }

    [Fact]
    public void SaysWhereInWords_When_AnEvaluationFails()
    {
        const string text = "order.amount > 0 &&\n  order.amount / (member.points - 500) > 1";
        var expression = Shop.Environment.Check(text, ExpressionType.Bool).Expression!.Compile<bool>();

        var error = expression.Describe(expression.Evaluate(Shop.Usual));

        error.Code.ShouldBe(ExpressionErrorCode.DivisionByZero);
        (error.Line, error.Column).ShouldBe((2, 3));
        text.Substring(error.Position, error.Length).ShouldBe("order.amount / (member.points - 500)");
        error.Message.ShouldNotBeEmpty();
        error.MessageZh.ShouldNotBe(error.Message);
    }

    [Fact]
    public void AnswersAnything_When_TheHostWantsWhateverItIs()
    {
        Shop.Evaluate("order.amount").Value.ShouldBe(12_000L);
        Shop.Evaluate("'a' + member.level").Value.ShouldBe("agold");
        Shop.Evaluate("null").Value.ShouldBeNull();
        Shop.Environment.Check("order.amount").Expression!.Type.ShouldBe(ExpressionType.Int);
        Should.Throw<InvalidOperationException>(() => Shop.Environment.Check("order.amount").Expression!.Compile<bool>());
    }

    [Fact]
    public void RefusesTheDeclaration_When_ATypeHasNoCounterpart()
    {
        var builder = new ExpressionEnvironmentBuilder<Shop>();

        Should.Throw<ArgumentException>(() => builder.Variable("order", s => s.Order));
        Should.Throw<ArgumentException>(() => builder.Variable("guid", s => Guid.Empty));
        Should.Throw<ArgumentException>(() => builder.Variable("ints", s => new[] { 1 }));
    }
}
