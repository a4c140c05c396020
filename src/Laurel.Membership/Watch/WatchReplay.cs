using System.Data.Common;
using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Platform.Http;

namespace Laurel.Membership.Watch;

/// <summary>Runs a watch rule over stored entries, some members at a time: what it would have hit. Changes nothing.</summary>
/// <remarks>It measures as a decision does, with counters that begin with what is stored: where opening balances stand for old entries, those are
/// not counted. Cases and what they stopped are left out of it: a hit is a command that the rule would have been hit by.</remarks>
internal sealed class WatchReplay(Database database, TenantId tenant)
{
    public const int MembersMax = 10_000;

    public const int MembersByDefault = 1_000;

    private const string LastMember = "SELECT MAX(id) FROM (SELECT id FROM members WHERE tenant_id = @Tenant AND id > @After ORDER BY id LIMIT @Limit) page";

    private const string CountMembers = "SELECT COUNT(*) FROM members WHERE tenant_id = @Tenant AND id > @After AND id <= @Last";

    private const string CountAll = "SELECT COUNT(*) FROM members WHERE tenant_id = @Tenant";

    // Each member's entries by their key, in the order of decisions.
    private const string Entries = """
        SELECT m.id, e.posting_id, e.kind, e.rule, e.reference_type, e.amount, e.occurred_at
        FROM members m CROSS JOIN entries e
        WHERE m.tenant_id = @Tenant AND m.id > @After AND m.id <= @Last AND e.tenant_id = m.tenant_id AND e.member_id = m.id
            AND e.unit = 'points' AND e.kind = @Kind AND e.occurred_at < @Until
        ORDER BY m.id, e.id
        """;

    /// <summary>What was found among some members.</summary>
    /// <param name="Last">The last of these members; null when there are none after them.</param>
    public sealed record Page(long Members, long Movements, long Hits, long MembersHit, Instant? FirstHit, Instant? LastHit, long? Last);

    /// <summary>Members of the tenant in all.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        return await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountAll, new { Tenant = tenant.Value }, cancellationToken: cancellationToken));
    }

    /// <summary>Looks at the next members.</summary>
    /// <param name="after">The last member of the page before; 0 begins.</param>
    /// <param name="limit">Members at the most.</param>
    public async Task<Page> RunAsync(
        PreparedWatchRule rule, Instant from, Instant until, long after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("watch.replay");
        var connection = session.Connection;
        var bounds = new { Tenant = tenant.Value, After = after, Limit = limit };
        if (await connection.ExecuteScalarAsync<long?>(new CommandDefinition(LastMember, bounds, cancellationToken: cancellationToken)) is not { } last)
        {
            return new Page(0, 0, 0, 0, null, null, null);
        }

        var arguments = new { Tenant = tenant.Value, After = after, Last = last, Kind = KindOf(rule.Rule.Trigger), Until = until.UnixMicroseconds };
        var members = await connection.ExecuteScalarAsync<long>(new CommandDefinition(CountMembers, arguments, cancellationToken: cancellationToken));
        var count = new Count(rule, from);
        var command = new CommandDefinition(Entries, arguments, commandTimeout: 0, cancellationToken: cancellationToken);
        await using (var reader = await connection.ExecuteReaderAsync(command))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                count.Take(reader);
            }
        }

        return count.Close(members, members < limit ? null : last);
    }

    /// <summary>What was found as callers see it.</summary>
    public static WatchReplayReply ReplyOf(string rule, int version, Page page) => new()
    {
        Rule = rule,
        Version = version,
        Members = page.Members,
        Movements = page.Movements,
        Hits = page.Hits,
        MembersHit = page.MembersHit,
        FirstHitAt = page.FirstHit?.ToDateTimeOffset(),
        LastHitAt = page.LastHit?.ToDateTimeOffset(),
        NextCursor = page.Last is { } last ? Cursor.Write(last) : null,
    };

    private static string KindOf(WatchTrigger trigger) => trigger switch
    {
        WatchTrigger.Earn => EntryNames.Earn,
        WatchTrigger.Spend => EntryNames.Spend,
        WatchTrigger.TransferIn or WatchTrigger.TransferOut => EntryNames.Transfer,
        WatchTrigger.Adjust => EntryNames.Adjust,
    };

    /// <summary>Counts posting by posting, as the commands did.</summary>
    private sealed class Count(PreparedWatchRule rule, Instant from)
    {
        private readonly Dictionary<LimitKey, long> _used = [];
        private readonly List<WatchMovement> _posting = [];
        private long _member;
        private Instant _time;
        private bool _isHit;
        private long _movements;
        private long _hits;
        private long _membersHit;
        private Instant? _first;
        private Instant? _last;

        public void Take(DbDataReader row)
        {
            var member = row.GetInt64(0);
            var movement = WatchMovement.Of(row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5), row.GetInt64(1));
            if (_posting.Count > 0 && (member != _member || _posting[0].Posting != row.GetInt64(1)))
            {
                EndPosting();
            }

            if (member != _member)
            {
                EndMember();
                _member = member;
            }

            if (movement is { } seen && rule.Sees(seen))
            {
                _posting.Add(seen);
                _time = new Instant(Convert.ToInt64(row.GetValue(6), CultureInfo.InvariantCulture));
            }
        }

        public Page Close(long members, long? last)
        {
            EndPosting();
            EndMember();
            return new Page(members, _movements, _hits, _membersHit, _first, _last, last);
        }

        private void EndPosting()
        {
            if (_posting.Count == 0)
            {
                return;
            }

            var added = rule.AddedBy(_posting);
            var figures = rule.Measure(_time, added, key => _used.GetValueOrDefault(key));
            var key = rule.KeyAt(_time);
            _used[key] = checked(_used.GetValueOrDefault(key) + added);
            _posting.Clear();
            if (_time < from)
            {
                return;
            }

            _movements++;
            if (figures.IsHit)
            {
                _hits++;
                _isHit = true;
                _first = _first is { } first ? Instant.Min(first, _time) : _time;
                _last = _last is { } latest ? Instant.Max(latest, _time) : _time;
            }
        }

        private void EndMember()
        {
            _membersHit += _isHit ? 1 : 0;
            _isHit = false;
            _used.Clear();
        }
    }
}
