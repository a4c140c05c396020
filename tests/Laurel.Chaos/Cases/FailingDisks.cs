using System.Text;
using Laurel.Chaos.Faults;
using Laurel.Chaos.History;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.Chaos.Cases;

/// <summary>A6, A7, A9: the disk under the SQLite file is full, fails, or has changed what was written.</summary>
public sealed class FailingDisks(DatabaseServers servers, ITestOutputHelper output)
{
    // Room for the file and for a log of 64 MiB beside it.
    private const int DiskMegabytes = 128;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A6_WritesAreRefusedAndReadsGoOn_When_TheDiskIsFull()
    {
        await SmallDisk.RequireAsync(Cancellation);
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(DatabaseUnderTest.Sqlite, servers, output);
        var folder = cluster.Site.DataFolder;
        var node = await cluster.StartNodeAsync(program => SmallDisk.Under(program, folder, DiskMegabytes));
        await cluster.EnrolAsync(10);
        var refused = 0;

        await cluster.DriveAsync(random.Next(), 16, "full", async () =>
        {
            await Task.Delay(500, Cancellation);
            SmallDisk.Fill(node.Process.Id, folder);
            var before = cluster.Log.Ended.Count;
            await Task.Delay(1_500, Cancellation);
            var during = cluster.Log.Ended.Skip(before + 64).ToList();
            refused = during.Count(ended => ended.Status == 503);
            during[^1].Status.ShouldBe(503, during[^1].Answer);
            (await node.Shop.AvailableAsync(cluster.Members[0], Cancellation)).ShouldBeGreaterThan(0);
            SmallDisk.Free(node.Process.Id, folder);
            await Task.Delay(1_000, Cancellation);
        });

        refused.ShouldBeGreaterThan(0);
        cluster.Log.Ended.Last().Knowledge.ShouldNotBe(Knowledge.Unknown, "It does not go on by itself once there is room again.");
        cluster.Log.Strange().ShouldBeEmpty();
        await ConcludeInsideAsync(cluster, node);
    }

    /// <summary>A machine that loses its power keeps what was synced. So nothing may be acknowledged before.</summary>
    [Fact]
    public async Task A3_EachAcknowledgementFollowsItsSync_When_SystemCallsAreWatched()
    {
        await BrokenSync.RequireAsync(Cancellation);
        await using var cluster = await Cluster.CreateAsync(DatabaseUnderTest.Sqlite, servers, output);
        var node = await cluster.StartNodeAsync();
        await cluster.EnrolAsync(1);
        string trace;
        await using (var tracer = await SystemCalls.WatchAsync(node.Process.Id, Cancellation))
        {
            // One caller alone: with more of them the next batch is written while the last one is answered.
            for (var i = 0; i < Extent.Times(50); i++)
            {
                cluster.Log.Add(await node.Shop.SendAsync(Calls.Move("earn", cluster.Members[0], 1, $"watched-{i}"), Cancellation));
            }

            tracer.AskToEnd();
            trace = (await tracer.WaitAsync(Cancellation)).Errors;
        }

        var (sent, tooEarly) = SystemCalls.Check(trace);
        tooEarly.ShouldBeEmpty();
        sent.ShouldBe(Extent.Times(50));
        SystemCalls.Check(trace.Replace("sync", "sink", StringComparison.Ordinal)).TooEarly.Count.ShouldBe(sent);
        await cluster.ConcludeAsync();
    }

    /// <summary>After a failed fsync nothing more is acknowledged: a second one would succeed although the pages are lost.</summary>
    [Fact]
    public async Task A7_TheProcessEnds_When_TheDiskFailsToSync()
    {
        await BrokenSync.RequireAsync(Cancellation);
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(DatabaseUnderTest.Sqlite, servers, output);
        var node = await cluster.StartNodeAsync();
        await cluster.EnrolAsync(10);
        var acknowledgedAfter = 0;

        await cluster.DriveAsync(random.Next(), 16, "eio", async () =>
        {
            await Task.Delay(300, Cancellation);
            await using var tracer = await BrokenSync.BreakAsync(node.Process.Id, Cancellation);
            await WaitForAsync(() => cluster.Log.Ended.Any(ended => ended.Status == 503));
            var from = cluster.Log.Ended.Count;
            await node.Process.ExitedAsync(Cancellation);
            acknowledgedAfter = cluster.Log.Ended.Skip(from + 16).Count(ended => ended.Knowledge == Knowledge.Acknowledged);
        });

        acknowledgedAfter.ShouldBe(0);
        (await node.Process.StopAsync(Cancellation)).ExitCode.ShouldBe(3);
        await cluster.RestartAsync(node);
        await cluster.ConcludeAsync();
    }

    [Fact]
    public async Task A9_DamageIsTold_When_APageWasChanged()
    {
        await using var cluster = await Cluster.CreateAsync(DatabaseUnderTest.Sqlite, servers, output);
        var node = await cluster.StartNodeAsync();
        await cluster.EnrolAsync(40);
        await node.Process.StopAsync(Cancellation);
        Spoil(Path.Combine(cluster.Site.DataFolder, "laurel.db"));

        var doctor = await cluster.Site.RunVerbAsync(Cancellation, "doctor");
        // A process that was killed leaves its log behind; such a start looks the file over.
        await File.WriteAllBytesAsync(Path.Combine(cluster.Site.DataFolder, "laurel.db-wal"), new byte[1], Cancellation);
        var next = await cluster.RestartAsync(node);

        doctor.ExitCode.ShouldNotBe(0);
        doctor.Output.ShouldContain("The file is damaged");
        await WaitForAsync(() => (next.Process.Output + next.Process.Errors).Contains("The database file is damaged", StringComparison.Ordinal));
    }

    /// <summary>Changes the headers of the last pages of the file, which hold no part of the schema, as bad sectors might.</summary>
    private static void Spoil(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1);
        const int PageBytes = 2048;
        for (var page = 1; page <= 6; page++)
        {
            stream.Position = stream.Length - (page * PageBytes);
            stream.Write(Encoding.ASCII.GetBytes("a bad sector"));
        }
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(begun).ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(20, Cancellation);
        }
    }

    /// <summary>Verbs cannot see the node's disk, so its file is taken out when the node has ended.</summary>
    private static async Task ConcludeInsideAsync(Cluster cluster, Node node)
    {
        await cluster.SettleAndCompareAsync();
        var inside = $"/proc/{node.Process.Id}/root{cluster.Site.DataFolder}";
        foreach (var file in Directory.GetFiles(inside, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("lock", StringComparison.Ordinal)))
        {
            var copy = Path.Combine(cluster.Site.DataFolder, Path.GetRelativePath(inside, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        await cluster.Site.VerifyAsync(Cancellation);
    }
}
