using System.Collections;
using System.Collections.Immutable;
using System.Text.Json;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>Section 6, Execution. Fields of an object are begun one after the other and awaited together; the root fields of a mutation
/// are awaited one by one. A subscription is executed here for one event.</summary>
public sealed class Executor
{
    /// <summary>In place of a value: there is none, and an error says why.</summary>
    private static readonly object s_failed = new();

    private readonly ExecutableSchema executable;
    private readonly ExecutionRequest request;
    private readonly FieldPlan plan;
    private readonly CancellationToken cancellationToken;
    private readonly List<GraphQLError> errors = [];

    private Executor(ExecutableSchema executable, ExecutionRequest request, FieldPlan plan, CancellationToken cancellationToken) =>
        (this.executable, this.request, this.plan, this.cancellationToken) = (executable, request, plan, cancellationToken);

    /// <summary>Section 6.1, Executing Requests.</summary>
    public static async ValueTask<ExecutionResult> ExecuteAsync(
        ExecutableSchema executable, ExecutionRequest request, CancellationToken cancellationToken)
    {
        var (operation, refusal) = FindOperation(request.Document, request.OperationName);
        if (operation is null)
        {
            return ExecutionResult.Refused([refusal!]);
        }

        var refusals = VariableCoercion.Coerce(executable.Schema, operation.VariableDefinitions, request.Variables, out var variables);
        return refusals.IsEmpty
            ? await ExecuteAsync(executable, request, operation, variables, cancellationToken)
            : ExecutionResult.Refused(refusals);
    }

    /// <summary>Section 6.1, GetOperation.</summary>
    internal static (OperationDefinitionNode? Operation, GraphQLError? Refusal) FindOperation(DocumentNode document, string? operationName)
    {
        var operations = document.Definitions.OfType<OperationDefinitionNode>();
        if (operationName is not null)
        {
            var named = operations.LastOrDefault(operation => operation.Name?.Value == operationName);
            return (named, named is null ? GraphQLError.At($"Unknown operation named \"{operationName}\".") : null);
        }

        return operations.Take(2).ToList() switch
        {
            [var only] => (only, null),
            [] => (null, GraphQLError.At("Must provide an operation.")),
            _ => (null, GraphQLError.At("Must provide operation name if query contains multiple operations.")),
        };
    }

    /// <summary>Sections 6.2.1 to 6.2.3: an operation that was found, with its variables coerced.</summary>
    internal static async ValueTask<ExecutionResult> ExecuteAsync(
        ExecutableSchema executable, ExecutionRequest request, OperationDefinitionNode operation, IReadOnlyDictionary<string, object?> variables,
        CancellationToken cancellationToken)
    {
        if (executable.Schema.RootOf(operation.Operation) is not { } root)
        {
            var kind = operation.Operation.ToString().ToLowerInvariant();
            return ExecutionResult.Refused([GraphQLError.At($"Schema is not configured to execute {kind} operation.", operation)]);
        }

        var executor = new Executor(executable, request, new(executable, request.Document, variables), cancellationToken);
        if (request.Loaders is { } loaders)
        {
            loaders.CancellationToken = cancellationToken;
            loaders.Enter();
        }

        var execution = executor.ExecuteFieldsAsync(
            root, request.Root, null, executor.plan.PlanRoot(root, operation.SelectionSet), operation.Operation is OperationType.Mutation);
        request.Loaders?.Leave();
        return new(true, await execution as ResponseObject, [.. executor.errors]);
    }

    /// <summary>Section 6.2.3.1, Source Stream: the events an operation listens to, or why it does not.</summary>
    internal static async ValueTask<(IAsyncEnumerable<object?>? Events, GraphQLError? Refusal)> ListenAsync(
        ExecutableSchema executable, ExecutionRequest request, OperationDefinitionNode operation, IReadOnlyDictionary<string, object?> variables,
        CancellationToken cancellationToken)
    {
        var root = executable.Schema.RootOf(OperationType.Subscription)!;
        var field = new FieldPlan(executable, request.Document, variables).PlanRoot(root, operation.SelectionSet)[0];
        var path = ResponsePath.Field(null, field.ResponseName);
        if (field.ArgumentError is { } error)
        {
            return (null, error with { Path = path.ToSteps() });
        }

        try
        {
            var source = await field.Binding.Source!(new()
            {
                Source = request.Root,
                Arguments = field.Arguments,
                Parent = root,
                Field = field.Field,
                Nodes = field.Nodes,
                Path = path,
                Context = request.Context,
                Schema = executable.Schema,
                CancellationToken = cancellationToken,
            });
            return source switch
            {
                IAsyncEnumerable<object?> events => (events, null),
                FieldRefusal refusal => (null, Error(refusal.Message) with { Extensions = refusal.Extensions }),
                _ => (null, Error($"Subscription field {root}.{field.Field.Name} must answer a stream of events.")),
            };
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            request.OnFault?.Invoke(fault, path);
            return (null, Error("Unexpected error."));
        }

        GraphQLError Error(string message) => GraphQLError.At(message, [.. field.Nodes]) with { Path = path.ToSteps() };
    }

