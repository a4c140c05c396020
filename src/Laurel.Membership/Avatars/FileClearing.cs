using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Files;

namespace Laurel.Membership.Avatars;

/// <summary>Removes files that nobody keeps: first from the store, then from the list, so that one that is cut off begins again. A file that the store does
/// not let go is put off, each time for longer, and keeps no other waiting.</summary>
public sealed class FileClearing(Database database, LaneSet lanes, IFileStore files, TimeProvider clock)
{
    private const int FilesOfPiece = 128;

    /// <summary>Failures in a row after which it is the store that does not answer, and not a file that cannot be removed.</summary>
    private const int FailuresMax = 5;

    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    /// <summary>Doublings of the pause: a file that stays is tried about once a day.</summary>
    private const int DoublingsMax = 10;

    private const string Due = "SELECT tenant_id AS Tenant, name AS Name FROM file_removals WHERE due_at <= @Now ORDER BY due_at LIMIT @Limit";

    // Of this process alone: another that takes over begins with the short pause.
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);

    private sealed class Row
    {
        public int Tenant { get; init; }

        public required string Name { get; init; }
    }

    /// <summary>Runs until nothing is due, or the store does not answer.</summary>
    /// <returns>Files removed.</returns>
    /// <exception cref="FileStoreUnavailableException">At the end, when a file could not be removed; it is tried again later.</exception>
    /// <exception cref="ReadUnavailableException">When a piece could not be written; the next run goes on.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        FileStoreUnavailableException? failure = null;
        for (var (removed, inARow) = (0, 0); ;)
        {
            var due = await FindAsync(cancellationToken);
            var gone = new List<FileRemoval>(due.Count);
            var stubborn = new List<FileRemoval>();
            foreach (var one in due)
            {
                Invariant.Require(FileName.TryParse(one.Name, out var name), "Only files are to be removed.");
                try
                {
                    await files.RemoveAsync(name, cancellationToken);
                    _failures.Remove(one.Name);
                    gone.Add(one);
                    inARow = 0;
                }
                catch (FileStoreUnavailableException exception)
                {
                    failure ??= exception;
                    stubborn.Add(PutOff(one));
                    if (++inARow == FailuresMax)
                    {
                        break;
                    }
                }
            }

            await WriteAsync(gone, stubborn, cancellationToken);
            removed += gone.Count;
            if (due.Count < FilesOfPiece || inARow == FailuresMax)
            {
                return failure is null ? removed : throw new FileStoreUnavailableException("Files that nobody keeps could not be removed. " + failure.Message, failure);
            }
        }
    }

    private FileRemoval PutOff(FileRemoval removal)
    {
        var failures = _failures.GetValueOrDefault(removal.Name);
        _failures[removal.Name] = failures + 1;
        return removal with { DueAt = Instant.Now(clock).Plus(s_pause * Math.Pow(2, Math.Min(failures, DoublingsMax))) };
    }

    private async Task WriteAsync(List<FileRemoval> gone, List<FileRemoval> stubborn, CancellationToken cancellationToken)
    {
        var reach = Reach.Of(gone.Concat(stubborn).Select(removal => new TenantId(removal.Tenant)));
        var write = new LaneWrite("files", reach).Add(AvatarFiles.Strike, gone).Add(AvatarFiles.PutOff, stubborn);
        if (gone.Count + stubborn.Count > 0 && await lanes.SubmitAsync(write, cancellationToken) is Outcome.Failed failed)
        {
            throw new ReadUnavailableException($"Removed files could not be taken off their list: {failed.Refusal.Code}.", null);
        }
    }

    private async Task<IReadOnlyList<FileRemoval>> FindAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("files.due");
        var arguments = new { Now = Instant.Now(clock).UnixMicroseconds, Limit = FilesOfPiece };
        var found = await session.Connection.QueryAsync<Row>(new CommandDefinition(Due, arguments, cancellationToken: cancellationToken));
        return [.. found.Select(row => new FileRemoval(row.Tenant, row.Name, default))];
    }
}
