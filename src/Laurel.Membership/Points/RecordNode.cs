using Laurel.GraphQL.Binding;
using Laurel.Membership.Members;
using Laurel.Platform.GraphQL;

namespace Laurel.Membership.Points;

/// <summary>A movement as GraphQL shows one.</summary>
[GraphQLType("PointsRecord")]
internal sealed class RecordNode(PointsRecord record, MemberNodes members)
{
    public string Id => record.Id;

    public string UserId => record.MemberId;

    public string Type => record.Type;

    public string Unit => record.Unit;

    public long Points => record.Points;

    public long Balance => record.BalanceAfter;

    public string Reason => record.Reason;

    public string? OrderId => record.OrderId;

    public string? RelatedId => record.RelatedId;

    public DateTimeOffset? ExpireTime => record.ExpireTime;

    public DateTimeOffset Created => record.Time;

    /// <summary>Looked up for all movements of a list together.</summary>
    [GraphQLField("username")]
    public Task<string> UsernameAsync(GraphQLCaller caller) => members.UsernameOfAsync(record.MemberId, caller);
}

/// <summary>A page of movements.</summary>
[GraphQLType("PointsRecordsResponse")]
internal sealed class PointsRecordsResponse(IReadOnlyList<RecordNode> items, int page, int pageSize, Func<CancellationToken, Task<int>> count)
{
    public IReadOnlyList<RecordNode> Items { get; } = items;

    public int Page { get; } = page;

    public int PageSize { get; } = pageSize;

    /// <summary>Counted only where it is asked for.</summary>
    [GraphQLField("total")]
    public Task<int> CountAsync(CancellationToken cancellationToken) => count(cancellationToken);
}

/// <summary>Movements by cursor.</summary>
[GraphQLType("PointsRecordConnection")]
internal sealed record PointsRecordConnection(IReadOnlyList<RecordNode> Nodes, PageInfo PageInfo);

/// <summary>Which movements are asked for: the parameters of <c>GET /api/points/records</c>.</summary>
[GraphQLInput("PointsRecordFilterInput")]
internal sealed record RecordFilterInput
{
    public string? UserId { get; init; }

    public string? Kind { get; init; }

    public string? Unit { get; init; }

    public string? OrderId { get; init; }

    public DateTimeOffset? CreatedFrom { get; init; }

    public DateTimeOffset? CreatedTo { get; init; }

    /// <summary>Asks the same at the door.</summary>
    public DoorCall Ask(DoorCall call) => call
        .With("memberId", UserId)
        .With("kind", Kind)
        .With("unit", Unit)
        .With("orderId", OrderId)
        .With("from", MemberFilterInput.Text(CreatedFrom))
        .With("to", MemberFilterInput.Text(CreatedTo));
}

/// <summary>A page of movements by its number.</summary>
[GraphQLInput("PointsRecordQueryInput")]
internal sealed record RecordQueryInput
{
    public required int Page { get; init; }

    public required int PageSize { get; init; }

    public RecordFilterInput? Filter { get; init; }
}
