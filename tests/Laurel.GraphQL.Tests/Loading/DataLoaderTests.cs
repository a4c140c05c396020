using System.Collections.Concurrent;
using System.Text.Json;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Loading;
using Laurel.GraphQL.Tests.Execution;
using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Loading;

/// <summary>Fields that need something by its key ask a loader, and what is asked for at one time is fetched at once.</summary>
public sealed class DataLoaderTests
{
    private const string Sdl =
        """
        type Query { members(count: Int!): [Member!] member(id: Int!): Member bad(count: Int!): [Member!] }
        type Mutation { touch(id: Int!): Member }
        type Member { id: Int! level: Level tags: [Tag!] records: [Record!] }
        type Level { id: Int! name: String next: Level }
        type Tag { name: String }
        type Record { id: Int! product: Product }
        type Product { id: Int! maker: Level }
        """;

    private const string Page = "query ($n: Int!) { members(count: $n) { id level { name next { name } } tags { name } records { id product { id maker { name } } } } }";

    private static readonly ExecutableSchema s_executable = ExecutableSchema.Bind(
        Schemas.Good(Sdl), static (type, field) => Bind($"{type}.{field.Name}"), static _ => null).Schema!;

    [Theory]
    [InlineData(1, false)]
    [InlineData(100, false)]
    [InlineData(1_000, false)]
    [InlineData(1, true)]
    [InlineData(100, true)]
    [InlineData(1_000, true)]
    public async Task TheNumberOfFetchesIsConstant_When_AListGrows(int members, bool takesTime)
    {
        var loaders = new Loaders(takesTime, resolvesLate: false, batchMax: 10_000);

        var answer = await Execute(loaders, Page, $$"""{ "n": {{members}} }""");

        using var json = JsonDocument.Parse(answer);
        var list = json.RootElement.GetProperty("data").GetProperty("members");
        list.GetArrayLength().ShouldBe(members);
        var last = members - 1;
        list[last].GetRawText().ShouldBe(
            $$$"""{"id":{{{last}}},"level":{"name":"level {{{last % 5}}}","next":{"name":"level {{{(last % 5) + 10}}}"}},"tags":[{"name":"tag of {{{last}}}"}],"""
            + $$"""
            "records":[{{RecordOf(last * 2)}},{{RecordOf((last * 2) + 1)}}]}
            """);

        // Levels, tags, records; then the next levels; then products; then their makers, of whom those that are levels of members are known.
        loaders.Fetches.Count(static fetch => fetch.Name == "tags").ShouldBe(1);
        loaders.Fetches.Count(static fetch => fetch.Name == "records").ShouldBe(1);
        loaders.Fetches.Count(static fetch => fetch.Name == "products").ShouldBe(1);
        loaders.Fetches.Count(static fetch => fetch.Name == "levels").ShouldBeInRange(2, 3);
        loaders.Fetches.Single(static fetch => fetch.Name == "products").Keys.Length.ShouldBe(members * 2);
        loaders.Fetches.Where(static fetch => fetch.Name == "levels").SelectMany(static fetch => fetch.Keys).ShouldBeUnique();

        static string RecordOf(int id) => $$$$"""{"id":{{{{id}}}},"product":{"id":{{{{id}}}},"maker":{"name":"level 3"}}}""";
    }

    /// <summary>How many fetches that takes is for the thread pool to say.</summary>
    [Fact]
    public async Task EverythingIsLoaded_When_ResolversWaitForSomethingElseFirst()
    {
        var loaders = new Loaders(takesTime: true, resolvesLate: true, batchMax: 10_000);

        var answer = await Execute(loaders, "{ members(count: 100) { level { name } } }", "{}");

        using var json = JsonDocument.Parse(answer);
        json.RootElement.GetProperty("data").GetProperty("members").EnumerateArray().Select(static member => member.GetProperty("level").GetProperty("name").GetString())
            .ShouldBe(Enumerable.Range(0, 100).Select(static n => $"level {n % 5}"));
    }

    [Fact]
    public async Task BatchesAreBounded_When_ThereAreManyKeys()
    {
        var loaders = new Loaders(takesTime: true, resolvesLate: false, batchMax: 30);

        await Execute(loaders, "{ members(count: 100) { tags { name } } }", "{}");

        loaders.Fetches.Select(static fetch => fetch.Keys.Length).ShouldBe([30, 30, 30, 10]);
    }

