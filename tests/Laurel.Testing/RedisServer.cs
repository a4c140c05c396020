using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Laurel.Testing;

/// <summary>A Redis of a test's own, in memory alone (Debian package <c>redis-server</c>). It can be killed, paused and filled.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    /// <summary>Why tests are skipped where there is none.</summary>
    public const string Missing = "redis-server is not here";

    private const string Program = "/usr/bin/redis-server";
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-redis-").FullName;
    private readonly IReadOnlyList<string> _options;
    private ChildProcess? _process;

    private RedisServer(int port, IReadOnlyList<string> options) => (Port, _options) = (port, options);

    public int Port { get; }

    /// <summary>In the form of <c>REDIS_URL</c>.</summary>
    public string Url => UrlAt(Port);

    /// <summary>The same server behind a proxy.</summary>
    public static string UrlAt(int port) => $"redis://127.0.0.1:{port}";

    /// <summary>Starts one. Skips or fails the test where there is no program to start.</summary>
    /// <param name="options">Further ones of its command line.</param>
    public static async Task<RedisServer> StartAsync(CancellationToken cancellationToken, params IReadOnlyList<string> options)
    {
        if (!File.Exists(Program))
        {
            Assert.False(Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1", Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
            Assert.Skip(Missing);
        }

        var server = new RedisServer(ChildProcess.FreePort(), options);
        await server.RunAsync(cancellationToken);
        return server;
    }

    /// <summary>Starts the server again, empty, on the same port.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder,
            "--enable-debug-command", "local", .. _options,
        ];
        _process = ChildProcess.Start(new ChildProgram { File = Program, Arguments = arguments, Folder = _folder });
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await CommandAsync(cancellationToken, "PING");
                return;
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                var waited = TimeProvider.System.GetElapsedTime(startedAt);
                Assert.False(_process.HasExited || waited > s_startTimeMax, $"Redis did not start: {exception.Message} {_process.Output}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>SIGKILL; returns when it is gone.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitAsync(cancellationToken);
        await _process.DisposeAsync();
    }

    /// <summary>Sends one command.</summary>
    /// <returns>The answer as it came over the wire, cut off at 64 KiB.</returns>
    public async Task<string> CommandAsync(CancellationToken cancellationToken, params IReadOnlyList<string> words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port, cancellationToken);
        var stream = client.GetStream();
        var command = new StringBuilder($"*{words.Count}\r\n");
        foreach (var word in words)
        {
            command.Append($"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(command.ToString()), cancellationToken);
        var buffer = new byte[64 * 1024];
        var length = 0;
        do
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            length += read > 0 ? read : throw new IOException("Redis closed the connection.");
        }
        while (buffer[length - 1] != '\n' || client.Available > 0);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
