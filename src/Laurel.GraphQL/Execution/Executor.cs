using System.Collections.Immutable;
using System.Text.Json;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>Section 6, Execution. Fields of an object are begun one after the other and awaited together; the root fields of a mutation
/// are awaited one by one. A subscription is executed here for one event.</summary>
/// <remarks>What can be done at once is done without a task: only a field whose resolver waits, and what lies around it, becomes
/// asynchronous.</remarks>
public sealed partial class Executor
{
    private readonly ExecutableSchema executable;
    private readonly ExecutionRequest request;
    private readonly FieldPlan plan;
    private readonly IReadOnlyDictionary<string, object?> variables;
    private readonly CancellationToken cancellationToken;
    private readonly Lock gate = new();
    private ImmutableArray<GraphQLError>.Builder? errors;
    private Dictionary<object, FieldRefusal?>? faults;
    private Dictionary<PlannedField, FieldArguments>? arguments;

    private Executor(
        ExecutableSchema executable, ExecutionRequest request, FieldPlan plan, IReadOnlyDictionary<string, object?> variables,
        CancellationToken cancellationToken)
    {
        this.executable = executable;
        this.request = request;
        this.plan = plan;
        this.variables = variables;
        this.cancellationToken = cancellationToken;
    }

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
        if (!refusals.IsEmpty)
        {
            return ExecutionResult.Refused(refusals);
        }

        if (executable.Schema.RootOf(operation.Operation) is not { } root)
        {
            var kind = operation.Operation.ToString().ToLowerInvariant();
            return ExecutionResult.Refused([GraphQLError.At($"Schema is not configured to execute {kind} operation.", operation)]);
        }

        var planned = new OperationPlan(new(executable, FieldPlan.FragmentsOf(request.Document), variables), root, operation);
        return await ExecuteAsync(executable, request, planned, variables, cancellationToken);
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

    /// <summary>Sections 6.2.1 to 6.2.3: an operation that was planned, with its variables coerced.</summary>
    internal static ValueTask<ExecutionResult> ExecuteAsync(
        ExecutableSchema executable, ExecutionRequest request, OperationPlan planned, IReadOnlyDictionary<string, object?> variables,
        CancellationToken cancellationToken)
    {
        if (request.Loaders is { } loaders)
        {
            if (SynchronizationContext.Current is not null)
            {
                // It would run what goes on after a load when it likes, and the queue would not know that more is to come.
                return new(Task.Run(() => ExecuteAsync(executable, request, planned, variables, cancellationToken).AsTask(), cancellationToken));
            }

            loaders.CancellationToken = cancellationToken;
        }

        var executor = new Executor(executable, request, planned.Fields, variables, cancellationToken);
        if (planned.Kind is OperationType.Mutation)
        {
            return executor.ResultOfAsync(executor.ExecuteSeriallyAsync(planned.Root, request.Root, planned.RootFields));
        }

        request.Loaders?.Enter();
        var execution = executor.ExecuteFields(planned.Root, request.Root, null, planned.RootFields);
        request.Loaders?.Leave();
        return execution.IsCompletedSuccessfully ? new(executor.ResultOf(execution.Result)) : executor.ResultOfAsync(execution);
    }

    private async ValueTask<ExecutionResult> ResultOfAsync(ValueTask<ResponseValue> execution) => ResultOf(await execution.ConfigureAwait(false));

    private ExecutionResult ResultOf(ResponseValue data) => new(true, data.ToObject() as ResponseObject, errors?.ToImmutable() ?? []);

    /// <summary>Section 6.2.2, Mutation.</summary>
    private async ValueTask<ResponseValue> ExecuteSeriallyAsync(ObjectType type, object? source, PlannedField[] fields)
    {
        var values = new ResponseValue[fields.Length];
        for (var index = 0; index < fields.Length; index++)
        {
            request.Loaders?.Enter();
            var execution = ExecuteField(type, source, null, fields[index]);
            request.Loaders?.Leave();
            values[index] = Settle(fields[index], await execution.ConfigureAwait(false));
            if (values[index].IsFailed)
            {
                return ResponseValue.Failed;
            }
        }

        return ResponseValue.Of(new ResponseObject(fields, values));
    }

