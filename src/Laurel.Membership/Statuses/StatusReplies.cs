using System.Globalization;
using System.Text.Json.Serialization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Http;

namespace Laurel.Membership.Statuses;

/// <summary>What <c>POST /api/members/{id}/status</c> asks for.</summary>
public sealed record StatusBody
{
    /// <summary><c>active</c>, <c>inactive</c>, <c>frozen</c> or <c>banned</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why, for the auditor. Kept for good: no personal data.</summary>
    public required string Reason { get; init; }
}

/// <summary>Where a member stands.</summary>
public sealed record StatusReply
{
    public required string MemberId { get; init; }

    /// <summary>Of <see cref="MemberStatus"/>, in lower case.</summary>
    public required string Status { get; init; }

    /// <summary>When a member who asked to leave does; null for all others.</summary>
    public required DateTimeOffset? CancelDueAt { get; init; }

    /// <summary>Whether a second person has yet to confirm that the member leaves, which it does not do before.</summary>
    public bool CancelUnconfirmed { get; init; }

    internal static StatusReply Of(MemberBook book) => new()
    {
        MemberId = book.IdText,
        Status = MemberKind.NameOf(book.Status),
        CancelDueAt = book.CancelDueAt?.ToDateTimeOffset(),
        CancelUnconfirmed = book.CancelAskedBy is not null,
    };
}

/// <summary>A step in the history of a member's status.</summary>
public sealed record StatusStep
{
    public required string Id { get; init; }

    /// <summary><c>status</c>, <c>cancellation_requested</c>, <c>cancellation_confirmed</c> or <c>cancellation_withdrawn</c>.</summary>
    public required string Kind { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who did it: the name of the key, a user's id, or <c>watch</c>, <c>merge</c>, <c>cancellation</c>.</summary>
    public required string By { get; init; }

    /// <summary>Of a request to leave: when the member would; not told of others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? DueAt { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>Where a member stands, and how it came about.</summary>
public sealed record StatusHistory
{
    public required string MemberId { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset? CancelDueAt { get; init; }

    /// <inheritdoc cref="StatusReply.CancelUnconfirmed"/>
    public required bool CancelUnconfirmed { get; init; }

    /// <summary>Newest first. What was before statuses were written down is not among them.</summary>
    public required IReadOnlyList<StatusStep> Items { get; init; }

    /// <summary>Give it back as <c>cursor</c> for the next page; null on the last.</summary>
    public required string? NextCursor { get; init; }
}

/// <summary>Reads where members stand.</summary>
internal static class StatusQueries
{
    private const string Member = """
        SELECT status AS Status, cancel_due_at AS CancelDueAt, CASE WHEN cancel_asked_by IS NULL THEN 0 ELSE 1 END AS Unconfirmed
        FROM members WHERE tenant_id = @Tenant AND id = @Member
        """;

    private const string Steps = """
        SELECT c.id AS Id, c.kind AS Kind, c.from_status AS FromStatus, c.to_status AS ToStatus, c.reason AS Reason, c.actor AS Actor, c.due_at AS DueAt,
            c.changed_at AS ChangedAt
        FROM member_status_changes c WHERE c.tenant_id = @Tenant AND c.member_id = @Member AND c.id < @Before ORDER BY c.id DESC LIMIT @Limit
        """;

    private sealed class MemberRow
    {
        public required string Status { get; init; }

        public long? CancelDueAt { get; init; }

        public long Unconfirmed { get; init; }
    }

    private sealed class StepRow
    {
        public long Id { get; init; }

        public required string Kind { get; init; }

        public required string FromStatus { get; init; }

        public required string ToStatus { get; init; }

        public required string Reason { get; init; }

        public required string Actor { get; init; }

        public long? DueAt { get; init; }

        public long ChangedAt { get; init; }

        public StatusStep ToStep() => new()
        {
            Id = Id.ToString(CultureInfo.InvariantCulture),
            Kind = Kind,
            From = FromStatus,
            To = ToStatus,
            Reason = Reason,
            By = Actor,
            DueAt = DueAt is { } due ? new Instant(due).ToDateTimeOffset() : null,
            At = new Instant(ChangedAt).ToDateTimeOffset(),
        };
    }

    /// <summary>Null when there is no such member.</summary>
    /// <param name="before">Only steps with a smaller id.</param>
    public static async Task<StatusHistory?> FindAsync(Database from, TenantId tenant, MemberId member, long before, int limit, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.status");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Before = before, Limit = limit + 1 };
        var stands = await session.Connection.QuerySingleOrDefaultAsync<MemberRow>(new CommandDefinition(Member, arguments, cancellationToken: cancellationToken));
        if (stands is null)
        {
            return null;
        }

        var steps = (await session.Connection.QueryAsync<StepRow>(new CommandDefinition(Steps, arguments, cancellationToken: cancellationToken))).AsList();
        return new StatusHistory
        {
            MemberId = member.ToString(),
            Status = stands.Status,
            CancelDueAt = stands.CancelDueAt is { } due ? new Instant(due).ToDateTimeOffset() : null,
            CancelUnconfirmed = stands.Unconfirmed == 1,
            Items = [.. steps.Take(limit).Select(step => step.ToStep())],
            NextCursor = steps.Count > limit ? Cursor.Write(steps[limit - 1].Id) : null,
        };
    }
}
