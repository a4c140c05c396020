using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Files;

namespace Laurel.Membership.Avatars;

/// <summary>Removes files that nobody keeps: first from the store, then from the list, so that one that is cut off begins again.</summary>
public sealed class FileClearing(Database database, LaneSet lanes, IFileStore files, TimeProvider clock)
{
    private const int FilesOfPiece = 128;

    private const string Due = "SELECT tenant_id AS Tenant, name AS Name FROM file_removals WHERE due_at <= @Now ORDER BY due_at LIMIT @Limit";

    private sealed class Row
    {
        public int Tenant { get; init; }

        public required string Name { get; init; }
    }

    /// <summary>Runs until nothing is due.</summary>
    /// <returns>Files removed.</returns>
    /// <exception cref="FileStoreUnavailableException">When the store does not answer; the next run goes on.</exception>
    /// <exception cref="ReadUnavailableException">When a piece could not be written; the next run goes on.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        for (var removed = 0; ;)
        {
            var due = await FindAsync(cancellationToken);
            if (due.Count == 0)
            {
                return removed;
            }

            foreach (var one in due)
            {
                Invariant.Require(FileName.TryParse(one.Name, out var name), "Only files are to be removed.");
                await files.RemoveAsync(name, cancellationToken);
            }

            if (await lanes.SubmitAsync(new LaneWrite("files").Add(AvatarFiles.Strike, due), cancellationToken) is Outcome.Failed failed)
            {
                throw new ReadUnavailableException($"Removed files could not be taken off their list: {failed.Refusal.Code}.", null);
            }

            removed += due.Count;
        }
    }

    private async Task<IReadOnlyList<FileRemoval>> FindAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(cancellationToken);
        using var timed = database.Times.Begin("files.due");
        var arguments = new { Now = Instant.Now(clock).UnixMicroseconds, Limit = FilesOfPiece };
        var found = await session.Connection.QueryAsync<Row>(new CommandDefinition(Due, arguments, cancellationToken: cancellationToken));
        return [.. found.Select(row => new FileRemoval(row.Tenant, row.Name, default))];
    }
}
