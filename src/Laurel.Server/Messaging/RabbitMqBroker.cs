using RabbitMQ.Client;

namespace Laurel.Server.Messaging;

/// <summary>One connection to the broker, made when it is asked for and made anew when it broke.</summary>
/// <remarks>The client's own recovery is off: whoever uses the connection declares what it needs on a new one and goes on from what
/// is certain.</remarks>
/// <param name="name">What the broker's administrator sees.</param>
internal sealed partial class RabbitMqBroker(RabbitMqSettings settings, string name, ILogger<RabbitMqBroker> logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly ConnectionFactory _factory = new()
    {
        Uri = settings.Url,
        ClientProvidedName = name,
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        RequestedHeartbeat = TimeSpan.FromSeconds(10),
        ContinuationTimeout = TimeSpan.FromSeconds(10),
        HandshakeContinuationTimeout = TimeSpan.FromSeconds(5),
    };

    private volatile IConnection? _connection;
    private volatile string? _blocked;

    /// <summary>Why the broker takes no messages now, in its own words; null when it does, or has not said.</summary>
    public string? BlockedBecause => _blocked;

    /// <exception cref="IOException">When the broker cannot be reached.</exception>
    public async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsOpen: true } open)
        {
            return open;
        }

        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true } opened)
            {
                return opened;
            }

            await CloseAsync();
            var connection = await _factory.CreateConnectionAsync(cancellationToken);
            connection.ConnectionBlockedAsync += (_, blocked) =>
            {
                _blocked = blocked.Reason;
                Blocked(logger, blocked.Reason);
                return Task.CompletedTask;
            };
            connection.ConnectionUnblockedAsync += (_, _) =>
            {
                _blocked = null;
                Unblocked(logger);
                return Task.CompletedTask;
            };
            Connected(logger, name);
            return _connection = connection;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Whether the broker is there and takes messages.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken) =>
        (await ConnectAsync(cancellationToken)).IsOpen && BlockedBecause is null;

    /// <summary>Gives the connection up, whatever waits on it: what is not confirmed fails.</summary>
    public async Task CloseAsync()
    {
        var connection = _connection;
        (_connection, _blocked) = (null, null);
        if (connection is null)
        {
            return;
        }

        try
        {
            await connection.AbortAsync(TimeSpan.FromSeconds(1));
            await connection.DisposeAsync();
        }
        catch (Exception exception)
        {
            // It is given up either way.
            NotClosed(logger, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _connecting.Dispose();
    }

    [LoggerMessage(63, LogLevel.Information, "Connected to RabbitMQ as {Name}.")]
    private static partial void Connected(ILogger logger, string name);

    [LoggerMessage(64, LogLevel.Warning, "RabbitMQ takes no messages ({Reason}); the outbox keeps what waits.")]
    private static partial void Blocked(ILogger logger, string reason);

    [LoggerMessage(65, LogLevel.Information, "RabbitMQ takes messages again.")]
    private static partial void Unblocked(ILogger logger);

    [LoggerMessage(66, LogLevel.Debug, "A connection to RabbitMQ was given up.")]
    private static partial void NotClosed(ILogger logger, Exception exception);
}
