using Laurel.ContractTests.Model;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Watch;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Watch;

/// <summary>Eighteen months of a real shop, which nobody is known to have abused: what the rules that come with the programme would have hit, and what
/// sharper ones would have. The figures of docs/operate/watch.md.</summary>
public sealed class ReplayingCdnowTests(DatabaseServers cluster) : IClassFixture<DatabaseServers>
{
    private static readonly string[] s_import =
    [
        "import", "orders", CdnowOracle.FilePath, "--map", "order=order_id,customer=customer_id,date=date,amount=amount", "--currency", "CNY",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HitsWhatTheGuideSays_When_ItIsReplayed()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        (await site.RunVerbAsync(Cancellation, [.. s_import, "--errors", Path.Combine(site.DataFolder, "errors.csv")])).ExitCode.ShouldBe(0);
        var (settings, mistakes) = LaurelSettings.Read(site.DataFolder, null);
        mistakes.ShouldBeEmpty();
        await using var node = await LaurelNode.OpenToReadAsync(settings!, TimeProvider.System, Cancellation);
        var history = new WatchHistory(node.Database, LaurelNode.DefaultTenant, new Programme());

        var standard = new List<WatchReplayReply>();
        foreach (var rule in StandardWatch.All.Where(WatchHistory.CanReplay))
        {
            standard.Add(await history.ReplayAsync(rule, Instant.Earliest, Instant.Never, null, Cancellation));
        }

        standard.Count.ShouldBe(7);
        standard.ShouldAllBe(found => found.Hits == 0 && found.Members == 23_570, "no false alarm in 93,149 earnings");
        var burst = StandardWatch.All[0];
        (await ToldAsync(burst with { Threshold = 2 })).ShouldBe(Occasions(2));
        (await ToldAsync(burst with { Threshold = 3 })).ShouldBe(Occasions(3));
        (await ToldAsync(burst with { Threshold = 3 })).ShouldBe("93149 126 43");

        async Task<string> ToldAsync(WatchRule rule)
        {
            var found = await history.ReplayAsync(rule, Instant.Earliest, Instant.Never, null, Cancellation);
            return $"{found.Movements} {found.Hits} {found.MembersHit}";
        }
    }

    /// <summary>The same by hand: a customer is registered with the first order, and an order of one unit of the currency earns.</summary>
    private static string Occasions(int threshold)
    {
        var days = new Dictionary<(string, string), int>();
        var (movements, hits, hit, known) = (0, 0, new HashSet<string>(), new HashSet<string>());
        foreach (var row in File.ReadLines(CdnowOracle.FilePath).Skip(1).Select(line => line.Split(',')).OrderBy(row => row[2], StringComparer.Ordinal))
        {
            var earnings = (known.Add(row[1]) ? 1 : 0) + (decimal.Parse(row[4], System.Globalization.CultureInfo.InvariantCulture) >= 1 ? 1 : 0);
            for (var i = 0; i < earnings; i++)
            {
                movements++;
                var count = days[(row[1], row[2])] = days.GetValueOrDefault((row[1], row[2])) + 1;
                if (count > threshold)
                {
                    hits++;
                    hit.Add(row[1]);
                }
            }
        }

        return $"{movements} {hits} {hit.Count}";
    }
}
