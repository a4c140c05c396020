using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Units;

/// <summary>The SQL of members' units. A row that is missing counts as nothing.</summary>
internal static class UnitStatements
{
    internal readonly record struct MemberKey(int Tenant, long Member);

    private sealed record Row(int Tenant, long Member, UnitWallet Wallet);

    public static readonly SetStatement<MemberKey> Read = Statements.Find("u.member_id, u.unit, u.amount", "member_units u", "",
        Column<MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<MemberKey>.Int64("member_id", k => k.Member));

    private static readonly Column<Row>[] s_columns =
    [
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Text("unit", r => r.Wallet.Unit),
        Column<Row>.Int64("amount", r => r.Wallet.Amount),
    ];

    private static readonly SetStatement<Row> s_insert = Statements.Insert("member_units", s_columns);

    private static readonly SetStatement<Row> s_update = Statements.Update("member_units", keys: 3, s_columns);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var having = books.Where(book => book.HasUnits).ToList();
        if (having.Count > 0)
        {
            builder.Add(s_insert, [.. having.SelectMany(book => book.Units.Wallets.New().Select(wallet => RowOf(book, wallet)))]);
            builder.Add(s_update, [.. having.SelectMany(book => book.Units.Wallets.Changed().Select(wallet => RowOf(book, wallet)))]);
        }
    }

    /// <summary>Adds the reading of all units of members.</summary>
    public static LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<MemberKey> needs, MemberKind members)
    {
        var found = new List<(long Member, UnitWallet Wallet)>();
        builder.Add(Read, needs, row => found.Add((row.Int64(0), new UnitWallet(row.Text(1), row.Int64(2)))));
        return set =>
        {
            var wallets = found.ToLookup(one => one.Member, one => one.Wallet);
            foreach (var need in needs)
            {
                var book = set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Units;
                foreach (var wallet in wallets[need.Member])
                {
                    book.Wallets.Load(wallet.Unit, wallet);
                }

                book.IsLoaded = true;
            }
        };
    }

    private static Row RowOf(MemberBook book, UnitWallet wallet) => new(book.Identity.Tenant.Value, book.Identity.Id.Value, wallet);
}

/// <summary>Reads all units of members: they have few, and whoever asks for one is likely to ask for another.</summary>
internal sealed class UnitLoader(MemberKind members) : ChildLoader<UnitStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<UnitStatements.MemberKey> needs) => UnitStatements.Load(builder, needs, members);
}
