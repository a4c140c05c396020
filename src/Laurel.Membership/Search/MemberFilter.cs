using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Search;

/// <summary>What members are looked for by. Everything that is given has to hold.</summary>
public sealed record MemberFilter
{
    public const int TagsMax = 5;

    private const long FigureMax = 1_000_000_000_000_000_000;

    /// <summary>Whatever the caller has: a code, a phone, its last four digits, an e-mail address or a name.</summary>
    [JsonIgnore]
    public string? Query { get; init; }

    /// <summary>A part of the nickname or of the real name; a single character begins the nickname.</summary>
    [JsonIgnore]
    public string? Name { get; init; }

    /// <summary>A whole phone number, or its last four digits.</summary>
    [JsonIgnore]
    public string? Phone { get; init; }

    [JsonIgnore]
    public string? Email { get; init; }

    /// <summary>The member code.</summary>
    [JsonIgnore]
    public string? Code { get; init; }

    [JsonIgnore]
    public string? ExternalId { get; init; }

    /// <summary>Codes of tags and groups, all of which the member has.</summary>
    public ImmutableArray<string> Tags { get; init => field = value.IsDefault ? [] : value; } = [];

    public string? Level { get; init; }

    /// <summary>A track and one of its levels, as <see cref="TrackLevel"/> writes them.</summary>
    public string? Track { get; init; }

    public string? Status { get; init; }

    /// <summary>Paid for orders less refunds, in minor units, inclusive.</summary>
    public long? SpendMin { get; init; }

    public long? SpendMax { get; init; }

    /// <summary>The sum of all entries of points: held and pending ones count, and lapsed ones until they are written off.</summary>
    public long? PointsMin { get; init; }

    public long? PointsMax { get; init; }

    public long? GrowthMin { get; init; }

