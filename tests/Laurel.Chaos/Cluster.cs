using Laurel.Chaos.History;
using Laurel.Chaos.Oracles;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.Chaos;

/// <summary>One installation with its nodes, the members of a run and what happened to them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const long Opening = 1_000_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_settlingMax = TimeSpan.FromSeconds(60);

    private readonly ITestOutputHelper _output;
    private readonly List<Node> _nodes = [];
    private readonly List<Node> _ended = [];

    private Cluster(LaurelSite site, TcpProxy? proxy, ITestOutputHelper output) => (Site, Proxy, _output) = (site, proxy, output);

    public LaurelSite Site { get; }

    /// <summary>What stands between the nodes and their database server; null on SQLite.</summary>
    public TcpProxy? Proxy { get; }

    public CallLog Log { get; } = new();

    public IReadOnlyList<string> Members { get; private set; } = [];

    public IReadOnlyList<Node> Nodes => _nodes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An empty installation. Skips or fails the case where its database is not here.</summary>
    public static async Task<Cluster> CreateAsync(DatabaseUnderTest database, DatabaseServers servers, ITestOutputHelper output)
    {
        var site = await LaurelSite.CreateAsync(database, servers, Cancellation);
        var proxy = site.DatabaseUrl is { } url ? new TcpProxy(url.Port) : null;
        return new Cluster(site, proxy, output);
    }

    /// <summary>Starts one more node; the first one's members are enrolled with the next call.</summary>
    /// <param name="wrap">Changes how the program is started; null leaves it as it is.</param>
    public async Task<Node> StartNodeAsync(Func<ChildProgram, ChildProgram>? wrap = null)
    {
        var node = await Node.StartAsync(arguments => (wrap ?? (program => program))(Program(arguments)), s_patience, Cancellation);
        _nodes.Add(node);
        return node;
    }

    public async Task EnrolAsync(int count)
    {
        var shop = _nodes[0].Shop;
        Members = await Task.WhenAll(Enumerable.Range(0, count).Select(i => shop.EnrolAsync($"m{i}", Opening, Cancellation)));
    }

    /// <summary>Drives all nodes until the faults have been done.</summary>
    public async Task DriveAsync(int seed, int clientCount, string name, Func<Task> faults)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var drive = new Drive(Members, Log, clientCount, name) { ShopOf = client => _nodes[client % _nodes.Count].Shop };
        var running = drive.RunAsync(seed, until.Token);
        try
        {
            await faults();
        }
        finally
        {
            await until.CancelAsync();
            await running;
        }
    }

    /// <summary>Waits until so many calls have ended, however long the machine takes for them.</summary>
    public async Task ReachAsync(int calls)
    {
        while (Log.Ended.Count < calls)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>Replaces a node that has ended by a new one at another address.</summary>
    public async Task<Node> RestartAsync(Node node)
    {
        var next = await Node.StartAsync(Program, s_patience, Cancellation);
        _nodes[_nodes.IndexOf(node)] = next;
        _ended.Add(node);
        await node.DisposeAsync();
        return next;
    }

    /// <summary>Faults are over: every call's fate is made certain by asking again, and the books are compared with what the callers
    /// were told (I4, I5), with themselves (<c>verify</c>) and by hledger.</summary>
    public async Task ConcludeAsync()
    {
        _output.WriteLine($"{Log.Count(Knowledge.Acknowledged)} acknowledged, {Log.Count(Knowledge.Refused)} refused, {Log.Count(Knowledge.Unknown)} unanswered");
        try
        {
            Log.Strange().ShouldBeEmpty();
            await SettleAndCompareAsync();
            await Site.VerifyAsync(Cancellation);
            await Hledger.AgreesAsync(Site, _nodes[0].Shop, Members, Cancellation);
        }
        catch (Exception)
        {
            var file = Path.Combine(Path.GetTempPath(), $"laurel-chaos-{Path.GetRandomFileName()}.jsonl");
            await Log.WriteAsync(file, CancellationToken.None);
            _output.WriteLine($"The history is in {file}.");
            foreach (var line in _ended.Concat(_nodes).SelectMany(node => (node.Process.Output + node.Process.Errors).Split('\n')).Where(IsError).Take(20))
            {
                _output.WriteLine(line);
            }

            throw;
        }
    }

    /// <summary>The first part of <see cref="ConcludeAsync"/>: what the callers were told is what the nodes tell now.</summary>
    public async Task SettleAndCompareAsync() => await CompareAsync(await SettleAsync());

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (Proxy is not null)
        {
            await Proxy.DisposeAsync();
        }

        await Site.DisposeAsync();
    }

    private static bool IsError(string line) =>
        line.Contains("\"LogLevel\":\"Error\"", StringComparison.Ordinal) || line.Contains("\"LogLevel\":\"Critical\"", StringComparison.Ordinal);

    private async Task<IReadOnlyCollection<Call>> SettleAsync()
    {
        var carriedOut = new System.Collections.Concurrent.ConcurrentBag<Call>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancellation };
        await Parallel.ForEachAsync(Log.Ended, options, async (ended, cancellationToken) =>
        {
            var (again, replayed) = await AskAgainAsync(ended.Call, cancellationToken);
            if (ended.Knowledge == Knowledge.Acknowledged)
            {
                replayed.ShouldBeTrue($"{ended.Call.Key} was acknowledged and is lost");
                again.Answer.ShouldBe(ended.Answer, $"{ended.Call.Key} is answered otherwise than before");
            }

            if (again.Knowledge == Knowledge.Acknowledged)
            {
                ended.Knowledge.ShouldNotBe(Knowledge.Refused, $"{ended.Call.Key} was refused and is carried out now");
                carriedOut.Add(ended.Call);
            }
        });
        return carriedOut;
    }

    private async Task<(Ended Again, bool Replayed)> AskAgainAsync(Call call, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (again, replayed) = await _nodes[0].Shop.TrySendAsync(call, cancellationToken);
            if (again.Knowledge != Knowledge.Unknown)
            {
                return (again, replayed);
            }

            TimeProvider.System.GetElapsedTime(begun).ShouldBeLessThan(s_settlingMax, $"{call.Key} is answered {again.Status} {again.Answer} though the faults are over");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    private async Task CompareAsync(IReadOnlyCollection<Call> carriedOut)
    {
        var expected = Members.ToDictionary(member => member, _ => Opening);
        foreach (var (member, points) in carriedOut.SelectMany(call => call.Effects))
        {
            expected[member] += points;
        }

        foreach (var node in _nodes)
        {
            var standings = await Task.WhenAll(Members.Select(async member => (member, await node.Shop.AvailableAsync(member, Cancellation))));
            standings.ToDictionary(s => s.member, s => s.Item2).ShouldBe(expected, ignoreOrder: true);
        }
    }

    /// <summary>A node reaches its database through the proxy; verbs and oracles go straight to it.</summary>
    private ChildProgram Program(IReadOnlyList<string> arguments)
    {
        var program = Site.Program(arguments);
        if (Proxy is null)
        {
            return program;
        }

        var through = new UriBuilder(Site.DatabaseUrl!) { Port = Proxy.Port }.Uri.AbsoluteUri;
        return program with { Environment = new Dictionary<string, string?>(program.Environment) { ["DATABASE_URL"] = through } };
    }
}
