using System.Collections.Immutable;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Serving;

/// <summary>Answers requests against one schema: each is prepared, which checks it and costs little, and then executed. Threads share
/// it.</summary>
public sealed class GraphQLService
{
    private static readonly ImmutableDictionary<string, object?> s_noVariables = ImmutableDictionary<string, object?>.Empty;

    private readonly DocumentLibrary library;

    /// <exception cref="ArgumentException">The directives of cost in the schema are wrong, or persisted documents do not fit it; all of it is
    /// named.</exception>
    public GraphQLService(ExecutableSchema executable, ServiceOptions options)
    {
        Executable = executable;
        Options = options;
        library = new(executable, options);
    }

    public ExecutableSchema Executable { get; }

    public ServiceOptions Options { get; }

    /// <summary>Reads, checks, finds and coerces; executes nothing. Whatever is wrong is an error in what is returned. A document that was
    /// checked before is not read again.</summary>
    public Preparation Prepare(GraphQLRequest request)
    {
        var (document, refusal) = library.Find(request);
        if ((refusal ?? document!.Refusal) is { } refused)
        {
            return refused;
        }

        var operation = FindOperation(document!, request.OperationName);
        if (operation is null)
        {
            var (_, unknown) = Executor.FindOperation(document!.Operations[0].Document, request.OperationName);
            return Preparation.Refused(PreparationFault.UnknownOperation, unknown!);
        }

        if (operation.Refusal is not null)
        {
            return operation.Refusal;
        }

        IReadOnlyDictionary<string, object?> variables = s_noVariables;
        if (!operation.Node.VariableDefinitions.IsEmpty)
        {
            var errors = VariableCoercion.Coerce(Executable.Schema, operation.Node.VariableDefinitions, request.Variables, out var coerced);
            if (!errors.IsEmpty)
            {
                return Preparation.Refused(PreparationFault.Variables, errors);
            }

            variables = coerced;
        }

        var cost = operation.Measure.Cost.Evaluate(variables);
        return cost > Options.CostMax
            ? Preparation.Refused(PreparationFault.Limit, TooCostly("The operation", cost))
            : new(new(operation, variables, cost), [], PreparationFault.None);
    }

    /// <summary>Prepares the requests of a batch. Those that can be answered are, beside others that cannot; but together they may cost no more
    /// than one.</summary>
    public BatchPreparation PrepareBatch(IReadOnlyList<GraphQLRequest> requests)
    {
        if (requests.Count == 0)
        {
            return new([], GraphQLError.At("The batch has no requests."));
        }

        if (requests.Count > Options.BatchMax)
        {
            return new([], GraphQLError.Beyond(
                nameof(ServiceOptions.BatchMax),
                Options.BatchMax,
                $"The batch has {requests.Count} requests; {nameof(ServiceOptions.BatchMax)} is {Options.BatchMax}."));
        }

        ImmutableArray<Preparation> prepared = [.. requests.Select(Prepare)];
        var cost = prepared.Aggregate(0L, static (sum, one) => Saturating.Add(sum, one.Operation?.Cost ?? 0));
        return cost > Options.CostMax ? new([], TooCostly("The batch", cost)) : new(prepared, null);
    }

    /// <summary>Executes a query or a mutation.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public ValueTask<ExecutionResult> ExecuteAsync(PreparedOperation operation, ExecutionScope scope, CancellationToken cancellationToken) =>
        operation.Kind is OperationType.Subscription
            ? throw new ArgumentException("A subscription has no single answer.", nameof(operation))
            : Executor.ExecuteAsync(Executable, RequestOf(operation, scope, scope.Root), operation.Plan, operation.Variables, cancellationToken);

    /// <summary>Begins a subscription.</summary>
    /// <param name="cancellationToken">Ends the subscription too, however its events are read.</param>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async ValueTask<Subscribed> SubscribeAsync(PreparedOperation operation, ExecutionScope scope, CancellationToken cancellationToken)
    {
        if (operation.Kind is not OperationType.Subscription)
        {
            throw new ArgumentException("Only a subscription has a stream of answers.", nameof(operation));
        }

        var (events, refusal) = await Executor.ListenAsync(
            Executable, RequestOf(operation, scope, scope.Root), operation.Plan, operation.Variables, cancellationToken).ConfigureAwait(false);
        return events is null
            ? new(ExecutionResult.Refused([refusal!]), null)
            : new(null, new ResponseStream(events, cancellationToken, scope.OnFault, Answer));

        ValueTask<ExecutionResult> Answer(object? one, CancellationToken either) => Executor.ExecuteAsync(
            Executable, RequestOf(operation, scope.ForEvent?.Invoke() ?? scope, one), operation.Plan, operation.Variables, either);
    }

    /// <summary>Section 6.1, GetOperation, for the road on which nothing is wrong.</summary>
    private static CheckedOperation? FindOperation(CheckedDocument document, string? name)
    {
        if (name is null)
        {
            return document.Operations is [var only] ? only : null;
        }

        foreach (var operation in document.Operations)
        {
            if (operation.Node.Name?.Value == name)
            {
                return operation;
            }
        }

        return null;
    }

    private GraphQLError TooCostly(string what, long cost) => GraphQLError.Beyond(
        nameof(ServiceOptions.CostMax), Options.CostMax, $"{what} may cost {cost}; {nameof(ServiceOptions.CostMax)} is {Options.CostMax}.");

    private ExecutionRequest RequestOf(PreparedOperation operation, ExecutionScope scope, object? root) => new()
    {
        Document = operation.Checked.Document,
        Root = root,
        Context = scope.Context,
        OnFault = scope.OnFault,
        Loaders = scope.Loaders,
        DepthMax = Options.DepthMax,
    };
}
