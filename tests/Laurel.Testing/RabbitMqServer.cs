using System.Diagnostics;
using System.Net.Sockets;
using Xunit;

namespace Laurel.Testing;

/// <summary>A RabbitMQ to test on, which a test may stop and start; it starts when the first virtual host is asked for, and its files and
/// its process are gone when this is disposed.</summary>
/// <remarks>Debian's package <c>rabbitmq-server</c>. As root it runs as its own user. Where the environment variable <c>LAUREL_TEST_RABBITMQ</c>
/// is <c>off</c>, or the package is not here, tests are skipped.</remarks>
public sealed class RabbitMqServer : IAsyncDisposable
{
    /// <summary>Why tests are skipped where there is none.</summary>
    public const string Missing = "RabbitMQ is not here";

    private const string Binaries = "/usr/lib/rabbitmq/bin";
    private const string Owner = "rabbitmq";
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-rabbitmq-");
    private readonly Dictionary<string, string?> _environment;
    private readonly int _port = ChildProcess.FreePort();
    private ChildProcess? _process;
    private int _hosts;

    public RabbitMqServer()
    {
        // Without a name server and a port mapper of its own, two tests' brokers would meet.
        _environment = new()
        {
            ["HOME"] = _folder.FullName,
            ["RABBITMQ_NODENAME"] = $"laurel{_port}@localhost",
            ["RABBITMQ_NODE_PORT"] = $"{_port}",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_DIST_PORT"] = $"{ChildProcess.FreePort()}",
            ["ERL_EPMD_PORT"] = $"{ChildProcess.FreePort()}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder.FullName, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder.FullName, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder.FullName, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder.FullName, "plugins"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder.FullName, "rabbitmq"),
            ["RABBITMQ_FEATURE_FLAGS_FILE"] = Path.Combine(_folder.FullName, "feature_flags"),
            // Two schedulers do for a test, and an idle one must not spin on a small machine.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
        };
    }

    /// <summary>Makes an empty virtual host. Skips the test when there is no broker, or fails it when <c>LAUREL_REQUIRE_SERVERS=1</c>.</summary>
    /// <returns>Its address, in the form of <c>RABBITMQ_URL</c>.</returns>
    public async Task<Uri> CreateHostAsync(CancellationToken cancellationToken)
    {
        Require();
        if (_process is null)
        {
            await PrepareAsync(cancellationToken);
            await StartAsync(cancellationToken);
        }

        var name = $"test{++_hosts}";
        await ControlAsync(cancellationToken, "add_vhost", name);
        await ControlAsync(cancellationToken, "set_permissions", "-p", name, "guest", ".*", ".*", ".*");
        return new Uri($"amqp://guest:guest@127.0.0.1:{_port}/{name}");
    }

    /// <summary>Starts the broker again, with what it had.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = ChildProcess.Start(Program("rabbitmq-server", []));
        var startedAt = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(cancellationToken))
        {
            Assert.False(
                _process.HasExited || Stopwatch.GetElapsedTime(startedAt) > s_startTimeMax,
                $"RabbitMQ did not start: {_process.Output} {_process.Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }

        await ControlAsync(cancellationToken, "await_startup");
    }

    /// <summary>Ends the broker: whoever is connected is cut off. What it has acknowledged is on its disk.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_process is { } process)
        {
            await ControlAsync(cancellationToken, "shutdown");
            await process.DisposeAsync();
            _process = null;
        }
    }

    /// <summary>Runs <c>rabbitmqctl</c> and returns what it printed.</summary>
    public async Task<string> ControlAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        var outcome = await ChildProcess.RunAsync(Program("rabbitmqctl", ["--quiet", .. arguments]), cancellationToken);
        Assert.True(outcome.ExitCode == 0, $"rabbitmqctl {string.Join(' ', arguments)} ended with {outcome.ExitCode}: {outcome.Output} {outcome.Errors}");
        return outcome.Output;
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await StopAsync(patience.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // It is ended below, whatever state it is in.
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (_hosts > 0)
        {
            // The port mapper that the broker brought along, on a port of its own, outlives it.
            await ChildProcess.RunAsync(Raw("epmd", ["-kill"]), CancellationToken.None);
        }

        _folder.Delete(recursive: true);
    }

    private static void Require()
    {
        if (Environment.GetEnvironmentVariable("LAUREL_TEST_RABBITMQ") != "off" && File.Exists(Path.Combine(Binaries, "rabbitmq-server")))
        {
            return;
        }

        Assert.False(
            Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.Skip(Missing);
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var settings = "vm_memory_high_watermark.absolute = 1GB\ndisk_free_limit.absolute = 50MB\n";
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "rabbitmq.conf"), settings, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "plugins"), "[].", cancellationToken);
        if (Environment.IsPrivilegedProcess)
        {
            var outcome = await ChildProcess.RunAsync(new ChildProgram { File = "chown", Arguments = ["-R", Owner, _folder.FullName] }, cancellationToken);
            Assert.True(outcome.ExitCode == 0, outcome.Errors);
        }
    }

    private static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<bool> AnswersAsync(CancellationToken cancellationToken) => AnswersAsync(_port, cancellationToken);

    private ChildProgram Program(string name, IReadOnlyList<string> arguments) => Raw(Path.Combine(Binaries, name), arguments);

    private ChildProgram Raw(string file, IReadOnlyList<string> arguments) => Environment.IsPrivilegedProcess
        ? new ChildProgram { File = "runuser", Arguments = ["-u", Owner, "--", file, .. arguments], Environment = _environment, Folder = _folder.FullName }
        : new ChildProgram { File = file, Arguments = arguments, Environment = _environment, Folder = _folder.FullName };
}
