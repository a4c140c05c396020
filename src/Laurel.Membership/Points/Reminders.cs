using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Tenants;

namespace Laurel.Membership.Points;

/// <summary>Finds members of whom points are about to lapse and were not told of yet, and tells each by a command; those of suspended tenants
/// are told when it goes on.</summary>
/// <remarks>Looks along the index of <c>next_change_at</c>, which is never later than the end of a member's first lot, so it reads the members
/// of the next days and no others. Whether a lot is to be told of is decided by the command.</remarks>
public sealed class Reminders(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    /// <summary>Members of one look: many, because each look passes over those before it that end at the same instant.</summary>
    public const int MembersOfPage = 4_096;

    /// <summary>Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</summary>
    public LeaseFence? Fence { get; init; }

    private const string FindDue = """
        SELECT m.id AS Id, m.next_change_at AS NextChangeAt FROM members m
        WHERE m.tenant_id = @Tenant AND m.next_change_at >= @After AND m.next_change_at <= @Until AND m.next_change_at < 9223372036854775807
            AND (m.next_change_at > @After OR m.id > @AfterId)
            AND (
                EXISTS (
                    SELECT 1 FROM lots l
                    WHERE l.tenant_id = m.tenant_id AND l.member_id = m.id AND l.remaining > 0 AND l.remaining > l.held
                        AND l.expires_at > @Now AND l.expires_at <= @Until AND l.active_at <= l.expires_at - @Span
                        AND (l.reminded_days = 0 OR l.reminded_days > @Days))
                OR (
                    @Days < @InactiveDays AND m.inactive_at > @Now AND m.inactive_at <= @Until
                    AND (m.inactive_reminded_days = 0 OR m.inactive_reminded_days > @Days)
                    AND EXISTS (
                        SELECT 1 FROM lots l
                        WHERE l.tenant_id = m.tenant_id AND l.member_id = m.id AND l.remaining > 0 AND l.remaining > l.held
                            AND l.expires_at = 9223372036854775806)))
        ORDER BY m.next_change_at, m.id LIMIT @Limit
        """;

    private sealed class Due
    {
        public long Id { get; init; }

        public long NextChangeAt { get; init; }
    }

    /// <summary>Tells all that is to be told now.</summary>
    /// <returns>Members asked.</returns>
    /// <exception cref="ReadUnavailableException">When none of many could be told: the database refuses.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long told = 0;
        var programmes = new Programmes.ProgrammeStore(database, books.Programmes, clock);
        foreach (var tenant in (await TenantQueries.AllAsync(database, cancellationToken)).Where(tenant => !tenant.IsSuspended).Select(tenant => tenant.Id))
        {
            // The smallest number first: what is to be told at several is told at that one alone.
            var programme = (await programmes.LatestAsync(tenant, cancellationToken)).Programme;
            foreach (var days in programme.RemindDaysBefore.Order())
            {
                told += await RunAsync(tenant, days, programme.Inactivity.Days, cancellationToken);
            }
        }

        return told;
    }

    private async Task<long> RunAsync(TenantId tenant, int days, int inactiveDays, CancellationToken cancellationToken)
    {
        long told = 0;
        var after = new Due { Id = 0, NextChangeAt = long.MinValue };
        var now = Instant.Now(clock);
        while (true)
        {
            var page = await FindAsync(tenant, days, inactiveDays, now, after, cancellationToken);
            if (page.Count == 0)
            {
                return told;
            }

            after = page[^1];
            var applied = await lanes.SubmitManyAsync(
                page.Select(due => new RemindMember(tenant, new MemberId(due.Id), books) { Fence = Fence }), Sweep.MembersInFlight, cancellationToken);
            if (applied == 0)
            {
                throw new ReadUnavailableException("None of the members whose points are about to lapse could be told.", null);
            }

            told += applied;
        }
    }

    private async Task<IReadOnlyList<Due>> FindAsync(TenantId tenant, int days, int inactiveDays, Instant now, Due after, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("points.expiring");
        var span = TimeSpan.FromDays(days);
        var arguments = new
        {
            Tenant = tenant.Value,
            After = after.NextChangeAt,
            AfterId = after.Id,
            Now = now.UnixMicroseconds,
            Until = now.Plus(span).UnixMicroseconds,
            Span = (long)span.TotalMicroseconds,
            Days = days,
            InactiveDays = inactiveDays,
            Limit = MembersOfPage,
        };
        return [.. await session.Connection.QueryAsync<Due>(new CommandDefinition(FindDue, arguments, cancellationToken: cancellationToken))];
    }
}
