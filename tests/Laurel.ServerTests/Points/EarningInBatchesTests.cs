using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Points;

/// <summary>Many earnings in one call: each has an outcome of its own, and the same call again does nothing twice.</summary>
public sealed class EarningInBatchesTests(Servers servers) : IClassFixture<Servers>
{
    private const int Members = 20;
    private const int Items = 5_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "15")]
    public async Task EachIsEarnedOnce_When_ThousandsComeAndComeAgain(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var members = await AtOnce.RunAsync(Members, i => server.NewMemberAsync($"batch-{i}", 0));
        var batch = Enumerable.Range(0, Items).Select(i => Named(i, members) with { Points = 1 + (i % 3), ReferenceId = $"b-{i}" }).ToList();

        var startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        var first = await server.PostAsync("/api/points/earn/batch", batch);
        var took = System.Diagnostics.Stopwatch.GetElapsedTime(startedAt);
        TestContext.Current.SendDiagnosticMessage($"{database}: {Items} earnings in one call took {took.TotalMilliseconds:0} ms");
        var again = await server.PostAsync("/api/points/earn/batch", batch);

        CountsOf(first).ShouldBe((Items, 0, 0, 0), first.Text.AsSpan(0, 400).ToString());
        CountsOf(again).ShouldBe((0, Items, 0, 0));
        first.Results[7].GetProperty("referenceId").GetString().ShouldBe("b-7");
        again.Results[7].GetProperty("entryId").GetString().ShouldBe(first.Results[7].GetProperty("entries")[0].GetProperty("id").GetString());
        foreach (var i in (int[])[0, 1, Members - 1])
        {
            var expected = Enumerable.Range(0, Items).Where(item => item % Members == i).Sum(item => 1 + (item % 3));
            (await server.PointsAsync(members[i])).Available.ShouldBe(expected);
        }

        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TheOthersAreEarned_When_SomeAreBroken(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("mixed", 0);
        object Earning(object points, string reference, object? more = null) => new Dictionary<string, object?>(
            [new("memberId", member), new("points", points), new("reason", "r"), new("referenceType", "mixed"), new("referenceId", reference),
            .. more is null ? [] : JsonSerializer.SerializeToElement(more).EnumerateObject().Select(p => new KeyValuePair<string, object?>(p.Name, p.Value))]);

        var answer = await server.PostAsync("/api/points/earn/batch", new[]
        {
            Earning(5, "m-0"),
            Earning(0, "m-1"),
            "no object",
            Earning(5, "m-0"),
            Earning(6, "m-0"),
            new { externalId = "nobody", points = 5, reason = "r", referenceType = "mixed", referenceId = "m-5" },
            Earning(10_001, "m-6"),
            Earning(7, "m-7", new { activeAt = "2001-01-01T00:00:00Z" }),
            Earning(8, "m-8"),
        });

        CountsOf(answer).ShouldBe((2, 1, 6, 0), answer.Text);
        answer.Statuses.ShouldBe(["applied", "refused", "refused", "duplicate", "refused", "refused", "refused", "refused", "applied"]);
        answer.Results.Select(FaultOf).ShouldBe(
        [
            null, "VALIDATION_FAILED OUT_OF_RANGE /1/points", "VALIDATION_FAILED WRONG_TYPE /2", null, "CONFLICT CONFLICT /4", "MEMBER_NOT_FOUND MEMBER_NOT_FOUND /5",
            "POINTS_OVER_LIMIT POINTS_OVER_LIMIT /6", "ACTIVATION_OUT_OF_RANGE ACTIVATION_OUT_OF_RANGE /7/activeAt", null,
        ]);
        (await server.PointsAsync(member)).Available.ShouldBe(13);
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task NothingIsEarned_When_TheCallHoldsMoreThanItMay()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("too-many", 0);

        var answer = await server.PostAsync("/api/points/earn/batch", Enumerable.Range(0, Items + 1).Select(i => LaurelServer.Movement(member, 1, $"over-{i}")));

        (answer.Outcome, string.Join(' ', answer.Faults)).ShouldBe(("400 VALIDATION_FAILED", "TOO_MANY"));
        (await server.PointsAsync(member)).Available.ShouldBe(0);
    }

    private sealed record Item
    {
        public string? MemberId { get; init; }

        public string? ExternalId { get; init; }

        public long Points { get; init; }

        public string Reason { get; init; } = "campaign";

        public string ReferenceType { get; init; } = "batch";

        public string ReferenceId { get; init; } = "";
    }

    /// <summary>Every other one by the shop's own id.</summary>
    private static Item Named(int i, string[] members) =>
        i % 2 == 0 ? new Item { MemberId = members[i % Members] } : new Item { ExternalId = $"batch-{i % Members}" };

    private static string? FaultOf(JsonElement result) => result.TryGetProperty("code", out var code)
        ? $"{code.GetString()} {result.GetProperty("errors")[0].GetProperty("code").GetString()} {result.GetProperty("errors")[0].GetProperty("pointer").GetString()}"
        : null;

    private static (long Applied, long Duplicate, long Refused, long Failed) CountsOf(Answer answer) =>
        (answer.NumberOf("applied"), answer.NumberOf("duplicate"), answer.NumberOf("refused"), answer.NumberOf("failed"));
}