    public long? GrowthMax { get; init; }

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? RegisteredFrom { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? RegisteredTo { get; init; }

    /// <summary>Who has earned, spent, exchanged or transferred at that time or since.</summary>
    public DateTimeOffset? ActiveSince { get; init; }

    /// <summary>Who has done none of it at that time or since.</summary>
    public DateTimeOffset? InactiveSince { get; init; }

    /// <summary>Of <see cref="MemberSort"/>; null is by id.</summary>
    public string? Sort { get; init; }

    /// <summary>Whether something is looked for that members who were there before are brought into.</summary>
    internal bool AsksForTerms => (Query ?? Name ?? Track) is not null;

    /// <summary>Reads the parameters of a list of members.</summary>
    public static MemberFilter Read(QueryFields query)
    {
        var group = query.IdentifierOrNull("group", 64);
        var tags = query.IdentifierOrNull("tag", 256)?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (tags.Length > TagsMax)
        {
            query.Fail("tag", FieldErrorCode.TooLong, ("max", TagsMax));
        }

        var track = query.IdentifierOrNull("track", TrackLevel.LengthMax);
        if (track is not null && TrackLevel.ParseOrNull(track) is null)
        {
            query.Fail("track", FieldErrorCode.InvalidFormat, ("expected", TrackLevel.Format));
        }

        return new MemberFilter
        {
            Query = query.TextOrNull("q", SearchText.QueryLengthMax),
            Name = query.TextOrNull("name", SearchText.QueryLengthMax),
            Phone = query.TextOrNull("phone", PhoneNumber.TextLengthMax),
            Email = query.TextOrNull("email", EmailAddress.LengthMax),
            Code = query.IdentifierOrNull("code", 64),
            ExternalId = query.IdentifierOrNull("externalId", RegisterMemberBody.ExternalIdLengthMax),
            Tags = [.. (group is null ? tags : [.. tags, group]).Distinct(StringComparer.Ordinal)],
            Level = query.IdentifierOrNull("level", 64),
            Track = track,
            Status = query.ChoiceOrNull("status", "active", "inactive", "banned", "merged", "frozen", "cancelled"),
            SpendMin = query.IntegerOrNull("spendMin", 0, FigureMax),
            SpendMax = query.IntegerOrNull("spendMax", 0, FigureMax),
            PointsMin = query.IntegerOrNull("pointsMin", -FigureMax, FigureMax),
            PointsMax = query.IntegerOrNull("pointsMax", -FigureMax, FigureMax),
            GrowthMin = query.IntegerOrNull("growthMin", 0, FigureMax),
            GrowthMax = query.IntegerOrNull("growthMax", 0, FigureMax),
            RegisteredFrom = query.TimeOrNull("registeredFrom")?.ToDateTimeOffset(),
            RegisteredTo = query.TimeOrNull("registeredTo")?.ToDateTimeOffset(),
            ActiveSince = query.TimeOrNull("activeSince")?.ToDateTimeOffset(),
            InactiveSince = query.TimeOrNull("inactiveSince")?.ToDateTimeOffset(),
            Sort = query.ChoiceOrNull("sort", MemberSort.Names),
        };
    }

    /// <summary>Reads what is to be asked again, which names no person.</summary>
    internal static MemberFilter Read(JsonFields fields)
    {
        var track = fields.IdentifierOrNull("track", TrackLevel.LengthMax);
        if (track is not null && TrackLevel.ParseOrNull(track) is null)
        {
            fields.Fail("track", FieldErrorCode.InvalidFormat, ("expected", TrackLevel.Format));
        }

        var filter = new MemberFilter
        {
            Tags = [.. fields.TextsOrNull("tags", TagsMax, 64) ?? []],
            Level = fields.IdentifierOrNull("level", 64),
            Track = track,
            Status = fields.ChoiceOrNull("status", "active", "inactive", "banned", "merged", "frozen", "cancelled"),
            SpendMin = fields.IntegerOrNull("spendMin", 0, FigureMax),
            SpendMax = fields.IntegerOrNull("spendMax", 0, FigureMax),
            PointsMin = fields.IntegerOrNull("pointsMin", -FigureMax, FigureMax),
            PointsMax = fields.IntegerOrNull("pointsMax", -FigureMax, FigureMax),
            GrowthMin = fields.IntegerOrNull("growthMin", 0, FigureMax),
            GrowthMax = fields.IntegerOrNull("growthMax", 0, FigureMax),
            RegisteredFrom = fields.TimeOrNull("registeredFrom")?.ToDateTimeOffset(),
            RegisteredTo = fields.TimeOrNull("registeredTo")?.ToDateTimeOffset(),
            ActiveSince = fields.TimeOrNull("activeSince")?.ToDateTimeOffset(),
            InactiveSince = fields.TimeOrNull("inactiveSince")?.ToDateTimeOffset(),
            Sort = fields.ChoiceOrNull("sort", MemberSort.Names),
        };
        fields.RefuseUnknown();
        return filter;
    }

    /// <summary>By what a cursor knows the question that it belongs to.</summary>
    internal long HashFor(TenantId tenant)
    {
        var rest = JsonSerializer.Serialize(this, MembershipJson.Default.MemberFilter);
        return unchecked((long)Hash128.Of(tenant.Value, "member filter", rest, string.Join('\n', Query, Name, Phone, Email, Code, ExternalId)).High);
    }
}

/// <summary>A level of a track, written <c>vip:gold</c>.</summary>
internal sealed record TrackLevel(string Track, string Level)
{
    public const int LengthMax = 129;

    public static readonly Wording Format = new("a track and one of its levels with a colon between, like vip:gold", "等级轨道与其等级,以冒号分隔,例如 vip:gold");

    /// <summary>Null where the text is no level of a track.</summary>
    public static TrackLevel? ParseOrNull(string? text) =>
        text?.Split(':') is [{ Length: > 0 } track, { Length: > 0 } level] ? new TrackLevel(track, level) : null;
}

/// <summary>An order in which members are listed.</summary>
/// <param name="Column">Of the member's row; null for the id.</param>
/// <param name="Figure">The column of <c>member_figures</c> that has the same; null where the row's own is indexed.</param>
/// <param name="IsDescending">Whether the greatest comes first.</param>
internal sealed record MemberSort(string? Column, string? Figure, bool IsDescending)
{
    public const string Registered = "registered";
    public const string Spend = "spend";
    public const string Points = "points";
    public const string Growth = "growth";

    public static ReadOnlySpan<string> Names => s_names;

    private static readonly string[] s_names = ["id", Registered, "-registered", Spend, "-spend", Points, "-points", Growth, "-growth"];

    public static MemberSort Of(string? name) => (name?.TrimStart('-')) switch
    {
        Registered => new MemberSort("registered_at", null, name[0] == '-'),
        Spend => new MemberSort("total_amount", "spend", name[0] == '-'),
        Points => new MemberSort("points", "points", name[0] == '-'),
        Growth => new MemberSort("growth", "growth", name[0] == '-'),
        _ => new MemberSort(null, null, false),
    };
}
