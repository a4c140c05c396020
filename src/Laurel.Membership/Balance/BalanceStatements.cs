using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Access;

namespace Laurel.Membership.Balance;

/// <summary>The SQL of recharges, withdrawals and spends.</summary>
internal static class BalanceStatements
{
    internal readonly record struct TextKey(int Tenant, long Member, string Id);

    internal readonly record struct SpendKey(int Tenant, long Member, SpendReference Reference);

    internal sealed record RechargeRow(int Tenant, long Member, Recharge Recharge);

    internal sealed record WithdrawalRow(int Tenant, long Member, Withdrawal Withdrawal);

    internal sealed record SpendRow(int Tenant, long Member, BalanceSpend Spend);

    internal sealed record RefundRow(
        int Tenant, long Member, string RefundId, string RechargeId, long Amount, long EntryId, Instant OccurredAt, string? ProviderReference);

    /// <summary>Of <see cref="ReadRecharge"/>.</summary>
    public const string RechargeColumns = """
        r.tenant_id, r.member_id, r.recharge_id, r.id, r.amount, r.status, r.refunded, r.entry_id, r.created_at, r.expires_at, r.paid_at,
            r.provider_reference
        """;

    public static readonly SetStatement<TextKey> ReadRecharges = Statements.Find(
        RechargeColumns, "balance_recharges r", "",
        Column<TextKey>.Int32("tenant_id", k => k.Tenant),
        Column<TextKey>.Int64("member_id", k => k.Member),
        Column<TextKey>.Text("recharge_id", k => k.Id));

    public static readonly SetStatement<TextKey> ReadWithdrawals = Statements.Find(
        """
        w.tenant_id, w.member_id, w.withdrawal_id, w.id, w.amount, w.status, w.destination, w.applied_at, w.applied_key, w.applied_by,
            w.first_key, w.first_by, w.second_key, w.second_by, w.ended_at, w.due_at, w.attempts, w.provider, w.provider_reference, w.reason, w.entry_id
        """,
        "balance_withdrawals w", "",
        Column<TextKey>.Int32("tenant_id", k => k.Tenant),
        Column<TextKey>.Int64("member_id", k => k.Member),
        Column<TextKey>.Text("withdrawal_id", k => k.Id));

    public static readonly SetStatement<SpendKey> ReadSpends = Statements.Find(
        "s.tenant_id, s.member_id, s.reference_type, s.reference_id, s.entry_id, s.amount, s.refunded",
        "balance_spends s", "",
        Column<SpendKey>.Int32("tenant_id", k => k.Tenant),
        Column<SpendKey>.Int64("member_id", k => k.Member),
        Column<SpendKey>.Text("reference_type", k => k.Reference.Type),
        Column<SpendKey>.Text("reference_id", k => k.Reference.Id));

    public static readonly SetStatement<RefundRow> InsertRefunds = Statements.Insert("balance_recharge_refunds",
        Column<RefundRow>.Int32("tenant_id", r => r.Tenant),
        Column<RefundRow>.Int64("member_id", r => r.Member),
        Column<RefundRow>.Text("refund_id", r => r.RefundId),
        Column<RefundRow>.Text("recharge_id", r => r.RechargeId),
        Column<RefundRow>.Int64("amount", r => r.Amount),
        Column<RefundRow>.Int64("entry_id", r => r.EntryId),
        Column<RefundRow>.Instant("occurred_at", r => r.OccurredAt),
        Column<RefundRow>.Text("provider_reference", r => r.ProviderReference));

    private static readonly SetStatement<RechargeRow> s_insertRecharge = Statements.Insert("balance_recharges",
    [
        .. KeyOfRecharge(),
        Column<RechargeRow>.Int64("id", r => r.Recharge.Id),
        Column<RechargeRow>.Int64("amount", r => r.Recharge.Amount),
        Column<RechargeRow>.Instant("created_at", r => r.Recharge.CreatedAt),
        Column<RechargeRow>.Instant("expires_at", r => r.Recharge.ExpiresAt),
        .. StateOfRecharge(),
    ]);

    private static readonly SetStatement<RechargeRow> s_updateRecharge =
        Statements.Update("balance_recharges", keys: 3, [.. KeyOfRecharge(), .. StateOfRecharge()]);

