namespace Laurel.Engine.Sql;

/// <summary>A reading connection that is kept from one question to the next. Not thread-safe.</summary>
/// <param name="open">Opens a connection of that kind.</param>
internal sealed class LastingReader(Database database, Func<Reach, CancellationToken, ValueTask<SqlSession>> open) : IAsyncDisposable
{
    private SqlSession? _session;

    /// <summary>Asks on the connection, opened where it has to be. One that was broken since it was last used says nothing of the
    /// database: the question is asked once more on a new one.</summary>
    /// <param name="reach">Whose rows the scripts of the question reach, outside of transactions.</param>
    public async Task<T> ReadAsync<T>(Reach reach, Func<SqlSession, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        if (_session is not null)
        {
            try
            {
                return await TryAsync(_session, reach, read, cancellationToken);
            }
            catch (Exception exception) when (database.Classify(exception) == SqlFailure.Unknown)
            {
                // Closed already.
            }
        }

        _session = await open(Reach.Nothing, cancellationToken);
        return await TryAsync(_session, reach, read, cancellationToken);
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private async Task<T> TryAsync<T>(SqlSession session, Reach reach, Func<SqlSession, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            session.Tell(reach);
            return await read(session, cancellationToken);
        }
        catch
        {
            await CloseAsync();
            throw;
        }
    }

    private async ValueTask CloseAsync()
    {
        var session = _session;
        _session = null;
        try
        {
            await (session?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch (Exception)
        {
            // The connection is broken already; the next question opens another.
        }
    }
}
