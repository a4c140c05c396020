using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;

namespace Laurel.Membership.Balance;

/// <summary>Reads recharges by their names.</summary>
internal sealed class RechargeLoader(MemberKind members) : ChildLoader<BalanceStatements.TextKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<BalanceStatements.TextKey> needs) => MoneyLoading.Load(
        builder,
        BalanceStatements.ReadRecharges,
        needs,
        BalanceStatements.ReadRecharge,
        found => found.RechargeId,
        need => (members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)), need.Id),
        book => book.Money.Recharges);
}

/// <summary>Reads withdrawals by their names.</summary>
internal sealed class WithdrawalLoader(MemberKind members) : ChildLoader<BalanceStatements.TextKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<BalanceStatements.TextKey> needs) => MoneyLoading.Load(
        builder,
        BalanceStatements.ReadWithdrawals,
        needs,
        BalanceStatements.ReadWithdrawal,
        found => found.WithdrawalId,
        need => (members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)), need.Id),
        book => book.Money.Withdrawals);
}

/// <summary>Reads spends by what their callers named them.</summary>
internal sealed class SpendLoader(MemberKind members) : ChildLoader<BalanceStatements.SpendKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<BalanceStatements.SpendKey> needs) => MoneyLoading.Load(
        builder,
        BalanceStatements.ReadSpends,
        needs,
        BalanceStatements.ReadSpend,
        found => found.Reference,
        need => (members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)), need.Reference),
        book => book.Money.Spends);
}

/// <summary>What the three loaders have in common.</summary>
internal static class MoneyLoading
{
    /// <summary>Reads the rows of the needs into their members' books, and notes of the others that nothing is stored under their key.</summary>
    public static LoadResult Load<TNeed, TKey, TValue>(
        SqlScriptBuilder builder,
        SetStatement<TNeed> statement,
        IReadOnlyList<TNeed> needs,
        Func<SqlRow, TValue> read,
        Func<TValue, TKey> keyOf,
        Func<TNeed, (RootRef Root, TKey Key)> find,
        Func<MemberBook, Tracked<TKey, TValue>> children)
        where TKey : notnull
        where TValue : class
    {
        var found = new List<(long Member, TValue Value)>();
        builder.Add(statement, needs, row => found.Add((row.Int64(1), read(row))));
        return set =>
        {
            foreach (var need in needs)
            {
                var (root, key) = find(need);
                var tracked = children(set.Loaded<MemberBook>(root));
                var value = found.Find(one => one.Member == root.Id && keyOf(one.Value).Equals(key)).Value;
                if (value is null)
                {
                    tracked.LoadMissing(key);
                }
                else
                {
                    tracked.Load(key, value);
                }
            }
        };
    }
}
