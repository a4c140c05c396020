using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.Chaos.Cases;

/// <summary>B13: the clocks of two nodes on one database differ, and one of them jumps.</summary>
public sealed class Clocks(DatabaseServers servers, ITestOutputHelper output)
{
    private const string Missing = "faketime is not here";

    /// <summary>Each member's entries stay in one order with one chain of balances, whichever clock dated them; a book that ran
    /// backwards would be found by <c>verify</c>.</summary>
    [Theory]
    [InlineData("+3600s")]
    [InlineData("-3600s")]
    [InlineData("-30s")]
    public async Task B13_HistoryNeverInverts_When_TheClockOfOneNodeIsWrong(string shift)
    {
        var library = Find();
        Assert.SkipWhen(library is null && Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") != "1", Missing);
        library.ShouldNotBeNull(Missing + ", and LAUREL_REQUIRE_SERVERS asks for it (Debian package faketime).");
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(DatabaseUnderTest.Postgres, servers, output);
        await cluster.StartNodeAsync();
        await cluster.StartNodeAsync(program => program with
        {
            Environment = new Dictionary<string, string?>(program.Environment)
            {
                ["LD_PRELOAD"] = library,
                ["FAKETIME"] = shift,
                // Only the time of day is wrong: what measures durations goes on evenly on a real machine too.
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            },
        });
        await cluster.EnrolAsync(5);

        await cluster.DriveAsync(random.Next(), 16, "clock", () => cluster.ReachAsync(Extent.Times(300)));

        cluster.Log.Count(History.Knowledge.Acknowledged).ShouldBeGreaterThan(Extent.Times(300) / 2);
        await cluster.ConcludeAsync();
    }

    private static string? Find() => Directory.Exists("/usr/lib")
        ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).FirstOrDefault()
        : null;
}
