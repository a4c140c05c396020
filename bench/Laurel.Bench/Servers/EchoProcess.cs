using Laurel.Bench.Load;

namespace Laurel.Bench.Servers;

/// <summary>The echo server in a process of its own, as a server is.</summary>
internal sealed class EchoProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private EchoProcess(ChildProcess process, int port)
    {
        (_process, Port) = (process, port);
    }

    public int Port { get; }

    public int Id => _process.Id;

    public static async Task<EchoProcess> StartAsync(CancellationToken cancellationToken)
    {
        var port = ChildProcess.FreePort();
        var url = new Uri($"http://127.0.0.1:{port}");
        var process = ChildProcess.Start(OwnProgram.With("echo", url.GetLeftPart(UriPartial.Authority)));
        try
        {
            await Readiness.WaitAsync(url, process, cancellationToken);
            return new EchoProcess(process, port);
        }
        catch (Exception)
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
