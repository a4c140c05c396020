using System.Collections.Immutable;
using System.Globalization;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Watch;

/// <summary>Forgets who was seen with a device or an address longer ago than any rule of the tenant looks back.</summary>
/// <remarks>A mark that nobody is left of stays as a row without a member: taking it away could meet a batch that is about to lock it. What is written
/// meanwhile wins, and is looked at the next time.</remarks>
public sealed class WatchMarkClearing(Database database, LaneSet lanes, TimeProvider clock)
{
    /// <summary>Rows of one write: few enough that callers do not feel it.</summary>
    private const int RowsOfPiece = 256;

    private const int MonthDaysMax = 31;

    private const string Next = "SELECT id AS Id, seen AS Seen FROM watch_marks WHERE tenant_id = @Tenant AND id > @After ORDER BY id LIMIT @Limit";

    private sealed class Row
    {
        public long Id { get; init; }

        public required string Seen { get; init; }
    }

    private sealed record Cleared(int Tenant, long Id, string Was, string Seen);

    private static readonly SetStatement<Cleared> s_write = new(
        sqlite: "UPDATE watch_marks SET seen = $4 WHERE tenant_id = $1 AND id = $2 AND seen = $3",
        postgres: """
            UPDATE watch_marks w SET seen = k.seen FROM unnest($1, $2, $3, $4) k (tenant_id, id, was, seen)
            WHERE w.tenant_id = k.tenant_id AND w.id = k.id AND w.seen = k.was
            """,
        Column<Cleared>.Int32("tenant_id", c => c.Tenant),
        Column<Cleared>.Int64("id", c => c.Id),
        Column<Cleared>.Text("was", c => c.Was),
        Column<Cleared>.Text("seen", c => c.Seen));

    /// <returns>Marks that somebody was taken out of.</returns>
    /// <exception cref="ReadUnavailableException">When a piece could not be written; the next run goes on.</exception>
    public async Task<int> RunAsync(TenantId tenant, Programme programme, CancellationToken cancellationToken)
    {
        var before = Instant.Now(clock).Plus(-TimeSpan.FromDays(DaysBack(programme.Watch)));
        var (changed, after) = (0, 0L);
        while (true)
        {
            var rows = await NextAsync(tenant, after, cancellationToken);
            Cleared[] cleared =
            [
                .. rows.Select(row => new Cleared(tenant.Value, row.Id, row.Seen, WatchMark.Parse(row.Seen).Since(before).ToText()))
                    .Where(row => row.Was != row.Seen),
            ];
            if (cleared.Length > 0 && await lanes.SubmitAsync(new LaneWrite("marks", Reach.Of(tenant)).Add(s_write, cleared), cancellationToken) is Outcome.Failed failed)
            {
                throw new ReadUnavailableException($"Old marks could not be cleared: {failed.Refusal.Code}.", null);
            }

            changed += cleared.Length;
            if (rows.Count < RowsOfPiece)
            {
                return changed;
            }

            after = rows[^1].Id;
        }
    }

    // A window is the present hour, day, week or month and those before it; a month has 31 days at the most.
    private static int DaysBack(ImmutableArray<WatchRule> rules) => rules.Select(rule => rule.Window.Length * rule.Window.Unit switch
    {
        WatchUnit.Hour or WatchUnit.Day => 1,
        WatchUnit.Week => 7,
        WatchUnit.Month => MonthDaysMax,
        var other => throw new InvariantBrokenException(string.Create(CultureInfo.InvariantCulture, $"{other} is a unit of windows.")),
    }).DefaultIfEmpty(1).Max();

    private async Task<List<Row>> NextAsync(TenantId tenant, long after, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("watch.marks");
        var arguments = new { Tenant = tenant.Value, After = after, Limit = RowsOfPiece };
        return (await session.Connection.QueryAsync<Row>(new CommandDefinition(Next, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
