using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Loading;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Tests.Execution;
using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Serving;

/// <summary>Section 6.2.3, Subscription: a stream of events becomes a stream of answers.</summary>
public sealed class SubscribingTests
{
    private const string Renamed = "subscription ($id: ID) { renamed(id: $id) { id name } }";

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task EachEventIsAnswered_When_ItComes()
    {
        var source = Channel.CreateUnbounded<object?>();
        object? asked = null;
        var (service, operation) = Prepare(request =>
        {
            asked = request.Arguments["id"];
            return new(source.Reader.ReadAllAsync(request.CancellationToken));
        });

        var subscribed = await service.SubscribeAsync(operation, new(), TestContext.Current.CancellationToken);
        subscribed.Refusal.ShouldBeNull();
        asked.ShouldBe("7");
        source.Writer.TryWrite("A");
        source.Writer.TryWrite(null);
        source.Writer.TryWrite("B");
        source.Writer.Complete();
        var answers = await Read(subscribed.Events!);

        answers[0].ShouldBe("""{"data":{"renamed":{"id":"7","name":"A"}}}""");
        answers[1].ShouldBe("""{"data":{"renamed":null}}""");
        answers[2].ShouldBe("""{"data":{"renamed":{"id":"7","name":"B"}}}""");
        answers.Count.ShouldBe(3);
    }

    [Fact]
    public async Task ThereIsNoStream_When_TheSourceRefusesOrFails()
    {
        var faults = new List<Exception>();
        var scope = new ExecutionScope { OnFault = (fault, _) => Heard(faults, fault) };
        Dictionary<Resolver, string> sources = new()
        {
            [static _ => new(new FieldRefusal("Not yours.", null))] = "Not yours.",
            [static _ => throw new InvalidOperationException("secret")] = "Unexpected error.",
            [static _ => new("no stream")] = "Subscription field Subscription.renamed must answer a stream of events.",
        };
        foreach (var (source, message) in sources)
        {
            var (service, operation) = Prepare(source);

            var subscribed = await service.SubscribeAsync(operation, scope, TestContext.Current.CancellationToken);

            subscribed.Events.ShouldBeNull();
            var answer = Answers.Write(subscribed.Refusal.ShouldNotBeNull());
            answer.ShouldBe($$"""{"errors":[{"message":"{{message}}","locations":[{"line":1,"column":26}],"path":["renamed"]}]}""");
        }

        faults.ShouldHaveSingleItem().Message.ShouldBe("secret");
    }

    [Fact]
    public async Task AnEventIsAnsweredWithAnError_When_AFieldOfItFails()
    {
        var (service, operation) = Prepare(static _ => new(Of("bad", "good")));

        var answers = await Read((await service.SubscribeAsync(operation, new(), TestContext.Current.CancellationToken)).Events!);

        answers.Count.ShouldBe(2);
        answers[0].ShouldStartWith("""{"errors":[{"message":"Bad.","locations":""");
        answers[0].ShouldEndWith("\"data\":{\"renamed\":{\"id\":\"7\",\"name\":null}}}");
        answers[1].ShouldBe("""{"data":{"renamed":{"id":"7","name":"good"}}}""");
    }

    [Theory]
    [InlineData(false, "Unexpected error.")]
    [InlineData(true, "You have been signed out.")]
    public async Task TheLastAnswerSaysSo_When_TheSourceEndsWithAnError(bool refuses, string message)
    {
        var faults = new List<Exception>();
        var closed = false;
        var (service, operation) = Prepare(_ => new(Failing()));

        var subscribed = await service.SubscribeAsync(operation, new() { OnFault = (fault, _) => Heard(faults, fault) }, TestContext.Current.CancellationToken);
        var answers = await Read(subscribed.Events!);

        answers.ShouldBe(["""{"data":{"renamed":{"id":"7","name":"A"}}}""", $$"""{"errors":[{"message":"{{message}}"}]}"""]);
        faults.Count.ShouldBe(refuses ? 0 : 1);
        closed.ShouldBeTrue();

        async IAsyncEnumerable<object?> Failing()
        {
            try
            {
                yield return "A";
                await Task.Yield();
                yield return refuses ? new FieldRefusal(message, null) : throw new InvalidOperationException("secret");
                yield return "never";
            }
            finally
            {
                closed = true;
            }
        }
    }

    [Theory]
    [InlineData("subscription is cancelled")]
    [InlineData("reading is cancelled")]
    [InlineData("reader leaves")]
    public async Task TheSourceIsClosed_When_TheReaderGoes(string how)
    {
        using var subscription = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var closed = new TaskCompletionSource();
        var (service, operation) = Prepare(_ => new(Endless(closed)));
        var events = (await service.SubscribeAsync(operation, new(), subscription.Token)).Events!;

        var work = Task.Run(
            async () =>
            {
                await foreach (var answer in events.WithCancellation(reading.Token))
                {
                    if (how == "reader leaves")
                    {
                        return;
                    }

                    await (how == "reading is cancelled" ? reading : subscription).CancelAsync();
                }
            },
            TestContext.Current.CancellationToken);

        await closed.Task.WaitAsync(s_soon, TestContext.Current.CancellationToken);
        if (how == "reader leaves")
        {
            await work;
        }
        else
        {
            await Should.ThrowAsync<OperationCanceledException>(() => work);
        }
    }

