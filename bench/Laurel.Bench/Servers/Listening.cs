using System.Diagnostics;
using System.Net.Sockets;

namespace Laurel.Bench.Servers;

/// <summary>Waits for a server that tells nobody when it is ready but by taking connections.</summary>
internal static class Listening
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <exception cref="BenchException">It ended, or takes no connection in time.</exception>
    public static async Task WaitAsync(int port, ChildProcess process, string name, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(port, cancellationToken))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(startedAt) > s_timeMax)
            {
                throw new BenchException($"{name} did not start.\n{process.Tail}");
            }

            await Task.Delay(s_pause, TimeProvider.System, cancellationToken);
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
}