    private static readonly SetStatement<WithdrawalRow> s_insertWithdrawal = Statements.Insert("balance_withdrawals",
    [
        .. KeyOfWithdrawal(),
        Column<WithdrawalRow>.Int64("id", r => r.Withdrawal.Id),
        Column<WithdrawalRow>.Int64("amount", r => r.Withdrawal.Amount),
        Column<WithdrawalRow>.Text("destination", r => r.Withdrawal.Destination),
        Column<WithdrawalRow>.Instant("applied_at", r => r.Withdrawal.AppliedAt),
        Column<WithdrawalRow>.Bytes("applied_key", r => r.Withdrawal.AppliedBy.Hands.ToBytes()),
        Column<WithdrawalRow>.Text("applied_by", r => r.Withdrawal.AppliedBy.Name),
        .. StateOfWithdrawal(),
    ]);

    private static readonly SetStatement<WithdrawalRow> s_updateWithdrawal =
        Statements.Update("balance_withdrawals", keys: 3, [.. KeyOfWithdrawal(), .. StateOfWithdrawal()]);

    private static readonly SetStatement<SpendRow> s_insertSpend = Statements.Insert("balance_spends",
    [
        .. KeyOfSpend(),
        Column<SpendRow>.Text("reference_type", r => r.Spend.Reference.Type),
        Column<SpendRow>.Text("reference_id", r => r.Spend.Reference.Id),
        Column<SpendRow>.Int64("amount", r => r.Spend.Amount),
        Column<SpendRow>.Int64("refunded", r => r.Spend.Refunded),
    ]);

    private static readonly SetStatement<SpendRow> s_updateSpend =
        Statements.Update("balance_spends", keys: 3, [.. KeyOfSpend(), Column<SpendRow>.Int64("refunded", r => r.Spend.Refunded)]);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var moneyed = books.Where(book => book.HasMoney).ToList();
        if (moneyed.Count == 0)
        {
            return;
        }

