using System.Globalization;
using System.Text.Json;
using Laurel.GraphQL.Binding;
using Laurel.Platform.GraphQL;
using Laurel.Platform.Http;

namespace Laurel.Membership.Members;

/// <summary>What members are looked for by: the parameters of <c>GET /api/members</c>.</summary>
[GraphQLInput("MemberFilterInput")]
internal sealed record MemberFilterInput
{
    public string? Search { get; init; }

    public string? Name { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }

    public string? MemberCode { get; init; }

    public string? Username { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? LevelId { get; init; }

    public MemberStatus? Status { get; init; }

    public long? PointsMin { get; init; }

    public long? PointsMax { get; init; }

    public long? GrowthMin { get; init; }

    public long? GrowthMax { get; init; }

    public DateTimeOffset? RegisterTimeFrom { get; init; }

    public DateTimeOffset? RegisterTimeTo { get; init; }

    public DateTimeOffset? ActiveSince { get; init; }

    public DateTimeOffset? InactiveSince { get; init; }

    public string? Sort { get; init; }

    /// <summary>Asks the same at the door.</summary>
    public DoorCall Ask(DoorCall call) => call
        .With("q", Search)
        .With("name", Name)
        .With("phone", Phone)
        .With("email", Email)
        .With("code", MemberCode)
        .With("externalId", Username)
        .With("tag", Tags is null ? null : string.Join(',', Tags))
        .With("level", LevelId)
        .With("status", Status is { } status ? MemberKind.NameOf(status) : null)
        .With("pointsMin", Text(PointsMin))
        .With("pointsMax", Text(PointsMax))
        .With("growthMin", Text(GrowthMin))
        .With("growthMax", Text(GrowthMax))
        .With("registeredFrom", Text(RegisterTimeFrom))
        .With("registeredTo", Text(RegisterTimeTo))
        .With("activeSince", Text(ActiveSince))
        .With("inactiveSince", Text(InactiveSince))
        .With("sort", Sort);

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    internal static string? Text(DateTimeOffset? time) => time?.ToString("O", CultureInfo.InvariantCulture);
}

/// <summary>A page of members by its number.</summary>
[GraphQLInput("MemberQueryInput")]
internal sealed record MemberQueryInput
{
    public static readonly MemberQueryInput First = new() { Page = 1, PageSize = 20 };

    public required int Page { get; init; }

    public required int PageSize { get; init; }

    public MemberFilterInput? Filter { get; init; }
}

/// <summary>Who is enrolled: the body of <c>POST /api/members</c>.</summary>
[GraphQLInput("MemberInput")]
internal sealed record MemberInput
{
    public required string Username { get; init; }

    public string? Nickname { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }

    public DateTimeOffset? RegisterTime { get; init; }

    public bool IsVerified { get; init; }

    public void Write(Utf8JsonWriter body)
    {
        body.WriteString("externalId", Username);
        WriteIfGiven(body, "nickname", Nickname);
        WriteIfGiven(body, "phone", Phone);
        WriteIfGiven(body, "email", Email);
        if (RegisterTime is { } time)
        {
            body.WriteString("registeredAt", time);
        }

        if (IsVerified)
        {
            body.WriteBoolean("realNameVerified", true);
        }
    }

    private static void WriteIfGiven(Utf8JsonWriter body, string name, string? value)
    {
        if (value is not null)
        {
            body.WriteString(name, value);
        }
    }
}

/// <summary>What staff changes of what a member tells.</summary>
[GraphQLInput("MemberUpdateInput")]
internal sealed record MemberUpdateInput : ProfileInput;

/// <summary>What a member changes of what it tells.</summary>
[GraphQLInput("ProfileUpdateInput")]
internal sealed record ProfileUpdateInput : ProfileInput;

/// <summary>A change of what a member tells: the body of <c>PUT /api/members/{id}</c>. What is null is emptied, what is left out stays.</summary>
internal abstract record ProfileInput
{
    public Given<string?> Nickname { get; init; }

    public Given<string?> Phone { get; init; }

    public Given<string?> Email { get; init; }

    public Given<string?> RealName { get; init; }

    public Given<Gender?> Gender { get; init; }

    public Given<DateOnly?> Birthday { get; init; }

    public Given<string?> Avatar { get; init; }

    public void Write(Utf8JsonWriter body)
    {
        var cleared = new List<string>();
        WriteOne(body, "nickname", Nickname, cleared);
        WriteOne(body, "phone", Phone, cleared);
        WriteOne(body, "email", Email, cleared);
        WriteOne(body, "realName", RealName, cleared);
        WriteOne(body, "avatar", Avatar, cleared);
        WriteOne(body, "gender", Gender.TryGet(out var gender) ? gender?.ToString().ToLowerInvariant() : default(Given<string?>), cleared);
        WriteOne(body, "birthday", Birthday.TryGet(out var day) ? day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : default(Given<string?>), cleared);
        if (cleared.Count > 0)
        {
            body.WriteStartArray("clear");
            cleared.ForEach(body.WriteStringValue);
            body.WriteEndArray();
        }
    }

    private static void WriteOne(Utf8JsonWriter body, string name, Given<string?> given, List<string> cleared)
    {
        if (!given.IsGiven)
        {
            return;
        }

        if (given.Value is { } value)
        {
            body.WriteString(name, value);
            return;
        }

        cleared.Add(name);
    }
}
