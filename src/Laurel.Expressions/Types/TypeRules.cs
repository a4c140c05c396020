namespace Laurel.Expressions.Types;

/// <summary>Which types go together.</summary>
internal static class TypeRules
{
    /// <summary>The type of a place that takes both, or null when there is none but dyn.</summary>
    /// <remarks>What is known only at evaluation makes the whole so; the elements of <c>[]</c> fit everything.</remarks>
    public static ExpressionType? Join(ExpressionType left, ExpressionType right)
    {
        if (left.Equals(right) || right.Kind == ExpressionKind.Never)
        {
            return left;
        }

        if (left.Kind == ExpressionKind.Never)
        {
            return right;
        }

        if (left.IsDyn || right.IsDyn)
        {
            return ExpressionType.Dyn;
        }

        return (left.Kind, right.Kind) switch
        {
            (ExpressionKind.List, ExpressionKind.List) => Join(left.Element, right.Element) is { } element
                ? ExpressionType.List(element)
                : null,
            (ExpressionKind.Map, ExpressionKind.Map) => Join(left.Key, right.Key) is { } key && Join(left.Value, right.Value) is { } value
                ? ExpressionType.Map(key, value)
                : null,
            _ => null,
        };
    }

    /// <summary>Whether a value fits a parameter, noting in <paramref name="bound"/> what its type parameters stand for.</summary>
    public static bool Fits(ExpressionType parameter, ExpressionType argument, Dictionary<string, ExpressionType> bound)
    {
        if (parameter.Kind == ExpressionKind.Parameter)
        {
            var joined = bound.TryGetValue(parameter.Name, out var before) ? Join(before, argument) : argument;
            if (joined is null)
            {
                return false;
            }

            bound[parameter.Name] = joined;
            return true;
        }

        if (parameter.IsDyn || argument.IsDyn || argument.Kind == ExpressionKind.Never)
        {
            return true;
        }

        if (parameter.Kind != argument.Kind || parameter.Name != argument.Name)
        {
            return false;
        }

        for (var i = 0; i < parameter.Arguments.Count; i++)
        {
            if (!Fits(parameter.Arguments[i], argument.Arguments[i], bound))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The type with its parameters replaced; one that nothing decided is dyn.</summary>
    public static ExpressionType Replace(ExpressionType type, Dictionary<string, ExpressionType> bound) => type.Kind switch
    {
        ExpressionKind.Parameter => bound.GetValueOrDefault(type.Name, ExpressionType.Dyn),
        ExpressionKind.List => ExpressionType.List(Replace(type.Element, bound)),
        ExpressionKind.Map => ExpressionType.Map(Replace(type.Key, bound), Replace(type.Value, bound)),
        _ => type,
    };

    public static bool CanBeKey(ExpressionType type) => type.Kind is ExpressionKind.Bool or ExpressionKind.Int or ExpressionKind.Uint
        or ExpressionKind.String or ExpressionKind.Dyn or ExpressionKind.Never;
}
