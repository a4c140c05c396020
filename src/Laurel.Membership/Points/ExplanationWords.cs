using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Points;

/// <summary>Finds the sentences that explain a movement.</summary>
/// <param name="rule">As it was in the version that made the movement; null where no rule of the programme did.</param>
internal sealed class ExplanationWords(PointsRecord record, Rule? rule, ActiveProgramme programme)
{
    private readonly List<Wording> _sentences = [];

    public IReadOnlyList<Wording> Sentences()
    {
        TellWhatHappened();
        if (rule is not null)
        {
            TellReckoning(rule);
        }

        TellRefund();
        TellLots();
        return _sentences;
    }

    private void TellWhatHappened()
    {
        var day = programme.Calendar.DayOf(Instant.From(record.Time)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var amount = Number(Math.Abs(record.Points));
        var (unit, unitChinese) = record.Unit switch
        {
            EntryNames.Points => ("points", "积分"),
            EntryNames.Growth => ("growth", "成长值"),
            EntryNames.Balance => ("minor units of stored money", "储值（最小单位）"),
            var code => programme.Programme.FindUnit(code) is { } defined ? (defined.NameEnglish, defined.NameChinese) : (code, code),
        };
        var (verb, verbChinese) = record.Kind switch
        {
            EntryNames.Earn => ("earned", "获得"),
            EntryNames.Spend => ("spent", "消费"),
            EntryNames.Expire => ("lapsed", "过期"),
            EntryNames.Adjust => ("were adjusted", "人工调整"),
            EntryNames.Reverse => ("were taken back", "冲正"),
            EntryNames.Transfer => ("were transferred", "转赠"),
            EntryNames.Merge => ("moved with a merge of members", "随会员合并转移"),
            EntryNames.Repay => ("repaid what was owed", "归还欠款"),
            EntryNames.Exchange => ("were exchanged", "兑换余额"),
            EntryNames.Refund => ("came back with a refund", "随退款退回"),
            _ => ("moved", "变动"),
        };
        var sign = record.Points < 0 ? "−" : "+";
        Tell($"{day}: {amount} {unit} {verb} ({sign}{amount}): {record.Reason}.", $"{day}：{verbChinese}{unitChinese} {amount}（{sign}{amount}），事由：{record.Reason}。");
        Tell(
            $"The {unit} balance was {Number(record.BalanceAfter)} after it.",
            $"变动后{unitChinese}余额为 {Number(record.BalanceAfter)}。");
    }

    private void TellReckoning(Rule paid)
    {
        Tell(
            $"The rule \"{paid.NameEnglish}\" ({paid.Code}) of programme version {record.Explanation.Version} paid it.",
            $"依据会员计划第 {record.Explanation.Version} 版的规则“{paid.NameChinese}”（{paid.Code}）。");
        if (record.Explanation.Base is { } basis)
        {
            TellBase(paid, basis);
        }

        if (record.Explanation.Multiplier is { } multiplier && multiplier != 1)
        {
            var factor = multiplier.ToString("0.####", CultureInfo.InvariantCulture);
            var campaign = DetailText("campaign");
            Tell(
                campaign is null ? $"The level multiplied it by {factor}." : $"Level and campaign \"{campaign}\" multiplied it by {factor}.",
                campaign is null ? $"会员等级倍率为 {factor}。" : $"会员等级与活动“{campaign}”的合计倍率为 {factor}。");
        }

        if (record.Explanation.Cut is { } cut)
        {
            var cap = DetailText("cap") ?? "?";
            Tell($"The cap {cap} cut off {Number(cut)}.", $"上限 {cap} 扣减了 {Number(cut)}。");
        }
    }

    private void TellBase(Rule paid, long basis)
    {
        var eligible = DetailNumber("eligible") is { } counted ? Money(counted) : null;
        var of = eligible is null ? "" : $" {eligible} of the order counted.";
        var ofChinese = eligible is null ? "" : $"计入金额 {eligible}。";
        if (paid.Amount.Per is { } per)
        {
            Tell(
                $"It pays {Number(per.Points)} for each {Money(per.MinorUnits)}:{of} that makes {Number(basis)}.",
                $"每 {Money(per.MinorUnits)} 计 {Number(per.Points)}：{ofChinese}基础值为 {Number(basis)}。");
            return;
        }

        Tell(
            paid.Amount.Fixed is null ? $"Its expression gave {Number(basis)}." : $"It pays {Number(basis)} each time.",
            paid.Amount.Fixed is null ? $"其表达式得出 {Number(basis)}。" : $"每次固定为 {Number(basis)}。");
    }

    private void TellRefund()
    {
        if (record.Kind != EntryNames.Reverse || DetailNumber("takenBack") is not { } takenBack)
        {
            return;
        }

        var of = DetailText("of") ?? "?";
        Tell(
            $"Of what the rule {of} had paid, {Number(takenBack)} belonged to the refunded part of order {record.OrderId}.",
            $"订单 {record.OrderId} 的退款部分对应规则 {of} 所发放的 {Number(takenBack)}。");
        if (DetailNumber("lapsed") is { } lapsed and > 0)
        {
            Tell($"{Number(lapsed)} of them had lapsed already.", $"其中 {Number(lapsed)} 已经过期。");
        }

        if (DetailNumber("shortfall") is { } shortfall and > 0)
        {
            var (met, metChinese) = DetailText("policy") switch
            {
                "negative" => ("the next credits repay them", "由之后的入账归还"),
                "receivable" => ("they are owed and repaid out of later earnings", "记为欠款，由之后的获得逐步归还"),
                _ => ("the shop bears them", "由商户承担"),
            };
            Tell($"{Number(shortfall)} were spent already: {met}.", $"其中 {Number(shortfall)} 已被消费：{metChinese}。");
        }
    }

    private void TellLots()
    {
        if (record is { Kind: EntryNames.Earn or EntryNames.Transfer or EntryNames.Adjust, Points: > 0, Unit: EntryNames.Points })
        {
            if (record.ByInactivity)
            {
                Tell(
                    "They can be spent for as long as the member does something, and lapse together with all such points.",
                    "只要会员持续活跃即可使用；长期不活跃时，此类积分一并过期。");
                return;
            }

            var last = record.ExpireTime is { } end ? programme.Calendar.DayOf(Instant.From(end)).AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
            Tell(
                last is null ? "They never lapse." : $"They can be spent until the end of {last}.",
                last is null ? "永不过期。" : $"有效期至 {last} 当日结束。");
        }

        foreach (var take in record.Lots)
        {
            Tell($"{Number(take.Points)} came from the points granted by entry {take.LotId}.", $"其中 {Number(take.Points)} 取自流水 {take.LotId} 发放的积分。");
        }
    }

    private void Tell(string english, string chinese) => _sentences.Add(new Wording(english, chinese));

    private string? DetailText(string name) =>
        record.Explanation.Detail is { ValueKind: JsonValueKind.Object } detail && detail.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private long? DetailNumber(string name) =>
        record.Explanation.Detail is { ValueKind: JsonValueKind.Object } detail && detail.TryGetProperty(name, out var value) && value.TryGetInt64(out var number)
            ? number
            : null;

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private string Money(long minorUnits) => (Currency.Find(programme.Programme.Currency) ?? new Currency(programme.Programme.Currency, 2)).Write(minorUnits);
}
