using System.Globalization;
using System.Text;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Tests.Execution;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Serving;

/// <summary>What asks for too much is refused before anything is executed; the error names the limit. Attacks E2 and D7 of the catalogue.</summary>
public sealed class LimitsTests
{
    private static readonly GraphQLService s_service = Services.With(new());

    [Theory]
    [InlineData("TokensMax", 10_000)]
    [InlineData("DepthMax", 100)]
    [InlineData("AliasesMax", 100)]
    [InlineData("CostMax", 10_000)]
    [InlineData("IntrospectionListsMax", 3)]
    [InlineData("MergeComparisonsMax", 100_000)]
    [InlineData("MergeDepthMax", 200)]
    public void TheErrorNamesTheLimit_When_ItIsPassed(string name, int max)
    {
        // The last one needs more room in the others.
        var roomy = Services.With(new() { AliasesMax = int.MaxValue, CostMax = long.MaxValue, DepthMax = 500 });
        var (service, text) = name switch
        {
            "TokensMax" => (s_service, "{ " + Repeated("dear ", 10_001) + "}"),
            "DepthMax" => (s_service, "{ member " + Repeated("{ friends ", 100) + "{ id }" + Repeated("}", 101)),
            "AliasesMax" => (s_service, "{ " + string.Concat(Enumerable.Range(0, 101).Select(static n => $"a{n}: dear ")) + "}"),
            "CostMax" => (s_service, "{ members(pageSize: 10001) { items { id } } }"),
            "IntrospectionListsMax" => (s_service, "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"),
            "MergeComparisonsMax" => (s_service, "{ " + Repeated("dear ", 4_000) + "}"),
            "MergeDepthMax" => (roomy, "{ member { ...F0 friends { ...F0 } } } fragment F300 on Member { id } "
                + string.Join(' ', Enumerable.Range(0, 300).Select(static n => $"fragment F{n} on Member {{ friends {{ ...F{n + 1} }} friends {{ ...F{n + 1} }} }}"))),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such limit."),
        };

        var prepared = service.Prepare(Services.Request(text));

        prepared.Fault.ShouldBe(PreparationFault.Limit);
        var error = prepared.Errors.Single(static error => error.IsOfLimit);
        error.Extensions!["limit"].ShouldBe(name);
        error.Extensions["max"].ShouldBe((long)max);
        error.Message.ShouldNotBeEmpty();
    }

