using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>Compiles properties and methods to what the executor calls, so that no call costs reflection: what needs nothing of the request is
/// read at once, and a method that answers at once costs no task.</summary>
/// <param name="context">The type of the context of requests; <c>null</c> when there is none.</param>
internal sealed class FieldCompiler(
    Schema schema, ClrModels models, AnswerBuilder answers, InputReaders inputs, NullabilityInfoContext nullability, Type? context, BindingErrors errors)
{
    private static readonly ConstructorInfo s_answered = typeof(ValueTask<object?>).GetConstructor([typeof(object)])!;
    private static readonly ParameterExpression s_source = Expression.Parameter(typeof(object), "source");
    private static readonly ParameterExpression s_request = Expression.Parameter(typeof(FieldRequest), "request");
    private static readonly Expression s_arguments = Expression.Property(s_request, nameof(FieldRequest.Arguments));

    /// <summary>A property of a model; <c>null</c> when it does not fit, which is told.</summary>
    public FieldBinding? Compile(ObjectType type, SchemaField field, Type model, PropertyInfo property)
    {
        var place = new BoundPlace($"{type}.{field.Name}", $"{ClrNames.Of(model)}.{property.Name}", field.Definition);
        TellUntaken(type, field, [], place, "is a property, which takes no argument. Make it a method.");
        var value = Expression.Property(Expression.Convert(s_source, model), property);
        return Bind(type, field, value, ClrShape.Of(property, nullability), usesRequest: false, place);
    }

    /// <summary>A method; <c>null</c> when it does not fit, which is told.</summary>
    public FieldBinding? Compile(ObjectType type, SchemaField field, FieldMethod method)
    {
        var place = new BoundPlace($"{type}.{field.Name}", method.Member, field.Definition);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var usesRequest = false;
        var parameters = new List<Expression?>();
        for (var index = 0; index < method.Parameters.Count; index++)
        {
            var parameter = method.Parameters[index];
            var isSource = index == 0 && method.TakesSource && !IsOfRequest(parameter);
            parameters.Add(isSource ? Source(type, parameter, place) : Parameter(type, field, parameter, taken, place));
            usesRequest |= !isSource;
        }

        TellUntaken(type, field, taken, place, "takes no parameter for this argument. Add one, or name one with [GraphQLArgument].");

        // What it answers is looked at even when it cannot be called.
        var fits = !parameters.Contains(null);
        var call = fits ? method.Call(s_source, parameters!) : Expression.Default(method.Result.ParameterType);
        var bound = Bind(type, field, call, ClrShape.Of(method.Result, nullability), usesRequest, place);
        return fits ? bound : null;
    }

    private void TellUntaken(ObjectType type, SchemaField field, HashSet<string> taken, BoundPlace place, string problem)
    {
        foreach (var argument in field.Arguments.Where(argument => !taken.Contains(argument.Name)))
        {
            errors.Add(place with { Coordinate = $"{type}.{field.Name}({argument.Name}:)", Node = argument.Definition }, problem);
        }
    }

    private bool IsOfRequest(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(FieldRequest) || parameter.ParameterType == typeof(CancellationToken) || IsContext(parameter);

    private bool IsContext(ParameterInfo parameter) =>
        context is not null && parameter.ParameterType != typeof(object) && parameter.ParameterType.IsAssignableFrom(context);

    private UnaryExpression? Source(ObjectType type, ParameterInfo parameter, BoundPlace place)
    {
        if (models.Of(type) is { } model && !parameter.ParameterType.IsAssignableFrom(model))
        {
            errors.Add(
                place,
                $"takes {ClrNames.Of(parameter.ParameterType)} as its first parameter, but the model of {type} is {ClrNames.Of(model)}. "
                + "Let the first parameter be that.");
            return null;
        }

        return Expression.Convert(s_source, parameter.ParameterType);
    }

    private Expression? Parameter(ObjectType type, SchemaField field, ParameterInfo parameter, HashSet<string> taken, BoundPlace place)
    {
        if (parameter.ParameterType == typeof(FieldRequest))
        {
            return s_request;
        }

        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return Expression.Property(s_request, nameof(FieldRequest.CancellationToken));
        }

        var attributed = parameter.GetCustomAttribute<GraphQLArgumentAttribute>()?.Name;
        if (ClrNames.Find(field.Arguments, attributed, parameter.Name!) is { } argument)
        {
            var where = new BoundPlace($"{type}.{field.Name}({argument.Name}:)", $"{place.Member}, parameter {parameter.Name},", argument.Definition);
            if (!taken.Add(argument.Name))
            {
                errors.Add(where, "takes an argument that another parameter takes. Keep one of them.");
                return null;
            }

            var shape = ClrShape.Of(parameter, nullability);
            return inputs.Take(s_arguments, argument.Name, shape, argument.Type, parameter.HasDefaultValue ? parameter.DefaultValue : null, where);
        }

        if (attributed is null && IsContext(parameter))
        {
            return Expression.Convert(Expression.Property(s_request, nameof(FieldRequest.Context)), parameter.ParameterType);
        }

        var suggestion = Suggestions.DidYouMean("", Suggestions.Nearest(ClrNames.Expected(attributed, parameter.Name!), field.Arguments.Names));
        errors.Add(
            place with { Member = $"{place.Member}, parameter {parameter.Name}," },
            $"is {ClrNames.Of(parameter.ParameterType)}, and neither an argument of the field, nor the context, a FieldRequest or a CancellationToken. "
            + $"Rename it, name its argument with [GraphQLArgument], or say the context's type with UseContext.{suggestion}");
        return null;
    }

    private FieldBinding? Bind(ObjectType type, SchemaField field, Expression call, ClrShape result, bool usesRequest, BoundPlace place)
    {
        var awaited = result.ArgumentOf(typeof(Task<>), typeof(ValueTask<>));
        if (result.Type == typeof(void) || result.Type == typeof(Task) || result.Type == typeof(ValueTask))
        {
            errors.Add(place, $"answers nothing, but the schema says {field.Type}. Let it answer a value.");
            return null;
        }

        if (ReferenceEquals(type, schema.SubscriptionType))
        {
            return Stream(field, call, result, awaited, place);
        }

        if (awaited is not null)
        {
            return answers.Compile(awaited, field.Type, place) is { } answer ? FieldBinding.Resolving(Resolving(Await(call, awaited, answer))) : null;
        }

        if (answers.Build(call, result, field.Type, place) is not { } value)
        {
            return null;
        }

        return usesRequest
            ? FieldBinding.Resolving(Resolving(Expression.New(s_answered, value)))
            : FieldBinding.Reading(Deferred.CompileRead(s_source, value));
    }

    /// <summary>A root field of subscriptions: the stream that it answers, and what becomes of each event.</summary>
    private FieldBinding? Stream(SchemaField field, Expression call, ClrShape result, ClrShape? awaited, BoundPlace place)
    {
        var answered = awaited ?? result;
        var stream = answered.ArgumentOf(typeof(Resolved<>)) ?? answered;
        if (stream.Event is not { } each)
        {
            errors.Add(place, $"answers {result}, but a subscription listens to a stream. Let it answer IAsyncEnumerable of what the schema calls {field.Type}.");
            return null;
        }

        var happened = Expression.Parameter(typeof(object), "happened");
        if (answers.Build(Expression.Convert(happened, each.FullType), each, field.Type, place) is not { } value)
        {
            return null;
        }

        var held = Expression.Variable(answered.FullType, "held");
        Expression events = Events(ReferenceEquals(stream, answered) ? held : Expression.Property(held, nameof(Resolved<>.Value)), each);
        var listening = ReferenceEquals(stream, answered) ? events : AnswerBuilder.OrRefusal(held, events);
        Expression source = awaited is null
            ? Expression.New(s_answered, Expression.Block([held], Expression.Assign(held, call), listening))
            : Await(call, awaited, Deferred.Compile(held, listening));
        return FieldBinding.Streaming(
            Resolving(source), FieldBinding.Reading(Deferred.CompileRead(happened, value)));
    }

    /// <summary>A stream of objects is one of whatever class; only values must be boxed.</summary>
    private static Expression Events(Expression stream, ClrShape each)
    {
        var typed = Expression.Convert(stream, typeof(IAsyncEnumerable<>).MakeGenericType(each.FullType));
        Expression events = each.FullType.IsValueType
            ? Expression.Call(typeof(FieldCompiler), nameof(Boxed), [each.FullType], typed, Expression.Default(typeof(CancellationToken)))
            : typed;
        return Expression.Convert(events, typeof(object));
    }

    private static async IAsyncEnumerable<object?> Boxed<T>(IAsyncEnumerable<T> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var happened in events.WithCancellation(cancellationToken))
        {
            yield return happened;
        }
    }

    private static Resolver Resolving(Expression answer)
    {
        var source = Expression.Assign(s_source, Expression.Property(s_request, nameof(FieldRequest.Source)));
        return new DeferredResolver(Expression.Lambda<Resolver>(Expression.Block([s_source], source, answer), s_request)).Call;
    }

    private static MethodCallExpression Await(Expression call, ClrShape awaited, Delegate answer) => Expression.Call(
        typeof(FieldCompiler),
        call.Type.GetGenericTypeDefinition() == typeof(Task<>) ? nameof(OfTask) : nameof(OfValueTask),
        [awaited.FullType],
        call,
        Expression.Constant(answer));

    private static ValueTask<object?> OfTask<T>(Task<T> task, Func<T, object?> answer)
    {
        return task.IsCompletedSuccessfully ? new(answer(task.Result)) : AwaitAsync(task, answer);

        static async ValueTask<object?> AwaitAsync(Task<T> task, Func<T, object?> answer) => answer(await task);
    }

    private static ValueTask<object?> OfValueTask<T>(ValueTask<T> task, Func<T, object?> answer)
    {
        return task.IsCompletedSuccessfully ? new(answer(task.Result)) : AwaitAsync(task, answer);

        static async ValueTask<object?> AwaitAsync(ValueTask<T> task, Func<T, object?> answer) => answer(await task);
    }
}
