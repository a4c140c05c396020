using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Execution;

/// <content>Section 6.2.3, Subscription.</content>
public sealed partial class Executor
{
    /// <summary>Section 6.2.3.1, Source Stream: the events an operation listens to, or why it does not.</summary>
    internal static async ValueTask<(IAsyncEnumerable<object?>? Events, GraphQLError? Refusal)> ListenAsync(
        ExecutableSchema executable, ExecutionRequest request, OperationPlan planned, IReadOnlyDictionary<string, object?> variables,
        CancellationToken cancellationToken)
    {
        // Validation has seen to it that there is one field; a condition of a variable may still have taken it away.
        if (planned.RootFields is not [var field])
        {
            return (null, GraphQLError.At("A subscription must select one field."));
        }

        var executor = new Executor(executable, request, planned.Fields, variables, cancellationToken);
        var path = ResponsePath.Field(null, field.ResponseName);
        if (field.Field.Name == Types.Schema.TypenameField.Name || field.Binding.Source is not { } source)
        {
            return (null, Error($"Field {planned.Root}.{field.Field.Name} is no source of events."));
        }

        var given = field.Arguments ?? executor.Coerce(field);
        if (given.Error is not null)
        {
            return (null, given.Error with { Path = path.ToSteps() });
        }

        try
        {
            return await source(executor.RequestFor(planned.Root, request.Root, path, field, given.Values)).ConfigureAwait(false) switch
            {
                IAsyncEnumerable<object?> events => (events, null),
                FieldRefusal refusal => (null, Error(refusal.Message) with { Extensions = refusal.Extensions }),
                _ => (null, Error($"Subscription field {planned.Root}.{field.Field.Name} must answer a stream of events.")),
            };
        }
        catch (Exception fault) when (executor.IsBug(fault))
        {
            var told = request.OnFault?.Invoke(fault, path);
            return (null, Error(told?.Message ?? Faults.Words) with { Extensions = told?.Extensions });
        }

        GraphQLError Error(string message) => GraphQLError.At(message, [.. field.Nodes]) with { Path = path.ToSteps() };
    }
}
