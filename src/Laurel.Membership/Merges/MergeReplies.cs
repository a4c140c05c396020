using System.Globalization;
using System.Text.Json.Serialization;
using Laurel.Kernel;

namespace Laurel.Membership.Merges;

/// <summary>What a preview of a merge asks for.</summary>
public record MergePreviewBody
{
    /// <summary>The member that has it all afterwards: <c>memberId</c> or <c>externalId</c>.</summary>
    public required Points.TransferSide Into { get; init; }
}

/// <summary>What a merge asks for.</summary>
public sealed record MergeMembersBody : MergePreviewBody
{
    public required string Reason { get; init; }

    /// <summary>Names this merge once and for all.</summary>
    public required string Reference { get; init; }
}

/// <summary>What undoing a merge asks for.</summary>
public sealed record UndoMergeBody
{
    public required string Reason { get; init; }
}

/// <summary>Figures of what moves, or is missing.</summary>
public sealed record MergeFigures
{
    /// <summary>Whole points, pending ones included.</summary>
    public required long Points { get; init; }

    /// <summary>Of these, points that are not active yet.</summary>
    public required long Pending { get; init; }

    public required int Lots { get; init; }

    public required long Growth { get; init; }

    /// <summary>Stored money in minor units.</summary>
    public required long Balance { get; init; }

    public required long Debt { get; init; }

    public required long Receivable { get; init; }

    public required long LifetimePoints { get; init; }

    public required long TotalOrders { get; init; }

    /// <summary>Minor units.</summary>
    public required long TotalAmount { get; init; }

    public required int Coupons { get; init; }

    public required int Benefits { get; init; }

    public required int Cards { get; init; }

    /// <summary>Of units that the programme defines, by code; absent where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? Units { get; init; }

    /// <summary>What moves have brought to a member, less what they took from it.</summary>
    internal static long NetOf(IEnumerable<MergeMove> moves, long member) => moves.Sum(move => move.To == member ? move.Quantity : -move.Quantity);

    internal static MergeFigures Of(MergePlan plan, Instant at) => new()
    {
        Points = plan.Lots.Sum(lot => lot.Free),
        Pending = plan.Lots.Where(lot => lot.ActiveAt > at).Sum(lot => lot.Free),
        Lots = plan.Lots.Count,
        Growth = plan.Growth,
        Balance = plan.Balance,
        Debt = plan.Debt,
        Receivable = plan.Receivable,
        LifetimePoints = plan.Lifetime,
        TotalOrders = plan.Orders,
        TotalAmount = plan.Amount,
        Coupons = plan.Coupons.Count,
        Benefits = plan.Grants.Count,
        Units = plan.Units.Count == 0 ? null : plan.Units.ToDictionary(wallet => wallet.Unit, wallet => wallet.Amount),
        Cards = plan.Cards.Count,
    };
}

/// <summary>What stays at the merged member until whatever has set it aside ends.</summary>
/// <param name="Points">Pinned by holds.</param>
/// <param name="Balance">Held by withdrawals, in minor units.</param>
/// <param name="Coupons">Locked for orders.</param>
public sealed record MergeLeft(long Points, long Balance, int Coupons);

/// <summary>Something in which the two members differ; the survivor's counts.</summary>
/// <param name="Field"><c>level</c>, <c>nickname</c>, <c>phone</c>, <c>email</c>, <c>realName</c>, or <c>coupons:TEMPLATE</c> where both together had more than one may.</param>
public sealed record MergeConflict(string Field, string? From, string? Into);

/// <summary>A merge, or what one would do.</summary>
public sealed record MergeReply
{
    /// <summary>Null for a preview of a merge.</summary>
    public required string? MergeId { get; init; }

    /// <summary><c>preview</c>, <c>merged</c> or <c>undone</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The member that went.</summary>
    public required string From { get; init; }

    /// <summary>The member that has it all.</summary>
    public required string Into { get; init; }

