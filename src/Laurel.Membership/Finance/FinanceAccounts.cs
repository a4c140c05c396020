using System.Text.Json;

namespace Laurel.Membership.Finance;

/// <summary>An account of the merchant's books.</summary>
public sealed record FinanceAccount(string Code, string Name, string NameChinese);

/// <summary>Into which accounts the daily postings go. The codes are the merchant's own; the defaults are examples after the Chinese
/// accounting standards' chart of accounts.</summary>
public sealed class FinanceAccounts
{
    /// <summary>Characters of a code or a name at the most.</summary>
    public const int TextMax = 128;

    private const string LiabilityRole = "liability";

    private const string RemeasuredRole = "remeasured";

    private static readonly Dictionary<string, FinanceAccount> s_defaults = new()
    {
        [LiabilityRole] = new("2205.01", "Contract liabilities: loyalty points", "合同负债—会员积分"),
        ["broughtForward"] = new("4104.01", "Retained earnings: points brought forward", "利润分配—积分期初结转"),
        ["issued"] = new("6001.91", "Revenue deferred for points issued", "主营业务收入—积分递延"),
        ["redeemed"] = new("6001.92", "Revenue from points redeemed", "主营业务收入—积分兑换"),
        ["expired"] = new("6001.93", "Revenue from points expired", "主营业务收入—积分过期"),
        ["clawedBack"] = new("6001.94", "Deferral taken back with refunds", "主营业务收入—积分退回"),
        ["adjusted"] = new("6601.92", "Marketing expense: points adjusted", "销售费用—积分调整"),
        ["reinstated"] = new("6601.91", "Marketing expense: points reinstated", "销售费用—积分恢复"),
        ["cancelled"] = new("6001.97", "Deferral of pending points cancelled", "主营业务收入—待生效积分取消"),
        ["transferred"] = new("6601.93", "Points transferred between members", "销售费用—积分转赠"),
        ["exchanged"] = new("2205.02", "Contract liabilities: stored money had for points", "合同负债—积分兑换余额"),
        ["repaid"] = new("6001.95", "Receivable points repaid", "主营业务收入—应收积分偿还"),
        ["other"] = new("6601.94", "Other movements of points", "销售费用—积分其他变动"),
        [RemeasuredRole] = new("6001.96", "Revenue: change of the points' estimate", "主营业务收入—积分估计变更"),
    };

    private readonly IReadOnlyDictionary<string, FinanceAccount> _accounts;

    private FinanceAccounts(IReadOnlyDictionary<string, FinanceAccount> accounts) => _accounts = accounts;

    public static FinanceAccounts Default { get; } = new(s_defaults);

    /// <summary>The roles that a mapping may name.</summary>
    public static IReadOnlyList<string> Roles { get; } = [.. s_defaults.Keys];

    public FinanceAccount Liability => _accounts[LiabilityRole];

    public FinanceAccount Remeasured => _accounts[RemeasuredRole];

    /// <summary>The account that stands against the liability for a movement.</summary>
    public FinanceAccount Against(MovementColumn column) => _accounts[column switch
    {
        MovementColumn.BroughtForward => "broughtForward",
        MovementColumn.Issued => "issued",
        MovementColumn.Redeemed => "redeemed",
        MovementColumn.Expired => "expired",
        MovementColumn.ClawedBack => "clawedBack",
        MovementColumn.Adjusted => "adjusted",
        MovementColumn.Reinstated => "reinstated",
        MovementColumn.Cancelled => "cancelled",
        MovementColumn.Transferred => "transferred",
        MovementColumn.Exchanged => "exchanged",
        MovementColumn.Repaid => "repaid",
        MovementColumn.Other => "other",
    }];

    /// <summary>Reads a mapping: an object of roles, each with <c>code</c> and, where they differ from the defaults, <c>name</c> and
    /// <c>nameChinese</c>. Roles that are absent stay as by default.</summary>
    /// <returns>The accounts, or every mistake with its JSON pointer (RFC 6901).</returns>
    public static (FinanceAccounts? Accounts, IReadOnlyList<string> Mistakes) Read(string json)
    {
        var accounts = new Dictionary<string, FinanceAccount>(s_defaults);
        var mistakes = new List<string>();
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (null, ["/: is an object of roles, such as {\"liability\": {\"code\": \"2205.01\"}}."]);
            }

            foreach (var role in document.RootElement.EnumerateObject())
            {
                if (s_defaults.TryGetValue(role.Name, out var byDefault))
                {
                    accounts[role.Name] = ReadAccount($"/{role.Name}", role.Value, byDefault, mistakes);
                }
                else
                {
                    mistakes.Add($"/{role.Name}: there is no such role; there are {string.Join(", ", Roles)}.");
                }
            }
        }
        catch (JsonException exception)
        {
            mistakes.Add($"/: is not JSON: {exception.Message}");
        }

        return mistakes.Count == 0 ? (new FinanceAccounts(accounts), []) : (null, mistakes);
    }

    private static FinanceAccount ReadAccount(string pointer, JsonElement element, FinanceAccount account, List<string> mistakes)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add($"{pointer}: is an object with code, name and nameChinese.");
            return account;
        }

        foreach (var field in element.EnumerateObject())
        {
            var text = field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()! : "";
            if (string.IsNullOrWhiteSpace(text) || text.Length > TextMax || text.Any(char.IsControl))
            {
                mistakes.Add($"{pointer}/{field.Name}: is text of 1 to {TextMax} characters without control characters.");
                continue;
            }

            switch (field.Name)
            {
                case "code":
                    account = account with { Code = text };
                    break;
                case "name":
                    account = account with { Name = text };
                    break;
                case "nameChinese":
                    account = account with { NameChinese = text };
                    break;
                default:
                    mistakes.Add($"{pointer}/{field.Name}: is not known; there are code, name and nameChinese.");
                    break;
            }
        }

        return account;
    }
}