    [Fact]
    public async Task AKeyHasNoValue_When_NothingIsFetchedForIt()
    {
        var loaders = new Loaders(takesTime: false, resolvesLate: false, batchMax: 10);

        (await Execute(loaders, "{ member(id: -1) { level { name } tags { name } } }", "{}")).ShouldBe("""{"data":{"member":{"level":null,"tags":null}}}""");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhoAskedIsRefused_When_AFetchFails(bool takesTime)
    {
        var faults = new List<Exception>();
        var loaders = new Loaders(takesTime, resolvesLate: false, batchMax: 10_000);

        var answer = await Execute(loaders, "{ bad(count: 50) { id level { name } tags { name } } }", "{}", (fault, _) =>
        {
            faults.Add(fault);
            return null;
        });

        using var json = JsonDocument.Parse(answer);
        json.RootElement.GetProperty("errors").GetArrayLength().ShouldBe(50);
        json.RootElement.GetProperty("data").GetProperty("bad")[49].GetRawText().ShouldBe("""{"id":1049,"level":{"name":"level 4"},"tags":null}""");

        // One bug, however many it hits.
        faults.ShouldHaveSingleItem().Message.ShouldBe("broken");
    }

    [Fact]
    public async Task WhatIsKnownIsNotFetchedAgain_When_ARequestAsksTwice()
    {
        var loaders = new Loaders(takesTime: true, resolvesLate: false, batchMax: 100);

        await Execute(loaders, "mutation { a: touch(id: 1) { tags { name } } b: touch(id: 1) { tags { name } } }", "{}");

        loaders.Fetches.ShouldHaveSingleItem();
        loaders.Tags.Forget();
        await Execute(loaders, "mutation { a: touch(id: 1) { tags { name } } }", "{}");
        loaders.Fetches.Count.ShouldBe(2);
    }

    [Fact]
    public async Task ALoadEnds_When_ItIsAskedForOutsideOfAnExecution()
    {
        var loaders = new Loaders(takesTime: false, resolvesLate: false, batchMax: 100);

        var both = await Task.WhenAll(loaders.Tags.LoadAsync(1), loaders.Tags.LoadAsync(2)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        both.ShouldAllBe(static tags => tags!.Length == 1);
    }

    [Fact]
    public async Task TheStackIsEnough_When_AResolverLoadsOneAfterTheOther()
    {
        // Each fetch ends at once and leads to the next.
        var queue = new LoaderQueue();
        var loader = new DataLoader<int, object>(
            queue, static (keys, _) => new(keys.ToDictionary(static key => key, static key => (object)(key + 1))), batchMax: 10);
        var executable = ExecutableSchema.Bind(
            Schemas.Good("type Query { sum: Int }"),
            static (_, _) => FieldBinding.Resolving(static async request =>
            {
                var sum = 0;
                while (sum < 50_000)
                {
                    sum = (int)(await ((DataLoader<int, object>)request.Context!).LoadAsync(sum))!;
                }

                return sum;
            }),
            static _ => null).Schema!;
        var request = new ExecutionRequest { Document = Schemas.Parse("{ sum }"), Context = loader, Loaders = queue };

        var answer = Answers.Write(await Executor.ExecuteAsync(executable, request, TestContext.Current.CancellationToken));

        answer.ShouldBe("""{"data":{"sum":50000}}""");
    }

    [Fact]
    public async Task TheFetchHearsOfIt_When_TheCallerGoes()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var queue = new LoaderQueue();
        var begun = new TaskCompletionSource();
        var loader = new DataLoader<int, object>(
            queue,
            async (_, cancellationToken) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                throw new InvalidOperationException("It does not come to this.");
            },
            batchMax: 10);
        var executable = ExecutableSchema.Bind(
            Schemas.Good("type Query { a: Int }"), (_, _) => FieldBinding.Resolving(async _ => await loader.LoadAsync(1)), static _ => null).Schema!;

        var execution = Executor.ExecuteAsync(executable, new() { Document = Schemas.Parse("{ a }"), Loaders = queue }, gone.Token).AsTask();
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => execution.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ValuesAreThoseOfTheirKeys_When_ThreadsAsk()
    {
        var queue = new LoaderQueue();
        var loader = new DataLoader<int, string>(
            queue,
            static async (keys, _) =>
            {
                await Task.Yield();
                keys.Count.ShouldBeLessThanOrEqualTo(7);
                return keys.ToDictionary(static key => key, static key => $"{key}");
            },
            batchMax: 7);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(
            async () =>
            {
                for (var key = 0; key < 2_000; key++)
                {
                    (await loader.LoadAsync(key * (thread % 2 == 0 ? 1 : -1))).ShouldBe($"{key * (thread % 2 == 0 ? 1 : -1)}");
                }
            },
            TestContext.Current.CancellationToken))).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private static Task<string> Execute(Loaders loaders, string text, string variables) => Execute(loaders, text, variables, static (_, _) => null);

