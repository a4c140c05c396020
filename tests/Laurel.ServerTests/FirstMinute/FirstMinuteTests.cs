using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.FirstMinute;

/// <summary>What a newcomer sees: one command, an empty folder, no settings.</summary>
public sealed partial class FirstMinuteTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Pain", "17")]
    public async Task SaysWhereEverythingIs_When_TheFolderIsFresh()
    {
        await using var site = await FreshSiteAsync();
        await using var server = await site.ServeAsync(Cancellation);

        var console = await ConsoleAsync(server, "stored as a hash");

        console.ShouldContain($"API            {server.Address.GetLeftPart(UriPartial.Authority)}/api");
        console.ShouldContain($"Documentation  {server.Address.GetLeftPart(UriPartial.Authority)}/docs");
        console.ShouldContain(Path.Combine(site.DataFolder, "laurel.db"));
        KeyPattern().Count(console).ShouldBe(1);
    }

    [Fact]
    public async Task ShowsTheKeyOnlyOnce_When_StartedAgain()
    {
        await using var site = await FreshSiteAsync();
        string key;
        await using (var first = await site.ServeAsync(Cancellation))
        {
            key = KeyPattern().Match(await ConsoleAsync(first, "stored as a hash")).Value;
            (await first.StopAsync(Cancellation)).ExitCode.ShouldBe(0);
        }

        await using var second = await site.ServeAsync(Cancellation);
        var console = await ConsoleAsync(second, "laurel.db");

        KeyPattern().IsMatch(console).ShouldBeFalse();
        using var client = new HttpClient { BaseAddress = second.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.GetAsync(new Uri("/api/levels", UriKind.Relative), Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task WatchesNoFiles_When_ItRuns()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells which files a process watches.");
        await using var site = await FreshSiteAsync();
        await using var server = await site.ServeAsync(Cancellation);

        // A watch over a folder with the database below it would be told of every write.
        var watches = Directory.GetFiles($"/proc/{server.Id}/fdinfo")
            .SelectMany(LinesOf)
            .Where(line => line.StartsWith("inotify wd:", StringComparison.Ordinal));

        watches.ShouldBeEmpty();

        static string[] LinesOf(string file)
        {
            try
            {
                return File.ReadAllLines(file);
            }
            catch (FileNotFoundException)
            {
                // It was closed since the folder was listed, so it is no watch.
                return [];
            }
        }
    }

    [Fact]
    public async Task DescribesEveryCall_When_OpenApiIsRead()
    {
        await using var site = await FreshSiteAsync();
        await using var server = await site.ServeAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = server.Address };

        var text = await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Cancellation);

        var described = JsonDocument.Parse(text).RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(call => $"{call.Name} {path.Name}"))
            .Where(call => call.Contains(" /api/"))
            .Order()
            .ToArray();
        described.ShouldBe(MappedCalls());
    }

    [Fact]
    public async Task ShowsTheDocumentation_When_ItsPageIsOpened()
    {
        await using var site = await FreshSiteAsync();
        await using var server = await site.ServeAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = server.Address };

        var page = await client.GetStringAsync(new Uri("/docs/index.html", UriKind.Relative), Cancellation);
        var fromTheRoot = await client.GetStringAsync(new Uri("/", UriKind.Relative), Cancellation);

        page.ShouldContain("<title>Laurel API</title>");
        fromTheRoot.ShouldBe(page);
    }

    /// <summary>Measured, and told in the output; a busy machine would make a limit here cry wolf.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task BecomesReady_When_ADatabaseExists(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using (var first = await site.ServeAsync(Cancellation))
        {
            output.WriteLine($"/ready after {first.ReadyAfter.TotalMilliseconds:F0} ms on a fresh database");
            (await first.StopAsync(Cancellation)).ExitCode.ShouldBe(0);
        }

        await using var second = await site.ServeAsync(Cancellation);

        output.WriteLine($"/ready after {second.ReadyAfter.TotalMilliseconds:F0} ms on an existing database");
        second.ReadyAfter.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    private async Task<LaurelSite> FreshSiteAsync()
    {
        var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_ADMIN_KEY"] = null;
        return site;
    }

    /// <summary>What the console shows once it shows <paramref name="last"/>; the announcement follows
    /// <c>/ready</c>.</summary>
    private static async Task<string> ConsoleAsync(LaurelProcess server, string last)
    {
        while (!server.Output.Contains(last))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        }

        return server.Output;
    }

    /// <summary>Every call under <c>/api</c> that the sources map, as <c>method path</c>.</summary>
    private static string[] MappedCalls()
    {
        var folder = Path.Combine(Repository.Root, "src");
        var sources = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories);
        string[] calls =
        [
            .. sources.SelectMany(file => MapPattern().Matches(File.ReadAllText(file)))
                .Select(match => $"{match.Groups["method"].Value.ToLowerInvariant()} {match.Groups["path"].Value}")
                .Order(),
        ];
        calls.ShouldContain("post /api/points/earn");
        return calls;
    }

    [GeneratedRegex(
        """\bMap(?<method>Get|Post|Put|Patch|Delete)\(\s*"(?<path>/api/[^"]*)""",
        RegexOptions.ExplicitCapture,
        1_000)]
    private static partial Regex MapPattern();

    [GeneratedRegex("lk_[0-9a-f]{48}", RegexOptions.None, 1_000)]
    private static partial Regex KeyPattern();
}
