using System.Linq.Expressions;
using System.Reflection;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>Writes the code by which a C# value becomes one that the executor answers, and tells where it cannot.</summary>
internal sealed class AnswerBuilder(ClrModels models, EnumTables enums, ScalarTypes scalars, BindingErrors errors)
{
    private static readonly MethodInfo s_changeAll = typeof(AnswerBuilder).GetMethod(nameof(ChangeAll), BindingFlags.Static | BindingFlags.NonPublic)!;
    private static readonly Expression s_null = Expression.Constant(null, typeof(object));
    private static readonly Expression s_true = Expression.Constant(true, typeof(object));
    private static readonly Expression s_false = Expression.Constant(false, typeof(object));

    /// <summary>An expression of type <see cref="object"/>; <c>null</c> when the value does not fit, which is told.</summary>
    /// <param name="value">Evaluated once.</param>
    public Expression? Build(Expression value, ClrShape shape, SchemaType type, BoundPlace place)
    {
        var held = Expression.Variable(value.Type, "held");
        return Answer(held, shape, type, place) is { } answered ? Expression.Block([held], Expression.Assign(held, value), answered.Value) : null;
    }

    /// <summary>Compiles it for values of one type: a <see cref="Func{T, TResult}"/> of it and object.</summary>
    public Delegate? Compile(ClrShape shape, SchemaType type, BoundPlace place)
    {
        var value = Expression.Parameter(shape.FullType, "value");
        return Build(value, shape, type, place) is { } body ? Deferred.Compile(value, body) : null;
    }

    private Answered? Answer(Expression value, ClrShape shape, SchemaType type, BoundPlace place)
    {
        if (shape.ArgumentOf(typeof(Resolved<>)) is { } resolved)
        {
            return Answer(Expression.Property(value, nameof(Resolved<>.Value)), resolved, type, place) is { } answered
                ? new(OrRefusal(value, answered.Value), Changes: true)
                : null;
        }

        if (type is NonNullType && shape.Null is NullabilityState.Nullable)
        {
            errors.AddNull(place, $"may be null ({shape}), but the schema says {type}.");
            return null;
        }

        return type.Nullable switch
        {
            ListType list => AnswerList(value, shape, list, place),
            EnumType choice => AnswerEnum(value, shape, choice, place),
            ScalarType scalar => AnswerScalar(value, shape, scalar, place),
            CompositeType composite => models.Fits(shape.Type, composite, place) ? Plain(value) : null,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of output."),
        };
    }

    /// <summary>The refusal that a <see cref="Resolved{T}"/> holds, or what is made of its value.</summary>
    public static Expression OrRefusal(Expression resolved, Expression otherwise)
    {
        var refusal = Expression.Property(resolved, nameof(Resolved<>.Refusal));
        return Expression.Condition(
            Expression.ReferenceEqual(refusal, Expression.Constant(null, typeof(FieldRefusal))), otherwise, Expression.Convert(refusal, otherwise.Type));
    }

    private Answered? AnswerScalar(Expression value, ClrShape shape, ScalarType scalar, BoundPlace place)
    {
        if (!scalars.Knows(scalar))
        {
            return Plain(value);
        }

        var answered = scalars.Answered(scalar);
        if (!answered.Any(type => type.IsAssignableFrom(shape.Type)))
        {
            errors.Add(place, $"is {shape}, which {scalar} does not answer. Make it {string.Join(" or ", answered.Select(ClrNames.Of))}.");
            return null;
        }

        // Both values of a bool are boxed once and for all.
        return shape.FullType == typeof(bool) ? new(Expression.Condition(value, s_true, s_false), Changes: false) : Plain(value);
    }

    private Answered? AnswerEnum(Expression value, ClrShape shape, EnumType choice, BoundPlace place)
    {
        if (enums.Find(shape.Type, choice, place) is not { } table)
        {
            return null;
        }

        Expression Name(Expression of) => Expression.Call(Expression.Constant(table), nameof(EnumTable<DayOfWeek>.NameOf), null, of);

        return new(
            shape.FullType == shape.Type
                ? Name(value)
                : Expression.Condition(
                    Expression.Property(value, nameof(Nullable<>.HasValue)), Name(Expression.Property(value, nameof(Nullable<>.Value))), s_null),
            Changes: true);
    }

    private Answered? AnswerList(Expression value, ClrShape shape, ListType list, BoundPlace place)
    {
        if (shape.Item is not { } item)
        {
            errors.Add(place, $"is {shape}, but the schema says {list}. Make it a sequence, such as IReadOnlyList.");
            return null;
        }

        var one = Expression.Parameter(item.FullType, "item");
        if (Answer(one, item, list.Item, place) is not { } answered)
        {
            return null;
        }

        if (!answered.Changes)
        {
            return Plain(value);
        }

        var change = Deferred.Compile(one, answered.Value);
        var sequence = Expression.Convert(value, typeof(IEnumerable<>).MakeGenericType(item.FullType));
        return new(Expression.Call(s_changeAll.MakeGenericMethod(item.FullType), sequence, Expression.Constant(change)), Changes: true);
    }

    private static object? ChangeAll<T>(IEnumerable<T>? items, Func<T, object?> change) => items?.Select(change).ToArray();

    private static Answered Plain(Expression value) => new(Expression.Convert(value, typeof(object)), Changes: false);

    /// <param name="Changes">Whether it is more than the value itself.</param>
    private readonly record struct Answered(Expression Value, bool Changes);
}