    private static async Task<string> Execute(Loaders loaders, string text, string variables, HearFault onFault)
    {
        var request = new ExecutionRequest
        {
            Document = Schemas.Parse(text),
            Variables = JsonDocument.Parse(variables).RootElement,
            Context = loaders,
            Loaders = loaders.Queue,
            OnFault = onFault,
        };
        var result = await Executor.ExecuteAsync(s_executable, request, TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return Answers.Write(result);
    }

    /// <summary>Everything is a number, and what is known of it is computed.</summary>
    private static FieldBinding Bind(string field) => field switch
    {
        "Query.members" => Members(0),
        "Query.bad" => Members(1_000),
        "Query.member" or "Mutation.touch" => FieldBinding.Resolving(static request => new(request.Arguments["id"])),
        "Member.level" => Loading(static (loaders, id) => loaders.Levels.LoadAsync(id < 0 ? id : id % 5)),
        "Member.tags" => Loading(static (loaders, id) => loaders.Tags.LoadAsync(id)),
        "Member.records" => Loading(static (loaders, id) => loaders.Records.LoadAsync(id)),
        "Record.product" => Loading(static (loaders, id) => loaders.Products.LoadAsync(id)),
        "Product.maker" => Loading(static (loaders, _) => loaders.Levels.LoadAsync(3)),
        "Level.next" => Loading(static (loaders, id) => loaders.Levels.LoadAsync(id + 10)),
        "Level.name" => FieldBinding.Reading(static id => $"level {(int)id}"),
        "Tag.name" => FieldBinding.Reading(static id => $"tag of {(int)id}"),
        _ => FieldBinding.Reading(static id => (int)id),
    };

    private static FieldBinding Members(int first) => FieldBinding.Resolving(async request =>
    {
        await Task.Yield();
        return Enumerable.Range(first, (int)request.Arguments["count"]!).Cast<object?>().ToArray();
    });

    private static FieldBinding Loading<T>(Func<Loaders, int, Task<T?>> load)
        where T : class => FieldBinding.Resolving(async request =>
    {
        var loaders = (Loaders)request.Context!;
        if (loaders.ResolvesLate)
        {
            // A resolver that goes on after the executor's turn has ended, when others have too.
            await loaders.Gate;
        }

        return await load(loaders, (int)request.Source!);
    });

    private sealed record Fetch(string Name, int[] Keys);

    private sealed class Loaders
    {
        private readonly bool takesTime;
        private Task? gate;

        public Loaders(bool takesTime, bool resolvesLate, int batchMax)
        {
            this.takesTime = takesTime;
            ResolvesLate = resolvesLate;
            Levels = Loader<object>("levels", static key => key, batchMax);
            Tags = Loader<object[]>("tags", static key => [key], batchMax);
            Records = Loader<object[]>("records", static key => [key * 2, (key * 2) + 1], batchMax);
            Products = Loader<object>("products", static key => key, batchMax);
        }

        public LoaderQueue Queue { get; } = new();

        public ConcurrentQueue<Fetch> Fetches { get; } = new();

        public bool ResolvesLate { get; }

        /// <summary>Ends when the thread pool comes to it.</summary>
        public Task Gate => gate ??= Task.Run(static async () => await Task.Delay(20));

        public DataLoader<int, object> Levels { get; }

        public DataLoader<int, object[]> Tags { get; }

        public DataLoader<int, object[]> Records { get; }

        public DataLoader<int, object> Products { get; }

        private DataLoader<int, T> Loader<T>(string name, Func<int, T> valueOf, int batchMax)
            where T : class => new(
            Queue,
            async (keys, cancellationToken) =>
            {
                Fetches.Enqueue(new(name, [.. keys]));
                if (takesTime)
                {
                    // Milliseconds, so that loaders end in another order than they began.
                    await Task.Delay(keys.Count % 7, cancellationToken);
                }

                return name == "tags" && keys.Any(static key => key >= 1_000)
                    ? throw new InvalidOperationException("broken")
                    : keys.Where(static key => key >= 0).ToDictionary(static key => key, valueOf);
            },
            batchMax);
    }
}
