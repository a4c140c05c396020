using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Laurel.Expressions;
using Laurel.Expressions.Syntax;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Expressions;

/// <summary>Laws of the language that hold whatever the expression and the numbers are.</summary>
public sealed class PropertiesTests
{
    private const int TreeSizeMax = 60;
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(2_000);

    [Fact]
    public void AreReadAsTheSameTree_When_TreesAreWritten() =>
        Check.One(s_config, Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var tree = new Trees(new Random(seed)).Any(TreeSizeMax);
            var text = SyntaxPrinter.Print(tree);
            var (read, error) = Parser.Parse(text);

            error.ShouldBeNull(text);
            SyntaxPrinter.Structure(read!).ShouldBe(SyntaxPrinter.Structure(tree), text);
        }));

    [Fact]
    public void AreExactOrErrors_When_IntsAreReckonedWith()
    {
        var expressions = new[] { "+", "-", "*", "/", "%" }.ToDictionary(sign => sign, sign => Compiled<long>($"a {sign} b"));
        var pairs = from a in Numbers() from b in Numbers() select (a, b);

        Check.One(s_config, Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            foreach (var (sign, expression) in expressions)
            {
                var result = expression.Evaluate(pair);
                BigInteger? exact = sign switch
                {
                    "+" => (BigInteger)pair.a + pair.b,
                    "-" => (BigInteger)pair.a - pair.b,
                    "*" => (BigInteger)pair.a * pair.b,
                    "/" => pair.b == 0 ? null : BigInteger.Divide(pair.a, pair.b),
                    _ when pair.b == 0 => null,
                    _ => pair.b == -1 && pair.a == long.MinValue ? BigInteger.Pow(2, 64) : BigInteger.Remainder(pair.a, pair.b),
                };
                result.Code.ShouldBe(
                    exact is null ? ExpressionErrorCode.DivisionByZero
                    : exact < long.MinValue || exact > long.MaxValue ? ExpressionErrorCode.Overflow
                    : ExpressionErrorCode.None,
                    $"{pair.a} {sign} {pair.b}");
                if (!result.IsError)
                {
                    ((BigInteger)result.Value).ShouldBe(exact!.Value);
                }
            }
        }));
    }

    [Fact]
    public void AreExactOrErrors_When_UintsAreReckonedWith()
    {
        var expressions = new[] { "+", "-", "*" }.ToDictionary(sign => sign, sign => Compiled<ulong>($"uint(a) {sign} uint(b)"));
        var pairs = from a in Numbers() from b in Numbers() select (Math.Abs(a / 2), Math.Abs(b / 2));

        Check.One(s_config, Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            var (a, b) = pair;
            foreach (var (sign, expression) in expressions)
            {
                var exact = sign switch { "+" => (BigInteger)a + b, "-" => (BigInteger)a - b, _ => (BigInteger)a * b };
                var result = expression.Evaluate(pair);
                result.IsError.ShouldBe(exact < 0 || exact > ulong.MaxValue);
                if (!result.IsError)
                {
                    ((BigInteger)result.Value).ShouldBe(exact);
                }
            }
        }));
    }

    [Fact]
    public void AreOrderedAlike_When_NumbersOfAnyTypesAreCompared()
    {
        var known = Compiled<bool>("a < b || a == b || a > b");
        var mixed = Compiled<bool>("(a < b) == (dyn(decimal(a)) < decimal(b)) && (dyn(a) == decimal(b)) == (a == b)");

        Check.One(s_config, Prop.ForAll((from a in Numbers() from b in Numbers() select (a, b)).ToArbitrary(), pair =>
        {
            known.Evaluate(pair).Value.ShouldBeTrue();
            mixed.Evaluate(pair).Value.ShouldBeTrue();
        }));
    }

    private static CompiledExpression<(long a, long b), T> Compiled<T>(string text)
    {
        var check = new ExpressionEnvironmentBuilder<(long a, long b)>()
            .Variable("a", pair => pair.a)
            .Variable("b", pair => pair.b)
            .Build()
            .Check(text);
        check.Errors.ShouldBeEmpty();
        return check.Expression!.Compile<T>();
    }

    // Small ones and those at every edge, where mistakes live.
    private static Gen<long> Numbers() => Gen.OneOf(
        Gen.Choose(-20, 20).Select(n => (long)n),
        Gen.Choose(-3, 3).Select(n => unchecked(long.MaxValue + n)),
        Gen.Choose(-3, 3).Select(n => (1L << 32) + n),
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((long)high << 32) | unchecked((uint)low));

    /// <summary>Trees by chance, as the parser could make them.</summary>
    private sealed class Trees(Random random)
    {
        private static readonly string[] s_names = ["a", "order", "_x", "in_", "l"];
        private static readonly string[] s_binary =
        [
            "_+_", "_-_", "_*_", "_/_", "_%_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_[_]",
        ];

        public Node Any(int size) => size <= 1 ? Leaf() : random.Next(12) switch
        {
            0 => new SelectNode(default, Any(size - 1), Name(), default, isTest: random.Next(4) == 0),
            1 or 2 or 3 => new CallNode(default, s_binary[random.Next(s_binary.Length)], default, null, [Any(size / 2), Any(size / 2)]),
            4 => new CallNode(default, random.Next(2) == 0 ? "!_" : "-_", default, null, [Any(size - 1)]),
            5 => new CallNode(default, "f", default, random.Next(2) == 0 ? null : Any(size / 2), Some(size / 2)),
            6 or 7 => Logic(size),
            8 => new ConditionalNode(default, Any(size / 3), Any(size / 3), Any(size / 3)),
            9 => new ListNode(default, Some(size)),
            10 => new MapNode(default, [.. Some(size / 2).Select(key => (key, Any(size / 4)))]),
            _ => Macro(size),
        };

        private LogicNode Logic(int size)
        {
            var isAnd = random.Next(2) == 0;
            return new LogicNode(default, isAnd, [Any(size / 3), Any(size / 3), .. random.Next(2) == 0 ? [] : new[] { Any(size / 3) }]);
        }

        private Node Macro(int size)
        {
            var kind = (ComprehensionKind)random.Next(5);
            return random.Next(6) == 0 ? new BindNode(default, Name(), Any(size / 2), Any(size / 2))
                : kind == ComprehensionKind.Map
                    ? new ComprehensionNode(default, kind, Any(size / 3), Name(), random.Next(2) == 0 ? null : Any(size / 3), Any(size / 3))
                    : new ComprehensionNode(default, kind, Any(size / 2), Name(), Any(size / 2), null);
        }

        private Node[] Some(int size) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(size / 4))];

        private string Name() => s_names[random.Next(s_names.Length)];

        private Node Leaf() => random.Next(9) switch
        {
            0 => new LiteralNode(default, null),
            1 => new LiteralNode(default, random.Next(2) == 0),
            2 => new LiteralNode(default, random.NextInt64(long.MinValue, long.MaxValue)),
            3 => new LiteralNode(default, (ulong)random.NextInt64()),
            4 => new LiteralNode(default, (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-30, 30))),
            5 => new LiteralNode(default, new string([.. Enumerable.Range(0, random.Next(5)).Select(_ => "a'\"\\\n\té积"[random.Next(8)])])),
            6 => new LiteralNode(default, new[] { (byte)random.Next(256) }),
            _ => new NameNode(default, Name(), absolute: random.Next(8) == 0),
        };
    }
}