        builder.Add(s_insertRecharge, RowsOf(moneyed, money => money.Recharges.New(), (tenant, member, r) => new RechargeRow(tenant, member, r)));
        builder.Add(s_updateRecharge, RowsOf(moneyed, money => money.Recharges.Changed(), (tenant, member, r) => new RechargeRow(tenant, member, r)));
        builder.Add(s_insertWithdrawal, RowsOf(moneyed, money => money.Withdrawals.New(), (tenant, member, w) => new WithdrawalRow(tenant, member, w)));
        builder.Add(s_updateWithdrawal, RowsOf(moneyed, money => money.Withdrawals.Changed(), (tenant, member, w) => new WithdrawalRow(tenant, member, w)));
        builder.Add(s_insertSpend, RowsOf(moneyed, money => money.Spends.New(), (tenant, member, s) => new SpendRow(tenant, member, s)));
        builder.Add(s_updateSpend, RowsOf(moneyed, money => money.Spends.Changed(), (tenant, member, s) => new SpendRow(tenant, member, s)));
    }

    private static List<TRow> RowsOf<TValue, TRow>(
        List<MemberBook> books, Func<BalanceBook, IEnumerable<TValue>> values, Func<int, long, TValue, TRow> row) =>
    [
        .. from book in books
           from value in values(book.Money)
           select row(book.Identity.Tenant.Value, book.Identity.Id.Value, value),
    ];

    public static Recharge ReadRecharge(SqlRow row) => new()
    {
        RechargeId = row.Text(2),
        Id = row.Int64(3),
        Amount = row.Int64(4),
        Status = Recharge.StatusOf(row.Text(5)),
        Refunded = row.Int64(6),
        EntryId = row.Int64(7),
        CreatedAt = row.Instant(8),
        ExpiresAt = row.Instant(9),
        PaidAt = row.Int64OrNull(10) is { } paidAt ? new Instant(paidAt) : null,
        ProviderReference = row.TextOrNull(11),
    };

    public static Withdrawal ReadWithdrawal(SqlRow row) => new()
    {
        WithdrawalId = row.Text(2),
        Id = row.Int64(3),
        Amount = row.Int64(4),
        Status = Withdrawal.StatusOf(row.Text(5)),
        Destination = row.Text(6),
        AppliedAt = row.Instant(7),
        AppliedBy = new Signatory(Hands.FromBytes(row.Bytes(8)), row.Text(9)),
        FirstApprover = row.IsNull(10) ? null : new Signatory(Hands.FromBytes(row.Bytes(10)), row.Text(11)),
        SecondApprover = row.IsNull(12) ? null : new Signatory(Hands.FromBytes(row.Bytes(12)), row.Text(13)),
        EndedAt = row.Int64OrNull(14) is { } endedAt ? new Instant(endedAt) : null,
        DueAt = row.Int64OrNull(15) is { } dueAt ? new Instant(dueAt) : null,
        Attempts = row.Int32(16),
        Provider = row.TextOrNull(17),
        ProviderReference = row.TextOrNull(18),
        Reason = row.TextOrNull(19),
        EntryId = row.Int64(20),
    };

    public static BalanceSpend ReadSpend(SqlRow row) => new()
    {
        Reference = new SpendReference(row.Text(2), row.Text(3)),
        EntryId = row.Int64(4),
        Amount = row.Int64(5),
        Refunded = row.Int64(6),
    };

    private static Column<RechargeRow>[] KeyOfRecharge() =>
    [
        Column<RechargeRow>.Int32("tenant_id", r => r.Tenant),
        Column<RechargeRow>.Int64("member_id", r => r.Member),
        Column<RechargeRow>.Text("recharge_id", r => r.Recharge.RechargeId),
    ];

    private static Column<RechargeRow>[] StateOfRecharge() =>
    [
        Column<RechargeRow>.Text("status", r => Recharge.NameOf(r.Recharge.Status)),
        Column<RechargeRow>.Int64("refunded", r => r.Recharge.Refunded),
        Column<RechargeRow>.Int64("entry_id", r => r.Recharge.EntryId),
        Column<RechargeRow>.NullableInt64("due_at", r => r.Recharge.Status == RechargeStatus.Created ? r.Recharge.ExpiresAt.UnixMicroseconds : null),
        Column<RechargeRow>.NullableInt64("paid_at", r => r.Recharge.PaidAt?.UnixMicroseconds),
        Column<RechargeRow>.Text("provider_reference", r => r.Recharge.ProviderReference),
    ];

    private static Column<WithdrawalRow>[] KeyOfWithdrawal() =>
    [
        Column<WithdrawalRow>.Int32("tenant_id", r => r.Tenant),
        Column<WithdrawalRow>.Int64("member_id", r => r.Member),
        Column<WithdrawalRow>.Text("withdrawal_id", r => r.Withdrawal.WithdrawalId),
    ];

    private static Column<WithdrawalRow>[] StateOfWithdrawal() =>
    [
        Column<WithdrawalRow>.Text("status", r => Withdrawal.NameOf(r.Withdrawal.Status)),
        Column<WithdrawalRow>.Bytes("first_key", r => r.Withdrawal.FirstApprover?.Hands.ToBytes()),
        Column<WithdrawalRow>.Text("first_by", r => r.Withdrawal.FirstApprover?.Name),
        Column<WithdrawalRow>.Bytes("second_key", r => r.Withdrawal.SecondApprover?.Hands.ToBytes()),
        Column<WithdrawalRow>.Text("second_by", r => r.Withdrawal.SecondApprover?.Name),
        Column<WithdrawalRow>.NullableInt64("ended_at", r => r.Withdrawal.EndedAt?.UnixMicroseconds),
        Column<WithdrawalRow>.NullableInt64("due_at", r => r.Withdrawal.DueAt?.UnixMicroseconds),
        Column<WithdrawalRow>.Int32("attempts", r => r.Withdrawal.Attempts),
        Column<WithdrawalRow>.Text("provider", r => r.Withdrawal.Provider),
        Column<WithdrawalRow>.Text("provider_reference", r => r.Withdrawal.ProviderReference),
        Column<WithdrawalRow>.Text("reason", r => r.Withdrawal.Reason),
        Column<WithdrawalRow>.Int64("entry_id", r => r.Withdrawal.EntryId),
    ];

    private static Column<SpendRow>[] KeyOfSpend() =>
    [
        Column<SpendRow>.Int32("tenant_id", r => r.Tenant),
        Column<SpendRow>.Int64("member_id", r => r.Member),
        Column<SpendRow>.Int64("entry_id", r => r.Spend.EntryId),
    ];
}
