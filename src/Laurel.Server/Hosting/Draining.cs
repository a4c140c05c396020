namespace Laurel.Server.Hosting;

/// <summary>A node that was asked to stop first says so and goes on serving for a while, so that whoever stands in front of it sends
/// no new request into a door that closes.</summary>
/// <remarks><c>/ready</c> answers 503 from the signal on, and every answer asks for its connection to be closed: a proxy that asks
/// nobody's health learns it this way. Runs before the web server stops listening.</remarks>
internal sealed partial class Draining(TimeSpan duration, TimeProvider clock, ILogger<Draining> logger) : IHostedLifecycleService
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _begun;

    public bool HasBegun => _begun;

    /// <summary>Ends when it has drained, before the web server stops listening: what would go on for ever ends then.</summary>
    public Task Over => _over.Task;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _begun = true;
        Began(logger, (int)duration.TotalSeconds);
        await Task.Delay(duration, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.TrySetResult();
    }

    /// <summary>Asks for the connection of each answer to be closed once draining has begun (RFC 9112 §9.6).</summary>
    public Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        if (_begun)
        {
            context.Response.Headers.Connection = "close";
        }

        return next(context);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(50, LogLevel.Information, "Asked to stop: this node is no longer ready, serves for {Seconds} s more and then finishes what it has accepted.")]
    private static partial void Began(ILogger logger, int seconds);
}
