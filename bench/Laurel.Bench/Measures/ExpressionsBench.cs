using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Laurel.Bench.Servers;
using Laurel.Expressions;

namespace Laurel.Bench.Measures;

/// <summary>What rules cost: each expression beside the same written in C#, both called as delegates over the same inputs. What is
/// written in C# is kept out of the loop that calls it, as rules of a programme would be.</summary>
internal sealed class ExpressionsBench(bool quick, BenchProgress progress)
{
    private const int Rounds = 9;

    // The runtime compiles a method for good when it was called often, and no sooner than it has been quiet for a tenth of a second.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    private readonly int _calls = quick ? 20_000 : 1_000_000;
    private readonly Dictionary<string, object> _raw = [];

    public BenchReport Run()
    {
        var step = progress.Begin("Expressions", 6);
        Measure[] measures =
        [
            Condition(
                MeasureTargets.ExpressionCompare,
                "order.amount >= 10000 && member.points < 1000",
                [MethodImpl(MethodImplOptions.NoInlining)] static (rule) => rule.Order.Amount >= 10_000 && rule.Member.Points < 1_000),
            Condition(
                MeasureTargets.ExpressionRule,
                "order.amount >= 10000 && member.level in ['gold', 'platinum'] && order.lines.exists(l, l.sku.startsWith('A'))",
                [MethodImpl(MethodImplOptions.NoInlining)] static (rule) => rule.Order.Amount >= 10_000 && rule.Member.Level is "gold" or "platinum"
                    && Array.Exists(rule.Order.Lines, static line => line.Sku.StartsWith('A'))),
            Condition(
                MeasureTargets.ExpressionLines,
                "order.lines.all(l, l.eligible > 0 && l.quantity <= 10 && l.category != 'gift')",
                [MethodImpl(MethodImplOptions.NoInlining)] static (rule) => Array.TrueForAll(
                    rule.Order.Lines, static line => line.Eligible > 0 && line.Quantity <= 10 && line.Category != "gift")),
            Condition(
                MeasureTargets.ExpressionTime,
                "now >= timestamp('2026-11-01T00:00:00Z') && now < timestamp('2026-12-01T00:00:00Z') && has(member.birthday)",
                [MethodImpl(MethodImplOptions.NoInlining)] static (rule) => rule.Now >= s_november && rule.Now < s_december && rule.Member.Birthday.HasValue),
            Compared(
                MeasureTargets.ExpressionAmount,
                "order.lines[0].eligible / 100 * 2 + order.amount % 7",
                ExpressionType.Int,
                [MethodImpl(MethodImplOptions.NoInlining)] static (rule) => checked((rule.Order.Lines[0].Eligible / 100 * 2) + (rule.Order.Amount % 7))),
            Compared(
                MeasureTargets.ExpressionMoney,
                "decimal('0.015') * order.amount",
                ExpressionType.Decimal,
                [MethodImpl(MethodImplOptions.NoInlining)] static (rule) => 0.015m * rule.Order.Amount),
        ];
        step.Done();
        return new BenchReport(measures, _raw);
    }

    private Measure Condition(string name, string text, Func<Rule, bool> code) => Compared(name, text, ExpressionType.Bool, code);

    private Measure Compared<T>(string name, string text, ExpressionType type, Func<Rule, T> code)
    {
        var check = Rule.Environment.Check(text, type);
        var expression = check.Expression?.Compile<T>() ?? throw new BenchException($"{text}: {check.Errors[0].Message}");
        var rules = Rule.Some();
        foreach (var rule in rules)
        {
            if (!EqualityComparer<T>.Default.Equals(expression.Evaluate(rule).Value, code(rule)))
            {
                throw new BenchException($"{text} differs from the same in C#.");
            }
        }

        var (ours, theirs) = (new List<double>(), new List<double>());
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_warmUp)
        {
            Evaluated(rules, expression);
            Called(rules, code);
        }

        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(Evaluated(rules, expression));
            theirs.Add(Called(rules, code));
        }

        var (median, other) = (Median(ours), Median(theirs));
        _raw[name] = new { text, nanoseconds = ours, csharpNanoseconds = theirs };
        var note = string.Create(CultureInfo.InvariantCulture, $"{median:0.0} ns over {other:0.0} ns: {text}");
        return Measure.Of(name, median / other, note);
    }

    private double Evaluated<T>(Rule[] rules, CompiledExpression<Rule, T> expression)
    {
        var start = Stopwatch.GetTimestamp();
        var failed = 0;
        for (var i = 0; i < _calls; i++)
        {
            failed += expression.Evaluate(rules[i & (rules.Length - 1)]).IsError ? 1 : 0;
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        return failed == 0 ? elapsed.TotalNanoseconds / _calls : throw new BenchException($"{failed} evaluations failed.");
    }

    private double Called<T>(Rule[] rules, Func<Rule, T> code)
    {
        var start = Stopwatch.GetTimestamp();
        var last = default(T);
        for (var i = 0; i < _calls; i++)
        {
            last = code(rules[i & (rules.Length - 1)]);
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        GC.KeepAlive(last);
        return elapsed.TotalNanoseconds / _calls;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static readonly DateTimeOffset s_november = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_december = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What a rule of a loyalty programme looks at.</summary>
    internal sealed record Rule(Customer Member, Purchase Order, DateTimeOffset Now)
    {
        public static readonly ExpressionEnvironment<Rule> Environment = new ExpressionEnvironmentBuilder<Rule>()
            .Record<Customer>("Member", static member => member
                .Field("level", m => m.Level).Field("points", m => m.Points).Field("birthday", m => m.Birthday))
            .Record<Line>("Line", static line => line
                .Field("sku", l => l.Sku).Field("category", l => l.Category).Field("quantity", l => l.Quantity).Field("eligible", l => l.Eligible))
            .Record<Purchase>("Order", static order => order.Field("amount", o => o.Amount).Field("lines", o => o.Lines))
            .Variable("member", r => r.Member)
            .Variable("order", r => r.Order)
            .Variable("now", r => r.Now)
            .Build();

        /// <summary>A power of two of them, which differ.</summary>
        public static Rule[] Some() =>
        [
            .. Enumerable.Range(0, 64).Select(static i => new Rule(
                new Customer(i % 3 == 0 ? "gold" : i % 3 == 1 ? "platinum" : "member", i * 20, i % 2 == 0 ? s_november : null),
                new Purchase(
                    9_000 + (i * 100),
                    [.. Enumerable.Range(0, 4).Select(n => new Line(n == 3 ? "A-100" : $"B-{n}", "food", 1 + n, 1_000 * (n + 1)))]),
                s_november.AddDays(i))),
        ];
    }

    internal sealed record Customer(string Level, long Points, DateTimeOffset? Birthday);

    internal sealed record Purchase(long Amount, Line[] Lines);

    internal sealed record Line(string Sku, string Category, long Quantity, long Eligible);
}
