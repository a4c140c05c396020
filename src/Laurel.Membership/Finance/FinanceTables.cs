using System.Globalization;
using Laurel.Membership.Exports;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Finance;

/// <summary>One column of a table: its head in both languages, and its field of a row.</summary>
public sealed record FinanceColumn<TRow>(string English, string Chinese, Func<TRow, string> Field);

/// <summary>A report as CSV (RFC 4180): UTF-8, CRLF, one header line. Numbers are plain; text that a spreadsheet would take for a formula is
/// defused.</summary>
public sealed class FinanceTable<TRow>(params IReadOnlyList<FinanceColumn<TRow>> columns)
{
    /// <summary>Excel takes a file that begins with this for UTF-8; without it, it takes the code page of the system.</summary>
    public const string ByteOrderMark = "\uFEFF";

    public string Write(IEnumerable<TRow> rows, Language language, bool withMark)
    {
        var text = new System.Text.StringBuilder(withMark ? ByteOrderMark : "");
        text.AppendJoin(',', columns.Select(column => language switch
        {
            Language.English => column.English,
            Language.Chinese => column.Chinese,
        })).Append("\r\n");
        foreach (var row in rows)
        {
            text.AppendJoin(',', columns.Select(column => column.Field(row))).Append("\r\n");
        }

        return text.ToString();
    }
}

/// <summary>The columns of every report.</summary>
public static class FinanceTables
{
    public static readonly FinanceTable<RollForwardDay> RollForward = new(
        Text<RollForwardDay>("day", "日期", row => row.Day),
        Number<RollForwardDay>("opening", "期初", row => row.Opening),
        Number<RollForwardDay>("issued", "发放", row => row.Issued),
        Number<RollForwardDay>("redeemed", "兑换", row => row.Redeemed),
        Number<RollForwardDay>("expired", "过期", row => row.Expired),
        Number<RollForwardDay>("clawed_back", "退货收回", row => row.ClawedBack),
        Number<RollForwardDay>("adjusted", "调整", row => row.Adjusted),
        Number<RollForwardDay>("reinstated", "恢复", row => row.Reinstated),
        Number<RollForwardDay>("cancelled", "取消", row => row.Cancelled),
        Number<RollForwardDay>("transferred", "转赠", row => row.Transferred),
        Number<RollForwardDay>("exchanged", "兑换余额", row => row.Exchanged),
        Number<RollForwardDay>("repaid", "偿还应收", row => row.Repaid),
        Number<RollForwardDay>("brought_forward", "期初结转", row => row.BroughtForward),
        Number<RollForwardDay>("other", "其他", row => row.Other),
        Number<RollForwardDay>("closing", "期末", row => row.Closing),
        Number<RollForwardDay>("extended", "延期", row => row.Extended),
        Number<RollForwardDay>("late", "迟到业务", row => row.Late),
        Number<RollForwardDay>("committed_late", "迟到入账", row => row.CommittedLate));

    public static readonly FinanceTable<LiabilityDay> Liability = new(
        Text<LiabilityDay>("day", "日期", row => row.Day),
        Number<LiabilityDay>("points", "积分净额", row => row.Points),
        Number<LiabilityDay>("outstanding", "未兑换积分", row => row.Outstanding),
        Number<LiabilityDay>("held", "冻结", row => row.Held),
        Number<LiabilityDay>("debt", "欠分", row => row.Debt),
        Number<LiabilityDay>("receivable", "应收积分", row => row.Receivable),
        Number<LiabilityDay>("value_points", "积分单位", row => row.ValuePoints),
        Number<LiabilityDay>("value_minor_units", "单位价值（最小单位）", row => row.ValueMinorUnits),
        Number<LiabilityDay>("redemption_basis_points", "预计兑换率（万分之）", row => row.RedemptionBasisPoints),
        Text<LiabilityDay>("redemption_source", "兑换率来源", row => row.RedemptionSource),
        Number<LiabilityDay>("whole_minor_units", "全额（最小单位）", row => row.WholeMinorUnits),
        Number<LiabilityDay>("liability_minor_units", "负债（最小单位）", row => row.LiabilityMinorUnits),
        Number<LiabilityDay>("breakage_minor_units", "预计沉淀（最小单位）", row => row.BreakageMinorUnits));

