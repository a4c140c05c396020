using System.Linq.Expressions;
using System.Reflection;

namespace Laurel.GraphQL.Binding;

/// <summary>A method that finds the value of a field, wherever it comes from.</summary>
internal sealed record FieldMethod
{
    public required string Member { get; init; }

    public required IReadOnlyList<ParameterInfo> Parameters { get; init; }

    public required ParameterInfo Result { get; init; }

    /// <summary>The code of a call, from the source of the field (an <see cref="object"/>) and the parameters.</summary>
    public required Func<Expression, IEnumerable<Expression>, Expression> Call { get; init; }

    /// <summary>Whether the first parameter is the source.</summary>
    public required bool TakesSource { get; init; }

    /// <summary>A method of the model itself.</summary>
    public static FieldMethod OfModel(Type model, MethodInfo method) => new()
    {
        Member = $"{ClrNames.Of(model)}.{method.Name}",
        Parameters = method.GetParameters(),
        Result = method.ReturnParameter,
        Call = (source, arguments) => Expression.Call(Expression.Convert(source, model), method, arguments),
        TakesSource = false,
    };

    /// <summary>A method of an object that lives as long as the schema.</summary>
    public static FieldMethod OfInstance(object instance, MethodInfo method, bool takesSource) => new()
    {
        Member = $"{ClrNames.Of(instance.GetType())}.{method.Name}",
        Parameters = method.GetParameters(),
        Result = method.ReturnParameter,
        Call = (_, arguments) => Expression.Call(Expression.Constant(instance), method, arguments),
        TakesSource = takesSource,
    };

    /// <summary>A delegate. The names and annotations of its parameters are those of the method it calls.</summary>
    public static FieldMethod OfDelegate(string coordinate, Delegate called, bool takesSource)
    {
        // A delegate may hold the first argument of a static method already.
        var count = called.GetType().GetMethod("Invoke")!.GetParameters().Length;
        return new()
        {
            Member = $"the delegate for {coordinate}",
            Parameters = [.. called.Method.GetParameters().TakeLast(count)],
            Result = called.Method.ReturnParameter,
            Call = (_, arguments) => Expression.Invoke(Expression.Constant(called), arguments),
            TakesSource = takesSource,
        };
    }
}
