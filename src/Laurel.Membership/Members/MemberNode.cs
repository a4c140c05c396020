using Laurel.GraphQL.Binding;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.GraphQL;

namespace Laurel.Membership.Members;

/// <summary>What a member calls itself, or does not tell.</summary>
public enum Gender
{
    Male,
    Female,
    Unknown,
}

/// <summary>A member as GraphQL shows one: the same as REST, in the seeds' spelling.</summary>
[GraphQLType("Member")]
public sealed class MemberNode
{
    private readonly MemberReply _reply;
    private readonly Programme _programme;
    private readonly Language _language;

    internal MemberNode(MemberReply reply, Programme programme, Language language) => (_reply, _programme, _language) = (reply, programme, language);

    public string Id => _reply.Id;

    public string Username => _reply.ExternalId;

    public string? Nickname => _reply.Nickname;

    public string MemberCode => _reply.MemberCode;

    public string? Email => _reply.Email;

    public string? Phone => _reply.Phone;

    public string? Avatar => _reply.Profile?.Avatar;

    public string? RealName => _reply.Profile?.RealName;

    public Gender Gender => _reply.Profile?.Gender switch
    {
        "male" => Gender.Male,
        "female" => Gender.Female,
        _ => Gender.Unknown,
    };

    public string? Birthday => _reply.Profile?.Birthday;

    public string LevelId => _reply.Level.Code;

    public LevelNode Level => LevelNode.Of(_programme, _reply.Level.Code, _language);

    public long Points => _reply.Points.Available;

    public long PointsPending => _reply.Points.Pending;

    public long PointsHeld => _reply.Points.Held;

    public long PointsExpiring => _reply.Points.Expiring30d;

    public long Growth => _reply.Growth;

    public long LifetimePoints => _reply.LifetimePoints;

    public decimal Balance => Major(_reply.Balance);

    public long TotalOrders => _reply.TotalOrders;

    public decimal TotalAmount => Major(_reply.TotalAmount);

    public MemberStatus Status => MemberKind.StatusOf(_reply.Status);

    public DateTimeOffset RegisterTime => _reply.RegisteredAt;

    public DateTimeOffset Created => _reply.RegisteredAt;

    public IReadOnlyList<string>? Tags => _reply.Tags;

    internal MemberId MemberId => MemberId.TryParse(Id, out var id) ? id : default;

    private decimal Major(long minorUnits) => Currency.Find(_programme.Currency)!.Major(minorUnits);
}

/// <summary>A page of members.</summary>
[GraphQLType("MembersResponse")]
internal sealed class MembersResponse(IReadOnlyList<MemberNode> items, int page, int pageSize, Func<CancellationToken, Task<int>> count)
{
    public IReadOnlyList<MemberNode> Items { get; } = items;

    public int Page { get; } = page;

    public int PageSize { get; } = pageSize;

    /// <summary>Counted only where it is asked for.</summary>
    [GraphQLField("total")]
    public Task<int> CountAsync(CancellationToken cancellationToken) => count(cancellationToken);
}

/// <summary>Members by cursor.</summary>
[GraphQLType("MemberConnection")]
internal sealed record MemberConnection(IReadOnlyList<MemberNode> Nodes, PageInfo PageInfo);
