using System.Diagnostics;
using System.Globalization;
using MySql.Data.MySqlClient;
using Xunit;

namespace Laurel.Testing;

/// <summary>Three MariaDB servers that replicate each other (Galera), on the loopback. They and their files are gone when this is
/// disposed.</summary>
/// <remarks>Takes half a minute and three servers, so it is started only where <c>LAUREL_GALERA=1</c> asks for it.</remarks>
public sealed class GaleraCluster : IAsyncDisposable
{
    public const int NodeCount = 3;

    private const string Program = "/usr/sbin/mariadbd";
    private const string Installer = "/usr/bin/mariadb-install-db";
    private const string User = "mysql";
    private const string Provider = "/usr/lib/galera/libgalera_smm.so";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly string _folder;
    private readonly Node[] _nodes;

    private GaleraCluster(string folder, Node[] nodes) => (_folder, _nodes) = (folder, nodes);

    /// <summary>Starts a cluster with an empty database. Skips the test where nobody asked for one, or fails it where the programs are
    /// missing although somebody did.</summary>
    public static async Task<GaleraCluster> StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("LAUREL_GALERA") == "1", "Galera is started only where LAUREL_GALERA=1 asks for it");
        foreach (var file in (string[])[Program, Installer, Provider, "/usr/bin/rsync"])
        {
            Assert.True(File.Exists(file), $"LAUREL_GALERA asks for a cluster, and {file} is not here: apt-get install mariadb-server galera-4 rsync");
        }

        var folder = Directory.CreateTempSubdirectory("laurel-galera-").FullName;
        var nodes = Enumerable.Range(0, NodeCount).Select(i => new Node(Path.Combine(folder, $"node{i}"), ChildProcess.FreePort(), ChildProcess.FreePort(), ChildProcess.FreePort(), ChildProcess.FreePort())).ToArray();
        var cluster = new GaleraCluster(folder, nodes);
        try
        {
            // One after the other: a cluster is begun by one node, and each further one copies its state.
            for (var i = 0; i < NodeCount; i++)
            {
                await cluster.StartNodeAsync(i, cancellationToken);
            }

            Execute(cluster.UrlOf(0, "mysql"), "CREATE DATABASE laurel");
            return cluster;
        }
        catch (Exception)
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of Laurel's database on one node.</summary>
    public Uri UrlOf(int node) => UrlOf(node, "laurel");

    /// <summary>SIGKILL; returns when the server is gone.</summary>
    public async Task KillAsync(int node, CancellationToken cancellationToken)
    {
        _nodes[node].Process!.Kill();
        await _nodes[node].Process!.WaitAsync(cancellationToken);
    }

    /// <summary>Starts a node again, which catches up from the others; returns when it may be used.</summary>
    public Task RestartAsync(int node, CancellationToken cancellationToken) => StartNodeAsync(node, cancellationToken);

    /// <summary>How many nodes a node sees, itself included.</summary>
    public int SizeSeenBy(int node)
    {
        using var connection = MySqlServer.Connect(UrlOf(node, "mysql"));
        return int.Parse(StatusOf(connection, "wsrep_cluster_size"), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Where(node => node.Process is not null))
        {
            await node.Process!.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartNodeAsync(int index, CancellationToken cancellationToken)
    {
        var node = _nodes[index];
        // Not root: rsync, which copies the state, gives such rights away.
        string[] become = Environment.IsPrivilegedProcess ? [$"--user={User}"] : [];
        if (!Directory.Exists(node.Folder))
        {
            Directory.CreateDirectory(node.Folder);
            if (Environment.IsPrivilegedProcess)
            {
                await ChildProcess.RunAsync(new ChildProgram { File = "chown", Arguments = [User, _folder, node.Folder] }, cancellationToken);
            }

            var made = await ChildProcess.RunAsync(
                new ChildProgram
                {
                    File = Installer,
                    Arguments = ["--no-defaults", $"--datadir={node.Data}", $"--tmpdir={node.Folder}", .. become, "--auth-root-authentication-method=normal", "--skip-test-db"],
                    Folder = node.Folder,
                },
                cancellationToken);
            Assert.True(made.ExitCode == 0, $"mariadb-install-db ended with {made.ExitCode}: {made.Output} {made.Errors}");
        }

        var begins = index == 0 && _nodes[1..].All(other => other.Process is null);
        node.Process = ChildProcess.Start(new ChildProgram { File = Program, Arguments = [.. Arguments(node, begins), .. become], Folder = node.Folder });
        await WaitAsync(index, cancellationToken);
    }

    private string[] Arguments(Node node, bool begins) =>
    [
        "--no-defaults",
        $"--datadir={node.Data}",
        $"--tmpdir={node.Folder}",
        $"--port={node.Port}",
        "--bind-address=127.0.0.1",
        $"--socket={node.Folder}/socket",
        $"--pid-file={node.Folder}/pid",
        "--skip-name-resolve",
        "--max-connections=400",
        "--binlog-format=ROW",
        "--default-storage-engine=InnoDB",
        "--innodb-autoinc-lock-mode=2",
        "--innodb-buffer-pool-size=64M",
        // What a node loses by a crash the others still have: that is what is on trial here.
        "--innodb-flush-log-at-trx-commit=0",
        "--wsrep-on=ON",
        $"--wsrep-provider={Provider}",
        "--wsrep-cluster-name=laurel",
        begins ? "--wsrep-new-cluster" : "--wsrep-retry-autocommit=1",
        $"--wsrep-cluster-address=gcomm://{string.Join(',', _nodes.Select(other => $"127.0.0.1:{other.GroupPort}"))}",
        "--wsrep-node-address=127.0.0.1",
        $"--wsrep-node-name=node{Array.IndexOf(_nodes, node)}",
        "--wsrep-sst-method=rsync",
        $"--wsrep-sst-receive-address=127.0.0.1:{node.CopyPort}",
        "--wsrep-provider-options=" + string.Join(
            ';',
            $"gmcast.listen_addr=tcp://127.0.0.1:{node.GroupPort}",
            $"ist.recv_addr=127.0.0.1:{node.CatchUpPort}",
            "gcache.size=32M",
            "evs.keepalive_period=PT0.5S",
            "evs.suspect_timeout=PT2S",
            "evs.inactive_timeout=PT4S",
            "evs.install_timeout=PT4S"),
    ];

    private async Task WaitAsync(int index, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!IsReady(index, out var why))
        {
            var process = _nodes[index].Process!;
            Assert.False(
                process.HasExited || Stopwatch.GetElapsedTime(startedAt) > s_patience,
                $"Node {index} of Galera did not start: {why}\n{string.Join('\n', _nodes.Where(node => node.Process is not null).Select(node => EndOf(node.Process!.Errors)))}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    private static string EndOf(string text) => text[Math.Max(0, text.Length - 6_000)..];

    private bool IsReady(int index, out string why)
    {
        try
        {
            using var connection = MySqlServer.Connect(UrlOf(index, "mysql"));
            why = StatusOf(connection, "wsrep_local_state_comment");
            return why == "Synced" && StatusOf(connection, "wsrep_ready") == "ON";
        }
        catch (MySqlException exception)
        {
            why = exception.Message;
            return false;
        }
    }

    private Uri UrlOf(int node, string database) =>
        new(string.Create(CultureInfo.InvariantCulture, $"mysql://root@127.0.0.1:{_nodes[node].Port}/{database}"));

    private static string StatusOf(MySqlConnection connection, string name)
    {
        using var command = new MySqlCommand($"SHOW STATUS LIKE '{name}'", connection);
        using var reader = command.ExecuteReader();
        return reader.Read() ? reader.GetString(1) : "";
    }

    private static void Execute(Uri url, string sql)
    {
        using var connection = MySqlServer.Connect(url);
        using var command = new MySqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>One server: where its files are, and its ports for clients, for the group, for copies of the whole and for what a node
    /// missed.</summary>
    private sealed class Node(string folder, int port, int groupPort, int copyPort, int catchUpPort)
    {
        public string Folder { get; } = folder;

        public string Data => Path.Combine(Folder, "data");

        public int Port { get; } = port;

        public int GroupPort { get; } = groupPort;

        public int CopyPort { get; } = copyPort;

        public int CatchUpPort { get; } = catchUpPort;

        public ChildProcess? Process { get; set; }
    }
}