    /// <summary>Section 6.3: an object of the answer, or <see cref="s_failed"/> when a field failed that must not be null.</summary>
    private async ValueTask<object?> ExecuteFieldsAsync(
        ObjectType type, object? source, ResponsePath? path, PlannedField[] fields, bool serially)
    {
        var values = new KeyValuePair<string, object?>[fields.Length];
        List<(int Index, Task<object?> Value)>? pending = null;
        var hasFailed = false;
        for (var index = 0; index < fields.Length && !hasFailed; index++)
        {
            var field = fields[index];
            var execution = ExecuteFieldAsync(type, source, ResponsePath.Field(path, field.ResponseName), field);
            if (execution.IsCompletedSuccessfully || serially)
            {
                var value = await execution;
                values[index] = new(field.ResponseName, value);
                hasFailed = ReferenceEquals(value, s_failed);
            }
            else
            {
                (pending ??= []).Add((index, execution.AsTask()));
            }
        }

        await AllOf(pending);
        foreach (var (index, task) in pending ?? [])
        {
            var value = await task;
            values[index] = new(fields[index].ResponseName, value);
            hasFailed |= ReferenceEquals(value, s_failed);
        }

        return hasFailed ? s_failed : new ResponseObject(values);
    }

    /// <summary>Section 6.4, Executing Fields.</summary>
    private async ValueTask<object?> ExecuteFieldAsync(ObjectType parent, object? source, ResponsePath path, PlannedField field)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (field.ArgumentError is { } error)
        {
            return Settle(field.Field.Type, Fail(error, path));
        }

        if (path.Depth > request.DepthMax)
        {
            return Settle(field.Field.Type, Fail(field, path, $"Fields lie within each other deeper than {request.DepthMax} levels."));
        }

