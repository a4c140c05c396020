using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Laurel.Testing;

/// <summary>A program to start.</summary>
public sealed record ChildProgram
{
    public required string File { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Set on top of this process's environment, of which the child never sees what sets up a Laurel; null
    /// leaves a variable out.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Null stays where this process is.</summary>
    public string? Folder { get; init; }

    /// <summary>The signal that asks it to end.</summary>
    internal int EndSignal { get; init; } = Signals.Terminate;
}

/// <summary>How a program ended.</summary>
public sealed record ChildOutcome(int ExitCode, string Output, string Errors);

/// <summary>A running program of ours; disposing it ends it, by its id.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int PortMin = 10_000;
    private const int PortCount = 20_000;

    // Test processes that run beside each other begin at different places.
    private static int s_ports = System.Security.Cryptography.RandomNumberGenerator.GetInt32(PortCount);

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);

    private static readonly string[] s_hiddenVariables = ["LAUREL_", "MEMBER_", "OTEL_", "ASPNETCORE_", "DATABASE_", "REDIS_URL", "RABBITMQ_URL", "DOTNET_URLS"];

    private readonly Process _process;
    private readonly ChildProgram _program;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private bool _disposed;

    private ChildProcess(ChildProgram program, Process process)
    {
        (_program, _process) = (program, process);
        process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>All it wrote to standard output so far.</summary>
    public string Output => Copy(_output);

    /// <summary>All it wrote to standard error so far.</summary>
    public string Errors => Copy(_errors);

    public static ChildProcess Start(ChildProgram program)
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

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program.File} did not start.");
        process.StandardInput.Close();
        return new ChildProcess(program, process);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="OperationCanceledException">It was ended before, because the token said so.</exception>
    public static async Task<ChildOutcome> RunAsync(ChildProgram program, CancellationToken cancellationToken)
    {
        await using var child = Start(program);
        return await child.WaitAsync(cancellationToken);
    }

    /// <summary>A port of the loopback that was free a moment ago, and that nobody else here is given.</summary>
    /// <remarks>Below the ports that the system gives to connections: between this call and the start of a server another process
    /// could otherwise get it for one.</remarks>
    public static int FreePort()
    {
        while (true)
        {
            var port = PortMin + (int)((uint)Interlocked.Increment(ref s_ports) % PortCount);
            using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    /// <summary>Waits until it has ended and all it wrote was read.</summary>
    public async Task<ChildOutcome> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return new ChildOutcome(_process.ExitCode, Output, Errors);
    }

    /// <summary>SIGKILL: it has no say in this.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Asks it to end (SIGTERM) without waiting.</summary>
    public void AskToEnd()
    {
        if (!_process.HasExited)
        {
            _ = Signals.Send(_process.Id, _program.EndSignal);
        }
    }

    /// <summary>SIGSTOP: it stands still, as on a machine that swaps or sleeps.</summary>
    public void Pause() => _ = Signals.Send(_process.Id, Signals.Stop);

    /// <summary>SIGCONT: it goes on as if no time had passed.</summary>
    public void Resume() => _ = Signals.Send(_process.Id, Signals.Continue);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        AskToEnd();
        using var patience = new CancellationTokenSource(s_grace);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static bool IsHidden(string variable) => s_hiddenVariables.Any(variable.StartsWith);

    private static void Keep(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
    }

    private static string Copy(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
