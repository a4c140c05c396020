using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation;

/// <summary>One rule at work on one document. All rules see one walk over it: each is told of the kinds of nodes it asked for.</summary>
public abstract class Rule(ValidationContext context)
{
    protected ValidationContext Context { get; } = context;

    /// <summary>A node begins. <c>false</c>: this rule need not see what is below it, nor that it ends.</summary>
    public virtual bool Enter(Node node) => true;

    /// <summary>A node ends, after everything below it.</summary>
    public virtual void Leave(Node node)
    {
    }
}

/// <summary>A rule as a list of rules names it.</summary>
/// <param name="Name">As graphql-js calls it, without the "Rule".</param>
/// <param name="Entered">The kinds of nodes whose beginning it wants to see.</param>
/// <param name="Left">The kinds of nodes whose end it wants to see.</param>
public sealed record RuleDefinition(
    string Name, ImmutableArray<NodeKind> Entered, ImmutableArray<NodeKind> Left, Func<ValidationContext, Rule> Start);

/// <summary>Rules that are checked together, in this order.</summary>
public sealed class RuleSet
{
    private readonly ImmutableArray<byte>[] entered;
    private readonly ImmutableArray<byte>[] left;

    public RuleSet(params ImmutableArray<RuleDefinition> rules)
    {
        Rules = rules;
        var kinds = Enum.GetValues<NodeKind>();
        entered = [.. kinds.Select(kind => IndexesOf(rule => rule.Entered.Contains(kind)))];
        left = [.. kinds.Select(kind => IndexesOf(rule => rule.Left.Contains(kind)))];
    }

    public ImmutableArray<RuleDefinition> Rules { get; }

    internal ReadOnlySpan<byte> EnteredBy(NodeKind kind) => entered[(int)kind].AsSpan();

    internal ReadOnlySpan<byte> LeftBy(NodeKind kind) => left[(int)kind].AsSpan();

    private ImmutableArray<byte> IndexesOf(Func<RuleDefinition, bool> isWanted) =>
        [.. Enumerable.Range(0, Rules.Length).Where(index => isWanted(Rules[index])).Select(static index => (byte)index)];
}
