using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Laurel.Bench.Load;

namespace Laurel.Bench.Servers;

/// <summary>A program to start.</summary>
internal sealed record ChildProgram
{
    public required string File { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Set on top of the environment of this process, of which the child never sees <c>LAUREL_*</c>,
    /// <c>ASPNETCORE_*</c> and <c>DATABASE_URL</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Null stays where this process is.</summary>
    public string? Folder { get; init; }

    /// <summary>Written to the child's standard input, which is then closed; null writes nothing.</summary>
    public string? Input { get; init; }

    /// <summary>The signal that asks the program to end.</summary>
    public int EndSignal { get; init; } = Native.SignalTerminate;
}

/// <summary>How a program ended.</summary>
internal sealed record ChildOutcome(int ExitCode, string Output, string Errors, TimeSpan Took)
{
    /// <summary>The output of a program that must succeed.</summary>
    /// <exception cref="BenchException">It did not.</exception>
    public string Require(string what) => ExitCode == 0
        ? Output
        : throw new BenchException($"{what} ended with {ExitCode}.\n{Output}\n{Errors}".TrimEnd());
}

/// <summary>The benchmark cannot go on; the message says why to who runs it.</summary>
internal sealed class BenchException(string message) : Exception(message);

/// <summary>A running program of ours; disposing it ends it, by its id.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int TailLinesMax = 60;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(20);

    private static readonly string[] s_hiddenVariables = ["LAUREL_", "ASPNETCORE_", "DATABASE_URL", "DOTNET_URLS"];

    private readonly Process _process;
    private readonly ChildProgram _program;
    private readonly Queue<string> _tail = new();
    private readonly Lock _lock = new();

    private ChildProcess(ChildProgram program, Process process)
    {
        (_program, _process) = (program, process);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines it wrote.</summary>
    public string Tail
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _tail);
            }
        }
    }

    /// <summary>Starts a program that serves until it is disposed.</summary>
    public static ChildProcess Start(ChildProgram program)
    {
        var child = new ChildProcess(program, StartProcess(program));
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="BenchException">It took longer than allowed; it was ended.</exception>
    public static async Task<ChildOutcome> RunAsync(
        ChildProgram program, TimeSpan timeMax, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        using var process = StartProcess(program);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeMax);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var took = Stopwatch.GetElapsedTime(startedAt);
            return new ChildOutcome(process.ExitCode, await output, await errors, took);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchException($"{program.File} {string.Join(' ', program.Arguments)} took over {timeMax}.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>A port of the loopback that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>SIGKILL: it has no say in this.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Native.Signal(_process.Id, _program.EndSignal);
            using var limit = new CancellationTokenSource(s_grace);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private static Process StartProcess(ChildProgram program)
    {
        var start = new ProcessStartInfo(program.File, program.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = program.Folder ?? "",
        };
        foreach (var name in start.Environment.Keys.Where(IsHidden).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in program.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new BenchException($"{program.File} did not start.");
        if (program.Input is not null)
        {
            process.StandardInput.Write(program.Input);
        }

        process.StandardInput.Close();
        return process;
    }

    private static bool IsHidden(string variable) => s_hiddenVariables.Any(variable.StartsWith);

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lock)
        {
            _tail.Enqueue(line);
            if (_tail.Count > TailLinesMax)
            {
                _tail.Dequeue();
            }
        }
    }
}
