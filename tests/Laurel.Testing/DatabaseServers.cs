namespace Laurel.Testing;

/// <summary>The databases that Laurel runs on.</summary>
public enum DatabaseUnderTest
{
    Sqlite,
    Postgres,
    MySql,
}

/// <summary>The servers behind the tests, as an assembly or class fixture; each starts when the first database of its kind is
/// asked for.</summary>
public sealed class DatabaseServers : IAsyncDisposable
{
    private readonly PostgresCluster _postgres = new();
    private readonly MySqlServer _mySql = new();

    /// <summary>Makes an empty database. Skips or fails the test where its server is not here.</summary>
    /// <returns>Its address, in the form of <c>DATABASE_URL</c>; null for SQLite.</returns>
    public async Task<string?> CreateDatabaseAsync(DatabaseUnderTest kind, CancellationToken cancellationToken) => kind switch
    {
        DatabaseUnderTest.Sqlite => null,
        DatabaseUnderTest.Postgres => await _postgres.CreateDatabaseAsync(cancellationToken),
        DatabaseUnderTest.MySql => await _mySql.CreateDatabaseAsync(cancellationToken),
    };

    /// <summary>Removes a database that <see cref="CreateDatabaseAsync"/> made.</summary>
    public Task DropDatabaseAsync(DatabaseUnderTest kind, string? url, CancellationToken cancellationToken) => kind switch
    {
        DatabaseUnderTest.Sqlite => Task.CompletedTask,
        DatabaseUnderTest.Postgres => _postgres.DropDatabaseAsync(url!, cancellationToken),
        DatabaseUnderTest.MySql => _mySql.DropDatabaseAsync(url!, cancellationToken),
    };

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _mySql.DisposeAsync();
    }
}
