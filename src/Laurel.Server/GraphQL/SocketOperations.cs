using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Serving;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.GraphQL;

namespace Laurel.Server.GraphQL;

/// <summary>The operations that are under way on one socket, each under the id that its client gave it. Each counts as a call of the caller's.</summary>
internal sealed class SocketOperations(GraphQLSocket socket, GraphQLTransport transport)
{
    private readonly Dictionary<string, Operation> _byId = new(StringComparer.Ordinal);
    private readonly HashSet<Operation> _running = [];
    private readonly Lock _lock = new();

    private sealed class Operation(string id)
    {
        public string Id { get; } = id;

        public CancellationTokenSource Ended { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;
    }

    /// <summary>Begins an operation and returns at once.</summary>
    public async Task BeginAsync(GraphQLCaller caller, SocketMessage message)
    {
        var faults = new List<FieldError>();
        var request = RequestReader.Read(message.Payload, "/payload", faults);
        if (faults.Count > 0)
        {
            await socket.CloseAsync(SocketClose.BadRequest, $"Invalid message received: {faults[0].Code} {faults[0].Location}");
            return;
        }

        var operation = new Operation(message.Id!);
        var (isNew, isFull) = Add(operation);
        if (!isNew)
        {
            await socket.CloseAsync(SocketClose.SubscriberExists, $"Subscriber for {operation.Id} already exists");
        }
        else if (isFull)
        {
            var max = transport.Settings.SubscriptionsMax;
            await RefuseAsync(operation, new Refusal(ErrorCode.StreamLimit, ("max", max), ("of", new Wording("a socket", "一个连接"))), caller.Language);
        }
        else
        {
            // The socket goes on reading meanwhile.
            operation.Task = Task.Run(() => RunAsync(operation, caller, request));
        }
    }

    /// <summary>The client wants no more of an operation, which may be over already.</summary>
    public async Task CompleteAsync(string id)
    {
        Operation? operation;
        lock (_lock)
        {
            _byId.Remove(id, out operation);
        }

        if (operation is not null)
        {
            await operation.Ended.CancelAsync();
        }
    }

    /// <summary>Ends all of them; returns when nothing works for them any more.</summary>
    public async Task EndAsync()
    {
        Operation[] running;
        lock (_lock)
        {
            running = [.. _running];
            _byId.Clear();
        }

        foreach (var operation in running)
        {
            await operation.Ended.CancelAsync();
        }

        await Task.WhenAll(running.Select(operation => operation.Task));
    }

    private (bool IsNew, bool IsFull) Add(Operation operation)
    {
        lock (_lock)
        {
            if (_byId.ContainsKey(operation.Id))
            {
                return (false, false);
            }

            if (_running.Count >= transport.Settings.SubscriptionsMax)
            {
                return (true, true);
            }

            _byId.Add(operation.Id, operation);
            _running.Add(operation);
            return (true, false);
        }
    }

    private async Task RunAsync(Operation operation, GraphQLCaller caller, GraphQLRequest request)
    {
        try
        {
            await AnswerAsync(operation, caller, request);
        }
        catch (Exception exception) when (operation.Ended.IsCancellationRequested || GraphQLSocket.IsGone(exception))
        {
            // Nobody waits for an answer.
        }
        catch (Exception exception)
        {
            transport.Fault(exception);
            await socket.CloseAsync(SocketClose.InternalError, "Internal server error");
        }
        finally
        {
            Remove(operation);
            lock (_lock)
            {
                _running.Remove(operation);
            }
        }
    }

    private async Task AnswerAsync(Operation operation, GraphQLCaller caller, GraphQLRequest request)
    {
        if (await transport.Limits.TakeAnotherAsync(caller.Actor) is { } limited)
        {
            await RefuseAsync(operation, limited, caller.Language);
            return;
        }

        var prepared = transport.Service.Prepare(request);
        if (prepared.Operation is not { } known)
        {
            await FailAsync(operation, Refusals.ResultOf(prepared));
            return;
        }

        transport.TakeOrigin(caller, known.Kind);
        if (known.Kind is not OperationType.Subscription)
        {
            await AnswerOnceAsync(operation, await transport.Service.ExecuteAsync(known, transport.ScopeOf(caller), operation.Ended.Token));
            return;
        }

        var subscribed = await transport.Service.SubscribeAsync(known, transport.ScopeOf(caller), operation.Ended.Token);
        if (subscribed.Events is not { } events)
        {
            await FailAsync(operation, subscribed.Refusal!);
            return;
        }

        await foreach (var result in events.WithCancellation(operation.Ended.Token))
        {
            if (!result.HasData)
            {
                // Its source has failed, and this is the last of it.
                await FailAsync(operation, result);
                return;
            }

            await NextAsync(operation, result);
        }

        await FinishAsync(operation);
    }

    private async ValueTask AnswerOnceAsync(Operation operation, ExecutionResult result)
    {
        if (!result.HasData)
        {
            await FailAsync(operation, result);
            return;
        }

        await NextAsync(operation, result);
        await FinishAsync(operation);
    }

    private ValueTask RefuseAsync(Operation operation, Refusal refusal, Platform.Errors.Language language) =>
        FailAsync(operation, ExecutionResult.Refused([Refusals.ErrorOf(new RequestFailure(refusal), language)]));

    private ValueTask NextAsync(Operation operation, ExecutionResult result)
    {
        operation.Ended.Token.ThrowIfCancellationRequested();
        return socket.SendAsync((operation.Id, result), SocketMessage.WriteNext);
    }

    // The id is free before the client reads that it is: it may use it again at once.
    private ValueTask FailAsync(Operation operation, ExecutionResult result)
    {
        Remove(operation);
        return operation.Ended.IsCancellationRequested ? default : socket.SendAsync((operation.Id, result), SocketMessage.WriteError);
    }

    private ValueTask FinishAsync(Operation operation)
    {
        Remove(operation);
        return operation.Ended.IsCancellationRequested ? default : socket.SendAsync(operation.Id, SocketMessage.WriteComplete);
    }

    private void Remove(Operation operation)
    {
        lock (_lock)
        {
            if (_byId.GetValueOrDefault(operation.Id) == operation)
            {
                _byId.Remove(operation.Id);
            }
        }
    }
}
