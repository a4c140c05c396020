using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Server.Hosting;

namespace Laurel.Server.Imports;

/// <summary>What an import of levels has done.</summary>
internal sealed record LevelImportCounts
{
    public long ChangesApplied { get; init; }

    /// <summary>Changes that were there before, from an earlier run.</summary>
    public long Duplicates { get; init; }

    public long MembersMade { get; init; }
}

/// <summary>Writes changes of level through the lanes, in order of time, each by a command of its own that knows whether it was written before.</summary>
/// <remarks>One block is one transaction and follows the one before, so an import that was killed goes on with the first block that is missing. It
/// needs a node whose lanes nobody else uses: <see cref="OrderImport.SettingsFor"/>.</remarks>
internal sealed class LevelImport(LaurelNode node, TenantId tenant, LevelColumnMap map, ErrorReport report, TimeProvider clock)
{
    private readonly HashSet<string> _met = [];

    /// <param name="importedBy">Who imports them, for the history.</param>
    /// <param name="progress">Told the changes done so far.</param>
    /// <exception cref="ImportStoppedException">When a block failed again and again.</exception>
    public async Task<LevelImportCounts> RunAsync(
        LevelHistoryFile history, string importedBy, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var counts = new LevelImportCounts();
        long done = 0;
        foreach (var rows in history.Changes.Chunk(OrderImport.BlockCommandsMax / 2))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (commands, places) = CommandsOf(rows, importedBy);
            var outcomes = await OrderImport.SubmitAsync(node, commands, clock, cancellationToken);
            for (var i = 0; i < outcomes.Length; i++)
            {
                counts = Count(counts, places[i], outcomes[i]);
            }

            progress.Report(done += rows.Length);
        }

        return counts;
    }

    private (List<Command> Commands, List<LevelRow?> Rows) CommandsOf(LevelRow[] rows, string importedBy)
    {
        var (commands, places) = (new List<Command>(2 * rows.Length), new List<LevelRow?>(2 * rows.Length));
        foreach (var row in rows)
        {
            if (row.Joined is { } joined && _met.Add(row.Customer))
            {
                var request = new RegisterRequest { ExternalId = row.Customer, Nickname = null, Phone = null, Email = null, RegisteredAt = joined };
                commands.Add(new RegisterMember(tenant, request, node.Books, node.Vault));
                places.Add(null);
            }

            var change = new ImportedLevel { Level = row.Level, Time = row.Time.ToDateTimeOffset(), Reason = row.Reason };
            commands.Add(new ImportLevels(tenant, MemberReference.ByExternalId(tenant, row.Customer), [change], importedBy, node.Books)
            {
                Track = row.Track,
                IsOnce = true,
                IsWhole = row.IsLast,
            });
            places.Add(row);
        }

        return (commands, places);
    }

    private LevelImportCounts Count(LevelImportCounts counts, LevelRow? row, Outcome outcome)
    {
        switch (row, outcome)
        {
            case (null, Outcome.Applied):
                return counts with { MembersMade = counts.MembersMade + 1 };
            case (null, _):
                // The member was there before, or its changes say what is wrong.
                return counts;
            case (not null, Outcome.Applied):
                return counts with { ChangesApplied = counts.ChangesApplied + 1 };
            case (not null, Outcome.Duplicate):
                return counts with { Duplicates = counts.Duplicates + 1 };
            case ({ } change, Outcome.Refused refused):
                Reject(change, refused.Refusal);
                return counts;
            case ({ } change, Outcome.Failed failed):
                Reject(change, failed.Refusal);
                return counts;
            default:
                throw new InvariantBrokenException("A change of an import carries no idempotency key.");
        }
    }

    private void Reject(LevelRow row, Refusal refusal)
    {
        var (column, value) = refusal.Code switch
        {
            ErrorCode.MemberNotFound => (map.Customer, row.Customer),
            ErrorCode.TrackNotFound => (map.Track ?? map.Level, row.Track ?? row.Level),
            ErrorCode.LevelHistoryDisordered or ErrorCode.TimeInFuture => (map.Date, row.Time.ToString()),
            _ => (map.Level, row.Level),
        };
        var message = ErrorCatalog.Get(refusal.Code).Detail(Language.English, refusal.Values);
        report.Write(new RowError(row.Line, column, refusal.Code, message, value));
    }
}
