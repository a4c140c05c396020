using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Laurel.Engine.Telemetry;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Laurel.Identity.Passwords;

/// <summary>Hashes passwords, and compares them, on threads of its own that give way to all others: a hash is meant to be slow, the ledger is not.</summary>
/// <remarks>Results are told by one more thread, which gives way to nobody: whoever waits goes on in the thread pool, and a worker that the pool makes for
/// it has the priority of the thread that asked for it, for as long as it lives. PBKDF2 with HMAC-SHA-512 as ASP.NET Core Identity stores it. A comparison for a user that is not there, or has no password, does the same work
/// as one for a user that is.</remarks>
public sealed class PasswordWork : IDisposable
{
    /// <summary>About 55 ms of a core here; the framework itself takes 100,000.</summary>
    public const int Iterations = 120_000;

    /// <summary>How many wait at the most; more are refused at once.</summary>
    public const int QueueMax = 64;

    private static readonly Counter<long> s_done = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_password_hashes_total", description: "Password hashes reckoned: new, compare, or dummy for a user that is not there.");

    private readonly PasswordHasher<PasswordWork> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly BlockingCollection<Action> _queue = new(QueueMax);
    private readonly BlockingCollection<Action> _results = [];
    private readonly Lazy<string> _nobodys;
    private int _working;

    public PasswordWork(int threads)
    {
        _working = threads;
        _nobodys = new Lazy<string>(() => _hasher.HashPassword(this, RandomNumberGenerator.GetHexString(32)));
        for (var i = 0; i < threads; i++)
        {
            new Thread(Run) { IsBackground = true, Name = "passwords", Priority = ThreadPriority.BelowNormal }.Start();
        }

        new Thread(Tell) { IsBackground = true, Name = "passwords told" }.Start();
    }

    /// <summary>One thread for each two cores.</summary>
    public static int ThreadsByDefault => Math.Max(1, Environment.ProcessorCount / 2);

    public void Dispose() => _queue.CompleteAdding();

    /// <summary>The form to store.</summary>
    /// <returns>Null when too many wait.</returns>
    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        DoAsync<string>("new", () => _hasher.HashPassword(this, password), cancellationToken);

    /// <summary>Whether a password is the one that was stored.</summary>
    /// <param name="stored">Null where there is none; then the work is done for nothing.</param>
    /// <returns>Null when too many wait.</returns>
    public async Task<bool?> IsRightAsync(string? stored, string password, CancellationToken cancellationToken)
    {
        var verified = await DoAsync<object>(
            stored is null ? "dummy" : "compare",
            () => _hasher.VerifyHashedPassword(this, stored ?? _nobodys.Value, password),
            cancellationToken);
        return verified is null ? null : stored is not null && verified is not PasswordVerificationResult.Failed;
    }

    [SuppressMessage("Design", "CA1031", Justification = "What went wrong is told to who waits for it.")]
    private async Task<T?> DoAsync<T>(string purpose, Func<T> work, CancellationToken cancellationToken)
        where T : class
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var queued = TryQueue(() =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _results.Add(() => done.TrySetCanceled(cancellationToken));
                return;
            }

            try
            {
                var result = work();
                s_done.Add(1, new KeyValuePair<string, object?>("purpose", purpose));
                _results.Add(() => done.TrySetResult(result));
            }
            catch (Exception exception)
            {
                _results.Add(() => done.TrySetException(exception));
            }
        });
        return queued ? await done.Task : null;
    }

    private bool TryQueue(Action work)
    {
        try
        {
            return _queue.TryAdd(work);
        }
        catch (InvalidOperationException)
        {
            // The node is ending and takes no more.
            return false;
        }
    }

    private void Run()
    {
        PoliteThread.GiveWay();
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            work();
        }

        if (Interlocked.Decrement(ref _working) == 0)
        {
            _results.CompleteAdding();
        }
    }

    private void Tell()
    {
        foreach (var tell in _results.GetConsumingEnumerable())
        {
            tell();
        }
    }
}
