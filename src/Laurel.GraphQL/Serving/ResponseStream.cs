using Laurel.GraphQL.Execution;

namespace Laurel.GraphQL.Serving;

/// <summary>Section 6.2.3.2, Response Stream: each event of the source becomes an answer. The next event is asked for when the answer to the last
/// was taken, so a slow reader slows the source and nothing piles up here.</summary>
internal sealed class ResponseStream(
    IAsyncEnumerable<object?> events, CancellationToken subscribed, HearFault? onFault,
    Func<object?, CancellationToken, ValueTask<ExecutionResult>> answer) : IAsyncEnumerable<ExecutionResult>
{
    public async IAsyncEnumerator<ExecutionResult> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using var either = subscribed.CanBeCanceled && cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(subscribed, cancellationToken)
            : null;
        var token = either?.Token ?? (subscribed.CanBeCanceled ? subscribed : cancellationToken);
        var source = events.GetAsyncEnumerator(token);
        await using (source.ConfigureAwait(false))
        {
            while (true)
            {
                var (next, refusal) = await NextAsync(source, token).ConfigureAwait(false);
                if (refusal is not null)
                {
                    yield return ExecutionResult.Refused([refusal]);
                    yield break;
                }

                if (!next)
                {
                    yield break;
                }

                yield return await answer(source.Current, token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether there is one more event, or why there will be none.</summary>
    private async ValueTask<(bool Next, GraphQLError? Refusal)> NextAsync(IAsyncEnumerator<object?> source, CancellationToken token)
    {
        try
        {
            if (!await source.MoveNextAsync().ConfigureAwait(false))
            {
                return (false, null);
            }

            return source.Current is FieldRefusal refusal
                ? (false, GraphQLError.At(refusal.Message) with { Extensions = refusal.Extensions })
                : (true, null);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !token.IsCancellationRequested)
        {
            var told = onFault?.Invoke(fault, ResponsePath.Source);
            return (false, GraphQLError.At(told?.Message ?? Faults.Words) with { Extensions = told?.Extensions });
        }
    }
}
