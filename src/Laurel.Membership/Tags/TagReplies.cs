using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Tags;

/// <summary>A tag or a group as an answer shows it.</summary>
public sealed record TagReply
{
    public required string Code { get; init; }

    /// <summary><c>tag</c> or <c>group</c>.</summary>
    public required string Kind { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    public required string? Description { get; init; }

    public required string? Color { get; init; }

    /// <summary>Whether systems alone give and take it.</summary>
    public required bool IsSystem { get; init; }

    internal static TagReply Of(Tag tag) => new()
    {
        Code = tag.Code,
        Kind = tag.MemberKind,
        NameEnglish = tag.NameEnglish,
        NameChinese = tag.NameChinese,
        Description = tag.Description,
        Color = tag.Color,
        IsSystem = tag.IsSystem,
    };
}

/// <summary>The tags and groups of a tenant.</summary>
/// <param name="Items">By their codes.</param>
public sealed record TagList(IReadOnlyList<TagReply> Items);

/// <summary>What a member is tagged with.</summary>
/// <param name="Tags">Codes of tags and groups, ascending.</param>
public sealed record MemberTagsReply(string MemberId, IReadOnlyList<string> Tags);

/// <summary>Reads tags.</summary>
internal static class TagQueries
{
    /// <summary>More than any tenant is expected to have.</summary>
    private const int TagsMax = 1_000;

    private const string All = """
        SELECT t.code AS Code, t.kind AS Kind, t.name_english AS NameEnglish, t.name_chinese AS NameChinese, t.description AS Description, t.color AS Color,
            t.is_system AS IsSystem
        FROM tags t WHERE t.tenant_id = @Tenant AND t.removed = 0 ORDER BY t.code LIMIT @Limit
        """;

    private sealed class Row
    {
        public required string Code { get; init; }

        public required string Kind { get; init; }

        public required string NameEnglish { get; init; }

        public required string NameChinese { get; init; }

        public string? Description { get; init; }

        public string? Color { get; init; }

        public int IsSystem { get; init; }
    }

    public static async Task<TagList> AllAsync(Database from, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("tags.list");
        var arguments = new { Tenant = tenant.Value, Limit = TagsMax };
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(All, arguments, cancellationToken: cancellationToken));
        return new TagList([.. rows.Select(row => new TagReply
        {
            Code = row.Code,
            Kind = row.Kind,
            NameEnglish = row.NameEnglish,
            NameChinese = row.NameChinese,
            Description = row.Description,
            Color = row.Color,
            IsSystem = row.IsSystem == 1,
        })]);
    }
}