        try
        {
            if (field.Binding.Read is { } read)
            {
                return await CompleteAsync(new(parent, field), field.Field.Type, path, read(source!));
            }

            var asked = field.Binding.Resolve!(new()
            {
                Source = source,
                Arguments = field.Arguments,
                Parent = parent,
                Field = field.Field,
                Nodes = field.Nodes,
                Path = path,
                Context = request.Context,
                Schema = executable.Schema,
                CancellationToken = cancellationToken,
            });
            if (asked.IsCompleted)
            {
                return await CompleteAsync(new(parent, field), field.Field.Type, path, await asked);
            }

            var value = await asked;
            request.Loaders?.Enter();
            var completion = CompleteAsync(new(parent, field), field.Field.Type, path, value);
            request.Loaders?.Leave();
            return await completion;
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            request.OnFault?.Invoke(fault, path);
            return Settle(field.Field.Type, Fail(field, path, "Unexpected error."));
        }
    }

    /// <summary>Section 6.4.3, Value Completion, with section 6.4.4: where null is allowed a failure ends and becomes null.</summary>
    private async ValueTask<object?> CompleteAsync(Place place, SchemaType type, ResponsePath path, object? value)
    {
        var completed = value switch
        {
            null or JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
            FieldRefusal refusal => Fail(
                GraphQLError.At(refusal.Message, [.. place.Field.Nodes]) with { Extensions = refusal.Extensions }, path),
            _ => type.Nullable switch
            {
                ListType list => await CompleteListAsync(place, list, path, value),
                CompositeType composite => await CompleteObjectAsync(place, composite, path, value),
                var leaf => CompleteLeaf(place, leaf, path, value),
            },
        };
        if (completed is null && type is NonNullType)
        {
            completed = Fail(place.Field, path, $"Cannot return null for non-nullable field {place}.");
        }

        return Settle(type, completed);
    }

    private static object? Settle(SchemaType type, object? completed) =>
        ReferenceEquals(completed, s_failed) && type is not NonNullType ? null : completed;

    private async ValueTask<object?> CompleteListAsync(Place place, ListType type, ResponsePath path, object value)
    {
        IEnumerable? items = value switch
        {
            JsonElement { ValueKind: JsonValueKind.Array } json => json.EnumerateArray(),
            JsonElement or string => null,
            _ => value as IEnumerable,
        };
        if (items is null)
        {
            return Fail(place.Field, path, $"Expected Iterable, but did not find one for field \"{place}\".");
        }

        var values = new List<object?>();
        List<(int Index, Task<object?> Value)>? pending = null;
        foreach (var item in items.Cast<object?>().ToArray())
        {
            var completion = CompleteAsync(place, type.Item, ResponsePath.Item(path, values.Count), item);
            if (completion.IsCompletedSuccessfully)
            {
                values.Add(completion.Result);
                if (ReferenceEquals(values[^1], s_failed))
                {
                    break;
                }
            }
            else
            {
                (pending ??= []).Add((values.Count, completion.AsTask()));
                values.Add(null);
            }
        }

        await AllOf(pending);
        foreach (var (index, task) in pending ?? [])
        {
            values[index] = await task;
        }

        return values.Contains(s_failed) ? s_failed : values.ToArray();
    }

    /// <summary>What was begun is awaited even after a failure: nothing of a request runs on when it is answered.</summary>
    private static Task AllOf(List<(int Index, Task<object?> Value)>? pending) =>
        pending is null ? Task.CompletedTask : Task.WhenAll(pending.Select(static begun => begun.Value));

    private ValueTask<object?> CompleteObjectAsync(Place place, CompositeType type, ResponsePath path, object value)
    {
        if (type is not ObjectType actual)
        {
            var (found, refusal) = FindActual(place, type, value);
            if (found is null)
            {
                return new(Fail(place.Field, path, refusal!));
            }

            actual = found;
        }

        return ExecuteFieldsAsync(actual, value, path, plan.PlanBelow(place.Field, actual), serially: false);
    }

    private (ObjectType? Type, string? Refusal) FindActual(Place place, CompositeType type, object value)
    {
        if (executable.TypeNameOf(value) is not { } name)
        {
            return (null, $"Abstract type \"{type}\" must resolve to an Object type at runtime for field \"{place}\". Either the \"{type}\" type "
                + "should provide a \"resolveType\" function or each possible type should provide an \"isTypeOf\" function.");
        }

        return executable.Schema.Types.Find(name) switch
        {
            null => (null, $"Abstract type \"{type}\" was resolved to a type \"{name}\" that does not exist inside the schema."),
            ObjectType actual when type.Includes(actual) => (actual, null),
            ObjectType => (null, $"Runtime Object type \"{name}\" is not a possible type for \"{type}\"."),
            _ => (null, $"Abstract type \"{type}\" was resolved to a non-object type \"{name}\"."),
        };
    }

    private object? CompleteLeaf(Place place, SchemaType type, ResponsePath path, object value)
    {
        var coerced = type switch
        {
            ScalarType scalar => scalar.Coercion.ToAnswer(value),
            EnumType choice => AnswerEnum(choice, value),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a leaf."),
        };
        return coerced.IsValid ? coerced.Value : Fail(place.Field, path, coerced.Refusal ?? $"Expected a value of type \"{type}\".");
    }

    private static Coerced AnswerEnum(EnumType type, object value)
    {
        var name = value is JsonElement { ValueKind: JsonValueKind.String } json ? json.GetString() : value as string;
        return name is not null && type.Values.Find(name) is not null
            ? Coerced.Of(name)
            : Coerced.Refused($"Enum \"{type}\" cannot represent value: {JsonText.Inspect(value)}");
    }

    private object Fail(PlannedField field, ResponsePath path, string message) => Fail(GraphQLError.At(message, [.. field.Nodes]), path);

    private object Fail(GraphQLError error, ResponsePath path)
    {
        // Fields that wait run on other threads when they go on.
        lock (errors)
        {
            errors.Add(error with { Path = path.ToSteps() });
        }

        return s_failed;
    }

    /// <summary>The field a value is of, for messages and for what is selected below it.</summary>
    private readonly record struct Place(ObjectType Parent, PlannedField Field)
    {
        public override string ToString() => $"{Parent}.{Field.Field.Name}";
    }
}
