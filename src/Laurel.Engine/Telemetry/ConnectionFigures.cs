using System.Data;
using System.Data.Common;
using System.Diagnostics.Metrics;

namespace Laurel.Engine.Telemetry;

/// <summary>Counts the connections to the database that are in use.</summary>
internal static class ConnectionFigures
{
    private static int s_open;

    static ConnectionFigures() =>
        LaurelTelemetry.Meter.CreateObservableUpDownCounter(
            "member_db_connections", () => Volatile.Read(ref s_open), "{connection}", "Connections to the database in use.");

    /// <summary>Counts an open connection until it is closed, or is found broken.</summary>
    public static TConnection Count<TConnection>(TConnection connection)
        where TConnection : DbConnection
    {
        Interlocked.Increment(ref s_open);
        connection.StateChange += OnStateChange;
        return connection;
    }

    private static void OnStateChange(object sender, StateChangeEventArgs change)
    {
        if (change.CurrentState is ConnectionState.Closed or ConnectionState.Broken)
        {
            ((DbConnection)sender).StateChange -= OnStateChange;
            Interlocked.Decrement(ref s_open);
        }
    }
}
