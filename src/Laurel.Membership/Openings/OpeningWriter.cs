using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Openings;

/// <summary>Stores the opening balances of a cut while the members are walked over, and counts what lies below it.</summary>
/// <param name="lease">Checked before each write: whoever lost it writes nothing more.</param>
internal sealed class OpeningWriter(Month month, long cut, LaneSet lanes, ClusterLease lease)
{
    /// <summary>Members of one write, and rows beyond which it is not added to: few enough that callers do not feel it.</summary>
    private const int MembersOfPiece = 128;

    private const int RowsOfPiece = 1_024;

    private readonly List<MemberOpening> _piece = [];
    private readonly SortedDictionary<(string Table, Month Month), long> _rows = [];
    private int _pieceRows;

    /// <summary>The first month that is not below.</summary>
    public Month Month => month;

    /// <summary>The first id that is not below.</summary>
    public long Cut => cut;

    /// <summary>Members that have opening balances.</summary>
    public long Members { get; private set; }

    /// <summary>The latest business time below the cut; null where nothing is below.</summary>
    public long? LatestAt { get; private set; }

    /// <summary>Rows below the cut by the table that has them and the month of their ids.</summary>
    public IReadOnlyDictionary<(string Table, Month Month), long> Rows => _rows;

    /// <summary>Counts a row below the cut.</summary>
    /// <param name="id">The entry's.</param>
    public void Count(string table, long id)
    {
        if (id < cut)
        {
            var key = (table, Month.Of(IdGenerator.TimeOf(id)));
            _rows[key] = _rows.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>Takes the opening of the next member.</summary>
    /// <exception cref="IOException">When the database does not take it, or the lease is lost.</exception>
    public async ValueTask AddAsync(MemberOpening opening, CancellationToken cancellationToken)
    {
        _piece.Add(opening.Sealed());
        _pieceRows += 1 + opening.Units.Count + opening.Lots.Count + opening.Orders.Count;
        Members++;
        LatestAt = LatestAt is { } latest ? Math.Max(latest, opening.Figures.LatestAt) : opening.Figures.LatestAt;
        if (_piece.Count >= MembersOfPiece || _pieceRows >= RowsOfPiece)
        {
            await FlushAsync(cancellationToken);
        }
    }

    /// <summary>Stores what has gathered.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_piece.Count == 0)
        {
            return;
        }

        var write = new LaneWrite("openings", Reach.Of(_piece.Select(opening => new TenantId(opening.Figures.Tenant))))
            .Add(OpeningStatements.InsertFigures, [.. _piece.Select(opening => opening.Figures)])
            .Add(OpeningStatements.InsertUnits, [.. _piece.SelectMany(opening => opening.Units)])
            .Add(OpeningStatements.InsertLots, [.. _piece.SelectMany(opening => opening.Lots)])
            .Add(OpeningStatements.InsertOrders, [.. _piece.SelectMany(opening => opening.Orders)]);
        await OpeningLanes.WriteAsync(lanes, lease, write, cancellationToken);
        _piece.Clear();
        _pieceRows = 0;
    }
}

/// <summary>How opening rows get through the lanes.</summary>
internal static class OpeningLanes
{
    private const int AttemptsMax = 10;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Writes while the lease is held. A lane that is busy is asked again.</summary>
    /// <exception cref="IOException">When the database does not take it, or the lease is lost.</exception>
    public static async Task WriteAsync(LaneSet lanes, ClusterLease lease, LaneWrite write, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (!lease.IsHeld)
            {
                throw new IOException("Another process took over the opening balances. What is stored stands; the next run goes on.");
            }

            if (await lanes.SubmitAsync(write, cancellationToken) is not Outcome.Failed failed)
            {
                return;
            }

            if (!failed.Retryable || attempt == AttemptsMax)
            {
                throw new IOException($"Opening balances could not be written: {failed.Refusal.Code}.");
            }

            await Task.Delay(s_pause * attempt, cancellationToken);
        }
    }
}
