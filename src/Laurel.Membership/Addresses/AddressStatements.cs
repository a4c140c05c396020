using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;

namespace Laurel.Membership.Addresses;

/// <summary>The SQL of addresses.</summary>
internal static class AddressStatements
{
    private sealed record Row(int Tenant, long Member, MemberAddress Address);

    public static readonly SetStatement<PersonalStatements.MemberKey> Read = Statements.Find(
        "a.member_id, a.id, a.sealed, a.is_default, a.created_at, a.updated_at", "member_addresses a", "",
        Column<PersonalStatements.MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<PersonalStatements.MemberKey>.Int64("member_id", k => k.Member));

    private static readonly Column<Row>[] s_keys =
    [
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Int64("id", r => r.Address.Id),
    ];

    private static readonly Column<Row>[] s_columns =
    [
        .. s_keys,
        Column<Row>.Bytes("sealed", r => r.Address.Sealed),
        Column<Row>.Flag("is_default", r => r.Address.IsDefault),
        Column<Row>.Instant("created_at", r => r.Address.CreatedAt),
        Column<Row>.Instant("updated_at", r => r.Address.UpdatedAt),
    ];

    private static readonly SetStatement<Row> s_insert = Statements.Insert("member_addresses", s_columns);

    private static readonly SetStatement<Row> s_update = Statements.Update("member_addresses", keys: 3, s_columns);

    private static readonly SetStatement<Row> s_delete = new(
        sqlite: "DELETE FROM member_addresses WHERE tenant_id = $1 AND member_id = $2 AND id = $3",
        postgres: """
            DELETE FROM member_addresses a USING unnest($1, $2, $3) k (tenant_id, member_id, id)
            WHERE a.tenant_id = k.tenant_id AND a.member_id = k.member_id AND a.id = k.id
            """,
        s_keys);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var having = books.Where(book => book.HasAddresses).ToList();
        if (having.Count > 0)
        {
            builder.Add(s_delete, RowsOf(having, addresses => addresses.Removed));
            builder.Add(s_insert, RowsOf(having, addresses => addresses.New));
            builder.Add(s_update, RowsOf(having, addresses => addresses.Changed));
        }
    }

    private static List<Row> RowsOf(IReadOnlyList<MemberBook> books, Func<AddressBook, IEnumerable<MemberAddress>> which) =>
        [.. from book in books from address in which(book.Addresses) select new Row(book.Identity.Tenant.Value, book.Identity.Id.Value, address)];
}

/// <summary>Reads all addresses of members: they have few.</summary>
internal sealed class AddressLoader(MemberKind members) : ChildLoader<PersonalStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<PersonalStatements.MemberKey> needs)
    {
        var found = new List<(long Member, MemberAddress Address)>();
        builder.Add(AddressStatements.Read, needs, row => found.Add(
            (row.Int64(0), new MemberAddress(row.Int64(1), row.Bytes(2), row.Flag(3), row.Instant(4), row.Instant(5)))));
        return set =>
        {
            var addresses = found.ToLookup(one => one.Member, one => one.Address);
            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Addresses.Load(addresses[need.Member]);
            }
        };
    }
}
