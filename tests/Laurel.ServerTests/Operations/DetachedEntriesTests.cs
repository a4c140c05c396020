using System.Globalization;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary>A server whose entries of last winter are detached: what it answers.</summary>
public sealed class DetachedEntriesTests(DatabaseServers servers)
{
    /// <summary>Long enough ago to be detached, and recent enough that no points have lapsed since.</summary>
    private const int DaysAgo = 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task IsAnsweredAsBefore_When_OpeningBalancesStandForTheEntries()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, servers, Cancellation);
        var (ann, ben, hold, summary) = await WriteLastWinterAsync(site);
        var now = TimeProvider.System.GetUtcNow();
        var month = MonthOf(now.AddDays(-70));

        var refused = await site.RunVerbAsync(Cancellation, "partitions", "--detach-before", MonthOf(now));
        refused.ExitCode.ShouldBe(2);
        refused.Errors.ShouldContain("30 days must have passed");
        (await site.RunVerbAsync(Cancellation, "partitions", "--detach-before", "lately")).ExitCode.ShouldBe(1);
        var detached = await site.RunVerbAsync(Cancellation, "partitions", "--detach-before", month);
        detached.ExitCode.ShouldBe(0, detached.Errors);
        detached.Output.ShouldContain($"Opening balances of 2 members stand for the entries before {month}.");
        detached.Output.ShouldContain(Path.Combine(site.DataFolder, "detached", $"entries-before-{month}.db"));
        var verified = await site.RunVerbAsync(Cancellation, "verify");
        verified.ExitCode.ShouldBe(0, verified.Output);
        verified.Output.ShouldContain($"since {month}: every invariant holds");
        var export = await site.RunVerbAsync(Cancellation, "export", "members", "-", "--as-of", "2024-01-01T00:00:00Z");
        export.ExitCode.ShouldBe(2);
        export.Errors.ShouldContain("the earliest instant that can be told of all members is");

        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        (await SummaryAsync(server, ann)).ShouldBe(summary);
        (await server.GetAsync($"/api/members/{ann}/points?asOf=2024-01-01T00:00:00Z")).Outcome.ShouldBe("422 AS_OF_TOO_EARLY");
        (await server.GetAsync($"/api/members/{ann}/points?asOf={now:yyyy-MM-dd}T00:00:00Z")).Status.ShouldBe(200);

        var spent = await server.SpendAsync(ann, 150, "s-1");
        (spent.Status, spent.Replayed, spent.EntryIds.Count).ShouldBe((200, true, 0));
        spent.Json.GetProperty("detached").GetProperty("firstId").GetString().ShouldNotBeNullOrEmpty();
        var given = await server.TransferAsync(ann, ben, 40, "t-1");
        (given.TextOf("to"), given.NumberOf("points"), given.EntryIds.Count).ShouldBe((ben, 40, 0));
        var captured = await server.CaptureAsync(hold, 30, "c-1");
        (captured.TextOf("status"), captured.NumberOf("captured"), captured.EntryIds.Count).ShouldBe(("captured", 30, 0));
        var order = (await server.CompleteOrderAsync(ann, "o-1", 50_000)).Results.Single();
        order.GetProperty("status").GetString().ShouldBe("duplicate");
        order.GetProperty("detached").GetProperty("lastId").GetString().ShouldNotBeNullOrEmpty();

        // The list ends where entries begin.
        (await server.GetAsync("/api/points/records")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await server.RefundAsync("o-1", "r-1", 20_000)).Statuses.ShouldBe(["applied"]);
        await server.SpendAsync(ann, 10, "s-2");
        var page = (await server.GetAsync($"/api/points/records?memberId={ann}&unit=points&limit=1")).Json;
        page.GetProperty("items")[0].GetProperty("points").GetInt64().ShouldBe(-10);
        var last = (await server.GetAsync($"/api/points/records?memberId={ann}&unit=points&limit=1&cursor={page.GetProperty("nextCursor").GetString()}")).Json;
        last.GetProperty("items")[0].GetProperty("type").GetString().ShouldBe("reversed_order");
        last.GetProperty("nextCursor").GetString().ShouldBeNull();
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>The job goes by its setting: without one there is none, with one it does what the verb does.</summary>
    [Fact]
    public async Task AreDetachedByTheJob_When_TheirAgeIsSet()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, servers, Cancellation);
        await WriteLastWinterAsync(site);
        site.Environment["LAUREL_ENTRIES_KEPT_MONTHS"] = "2";
        (await site.RunVerbAsync(Cancellation, "verify")).Errors.ShouldContain("LAUREL_ENTRIES_KEPT_MONTHS is 0, for ever, or at least 3");
        site.Environment["LAUREL_ENTRIES_KEPT_MONTHS"] = "4";
        site.Environment["Jobs__detach"] = "1";

        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var folder = Path.Combine(site.DataFolder, "detached");
        await Eventually.HoldsAsync(
            async () => Directory.Exists(folder) && (await server.GetAsync("/api/points/records")).Json.GetProperty("items").GetArrayLength() == 0,
            "the job detaches last winter's entries");

        Directory.GetFiles(folder, "entries-before-*.db").Length.ShouldBe(1);
        (await site.RunVerbAsync(Cancellation, "verify")).ExitCode.ShouldBe(0);
    }

    private async Task<(string Ann, string Ben, string Hold, string Summary)> WriteLastWinterAsync(LaurelSite site)
    {
        var library = Directory.Exists("/usr/lib")
            ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).FirstOrDefault()
            : null;
        Assert.SkipWhen(library is null && Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") != "1", "faketime is not here (Debian package faketime).");
        library.ShouldNotBeNull("LAUREL_REQUIRE_SERVERS asks for faketime (Debian package faketime).");
        await using var server = await LaurelServer.StartAsync(
            arguments =>
            {
                var program = site.Program(arguments);
                return program with
                {
                    Environment = new Dictionary<string, string?>(program.Environment)
                    {
                        ["LD_PRELOAD"] = library,
                        ["FAKETIME"] = $"-{DaysAgo}d",
                        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
                    },
                };
            },
            Cancellation);
        var (ann, ben) = (await server.NewMemberAsync("ann", 500), await server.NewMemberAsync("ben", 100));
        (await server.CompleteOrderAsync(ann, "o-1", 50_000)).Statuses.ShouldBe(["applied"]);
        (await server.SpendAsync(ann, 150, "s-1")).Status.ShouldBe(200);
        (await server.TransferAsync(ann, ben, 40, "t-1")).Status.ShouldBe(200);
        var hold = (await server.HoldAsync(ann, 30, "h-1")).TextOf("holdId")!;
        (await server.CaptureAsync(hold, 30, "c-1")).Status.ShouldBe(200);
        return (ann, ben, hold, await SummaryAsync(server, ann));
    }

    private static string MonthOf(DateTimeOffset time) => time.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static async Task<string> SummaryAsync(LaurelServer server, string member)
    {
        var points = (await server.GetAsync($"/api/members/{member}/points")).Json;
        return points.GetProperty("summary").GetRawText() + points.GetProperty("available").GetRawText();
    }
}
