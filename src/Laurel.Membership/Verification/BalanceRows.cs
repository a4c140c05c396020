using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>A recharge as it is stored.</summary>
internal sealed record RechargeRow(int Tenant, long Member, string RechargeId, long Amount, string Status, long Refunded, long EntryId) : IMemberRow
{
    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, Text = RechargeId };
}

/// <summary>A refund of a recharge as it is stored.</summary>
internal sealed record RechargeRefundRow(int Tenant, long Member, string RefundId, string RechargeId, long Amount, long EntryId) : IMemberRow
{
    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, Text = RefundId };
}

/// <summary>A withdrawal as it is stored.</summary>
internal sealed record WithdrawalRow(int Tenant, long Member, string WithdrawalId, long Amount, string Status, long EntryId) : IMemberRow
{
    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, Text = WithdrawalId };
}

/// <summary>A spend as it is stored.</summary>
internal sealed record SpendRow(int Tenant, long Member, long EntryId, long Amount, long Refunded) : IMemberRow
{
    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = EntryId };
}

/// <summary>The rows of stored money of all members, in their order.</summary>
internal sealed class BalanceStreams(SqlSession session)
{
    private static readonly SetStatement<PageKey> s_recharges = VerificationPages.Page(
        "SELECT r.tenant_id, r.member_id, r.recharge_id, r.amount, r.status, r.refunded, r.entry_id FROM {balance_recharges r}",
        "r.tenant_id", "r.member_id, r.recharge_id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.Text);

    private static readonly SetStatement<PageKey> s_refunds = VerificationPages.Page(
        "SELECT f.tenant_id, f.member_id, f.refund_id, f.recharge_id, f.amount, f.entry_id FROM {balance_recharge_refunds f}",
        "f.tenant_id", "f.member_id, f.refund_id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.Text);

    private static readonly SetStatement<PageKey> s_withdrawals = VerificationPages.Page(
        "SELECT w.tenant_id, w.member_id, w.withdrawal_id, w.amount, w.status, w.entry_id FROM {balance_withdrawals w}",
        "w.tenant_id", "w.member_id, w.withdrawal_id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.Text);

    private static readonly SetStatement<PageKey> s_spends = VerificationPages.Page(
        "SELECT s.tenant_id, s.member_id, s.entry_id, s.amount, s.refunded FROM {balance_spends s}",
        "s.tenant_id", "s.member_id, s.entry_id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First);

    public RowStream<RechargeRow> Recharges { get; } = new(
        session, s_recharges, row => new(row.Int32(0), row.Int64(1), row.Text(2), row.Int64(3), row.Text(4), row.Int64(5), row.Int64(6)));

    public RowStream<RechargeRefundRow> Refunds { get; } = new(
        session, s_refunds, row => new(row.Int32(0), row.Int64(1), row.Text(2), row.Text(3), row.Int64(4), row.Int64(5)));

    public RowStream<WithdrawalRow> Withdrawals { get; } = new(
        session, s_withdrawals, row => new(row.Int32(0), row.Int64(1), row.Text(2), row.Int64(3), row.Text(4), row.Int64(5)));

    public RowStream<SpendRow> Spends { get; } = new(
        session, s_spends, row => new(row.Int32(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4)));
}
