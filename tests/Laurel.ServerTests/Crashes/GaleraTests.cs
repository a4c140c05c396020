using System.Collections.Concurrent;
using System.Diagnostics;
using Dapper;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Crashes;

/// <summary>Three Laurels, each on its own node of a Galera cluster, share their hot members; one database node is killed under load.
/// Nothing that was acknowledged is lost, and nothing is there twice.</summary>
/// <remarks>Only where <c>LAUREL_GALERA=1</c> asks for it; takes about a minute.</remarks>
public sealed class GaleraTests(ITestOutputHelper output)
{
    private const int ClientsOfServer = 8;
    private const int MemberCount = 20;
    private const long Opening = 1_000_000_000;
    private const int Killed = 2;

    private static readonly TimeSpan s_beforeKill = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_load = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KeepsEveryAcknowledgedWrite_When_ADatabaseNodeIsKilled()
    {
        await using var cluster = await GaleraCluster.StartAsync(Cancellation);
        await using var site = LaurelSite.On(cluster.UrlOf(0));
        var servers = new List<LaurelServer>();
        try
        {
            for (var i = 0; i < GaleraCluster.NodeCount; i++)
            {
                servers.Add(await LaurelServer.StartAsync(ProgramOn(site, cluster.UrlOf(i)), Cancellation));
            }

            var members = await AtOnce.RunAsync(MemberCount, i => RegisterAsync(servers[i % servers.Count], i));
            var traffic = new Clients(servers, members, s_load);
            var running = traffic.RunAsync();
            await Task.Delay(s_beforeKill, TimeProvider.System, Cancellation);
            await cluster.KillAsync(Killed, Cancellation);
            await running;

            output.WriteLine(traffic.ToString());
            foreach (var server in servers)
            {
                output.WriteLine(server.Process.Output[^Math.Min(4000, server.Process.Output.Length)..]);
            }

            traffic.Strange.ShouldBeEmpty();
            traffic.Writes.Count.ShouldBeGreaterThan(200);
            traffic.Writes.Count(write => write.AcknowledgedBy == Killed).ShouldBeGreaterThan(0);
            traffic.Writes.Count(write => write.Attempts > 1).ShouldBeGreaterThan(0);
            cluster.SizeSeenBy(0).ShouldBe(GaleraCluster.NodeCount - 1);
            await RequireEachOnceAsync(cluster.UrlOf(1), traffic.Writes);
            await RequireBalancesAsync(servers[0], members, traffic.Writes);
            await VerifyAsync(site, cluster.UrlOf(1));

            // The node that was killed comes back, and has what it missed.
            await cluster.RestartAsync(Killed, Cancellation);
            await RequireEachOnceAsync(cluster.UrlOf(Killed), traffic.Writes);
            await UntilDoneAsync(() => servers[Killed].EarnAsync(members[0], 1, "after the return"));
            await VerifyAsync(site, cluster.UrlOf(Killed));
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static Func<IReadOnlyList<string>, ChildProgram> ProgramOn(LaurelSite site, Uri database) => arguments =>
    {
        var program = site.Program(arguments);
        return program with { Environment = new Dictionary<string, string?>(program.Environment) { ["DATABASE_URL"] = database.AbsoluteUri } };
    };

    private static async Task<string> RegisterAsync(LaurelServer server, int number)
    {
        while (true)
        {
            var answer = await server.RegisterAsync($"m{number}");
            if (answer.Status == 201)
            {
                var id = answer.TextOf("id")!;
                await UntilDoneAsync(() => server.AdjustAsync(id, Opening - 100, $"opening of {number}"));
                return id;
            }

            answer.Status.ShouldBe(503, answer.Text);
        }
    }

    private static async Task UntilDoneAsync(Func<Task<Answer>> call)
    {
        Answer answer;
        while ((answer = await call()).Status != 200)
        {
            answer.Status.ShouldBe(503, answer.Text);
        }
    }

    /// <summary>I4: each reference that was acknowledged has its entry, and none has two.</summary>
    private static async Task RequireEachOnceAsync(Uri database, IReadOnlyCollection<SentWrite> writes)
    {
        await using var connection = MySqlServer.Connect(database);
        var stored = (await connection.QueryAsync<(string Reference, long Count)>(new CommandDefinition(
            "SELECT reference_id, COUNT(*) FROM entries WHERE kind IN ('earn', 'spend') AND reference_type = 'test' AND unit = 'points' GROUP BY reference_id",
            cancellationToken: Cancellation))).ToDictionary(row => row.Reference, row => row.Count);
        writes.Where(write => stored.GetValueOrDefault(write.Reference) == 0).Select(write => write.Reference).ShouldBeEmpty("acknowledged and lost");
        stored.Where(row => row.Value > 1).Select(row => row.Key).ShouldBeEmpty("there twice");
    }

    private static async Task RequireBalancesAsync(LaurelServer server, IReadOnlyList<string> members, IReadOnlyCollection<SentWrite> writes)
    {
        foreach (var member in members)
        {
            var expected = Opening + writes.Where(write => write.Member == member).Sum(write => write.Effect);
            (await server.PointsAsync(member)).Available.ShouldBe(expected);
        }
    }

    private static async Task VerifyAsync(LaurelSite site, Uri database)
    {
        var outcome = await ChildProcess.RunAsync(ProgramOn(site, database)(["verify"]), Cancellation);
        outcome.ExitCode.ShouldBe(0, outcome.Output + outcome.Errors);
    }

    /// <summary>A write that was acknowledged in the end.</summary>
    private sealed record SentWrite(string Member, long Effect, string Reference, int Attempts, int AcknowledgedBy);

    /// <summary>Clients that repeat what was not answered with success, on the next server, until it is.</summary>
    private sealed class Clients(IReadOnlyList<LaurelServer> servers, IReadOnlyList<string> members, TimeSpan duration)
    {
        private readonly ConcurrentBag<SentWrite> _writes = [];
        private readonly ConcurrentBag<string> _strange = [];
        private readonly ConcurrentDictionary<string, int> _outcomes = new();

        public IReadOnlyCollection<SentWrite> Writes => _writes;

        public IReadOnlyCollection<string> Strange => _strange;

        public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, servers.Count * ClientsOfServer).Select(RunAsync));

        public override string ToString() => $"{_writes.Count} acknowledged; answers {string.Join(", ", _outcomes.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}"))}";

        private async Task RunAsync(int client)
        {
            var random = new Random(client);
            var startedAt = Stopwatch.GetTimestamp();
            for (var i = 0; Stopwatch.GetElapsedTime(startedAt) < duration; i++)
            {
                var (member, points, spends) = (members[random.Next(members.Count)], random.Next(1, 100), random.Next(3) == 0);
                await SendAsync(client, new SentWrite(member, spends ? -points : points, $"{client}-{i}", 1, client % servers.Count));
            }
        }

        private async Task SendAsync(int client, SentWrite write)
        {
            for (var attempt = 1; ; attempt++)
            {
                var server = (client + attempt - 1) % servers.Count;
                var outcome = await TryAsync(servers[server], write);
                _outcomes.AddOrUpdate($"node {server} {outcome}", 1, (_, count) => count + 1);
                if (outcome == "200")
                {
                    _writes.Add(write with { Attempts = attempt, AcknowledgedBy = server });
                    return;
                }

                if (!outcome.StartsWith("503", StringComparison.Ordinal))
                {
                    _strange.Add(outcome);
                    return;
                }
            }
        }

        private static async Task<string> TryAsync(LaurelServer server, SentWrite write)
        {
            try
            {
                var answer = write.Effect < 0
                    ? await server.SpendAsync(write.Member, -write.Effect, write.Reference)
                    : await server.EarnAsync(write.Member, write.Effect, write.Reference);
                return answer.Outcome;
            }
            catch (TaskCanceledException) when (!Cancellation.IsCancellationRequested)
            {
                return "no answer";
            }
        }
    }
}
