using System.Collections;
using System.Text.Json;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <content>Section 6.4.3, Value Completion.</content>
public sealed partial class Executor
{
    /// <summary>A value of the answer; failed also when it is null and must not be. Whoever holds it settles what becomes of that.</summary>
    private ValueTask<ResponseValue> Complete(ObjectType parent, PlannedField field, SchemaType type, ResponsePath path, object? value)
    {
        try
        {
            return CompleteValue(parent, field, type, path, value);
        }
        catch (Exception fault)
        {
            return IsBug(fault) ? new(Fail(field, path, fault)) : ValueTask.FromException<ResponseValue>(fault);
        }
    }

    private ValueTask<ResponseValue> CompleteValue(ObjectType parent, PlannedField field, SchemaType type, ResponsePath path, object? value)
    {
        switch (value)
        {
            case null or JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }:
                return new(type is NonNullType ? Fail(field, path, NullRefused(parent, field)) : default);
            case FieldRefusal refusal:
                return new(Fail(GraphQLError.At(refusal.Message, [.. field.Nodes]) with { Extensions = refusal.Extensions }, path));
        }

        switch (type.Nullable)
        {
            case ListType list:
                return CompleteList(parent, field, list, path, value);
            case ObjectType one:
                return ExecuteFields(one, value, path, plan.PlanBelow(field, one));
            case CompositeType several:
                var (actual, refusal) = FindActual(parent, field, several, value);
                return actual is null ? new(Fail(field, path, refusal!)) : ExecuteFields(actual, value, path, plan.PlanBelow(field, actual));
            case var leaf:
                var completed = CompleteLeaf(field, leaf, path, value);
                return new(completed.IsNull && type is NonNullType ? Fail(field, path, NullRefused(parent, field)) : completed);
        }
    }

    private ValueTask<ResponseValue> CompleteList(ObjectType parent, PlannedField field, ListType type, ResponsePath path, object value)
    {
        var items = value switch
        {
            JsonElement { ValueKind: JsonValueKind.Array } json => [.. json.EnumerateArray()],
            JsonElement or string => null,
            IReadOnlyList<object?> list => list,
            IEnumerable sequence => [.. sequence.Cast<object?>()],
            _ => null,
        };
        if (items is null)
        {
            return new(Fail(field, path, $"Expected Iterable, but did not find one for field \"{parent}.{field.Field.Name}\"."));
        }

        var values = new ResponseValue[items.Count];
        List<Pending>? pending = null;
        for (var index = 0; index < values.Length; index++)
        {
            var completion = Complete(parent, field, type.Item, ResponsePath.Item(path, index), items[index]);
            if (!completion.IsCompletedSuccessfully)
            {
                (pending ??= []).Add(new(index, completion.AsTask()));
                continue;
            }

            values[index] = SettleItem(type, completion.Result);
            if (values[index].IsFailed)
            {
                return pending is null ? new(ResponseValue.Failed) : FailWhenAllEnded(pending);
            }
        }

        return pending is null ? new(ResponseValue.Of(values)) : Await(type, values, pending);
    }

    private static async ValueTask<ResponseValue> Await(ListType type, ResponseValue[] values, List<Pending> pending)
    {
        await AllOf(pending).ConfigureAwait(false);
        var hasFailed = false;
        foreach (var (index, task) in pending)
        {
            values[index] = SettleItem(type, await task.ConfigureAwait(false));
            hasFailed |= values[index].IsFailed;
        }

        return hasFailed ? ResponseValue.Failed : ResponseValue.Of(values);
    }

    private static ResponseValue SettleItem(ListType type, ResponseValue completed) =>
        completed.IsFailed && type.Item is not NonNullType ? default : completed;

    private (ObjectType? Type, string? Refusal) FindActual(ObjectType parent, PlannedField field, CompositeType type, object value)
    {
        if (executable.TypeNameOf(value) is not { } name)
        {
            return (null, $"Abstract type \"{type}\" must resolve to an Object type at runtime for field \"{parent}.{field.Field.Name}\". Either the "
                + $"\"{type}\" type should provide a \"resolveType\" function or each possible type should provide an \"isTypeOf\" function.");
        }

        return executable.Schema.Types.Find(name) switch
        {
            null => (null, $"Abstract type \"{type}\" was resolved to a type \"{name}\" that does not exist inside the schema."),
            ObjectType actual when type.Includes(actual) => (actual, null),
            ObjectType => (null, $"Runtime Object type \"{name}\" is not a possible type for \"{type}\"."),
            _ => (null, $"Abstract type \"{type}\" was resolved to a non-object type \"{name}\"."),
        };
    }

    private ResponseValue CompleteLeaf(PlannedField field, SchemaType type, ResponsePath path, object value)
    {
        var coerced = Coerce(type, value);
        return coerced.IsValid
            ? ResponseValue.Of(coerced.Value)
            : Fail(field, path, coerced.Refusal ?? $"Expected a value of type \"{type}\".");
    }

    private static Coerced Coerce(SchemaType type, object value) => type switch
    {
        ScalarType scalar => scalar.Coercion.ToAnswer(value),
        EnumType choice => AnswerEnum(choice, value),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a leaf."),
    };

    private static Coerced AnswerEnum(EnumType type, object value)
    {
        var name = value is JsonElement { ValueKind: JsonValueKind.String } json ? json.GetString() : value as string;
        return name is not null && type.Values.Find(name) is not null
            ? Coerced.Of(name)
            : Coerced.Refused($"Enum \"{type}\" cannot represent value: {JsonText.Inspect(value)}");
    }

    private static string NullRefused(ObjectType parent, PlannedField field) =>
        $"Cannot return null for non-nullable field {parent}.{field.Field.Name}.";
}
