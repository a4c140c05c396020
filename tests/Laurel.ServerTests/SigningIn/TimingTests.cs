using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>D11: how long an answer takes does not tell whether there is such a user.</summary>
/// <remarks>Only where <c>LAUREL_TIMING=1</c> asks for it, on a machine that does nothing else; takes about five minutes. What is always tested is that the
/// work is done (<see cref="PasswordsTests"/>).</remarks>
[Collection(nameof(Alone))]
public sealed class TimingTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int Samples = 2_000;

    /// <summary>As many as may be tried for one name before it is locked.</summary>
    private const int TriesOfName = 5;

    /// <summary>Of a two-sided test at 0.01.</summary>
    private const double DeviationsMax = 2.576;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "D11")]
    public async Task TakesAsLong_When_TheNameIsNobodys()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("LAUREL_TIMING") == "1", "Times are compared only where LAUREL_TIMING=1 asks for it");
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        for (var i = 0; i < Samples / TriesOfName; i++)
        {
            await server.SignUpAsync($"known-{i}");
        }

        var (known, unknown) = (new List<double>(), new List<double>());
        for (var i = 0; i < Samples; i++)
        {
            // By turns, so that whatever slows the machine slows both.
            known.Add(await TimeAsync(server, $"known-{i / TriesOfName}"));
            unknown.Add(await TimeAsync(server, $"nobody-{i / TriesOfName}"));
        }

        var deviations = MannWhitney(known, unknown);
        output.WriteLine($"medians {Median(known):0.000} and {Median(unknown):0.000} ms, {deviations:0.00} standard deviations apart");
        Math.Abs(deviations).ShouldBeLessThan(DeviationsMax);
    }

    private static async Task<double> TimeAsync(LaurelServer server, string name)
    {
        var startedAt = Stopwatch.GetTimestamp();
        (await server.LoginAsync(name, "wrong horse battery")).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        return Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds;
    }

    /// <summary>How many standard deviations the rank sum of the first is from what chance would give: Mann and Whitney (1947), by the normal
    /// approximation, which these many samples allow.</summary>
    private static double MannWhitney(List<double> first, List<double> second)
    {
        var ranked = first.Select(time => (Time: time, IsFirst: true)).Concat(second.Select(time => (Time: time, IsFirst: false))).OrderBy(one => one.Time).ToList();
        double sum = 0;
        for (var i = 0; i < ranked.Count; i++)
        {
            sum += ranked[i].IsFirst ? i + 1 : 0;
        }

        double m = first.Count, n = second.Count;
        var u = sum - (m * (m + 1) / 2);
        return (u - (m * n / 2)) / Math.Sqrt(m * n * (m + n + 1) / 12);
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
