using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Access;

namespace Laurel.Membership.Statuses;

/// <summary>Why a status is changed, and by whom. Kept for good, so it names nobody but the one who did it.</summary>
/// <param name="Reason">In words, for the auditor.</param>
/// <param name="Actor">The name of the key, the user's id, or what of Laurel's own did it.</param>
public sealed record StatusCause(string Reason, string Actor)
{
    /// <summary>What a watch rule did.</summary>
    public static StatusCause OfWatch(string rule) => new(rule, "watch");
}

/// <summary>A step in the history of a member's status.</summary>
/// <param name="Hands">Who asked, where that takes a second person, and who confirmed; null for all other steps.</param>
internal sealed record StatusChange(int Tenant, long Member, long Id, string Kind, MemberStatus From, MemberStatus To, StatusCause Cause, Instant? DueAt, Instant At,
    Hands? Hands)
{
    /// <summary>The status changed.</summary>
    public const string Status = "status";

    /// <summary>The member asked to leave; nothing else changed yet.</summary>
    public const string Requested = "cancellation_requested";

    /// <summary>A second person said too that the member is to leave.</summary>
    public const string Confirmed = "cancellation_confirmed";

    /// <summary>The member stays after all.</summary>
    public const string Withdrawn = "cancellation_withdrawn";

    public static readonly SetStatement<StatusChange> Insert = Statements.Insert("member_status_changes",
        Column<StatusChange>.Int32("tenant_id", c => c.Tenant),
        Column<StatusChange>.Int64("member_id", c => c.Member),
        Column<StatusChange>.Int64("id", c => c.Id),
        Column<StatusChange>.Text("kind", c => c.Kind),
        Column<StatusChange>.Text("from_status", c => MemberKind.NameOf(c.From)),
        Column<StatusChange>.Text("to_status", c => MemberKind.NameOf(c.To)),
        Column<StatusChange>.Text("reason", c => c.Cause.Reason),
        Column<StatusChange>.Text("actor", c => c.Cause.Actor),
        Column<StatusChange>.NullableInt64("due_at", c => c.DueAt?.UnixMicroseconds),
        Column<StatusChange>.Instant("changed_at", c => c.At),
        Column<StatusChange>.Bytes("hands", c => c.Hands?.ToBytes()));
}
