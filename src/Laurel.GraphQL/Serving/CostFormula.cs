using System.Collections.Immutable;

namespace Laurel.GraphQL.Serving;

/// <summary>A sum: a number that is known, and parts that depend on variables.</summary>
internal sealed class CostSum
{
    public long Constant { get; private set; }

    public List<CostTerm> Terms { get; } = [];

    public bool IsZero => Constant == 0 && Terms.Count == 0;

    /// <summary>Where it stands in the formula, once something is multiplied by it; before that -1.</summary>
    public int Step { get; set; } = -1;

    public void Add(long constant) => Constant = Saturating.Add(Constant, constant);

    public void Add(CostTerm term) => Terms.Add(term);
}

/// <summary><paramref name="Times"/> × <paramref name="Factor"/> × the sum at <paramref name="Step"/> of the formula.</summary>
/// <param name="Factor"><c>null</c> for 1.</param>
internal readonly record struct CostTerm(long Times, CostFactor? Factor, int Step);

/// <summary>What an operation costs, as sums of which each speaks only of those before it. Worked out once for a document; with the variables of a
/// request it takes one walk over the sums, without recursion.</summary>
internal sealed class CostFormula(ImmutableArray<CostSum> sums, CostSum whole)
{
    private readonly ImmutableArray<CostSum> sums = whole.Terms.Count == 0 ? [] : sums;

    public long Evaluate(IReadOnlyDictionary<string, object?> variables)
    {
        if (sums.IsEmpty)
        {
            return whole.Constant;
        }

        var values = new long[sums.Length];
        for (var step = 0; step < values.Length; step++)
        {
            values[step] = Evaluate(sums[step], values, variables);
        }

        return Evaluate(whole, values, variables);
    }

    private static long Evaluate(CostSum sum, long[] values, IReadOnlyDictionary<string, object?> variables)
    {
        var value = sum.Constant;
        foreach (var term in sum.Terms)
        {
            var part = Saturating.Multiply(term.Times, values[term.Step]);
            if (part != 0 && term.Factor is { } factor)
            {
                part = Saturating.Multiply(part, factor.Evaluate(variables));
            }

            value = Saturating.Add(value, part);
        }

        return value;
    }
}
