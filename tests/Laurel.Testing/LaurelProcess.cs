using System.Diagnostics;
using System.Net;
using Xunit;

namespace Laurel.Testing;

/// <summary>A running Laurel server, in a process of its own.</summary>
public sealed class LaurelProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_readyTimeMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly ChildProcess _process;

    private LaurelProcess(ChildProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <summary>From the start of the process to the first 200 of <c>/ready</c>.</summary>
    public TimeSpan ReadyAfter { get; private init; }

    /// <summary>What it wrote to standard output so far.</summary>
    public string Output => _process.Output;

    /// <summary>What it wrote to standard error so far.</summary>
    public string Errors => _process.Errors;

    /// <summary>Starts <c>serve</c> on the loopback and waits until it is ready.</summary>
    /// <param name="program">How Laurel is started with these arguments.</param>
    /// <param name="port">Where it listens; null takes a free one.</param>
    public static async Task<LaurelProcess> StartAsync(
        Func<IReadOnlyList<string>, ChildProgram> program,
        CancellationToken cancellationToken,
        int? port = null)
    {
        var address = new Uri($"http://127.0.0.1:{port ?? ChildProcess.FreePort()}");
        var startedAt = Stopwatch.GetTimestamp();
        var process = ChildProcess.Start(program(["serve", "--urls", address.GetLeftPart(UriPartial.Authority)]));
        try
        {
            await WaitAsync(address, process, cancellationToken);
            return new LaurelProcess(process, address) { ReadyAfter = Stopwatch.GetElapsedTime(startedAt) };
        }
        catch (Exception)
        {
            process.Kill();
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitAsync(cancellationToken);
    }

    /// <summary>Returns when the process has ended by itself.</summary>
    public Task<ChildOutcome> ExitedAsync(CancellationToken cancellationToken) => _process.WaitAsync(cancellationToken);

    /// <summary>SIGTERM; returns when the process has ended.</summary>
    public Task<ChildOutcome> StopAsync(CancellationToken cancellationToken)
    {
        _process.AskToEnd();
        return _process.WaitAsync(cancellationToken);
    }

    /// <summary>SIGTERM, without waiting.</summary>
    public void AskToEnd() => _process.AskToEnd();

    /// <summary>SIGSTOP: it stands still until <see cref="Resume"/>.</summary>
    public void Pause() => _process.Pause();

    /// <summary>SIGCONT.</summary>
    public void Resume() => _process.Resume();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task WaitAsync(Uri address, ChildProcess process, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
        var startedAt = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(client, cancellationToken))
        {
            Assert.False(
                process.HasExited || Stopwatch.GetElapsedTime(startedAt) > s_readyTimeMax,
                $"The server at {address} is not ready.\n{process.Output}\n{process.Errors}");
            await Task.Delay(s_pause, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/ready", UriKind.Relative), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
