using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Validation;

namespace Laurel.GraphQL.Serving;

/// <summary>Answers requests against one schema: each is prepared, which checks it and costs little, and then executed. Threads share
/// it.</summary>
public sealed class GraphQLService(ExecutableSchema executable, ServiceOptions options)
{
    public ExecutableSchema Executable { get; } = executable;

    public ServiceOptions Options { get; } = options;

    /// <summary>Reads, checks, finds and coerces; executes nothing. Whatever is wrong is an error in what is returned.</summary>
    public Preparation Prepare(GraphQLRequest request)
    {
        if (request.Query is not { } text)
        {
            return Preparation.Refused(PreparationFault.NoDocument, GraphQLError.At("Must provide query string."));
        }

        var parsed = Parser.Parse(new(text), Options.Parsing);
        if (parsed.Node is not { } document)
        {
            return Preparation.Refused(
                parsed.Error!.Kind is SyntaxErrorKind.Unreadable ? PreparationFault.Syntax : PreparationFault.Limit,
                new GraphQLError(parsed.Error.Message, [new(parsed.Error.Source, parsed.Error.Offset, parsed.Error.Offset)]));
        }

        var errors = DocumentValidator.Validate(Executable.Schema, document, Options.Validation);
        if (!errors.IsEmpty)
        {
            return Preparation.Refused(PreparationFault.Validation, errors);
        }

        var (operation, unknown) = Executor.FindOperation(document, request.OperationName);
        if (operation is null)
        {
            return Preparation.Refused(PreparationFault.UnknownOperation, unknown!);
        }

        errors = VariableCoercion.Coerce(Executable.Schema, operation.VariableDefinitions, request.Variables, out var variables);
        return errors.IsEmpty
            ? new(new(document, operation, variables), [], PreparationFault.None)
            : Preparation.Refused(PreparationFault.Variables, errors);
    }

    /// <summary>Prepares the requests of a batch. Those that can be answered are, beside others that cannot.</summary>
    public BatchPreparation PrepareBatch(IReadOnlyList<GraphQLRequest> requests)
    {
        if (requests.Count > Options.BatchMax)
        {
            return new([], GraphQLError.At($"The batch has {requests.Count} requests; BatchMax is {Options.BatchMax}."));
        }

        return new([.. requests.Select(Prepare)], null);
    }

    /// <summary>Executes a query or a mutation.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public ValueTask<ExecutionResult> ExecuteAsync(PreparedOperation operation, ExecutionScope scope, CancellationToken cancellationToken) =>
        operation.Kind is OperationType.Subscription
            ? throw new ArgumentException("A subscription has no single answer.", nameof(operation))
            : RunAsync(operation, scope.Root, scope, cancellationToken);

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
            Executable, RequestOf(operation, scope, scope.Root), operation.Operation, operation.Variables, cancellationToken);
        return events is null
            ? new(ExecutionResult.Refused([refusal!]), null)
            : new(null, AnswerAsync(operation, scope, events, cancellationToken, CancellationToken.None));
    }

    /// <summary>Section 6.2.3.2, Response Stream.</summary>
    private async IAsyncEnumerable<ExecutionResult> AnswerAsync(
        PreparedOperation operation, ExecutionScope scope, IAsyncEnumerable<object?> events, CancellationToken subscribed,
        [EnumeratorCancellation] CancellationToken reading)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(subscribed, reading);
        await foreach (var one in events.WithCancellation(either.Token))
        {
            yield return await RunAsync(operation, one, scope.ForEvent?.Invoke() ?? scope, either.Token);
        }
    }

    private ValueTask<ExecutionResult> RunAsync(
        PreparedOperation operation, object? root, ExecutionScope scope, CancellationToken cancellationToken) =>
        Executor.ExecuteAsync(Executable, RequestOf(operation, scope, root), operation.Operation, operation.Variables, cancellationToken);

    private ExecutionRequest RequestOf(PreparedOperation operation, ExecutionScope scope, object? root) => new()
    {
        Document = operation.Document,
        Root = root,
        Context = scope.Context,
        OnFault = scope.OnFault,
        Loaders = scope.Loaders,
        DepthMax = Options.DepthMax,
    };
}