    [Fact]
    public void EachAliasCounts_When_FragmentsAreSpreadOut()
    {
        var text = "{ a: member { ...F } b: member { ...F } } fragment F on Member { c: name ...G ...G } fragment G on Member { d: id }";

        var refused = Services.With(new() { AliasesMax = 7 }).Prepare(Services.Request(text));

        refused.Errors.ShouldHaveSingleItem().Message.ShouldBe("The operation has 8 fields with an alias; AliasesMax is 7.");
        Services.With(new() { AliasesMax = 8 }).Prepare(Services.Request(text)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public void OneOperationIsRefused_When_AnotherOfTheDocumentPassesALimit()
    {
        var text = "query Few { dear } query Many { " + string.Concat(Enumerable.Range(0, 101).Select(static n => $"a{n}: dear ")) + "}";

        s_service.Prepare(Services.Request(text) with { OperationName = "Few" }).Succeeded.ShouldBeTrue();
        s_service.Prepare(Services.Request(text) with { OperationName = "Many" }).Fault.ShouldBe(PreparationFault.Limit);
    }

    [Fact]
    public void TheDocumentIsRefused_When_AThousandAliasesGuess() =>
        s_service.Prepare(Services.Request("mutation { " + string.Concat(
            Enumerable.Range(0, 1_000).Select(static n => $"a{n}: rename(id: 1, name: \"{n:0000}\") {{ id }} ")) + "}")).Fault.ShouldBe(PreparationFault.Limit);

    [Fact]
    public void TheDepthCountsFragments_When_TheyNestFieldsDeeplyInAFlatText()
    {
        var chain = string.Join(' ', Enumerable.Range(0, 900).Select(static n => $"fragment F{n} on Level {{ ...F{n + 1} }}"));
        var nested = string.Join(' ', Enumerable.Range(0, 60).Select(static n => $"fragment F{n} on Member {{ friends {{ ...F{n + 1} }} }}"));

        s_service.Prepare(Services.Request("{ member { level { ...F0 } } } fragment F900 on Level { name } " + chain)).Succeeded.ShouldBeTrue();
        s_service.Prepare(Services.Request("{ member { ...F0 } } fragment F60 on Member { id } " + nested)).Errors.ShouldHaveSingleItem()
            .Message.ShouldBe("Fields lie within each other 122 levels deep; DepthMax is 100.");
    }

    [Fact]
    public async Task TheDeepestAllowedIsExecuted_When_ItHasTheLimit()
    {
        var service = Services.With(new() { CostMax = long.MaxValue }, new(StringComparer.Ordinal)
        {
            ["Query.member"] = static _ => new(1),
            ["Member.friends"] = static _ => new(new object?[] { 1 }),
            ["Member.id"] = static _ => new("1"),
        });

        // A member, 49 lists of friends and an id: 1 + 49 * 2 + 1.
        var text = "{ member " + Repeated("{ friends ", 49) + "{ id }" + Repeated("}", 50);
        var operation = service.Prepare(Services.Request(text)).Operation.ShouldNotBeNull();
        var answer = Answers.Write(await service.ExecuteAsync(operation, new(), TestContext.Current.CancellationToken));

        answer.ShouldStartWith("""{"data":{"member":{"friends":[{""");
    }

    /// <summary>CVE-2026-40324: 40 KB of brackets. It and its like are answered, on a stack as small as threads have.</summary>
    [Theory]
    [InlineData("{ echo(value: ", "[")]
    [InlineData("{ echo(value: ", "{a:")]
    [InlineData("query ($v: ", "[")]
    [InlineData("", "{")]
    [InlineData("", "{member")]
    [InlineData("", "{...")]
    [InlineData("{ echo(value: ", "[{a:")]
    public void TheProcessLives_When_FortyKilobytesAreNested(string before, string open)
    {
        var prepared = OnASmallStack(() => s_service.Prepare(Services.Request(before + Repeated(open, 40 * 1024 / open.Length))));

        prepared.Errors.ShouldHaveSingleItem();
        prepared.Fault.ShouldBeOneOf(PreparationFault.Limit, PreparationFault.Syntax);
    }

    [Theory]
    [InlineData("{ ...F0 } fragment F900 on Query { dear } ", "fragment F{0} on Query {{ ...F{1} }} ", true)]
    [InlineData("{ ...F0 } fragment F900 on Query { __typename } ", "fragment F{0} on Query {{ ...F{1} ...F{1} }} ", true)]
    [InlineData("{ ...F0 } fragment F900 on Query { dear } ", "fragment F{0} on Query {{ ...F{1} ...F{1} }} ", false)]
    [InlineData("{ ...F0 } fragment F900 on Query { member { id } } ", "fragment F{0} on Query {{ ...F{1} ...F{1} }} ", false)]
    [InlineData("{ ...F0 } fragment F900 on Query { dear } ", "fragment F{0} on Query {{ a: dear ...F{1} ...F{1} }} ", false)]
    [InlineData("{ ...F0 } fragment F900 on Query { ...F0 } ", "fragment F{0} on Query {{ ...F{1} }} ", false)]
    [InlineData("{ member { ...F0 } } fragment F900 on Member { id } ", "fragment F{0} on Member {{ friends {{ ...F{1} }} }} ", false)]
    [InlineData("{ member { ...F0 } } fragment F900 on Member { id } ", "fragment F{0} on Member {{ friends(first: $n) {{ ...F{1} }} }} ", false)]
    public void TheProcessLives_When_AChainOfFragmentsIsLong(string before, string link, bool isAllowed)
    {
        var service = Services.With(new() { Parsing = new() { TokensMax = 100_000 }, CostMax = 1_000_000 });
        var head = link.Contains("$n", StringComparison.Ordinal) ? "query ($n: Int = 1) " : "";
        var text = head + before + string.Concat(Enumerable.Range(0, 900).Select(n => string.Format(CultureInfo.InvariantCulture, link, n, n + 1)));

        var prepared = OnASmallStack(() => service.Prepare(Services.Request(text)));

        prepared.Succeeded.ShouldBe(isAllowed, prepared.Errors.FirstOrDefault()?.Message);
    }

    [Fact]
    public async Task NothingIsExecuted_When_ABatchIsLargerThanAllowed()
    {
        var service = Services.With(new() { BatchMax = 3, CostMax = 100 });

        var large = service.PrepareBatch([.. Enumerable.Repeat(Services.Request("{ __typename }"), 4)]);
        large.Requests.ShouldBeEmpty();
        large.Refusal.ShouldNotBeNull().Extensions!["limit"].ShouldBe("BatchMax");
        service.PrepareBatch([]).Refusal.ShouldNotBeNull();

        // Each alone may be executed, but a batch is one request.
        var costly = service.PrepareBatch([.. Enumerable.Repeat(Services.Request("{ dear d: dear }"), 2)]);
        costly.Requests.ShouldBeEmpty();
        costly.Refusal.ShouldNotBeNull().Message.ShouldBe("The batch may cost 120; CostMax is 100.");

        var good = service.PrepareBatch([Services.Request("{ __typename }"), Services.Request("{ nobody }"), Services.Request("{ dear }")]);
        good.Refusal.ShouldBeNull();
        good.Requests.Select(static one => one.Fault).ShouldBe([PreparationFault.None, PreparationFault.Validation, PreparationFault.None]);
        var answer = await service.ExecuteAsync(good.Requests[0].Operation!, new(), TestContext.Current.CancellationToken);
        Answers.Write(answer).ShouldBe("""{"data":{"__typename":"Query"}}""");
    }

    private static string Repeated(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static T OnASmallStack<T>(Func<T> work)
    {
        T? result = default;
        var thread = new Thread(() => result = work(), maxStackSize: 1 << 20);
        thread.Start();
        thread.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        return result!;
    }
}
