using System.Data.Common;
using Laurel.Engine.Sql;

namespace Laurel.Server.Hosting;

/// <summary>The database did not answer while a start waited for it.</summary>
public sealed class DatabaseAbsentException(TimeSpan waited, Exception inner) : Exception(
    $"The database did not answer for {waited.TotalSeconds:N0} s: {inner.GetBaseException().Message} "
    + "Look at DATABASE_URL and whether the server runs; LAUREL_DATABASE_WAIT_SECONDS is how long a start waits.",
    inner);

/// <summary>Waits at the start for a database that is not there yet: containers begin in any order.</summary>
internal static partial class DatabaseStart
{
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_tellEvery = TimeSpan.FromSeconds(5);

    /// <summary>Returns when the database answers. A wrong password or a missing database is told at once.</summary>
    /// <exception cref="DatabaseAbsentException">When it did not answer in time.</exception>
    public static async Task WaitAsync(Database database, TimeSpan patience, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        if (database is SqliteDatabase)
        {
            return;
        }

        var startedAt = clock.GetTimestamp();
        var toldAt = TimeSpan.MinValue;
        for (var pause = TimeSpan.FromMilliseconds(100); ; pause = pause * 2 > s_pauseMax ? s_pauseMax : pause * 2)
        {
            try
            {
                // Not as the role of DATABASE_ROLE: whether there is one is told later, with what to do.
                await using var session = await database.OpenOwnerAsync(cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is DbException or TimeoutException && database.IsOutage(exception))
            {
                var waited = clock.GetElapsedTime(startedAt);
                if (waited + pause > patience)
                {
                    throw new DatabaseAbsentException(waited, exception);
                }

                if (toldAt == TimeSpan.MinValue || waited - toldAt > s_tellEvery)
                {
                    toldAt = waited;
                    Waiting(logger, (int)(patience - waited).TotalSeconds, exception.GetBaseException().Message);
                }
            }

            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    [LoggerMessage(51, LogLevel.Warning, "The database does not answer yet; waiting for it, {Seconds} s more. {Reason}")]
    private static partial void Waiting(ILogger logger, int seconds, string reason);
}
