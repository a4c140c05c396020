using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Partitions;

/// <summary>On SQLite old replies are deleted through the lane, and no others.</summary>
public sealed class PruningRepliesTests : IDisposable
{
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-pruning-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task DeletesTheOldAlone_When_SomeArePastTheirAge()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var file = Path.Combine(_folder.FullName, "laurel.db");
        await using var database = new SqliteDatabase(file, readOnly: false);
        await PartitionedDatabase.MigratorOf(database).ApplyAsync(cancellationToken);
        var now = Instant.Now(TimeProvider.System);
        await WriteAsync(file, 1_000, now.Plus(-s_kept).Plus(TimeSpan.FromMinutes(-1)));
        await WriteAsync(file, 100, now.Plus(-s_kept).Plus(TimeSpan.FromMinutes(1)));
        var ids = new IdGenerator(TimeProvider.System, 0);
        var events = new EventSink(new EventHub(NullLogger<EventHub>.Instance));
        await using var lanes = new LaneSet(database, new LaneOptions(), () => ids, TimeProvider.System, new Random(1), events, NullLogger<LaneSet>.Instance);
        var pruning = new ReplyPruning(database, lanes, s_kept, TimeProvider.System);

        (await pruning.RunAsync(cancellationToken)).ShouldBe(1_000);
        (await pruning.RunAsync(cancellationToken)).ShouldBe(0);
        (await CountAsync(file)).ShouldBe(100);
    }

    private static async Task WriteAsync(string file, int rows, Instant at)
    {
        await using var connection = await OpenAsync(file);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows})
            INSERT INTO replies (key_hash, month, request_hash, applied, root_id, body, created_at)
            SELECT randomblob(16), {Month.Of(at).Number}, randomblob(16), 1, n, x'', {at.UnixMicroseconds} FROM s
            """;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(string file)
    {
        await using var connection = await OpenAsync(file);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM replies";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<SqliteConnection> OpenAsync(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