    [Fact]
    public async Task TheSourceWaits_When_TheReaderIsSlow()
    {
        var made = 0;
        var (service, operation) = Prepare(_ => new(Counting()));
        var events = (await service.SubscribeAsync(operation, new(), TestContext.Current.CancellationToken)).Events!;
        made.ShouldBe(0);

        await using var reader = events.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        for (var taken = 1; taken <= 5; taken++)
        {
            (await reader.MoveNextAsync()).ShouldBeTrue();
            made.ShouldBe(taken);
        }

        async IAsyncEnumerable<object?> Counting()
        {
            while (made < 1_000)
            {
                made++;
                yield return "A";
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task EachEventHasItsOwnLoaders_When_TheScopeMakesThem()
    {
        var fetches = 0;
        var (service, operation) = Prepare(static _ => new(Of("A", "B")), static async request =>
            await ((DataLoader<string, string>)request.Context!).LoadAsync((string)request.Source!));
        var scope = new ExecutionScope
        {
            ForEvent = () =>
            {
                var queue = new LoaderQueue();
                return new()
                {
                    Loaders = queue,
                    Context = new DataLoader<string, string>(
                        queue,
                        (keys, _) =>
                        {
                            fetches++;
                            return new(keys.ToDictionary(static key => key, static key => key + "!", StringComparer.Ordinal));
                        },
                        batchMax: 10),
                };
            },
        };

        var answers = await Read((await service.SubscribeAsync(operation, scope, TestContext.Current.CancellationToken)).Events!);

        answers.ShouldBe(["""{"data":{"renamed":{"id":"7","name":"A!"}}}""", """{"data":{"renamed":{"id":"7","name":"B!"}}}"""]);
        fetches.ShouldBe(2);
    }

    [Fact]
    public void EveryFieldIsNamed_When_SourcesAreMissingOrTooMany()
    {
        var schema = Schemas.Good("type Query { a: Int } type Subscription { b: Int c: Int }");
        Resolver nothing = static _ => new((object?)null);
        var bound = ExecutableSchema.Bind(
            schema,
            (type, field) => field.Name == "b" ? FieldBinding.Resolving(nothing) : FieldBinding.Streaming(nothing, FieldBinding.Resolving(nothing)),
            static _ => null);

        bound.Errors.Select(static error => error.Message).ShouldBe(
        [
            "Field Query.a has a source of events and is no root field of subscriptions.",
            "Field Subscription.b is a root field of subscriptions and has no source of events.",
        ]);
    }

    [Fact]
    public async Task TheCallerIsTold_When_AnOperationIsRunTheWrongWay()
    {
        var (service, subscription) = Prepare(static _ => new(Of("A")));
        var query = service.Prepare(Services.Request("{ dear }")).Operation!;

        await Should.ThrowAsync<ArgumentException>(async () => await service.ExecuteAsync(subscription, new(), TestContext.Current.CancellationToken));
        await Should.ThrowAsync<ArgumentException>(async () => await service.SubscribeAsync(query, new(), TestContext.Current.CancellationToken));
    }

    private static (GraphQLService Service, PreparedOperation Operation) Prepare(Resolver source) => Prepare(
        source, static request => new(request.Source is "bad" ? new FieldRefusal("Bad.", null) : request.Source));

    /// <summary>An event is the new name of a member.</summary>
    private static (GraphQLService Service, PreparedOperation Operation) Prepare(Resolver source, Resolver name)
    {
        var schema = Schemas.Good(Services.Sdl, CostDirectives.Text);
        var bound = ExecutableSchema.Bind(schema, (type, field) => Bind(schema, type, field), static _ => null).Schema!;
        var service = new GraphQLService(bound, new());
        var prepared = service.Prepare(Services.Request(Renamed, """{ "id": "7" }"""));
        prepared.Errors.ShouldBeEmpty();
        return (service, prepared.Operation!);

        FieldBinding Bind(Schema schema, ObjectType type, SchemaField field) => (type.Name, field.Name) switch
        {
            ("Subscription", _) => FieldBinding.Streaming(source, FieldBinding.Reading(static one => one)),
            ("Member", "id") => FieldBinding.Reading(static _ => "7"),
            ("Member", "name") => FieldBinding.Resolving(name),
            _ => FieldBinding.Reading(static _ => (object?)null),
        };
    }

    private static async IAsyncEnumerable<object?> Of(params object?[] events)
    {
        foreach (var one in events)
        {
            await Task.Yield();
            yield return one;
        }
    }

    private static async IAsyncEnumerable<object?> Endless(TaskCompletionSource closed, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return "A";
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            closed.TrySetResult();
        }
    }

    private static async Task<List<string>> Read(IAsyncEnumerable<ExecutionResult> events)
    {
        var answers = new List<string>();
        await foreach (var answer in events.WithCancellation(TestContext.Current.CancellationToken))
        {
            answers.Add(Answers.Write(answer));
            answers.Count.ShouldBeLessThan(1_000);
        }

        return answers;
    }

    private static FieldRefusal? Heard(List<Exception> faults, Exception fault)
    {
        faults.Add(fault);
        return null;
    }
}
