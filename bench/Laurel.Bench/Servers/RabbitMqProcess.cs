namespace Laurel.Bench.Servers;

/// <summary>A RabbitMQ of our own (Debian's package <c>rabbitmq-server</c>); it and its files are gone when it is disposed.</summary>
/// <remarks>Nobody consumes here: queues keep their last ten thousand messages, so that a long run measures publishing and not a
/// broker that runs full.</remarks>
internal sealed class RabbitMqProcess : IAsyncDisposable
{
    private const string Binaries = "/usr/lib/rabbitmq/bin";
    private const string Owner = "rabbitmq";
    private static readonly TimeSpan s_stepTimeMax = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly int _port = ChildProcess.FreePort();
    private readonly Dictionary<string, string> _environment;
    private ChildProcess? _process;

    private RabbitMqProcess(string folder)
    {
        _folder = folder;
        _environment = new()
        {
            ["HOME"] = folder,
            ["RABBITMQ_NODENAME"] = $"laurel{_port}@localhost",
            ["RABBITMQ_NODE_PORT"] = $"{_port}",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_DIST_PORT"] = $"{ChildProcess.FreePort()}",
            ["ERL_EPMD_PORT"] = $"{ChildProcess.FreePort()}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "plugins"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq"),
            ["RABBITMQ_FEATURE_FLAGS_FILE"] = Path.Combine(folder, "feature_flags"),
            // Its schedulers do not spin while they wait: as RabbitMQ advises where it shares its cores ("Runtime Tuning").
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
        };
    }

    /// <summary>In the form of <c>RABBITMQ_URL</c>.</summary>
    public string Url => $"amqp://guest:guest@127.0.0.1:{_port}/";

    /// <exception cref="BenchException">RabbitMQ is not installed where Debian puts it, or does not start.</exception>
    public static async Task<RabbitMqProcess> StartAsync(string workFolder, CancellationToken cancellationToken)
    {
        var program = Path.Combine(Binaries, "rabbitmq-server");
        _ = File.Exists(program) ? program : throw new BenchException($"There is no {program}; install the package rabbitmq-server.");
        var folder = Directory.CreateDirectory(Path.Combine(workFolder, $"laurel-rabbitmq-{Path.GetRandomFileName()}")).FullName;
        var broker = new RabbitMqProcess(folder);
        try
        {
            await broker.StartAsync(cancellationToken);
            return broker;
        }
        catch (Exception)
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await ChildProcess.RunAsync(Program("rabbitmqctl", "--quiet", "shutdown"), s_stepTimeMax, CancellationToken.None);
            await _process.DisposeAsync();

            // The port mapper that the broker brought along, on a port of its own, outlives it.
            await ChildProcess.RunAsync(AsOwner("epmd", "-kill"), s_stepTimeMax, CancellationToken.None);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "rabbitmq.conf"), "disk_free_limit.absolute = 50MB\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugins"), "[].", cancellationToken);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync(new ChildProgram { File = "chown", Arguments = ["-R", Owner, _folder] }, cancellationToken);
        }

        _process = ChildProcess.Start(Program("rabbitmq-server"));
        await Listening.WaitAsync(_port, _process, "RabbitMQ", cancellationToken);
        await RunAsync(Program("rabbitmqctl", "--quiet", "await_startup"), cancellationToken);
        await RunAsync(
            Program("rabbitmqctl", "--quiet", "set_policy", "short", ".*", """{"max-length":10000,"overflow":"drop-head"}""", "--apply-to", "queues"),
            cancellationToken);
    }

    private static async Task RunAsync(ChildProgram program, CancellationToken cancellationToken) =>
        (await ChildProcess.RunAsync(program, s_stepTimeMax, cancellationToken)).Require($"{program.File} {string.Join(' ', program.Arguments)}");

    private ChildProgram Program(string name, params IReadOnlyList<string> arguments) => AsOwner(Path.Combine(Binaries, name), arguments);

    private ChildProgram AsOwner(string file, params IReadOnlyList<string> arguments) => Environment.IsPrivilegedProcess
        ? new ChildProgram { File = "runuser", Arguments = ["-u", Owner, "--", file, .. arguments], Environment = _environment, Folder = _folder }
        : new ChildProgram { File = file, Arguments = arguments, Environment = _environment, Folder = _folder };
}
