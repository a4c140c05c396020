using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Http;

namespace Laurel.Membership.Statuses;

/// <summary>A member who is to leave.</summary>
public sealed record LeavingMember
{
    public required string MemberId { get; init; }

    /// <summary>When its cooling-off ends or ended.</summary>
    public required DateTimeOffset CancelDueAt { get; init; }

    /// <inheritdoc cref="StatusReply.CancelUnconfirmed"/>
    public required bool CancelUnconfirmed { get; init; }
}

/// <summary>Members who are to leave, the soonest first.</summary>
/// <param name="NextCursor">Give it back as <c>cursor</c> for the next page; null on the last.</param>
public sealed record LeavingMembers(IReadOnlyList<LeavingMember> Items, string? NextCursor);

/// <summary>Reads which members are to leave, along the index that the job goes by.</summary>
internal static class LeavingQueries
{
    private const string Page = """
        SELECT id AS Id, cancel_due_at AS DueAt, CASE WHEN cancel_asked_by IS NULL THEN 0 ELSE 1 END AS Unconfirmed FROM members
        WHERE tenant_id = @Tenant AND cancel_due_at >= @Due AND (cancel_due_at > @Due OR id > @After)
        """;

    private const string OnlyUnconfirmed = " AND cancel_asked_by IS NOT NULL";

    private const string Order = " ORDER BY cancel_due_at, id LIMIT @Limit";

    private sealed class Row
    {
        public long Id { get; init; }

        public long DueAt { get; init; }

        public long Unconfirmed { get; init; }

        public LeavingMember ToMember() => new()
        {
            MemberId = Id.ToString(CultureInfo.InvariantCulture),
            CancelDueAt = new Instant(DueAt).ToDateTimeOffset(),
            CancelUnconfirmed = Unconfirmed == 1,
        };
    }

    /// <param name="unconfirmed">Only those for whom a second person has yet to say so too.</param>
    /// <param name="after">Due time and id after which it goes on; null begins.</param>
    public static async Task<LeavingMembers> PageAsync(
        Database from, TenantId tenant, bool unconfirmed, (long Due, long Id)? after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.leaving");
        var (due, id) = after ?? (long.MinValue, 0);
        var arguments = new { Tenant = tenant.Value, Due = due, After = id, Limit = limit + 1 };
        var sql = Page + (unconfirmed ? OnlyUnconfirmed : "") + Order;
        var rows = (await session.Connection.QueryAsync<Row>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
        var next = rows.Count > limit ? Cursor.Write(rows[limit - 1].DueAt, rows[limit - 1].Id) : null;
        return new LeavingMembers([.. rows.Take(limit).Select(row => row.ToMember())], next);
    }
}
