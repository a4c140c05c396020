using System.Globalization;
using System.Runtime.CompilerServices;
using Laurel.Engine.Sql;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Types;
using Laurel.Server.GraphQL;
using Laurel.Platform.GraphQL;

namespace Laurel.ServerTests.GraphQL;

/// <summary>A schema that says who asks, counts, and streams: what a transport needs to be tried, and no members.</summary>
internal sealed class CountingSchema
{
    private const string Sdl = """
        type Query {
          hello(name: String): String!
          who: String!
          broken: String
          lost: String
          total: Int!
        }

        type Mutation {
          add(by: Int!): Int!
        }

        type Subscription {
          count(to: Int!, everyMs: Int! = 0): Int!
          whoIsIt(everyMs: Int!): String!
          silence: Int!
          flood(letters: Int!): String!
          torn: Int!
        }
        """;

    private int _listening;
    private int _total;

    /// <summary>Streams that are being read.</summary>
    public int Listening => Volatile.Read(ref _listening);

    public GraphQLService Create()
    {
        var schema = SchemaBuilder.Build([Parser.Parse(new(Sdl), ParseLimits.Schema).Node!], new Dictionary<string, ScalarCoercion>()).Schema!;
        var bound = ExecutableSchema.Bind(schema, (_, field) => BindingOf(field.Name), _ => null);
        return new GraphQLService(bound.Schema!, new ServiceOptions { BatchMax = 3 });
    }

    private FieldBinding? BindingOf(string field) => field switch
    {
        "hello" => Field(request => $"Hello, {Argument<string>(request, "name") ?? "you"}"),
        "who" => Field(request => WhoIs((GraphQLCaller)request.Context!)),
        "broken" => Field(_ => throw new InvalidDataException("nobody is told this")),
        "lost" => Field(_ => throw new ReadUnavailableException("nobody is told this", null)),
        "total" => Field(_ => Interlocked.Add(ref _total, 0)),
        "add" => Field(request => Interlocked.Add(ref _total, Argument<int>(request, "by"))),
        "count" => Stream(request => CountAsync(Argument<int>(request, "to"), Argument<int>(request, "everyMs"))),
        "whoIsIt" => Stream(request => AskAsync((GraphQLCaller)request.Context!, Argument<int>(request, "everyMs"))),
        "silence" => Stream(_ => SilenceAsync()),
        "flood" => Stream(request => FloodAsync(Argument<int>(request, "letters"))),
        "torn" => Stream(_ => TornAsync()),
        _ => null,
    };

    private static FieldBinding Field(Func<FieldRequest, object?> resolve) => FieldBinding.Resolving(request => ValueTask.FromResult(resolve(request)));

    private FieldBinding Stream(Func<FieldRequest, IAsyncEnumerable<object?>> listen) => FieldBinding.Streaming(
        request => ValueTask.FromResult<object?>(Counted(listen(request), CancellationToken.None)), FieldBinding.Reading<object?>(one => one));

    private static T? Argument<T>(FieldRequest request, string name) => request.Arguments.TryGetValue(name, out var value) ? (T?)value : default;

    private static string WhoIs(GraphQLCaller caller) =>
        string.Create(CultureInfo.InvariantCulture, $"{caller.Actor?.Name ?? "nobody"} of {caller.Tenant.Value} in {caller.Language}");

    private async IAsyncEnumerable<object?> Counted(IAsyncEnumerable<object?> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _listening);
        try
        {
            await foreach (var one in events.WithCancellation(cancellationToken))
            {
                yield return one;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _listening);
        }
    }

    private static async IAsyncEnumerable<object?> CountAsync(int to, int everyMs, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var number = 1; number <= to; number++)
        {
            await Task.Delay(everyMs, cancellationToken);
            yield return number;
        }
    }

    private static async IAsyncEnumerable<object?> AskAsync(GraphQLCaller caller, int everyMs, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var round = 0; round < 100_000; round++)
        {
            yield return WhoIs(caller);
            await Task.Delay(everyMs, cancellationToken);
        }
    }

    private static async IAsyncEnumerable<object?> SilenceAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }

    private static async IAsyncEnumerable<object?> FloodAsync(int letters, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var text = new string('x', letters);
        for (var round = 0; round < 1_000_000; round++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return text;
        }
    }

    private static async IAsyncEnumerable<object?> TornAsync()
    {
        yield return 1;
        await Task.Yield();
        throw new InvalidDataException("nobody is told this");
    }
}