    /// <summary>Section 6.3: an object of the answer, failed when a field failed that must not be null.</summary>
    private ValueTask<ResponseValue> ExecuteFields(ObjectType type, object? source, ResponsePath? path, PlannedField[] fields)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ResponseValue>(cancellationToken);
        }

        var values = new ResponseValue[fields.Length];
        List<Pending>? pending = null;
        var isTooDeep = (path?.Depth ?? 0) >= request.DepthMax;
        for (var index = 0; index < fields.Length; index++)
        {
            var field = fields[index];
            ResponseValue value;
            if (isTooDeep)
            {
                value = Fail(field, ResponsePath.Field(path, field.ResponseName), $"Fields lie within each other deeper than {request.DepthMax} levels.");
            }
            else if (field.IsReadAsLeaf)
            {
                value = ReadLeaf(type, source, path, field);
            }
            else
            {
                var execution = ExecuteField(type, source, path, field);
                if (!execution.IsCompletedSuccessfully)
                {
                    (pending ??= []).Add(new(index, execution.AsTask()));
                    continue;
                }

                value = execution.Result;
            }

            values[index] = value = Settle(field, value);
            if (value.IsFailed)
            {
                return pending is null ? new(value) : FailWhenAllEnded(pending);
            }
        }

        return pending is null ? new(ResponseValue.Of(new ResponseObject(fields, values))) : Await(fields, values, pending);
    }

    private async ValueTask<ResponseValue> Await(PlannedField[] fields, ResponseValue[] values, List<Pending> pending)
    {
        await AllOf(pending).ConfigureAwait(false);
        var hasFailed = false;
        foreach (var (index, task) in pending)
        {
            values[index] = Settle(fields[index], await task.ConfigureAwait(false));
            hasFailed |= values[index].IsFailed;
        }

        return hasFailed ? ResponseValue.Failed : ResponseValue.Of(new ResponseObject(fields, values));
    }

    /// <summary>What was begun is awaited even after a failure: nothing of a request runs on when it is answered.</summary>
    private static Task AllOf(List<Pending> pending) => Task.WhenAll(pending.Select(static begun => begun.Value));

    private static async ValueTask<ResponseValue> FailWhenAllEnded(List<Pending> pending)
    {
        await AllOf(pending).ConfigureAwait(false);
        return ResponseValue.Failed;
    }

    /// <summary>Section 6.4, Executing Fields.</summary>
    private ValueTask<ResponseValue> ExecuteField(ObjectType parent, object? source, ResponsePath? above, PlannedField field)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ResponseValue>(cancellationToken);
        }

        var path = ResponsePath.Field(above, field.ResponseName);
        try
        {
            var given = field.Arguments ?? Coerce(field);
            if (given.Error is not null)
            {
                return new(Fail(given.Error, path));
            }

            if (field.Binding.Reader is { } reader)
            {
                return Complete(parent, field, field.Field.Type, path, reader.Read(source!));
            }

            var asked = field.Binding.Resolve!(RequestFor(parent, source, path, field, given.Values));
            return asked.IsCompletedSuccessfully
                ? Complete(parent, field, field.Field.Type, path, asked.Result)
                : AwaitResolver(asked, parent, field, path);
        }
        catch (Exception fault)
        {
            // Not thrown on: what lies around may have begun more, and awaits it first.
            return IsBug(fault) ? new(Fail(field, path, fault)) : ValueTask.FromException<ResponseValue>(fault);
        }
    }

    private async ValueTask<ResponseValue> AwaitResolver(ValueTask<object?> asked, ObjectType parent, PlannedField field, ResponsePath path)
    {
        try
        {
            var value = await asked.ConfigureAwait(false);
            request.Loaders?.Enter();
            var completion = Complete(parent, field, field.Field.Type, path, value);
            request.Loaders?.Leave();
            return await completion.ConfigureAwait(false);
        }
        catch (Exception fault) when (IsBug(fault))
        {
            return Fail(field, path, fault);
        }
    }

    /// <summary>Makes no path unless something is wrong.</summary>
    private ResponseValue ReadLeaf(ObjectType parent, object? source, ResponsePath? above, PlannedField field)
    {
        try
        {
            if (!field.AnswersAsIs)
            {
                return AnswerRead(parent, above, field, field.Binding.Reader!.Read(source!));
            }

            var value = field.Binding.Reader!.ReadLeaf(source!);
            return (value.IsNull ? field.IsNonNull : value.IsNotFinite) ? AnswerRead(parent, above, field, value.ToObject()) : value;
        }
        catch (Exception fault)
        {
            return Fail(field, ResponsePath.Field(above, field.ResponseName), fault);
        }
    }

    private ResponseValue AnswerRead(ObjectType parent, ResponsePath? above, PlannedField field, object? value)
    {
        if (value is null && !field.IsNonNull)
        {
            return default;
        }

        return value is not (null or FieldRefusal or JsonElement) && Coerce(field.Field.Type.Nullable, value) is { IsValid: true, Value: { } answer }
            ? ResponseValue.Of(answer)
            : Complete(parent, field, field.Field.Type, ResponsePath.Field(above, field.ResponseName), value).Result;
    }

    private FieldRequest RequestFor(
        ObjectType parent, object? source, ResponsePath path, PlannedField field, IReadOnlyDictionary<string, object?> given) => new()
        {
            Source = source,
            Arguments = given,
            Parent = parent,
            Field = field.Field,
            Nodes = field.Nodes,
            Path = path,
            Context = request.Context,
            Schema = executable.Schema,
            CancellationToken = cancellationToken,
        };

    /// <summary>Once for each request and place in its document, not for each object.</summary>
    private FieldArguments Coerce(PlannedField field)
    {
        lock (gate)
        {
            arguments ??= [];
            if (!arguments.TryGetValue(field, out var coerced))
            {
                arguments[field] = coerced = ArgumentCoercion.Coerce(field.Field.Arguments, field.Nodes[0].Arguments, field.Nodes[0], variables);
            }

            return coerced;
        }
    }

    /// <summary>Whoever cancels knows of it, and nobody waits for the answer.</summary>
    private bool IsBug(Exception fault) => fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested;

    private ResponseValue Fail(PlannedField field, ResponsePath path, Exception fault)
    {
        FieldRefusal? told;
        lock (gate)
        {
            // What a loader fails with fails everybody who asked it, and is heard of once.
            faults ??= new(ReferenceEqualityComparer.Instance);
            if (!faults.TryGetValue(fault, out told))
            {
                faults.Add(fault, told = request.OnFault?.Invoke(fault, path));
            }
        }

        var error = GraphQLError.At(told?.Message ?? Faults.Words, [.. field.Nodes]);
        return Fail(error with { Extensions = told?.Extensions }, path);
    }

    private ResponseValue Fail(PlannedField field, ResponsePath path, string message) => Fail(GraphQLError.At(message, [.. field.Nodes]), path);

    private ResponseValue Fail(GraphQLError error, ResponsePath path)
    {
        // Fields that wait run on other threads when they go on.
        lock (gate)
        {
            (errors ??= ImmutableArray.CreateBuilder<GraphQLError>()).Add(error with { Path = path.ToSteps() });
        }

        return ResponseValue.Failed;
    }

    /// <summary>Section 6.4.4: where null is allowed a failure ends and becomes null.</summary>
    private static ResponseValue Settle(PlannedField field, ResponseValue completed) => completed.IsFailed && !field.IsNonNull ? default : completed;

    private readonly record struct Pending(int Index, Task<ResponseValue> Value);
}
