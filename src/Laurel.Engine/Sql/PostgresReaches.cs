using System.Runtime.CompilerServices;
using Npgsql;

namespace Laurel.Engine.Sql;

/// <summary>What reach the connections of a pool were told last, so that one is told only when another takes its place: an installation of one
/// tenant tells each connection once.</summary>
/// <remarks>What stands for a connection to the server is the list of parameters that the driver keeps with it: there is one for each, and it goes with it.
/// Were it another each time, every connection would be told each time.</remarks>
internal sealed class PostgresReaches
{
    /// <summary>Tells a session, for as long as it lasts.</summary>
    public const string TellSession = "SELECT set_config('laurel.tenants', $1, false)";

    /// <summary>Tells a transaction, until it ends.</summary>
    public const string TellTransaction = "SELECT set_config('laurel.tenants', $1, true)";

    private readonly ConditionalWeakTable<object, Told> _told = [];

    private sealed record Told(Reach Reach);

    public bool Knows(NpgsqlConnection connection, Reach reach) => _told.TryGetValue(connection.PostgresParameters, out var told) && told.Reach == reach;

    public void Note(NpgsqlConnection connection, Reach reach) => _told.AddOrUpdate(connection.PostgresParameters, new Told(reach));

    public void Forget(NpgsqlConnection connection) => _told.Remove(connection.PostgresParameters);
}