    public static readonly FinanceTable<ExpiringMonth> Expiring = new(
        Text<ExpiringMonth>("month", "到期月份", row => row.Month),
        Number<ExpiringMonth>("points", "积分", row => row.Points),
        Number<ExpiringMonth>("held", "冻结", row => row.Held),
        Number<ExpiringMonth>("pending", "待生效", row => row.Pending),
        Number<ExpiringMonth>("lots", "批次数", row => row.Lots));

    public static readonly FinanceTable<ExtensionRow> Extensions = new(
        Text<ExtensionRow>("day", "日期", row => row.Day),
        Text<ExtensionRow>("from", "原到期月份", row => row.From),
        Text<ExtensionRow>("to", "新到期月份", row => row.To),
        Number<ExtensionRow>("lots", "批次数", row => row.Lots),
        Number<ExtensionRow>("points", "积分", row => row.Points));

    public static readonly FinanceTable<(Cohort Cohort, CohortAge Age)> Cohorts = new(
        Text<(Cohort Cohort, CohortAge Age)>("issue_month", "发放月份", row => row.Cohort.Month),
        Number<(Cohort Cohort, CohortAge Age)>("age", "月龄", row => row.Age.Age),
        Number<(Cohort Cohort, CohortAge Age)>("issued", "发放", row => row.Cohort.Issued),
        Number<(Cohort Cohort, CohortAge Age)>("redeemed", "兑换", row => row.Age.Redeemed),
        Number<(Cohort Cohort, CohortAge Age)>("expired", "过期", row => row.Age.Expired),
        Number<(Cohort Cohort, CohortAge Age)>("clawed_back", "退货收回", row => row.Age.ClawedBack),
        Number<(Cohort Cohort, CohortAge Age)>("other", "其他", row => row.Age.Other),
        Number<(Cohort Cohort, CohortAge Age)>("redeemed_to_date", "累计兑换", row => row.Age.RedeemedToDate),
        Number<(Cohort Cohort, CohortAge Age)>("open", "剩余", row => row.Age.Open),
        Text<(Cohort Cohort, CohortAge Age)>("ultimate_redeemed", "预计最终兑换", row => TextOf(row.Cohort.UltimateRedeemed)));

    public static readonly FinanceTable<DeferralMonth> Deferrals = new(
        Text<DeferralMonth>("month", "订单月份", row => row.Month),
        Number<DeferralMonth>("sales", "销售额（最小单位）", row => row.Sales),
        Number<DeferralMonth>("points", "发放积分", row => row.Points),
        Number<DeferralMonth>("points_minor_units", "积分单独售价（最小单位）", row => row.PointsMinorUnits),
        Number<DeferralMonth>("deferred", "递延收入（最小单位）", row => row.Deferred),
        Number<DeferralMonth>("goods", "商品收入（最小单位）", row => row.Goods),
        Number<DeferralMonth>("redeemed", "累计兑换", row => row.Redeemed),
        Number<DeferralMonth>("expected_redeemed", "预计总兑换", row => row.ExpectedRedeemed),
        Number<DeferralMonth>("released", "已确认（最小单位）", row => row.Released),
        Number<DeferralMonth>("remaining", "未确认（最小单位）", row => row.Remaining));

    public static readonly FinanceTable<JournalLine> Journal = new(
        Text<JournalLine>("day", "日期", row => row.Day),
        Number<JournalLine>("line", "行号", row => row.Line),
        Text<JournalLine>("account", "科目编码", row => row.Account),
        Text<JournalLine>("account_name", "科目名称", row => row.AccountName),
        Number<JournalLine>("debit_minor_units", "借方（最小单位）", row => row.Debit),
        Number<JournalLine>("credit_minor_units", "贷方（最小单位）", row => row.Credit),
        Text<JournalLine>("memo", "摘要", row => row.Memo),
        Number<JournalLine>("points", "积分", row => row.Points));

    private static FinanceColumn<TRow> Text<TRow>(string english, string chinese, Func<TRow, string> field) =>
        new(english, chinese, row => CsvField.OfText(field(row)));

    private static FinanceColumn<TRow> Number<TRow>(string english, string chinese, Func<TRow, long> field) =>
        new(english, chinese, row => field(row).ToString(CultureInfo.InvariantCulture));

    private static string TextOf(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
