using Laurel.GraphQL.Execution;

namespace Laurel.GraphQL.Serving;

/// <summary>Section 6.2.3, Subscription: what became of one; either is <c>null</c>.</summary>
/// <param name="Refusal">An answer without data: the subscription did not begin.</param>
/// <param name="Events">One answer for each event, to be read once. Whoever stops reading disposes of it or cancels, which closes the source
/// of the events. An event is asked for when the answer before it was taken. When the source fails, a last answer says so.</param>
public sealed record Subscribed(ExecutionResult? Refusal, IAsyncEnumerable<ExecutionResult>? Events);
