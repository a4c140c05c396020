namespace Laurel.Bench.Servers;

/// <summary>A Redis of our own, in memory alone (Debian's package <c>redis-server</c>).</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private const string Program = "/usr/bin/redis-server";

    private readonly ChildProcess _process;

    private RedisProcess(ChildProcess process, int port) => (_process, Url) = (process, $"redis://127.0.0.1:{port}");

    /// <summary>In the form of <c>REDIS_URL</c>.</summary>
    public string Url { get; }

    /// <exception cref="BenchException">Redis is not installed where Debian puts it, or does not start.</exception>
    public static async Task<RedisProcess> StartAsync(CancellationToken cancellationToken)
    {
        _ = File.Exists(Program) ? Program : throw new BenchException($"There is no {Program}; install the package redis-server.");
        var port = ChildProcess.FreePort();
        string[] arguments = ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        var process = ChildProcess.Start(new ChildProgram { File = Program, Arguments = arguments });
        await Listening.WaitAsync(port, process, "Redis", cancellationToken);
        return new RedisProcess(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
