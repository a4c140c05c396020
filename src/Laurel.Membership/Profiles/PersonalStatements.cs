using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Avatars;
using Laurel.Membership.Members;

namespace Laurel.Membership.Profiles;

/// <summary>The SQL of personal data.</summary>
internal static class PersonalStatements
{
    internal readonly record struct MemberKey(int Tenant, long Member);

    private sealed record Row(int Tenant, long Member, PersonalRecord Record);

    private static readonly Column<MemberKey>[] s_keys =
        [Column<MemberKey>.Int32("tenant_id", k => k.Tenant), Column<MemberKey>.Int64("member_id", k => k.Member)];

    public static readonly SetStatement<MemberKey> Read = Statements.Find(
        "p.member_id, p.wrapped_key, p.phone, p.phone_index, p.email, p.email_index, p.profile, p.profile_version, p.search_terms, p.phone_verified_at, p.avatar_file", "personal_data p", "", s_keys);

    private static readonly Column<Row>[] s_columns =
    [
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Bytes("wrapped_key", r => r.Record.WrappedKey),
        Column<Row>.Bytes("phone", r => r.Record.Phone),
        Column<Row>.Bytes("phone_index", r => r.Record.PhoneIndex?.ToBytes()),
        Column<Row>.Bytes("email", r => r.Record.Email),
        Column<Row>.Bytes("email_index", r => r.Record.EmailIndex?.ToBytes()),
        Column<Row>.Bytes("profile", r => r.Record.Profile),
        Column<Row>.Int64("profile_version", r => r.Record.Version),
        Column<Row>.Bytes("search_terms", r => r.Record.SearchTerms),
        Column<Row>.NullableInt64("phone_verified_at", r => r.Record.PhoneVerifiedAt?.UnixMicroseconds),
        Column<Row>.Text("avatar_file", r => r.Record.AvatarFile),
    ];

    private static readonly SetStatement<Row> s_insert = Statements.Insert("personal_data", s_columns);

    private static readonly SetStatement<Row> s_update = Statements.Update("personal_data", keys: 2, s_columns);

    private static readonly SetStatement<MemberKey> s_erase = new(
        sqlite: "DELETE FROM personal_data WHERE tenant_id = $1 AND member_id = $2",
        postgres: "DELETE FROM personal_data p USING unnest($1, $2) k (tenant_id, member_id) WHERE p.tenant_id = k.tenant_id AND p.member_id = k.member_id",
        s_keys);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var having = books.Where(book => book.HasPersonal).ToList();
        if (having.Count == 0)
        {
            return;
        }

        builder.Add(s_insert, [.. having.Where(book => book.Personal.IsNew).Select(RowOf)]);
        builder.Add(s_update, [.. having.Where(book => book.Personal.IsChanged).Select(RowOf)]);
        builder.Add(s_erase, [.. having.Where(book => book.Personal.IsErased).Select(KeyOf)]);
        builder.Add(AvatarFiles.Strike, [.. FilesOf(having, personal => personal.FileKept)]);
        builder.Add(AvatarFiles.Let, [.. FilesOf(having, personal => personal.FileLetGo)]);
    }

    public static MemberKey KeyOf(MemberBook book) => new(book.Identity.Tenant.Value, book.Identity.Id.Value);

    private static IEnumerable<FileRemoval> FilesOf(IEnumerable<MemberBook> books, Func<PersonalBook, string?> file) =>
        from book in books let name = file(book.Personal) where name is not null select new FileRemoval(book.Identity.Tenant.Value, name, default);

    private static Row RowOf(MemberBook book) => new(book.Identity.Tenant.Value, book.Identity.Id.Value, book.Personal.Current!);
}

/// <summary>Reads what is kept of members as persons.</summary>
internal sealed class PersonalLoader(MemberKind members) : ChildLoader<PersonalStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<PersonalStatements.MemberKey> needs)
    {
        var found = new Dictionary<long, PersonalRecord>();
        builder.Add(PersonalStatements.Read, needs, row => found[row.Int64(0)] = new PersonalRecord(row.Bytes(1))
        {
            Phone = row.BytesOrNull(2),
            PhoneIndex = row.IsNull(3) ? null : row.Hash(3),
            Email = row.BytesOrNull(4),
            EmailIndex = row.IsNull(5) ? null : row.Hash(5),
            Profile = row.BytesOrNull(6),
            Version = row.Int64(7),
            SearchTerms = row.BytesOrNull(8),
            PhoneVerifiedAt = row.InstantOrNull(9),
            AvatarFile = row.TextOrNull(10),
        });
        return set =>
        {
            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Personal.Load(found.GetValueOrDefault(need.Member));
            }
        };
    }
}
