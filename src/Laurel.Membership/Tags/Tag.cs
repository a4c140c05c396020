using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Search;

namespace Laurel.Membership.Tags;

/// <summary>A tag or a group that members may have. A group is a tag that is meant as a list of its members.</summary>
public sealed class Tag : RowAggregate
{
    public const int NameLengthMax = 64;

    public const int DescriptionLengthMax = 200;

    public const int ColorLengthMax = 20;

    public const string PlainKind = "tag";

    public const string GroupKind = "group";

    /// <summary>As <see cref="Programmes.Level.Code"/>: at most 40 lower-case letters, digits and underscores, a letter first.</summary>
    public required string Code { get; init; }

    /// <summary><see cref="PlainKind"/> or <see cref="GroupKind"/>.</summary>
    public required string MemberKind { get; set; }

    public required string NameEnglish { get; set; }

    public required string NameChinese { get; set; }

    public string? Description { get; set; }

    /// <summary>As CSS writes it; null for none.</summary>
    public string? Color { get; set; }

    /// <summary>Whether systems alone give and take it, and nobody who has signed in.</summary>
    public bool IsSystem { get; set; }

    /// <summary>Whether nobody may be given it any more. No member has one that was removed.</summary>
    public bool Removed { get; set; }

    public required Instant ChangedAt { get; set; }

    /// <summary>Whether any member has it, as far as it was asked; not stored.</summary>
    internal bool? IsUsed { get; set; }

    // Before members, so that nobody is given a tag while it is being removed.
    internal static RowKind<Tag> Kind { get; } = new(19, "tags", Read,
        Column<Tag>.Text("code", t => t.Code),
        Column<Tag>.Text("kind", t => t.MemberKind),
        Column<Tag>.Text("name_english", t => t.NameEnglish),
        Column<Tag>.Text("name_chinese", t => t.NameChinese),
        Column<Tag>.Text("description", t => t.Description),
        Column<Tag>.Text("color", t => t.Color),
        Column<Tag>.Flag("is_system", t => t.IsSystem),
        Column<Tag>.Flag("removed", t => t.Removed),
        Column<Tag>.Instant("changed_at", t => t.ChangedAt));

    internal static long IdOf(TenantId tenant, string code) => (long)(Hash128.Of(tenant.Value, "tag", code).Low >> 1);

    internal static RootRef RootOf(TenantId tenant, string code) => Kind.RootOf(tenant, IdOf(tenant, code));

    /// <summary>Whether a text can be the code of a tag.</summary>
    public static bool IsCode(string text) =>
        text.Length is > 0 and <= 40 && char.IsAsciiLetterLower(text[0]) && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static Tag Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Code = row.Text(2),
        MemberKind = row.Text(3),
        NameEnglish = row.Text(4),
        NameChinese = row.Text(5),
        Description = row.TextOrNull(6),
        Color = row.TextOrNull(7),
        IsSystem = row.Flag(8),
        Removed = row.Flag(9),
        ChangedAt = row.Instant(10),
    };
}

/// <summary>Asks whether any member has a tag, merged ones too: they have it again when they are parted.</summary>
internal sealed class TagUseLoader : ChildLoader<TagUseLoader.Need>
{
    internal readonly record struct Need(int Tenant, string Code)
    {
        public long Term => SearchTerms.OfTag(new TenantId(Tenant), Code);

        public long MergedTerm => SearchTerms.OfMergedTag(new TenantId(Tenant), Code);
    }

    public static readonly TagUseLoader Instance = new();

    private static readonly SetStatement<Need> s_find = new(
        sqlite: """
            SELECT $2 WHERE EXISTS (SELECT 1 FROM member_terms t WHERE t.tenant_id = $1 AND t.term = $2)
                OR EXISTS (SELECT 1 FROM member_terms t WHERE t.tenant_id = $1 AND t.term = $3)
            """,
        postgres: """
            SELECT k.term FROM unnest($1, $2, $3) k (tenant_id, term, merged_term)
            WHERE EXISTS (SELECT 1 FROM member_terms t WHERE t.tenant_id = k.tenant_id AND t.term = k.term)
                OR EXISTS (SELECT 1 FROM member_terms t WHERE t.tenant_id = k.tenant_id AND t.term = k.merged_term)
            """,
        mySql: """
            SELECT k.term FROM {rows} k
            WHERE EXISTS (SELECT 1 FROM member_terms t WHERE t.tenant_id = k.tenant_id AND t.term = k.term)
                OR EXISTS (SELECT 1 FROM member_terms t WHERE t.tenant_id = k.tenant_id AND t.term = k.merged_term)
            """,
        Column<Need>.Int32("tenant_id", n => n.Tenant),
        Column<Need>.Int64("term", n => n.Term),
        Column<Need>.Int64("merged_term", n => n.MergedTerm));

    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<Need> needs)
    {
        var used = new HashSet<long>();
        builder.Add(s_find, needs, row => used.Add(row.Int64(0)));
        return set =>
        {
            foreach (var need in needs)
            {
                var tag = set.Loaded<Tag>(Tag.RootOf(new TenantId(need.Tenant), need.Code));
                tag.IsUsed = tag.IsUsed is true || used.Contains(need.Term);
            }
        };
    }
}