    public required MergeFigures Moved { get; init; }

    /// <summary>Of a merge: what stays until what has set it aside ends.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MergeLeft? Left { get; init; }

    /// <summary>Of an undoing: what the merge moved and is not there any more, so that it does not come back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MergeFigures? Missing { get; init; }

    /// <summary>The survivor's level before.</summary>
    public required string LevelBefore { get; init; }

    /// <summary>The survivor's level afterwards; null in a preview.</summary>
    public required string? LevelAfter { get; init; }

    /// <summary>Empty where it is done already.</summary>
    public required IReadOnlyList<MergeConflict> Conflicts { get; init; }
}

/// <summary>A merge as it was made.</summary>
public sealed record MergeRecord
{
    public required string MergeId { get; init; }

    /// <summary><c>merged</c> or <c>undone</c>.</summary>
    public required string Status { get; init; }

    public required string From { get; init; }

    public required string Into { get; init; }

    public required string Reference { get; init; }

    public required string Reason { get; init; }

    /// <summary>The name of the key that merged.</summary>
    public required string Operator { get; init; }

    public required DateTimeOffset MergedAt { get; init; }

    public required string FromLevel { get; init; }

    public required string LevelBefore { get; init; }

    public required string LevelAfter { get; init; }

    public DateTimeOffset? UndoneAt { get; init; }

    public string? UndoReason { get; init; }

    public string? UndoOperator { get; init; }

    /// <summary>What moved, in its order; only where one merge was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MergeMoveReply>? Lineage { get; init; }

    internal static MergeRecord Of(MemberMerge merge) => new()
    {
        MergeId = Text(merge.Id),
        Status = merge.UndoneAt is null ? "merged" : "undone",
        From = Text(merge.Source),
        Into = Text(merge.Survivor),
        Reference = merge.Reference,
        Reason = merge.Reason,
        Operator = merge.Operator,
        MergedAt = merge.MergedAt.ToDateTimeOffset(),
        FromLevel = merge.SourceLevel,
        LevelBefore = merge.LevelBefore,
        LevelAfter = merge.LevelAfter,
        UndoneAt = merge.UndoneAt?.ToDateTimeOffset(),
        UndoReason = merge.UndoReason,
        UndoOperator = merge.UndoOperator,
    };

    internal static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One thing that moved.</summary>
public sealed record MergeMoveReply
{
    /// <summary><c>lot</c>, <c>growth</c>, <c>balance</c>, <c>debt</c>, <c>receivable</c>, <c>lifetime</c>, <c>orders</c>, <c>amount</c>, <c>first_order</c>, <c>limit</c>, <c>cap</c>,
    /// <c>coupon</c> or <c>benefit</c>.</summary>
    public required string Kind { get; init; }

    public required string From { get; init; }

    /// <summary>The lot or coupon; null for figures.</summary>
    public required string? FromRef { get; init; }

    public required string To { get; init; }

    public required string? ToRef { get; init; }

    public required long Quantity { get; init; }

    /// <summary>Of a lot the order that earned it, of a limit its code, of a coupon its template, of a benefit the grant; null otherwise.</summary>
    public required string? Code { get; init; }

    internal static MergeMoveReply Of(MergeMove move) => new()
    {
        Kind = move.Kind,
        From = MergeRecord.Text(move.From),
        FromRef = move.FromRef == 0 ? null : MergeRecord.Text(move.FromRef),
        To = MergeRecord.Text(move.To),
        ToRef = move.ToRef == 0 ? null : MergeRecord.Text(move.ToRef),
        Quantity = move.Quantity,
        Code = move.Code.Length == 0 ? null : move.Code,
    };
}

/// <summary>A page of merges, newest first.</summary>
public sealed record MergePage
{
    public required IReadOnlyList<MergeRecord> Items { get; init; }

    public required string? NextCursor { get; init; }
}
