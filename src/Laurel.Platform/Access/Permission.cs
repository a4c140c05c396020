namespace Laurel.Platform.Access;

/// <summary>What a key or a role may be allowed to do; an endpoint asks for these and nothing else.</summary>
/// <remarks>A key or a role may also be given several at once, see <see cref="Grants"/>.</remarks>
public static class Permission
{
    /// <summary>To see what is one's own as a member.</summary>
    public const string ReadSelf = "read:self";

    /// <summary>To change what is one's own as a member.</summary>
    public const string UpdateSelf = "update:self";

    /// <summary>To enter what the shop opens to its best members only.</summary>
    public const string AccessVip = "access:vip";

    public const string MembersRead = "members:read";
    public const string MembersWrite = "members:write";

    /// <summary>To say of telephone numbers that the shop has verified them: whoever has the number may then sign in as the member.</summary>
    public const string MembersVouch = "members:vouch";

    /// <summary>To freeze, ban and let in members.</summary>
    public const string MembersStatus = "members:status";

    /// <summary>To ask for members that they leave for good.</summary>
    public const string MembersDelete = "members:delete";

    /// <summary>To tell by the code of a member's card who stands at the till.</summary>
    public const string MembersScan = "members:scan";

    /// <summary>To import, export, change and remove many members by one call.</summary>
    public const string MembersBulk = "members:bulk";

    /// <summary>To see personal data in full: addresses to send things to, and what is kept of a person.</summary>
    public const string MembersReveal = "members:reveal";

    /// <summary>To merge members, and to undo merges.</summary>
    public const string MembersMerge = "members:merge";

    public const string PointsRead = "points:read";
    public const string PointsWrite = "points:write";

    /// <summary>To approve and reject adjustments that another person asked for.</summary>
    public const string PointsApprove = "points:approve";

    public const string EventsWrite = "events:write";
    public const string LevelsRead = "levels:read";

    /// <summary>To set a member's level by hand.</summary>
    public const string LevelsWrite = "levels:write";

    public const string MetricsRead = "metrics:read";
    public const string FeaturesRead = "features:read";
    public const string CacheWrite = "cache:write";
    public const string WebhooksRead = "webhooks:read";
    public const string WebhooksWrite = "webhooks:write";
    public const string ProgrammeRead = "programme:read";
    public const string ProgrammeWrite = "programme:write";

    /// <summary>To see stored money, recharges and withdrawals.</summary>
    public const string BalanceRead = "balance:read";

    /// <summary>To spend and give back stored money, and to open recharges.</summary>
    public const string BalanceWrite = "balance:write";

    /// <summary>To correct stored money by hand.</summary>
    public const string BalanceAdjust = "balance:adjust";

    /// <summary>To give recharges back.</summary>
    public const string RechargesRefund = "recharges:refund";

    /// <summary>To apply for withdrawals.</summary>
    public const string WithdrawalsWrite = "withdrawals:write";

    /// <summary>To approve and reject withdrawals.</summary>
    public const string WithdrawalsApprove = "withdrawals:approve";

    /// <summary>To say by hand what became of a payout.</summary>
    public const string WithdrawalsPay = "withdrawals:pay";

    /// <summary>To see what benefits there are and which of them members have.</summary>
    public const string BenefitsRead = "benefits:read";

    /// <summary>To use benefits for members, and to give uses back.</summary>
    public const string BenefitsWrite = "benefits:write";

    /// <summary>To grant benefits by hand, and to take grants back.</summary>
    public const string BenefitsGrant = "benefits:grant";

    /// <summary>To see cards, who holds them and what was sold.</summary>
    public const string MembershipsRead = "memberships:read";

    /// <summary>To tell that cards were bought and refunded, and to cancel memberships.</summary>
    public const string MembershipsWrite = "memberships:write";

    /// <summary>To read the books.</summary>
    public const string FinanceRead = "finance:read";

    /// <summary>To ask what a basket costs, and to see checkouts.</summary>
    public const string CheckoutsRead = "checkouts:read";

    /// <summary>To reserve, confirm, cancel, complete and refund checkouts.</summary>
    public const string CheckoutsWrite = "checkouts:write";

    /// <summary>To see API keys: their names, what they may do and when they were used; never a key itself.</summary>
    public const string KeysRead = "keys:read";

    /// <summary>To make, change, rotate and revoke API keys; none that may do what the caller may not.</summary>
    public const string KeysWrite = "keys:write";

    public const string CouponsRead = "coupons:read";
    public const string CouponsWrite = "coupons:write";

    /// <summary>To see watch rules and cases, and to replay rules.</summary>
    public const string WatchRead = "watch:read";

    /// <summary>To assign and decide watch cases.</summary>
    public const string WatchWrite = "watch:write";

    /// <summary>To see users and roles.</summary>
    public const string UsersRead = "users:read";

    /// <summary>To make users and roles, and to change them; nobody gives what it may not do itself.</summary>
    public const string UsersWrite = "users:write";

    /// <summary>To see by what the tenant's people sign in; never a secret.</summary>
    public const string SignInRead = "sign-in:read";

    /// <summary>To say by which apps, carrier and sign-in of the tenant's own its people sign in. Whoever does could read the codes of all of them, so it is no
    /// <c>:write</c> that stands among others.</summary>
    public const string SignInConfigure = "sign-in:configure";

    /// <summary>To give members new data keys.</summary>
    public const string DataKeysRenew = "data-keys:renew";

    /// <summary>To make a new key that signs access tokens.</summary>
    public const string TokensRotate = "tokens:rotate";

    /// <summary>To stop all writes, and to let them in again.</summary>
    public const string ReadOnlySwitch = "read-only:switch";

    /// <summary>To see who did what, and to take it away as a file.</summary>
    public const string AuditRead = "audit:read";

    /// <summary>To see the tenants of the installation; of use to the platform's own alone.</summary>
    public const string TenantsRead = "tenants:read";

    /// <summary>To add, change, suspend and resume tenants; of use to the platform's own alone.</summary>
    public const string TenantsWrite = "tenants:write";

    /// <summary>With which much can be given away, shown or taken at once: <see cref="StaffProof"/> asks for more than a token.</summary>
    public static IReadOnlySet<string> Dangerous { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        PointsApprove, BalanceAdjust, RechargesRefund, WithdrawalsApprove, WithdrawalsPay, UsersWrite, KeysWrite, TokensRotate, ProgrammeWrite, MembersReveal,
        MembersBulk, MembersMerge, MembersDelete, AuditRead, TenantsWrite, ReadOnlySwitch, SignInConfigure,
    };

    /// <summary>Every permission there is.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ReadSelf, UpdateSelf, AccessVip, MembersRead, MembersWrite, PointsRead, PointsWrite, EventsWrite, LevelsRead, MetricsRead, FeaturesRead, CacheWrite, WebhooksRead,
        WebhooksWrite, ProgrammeRead, ProgrammeWrite, CouponsRead, CouponsWrite, CheckoutsRead, CheckoutsWrite, ReadOnlySwitch, BalanceRead, BalanceWrite, BalanceAdjust, RechargesRefund, WithdrawalsWrite,
        WithdrawalsApprove, WithdrawalsPay, FinanceRead, PointsApprove, LevelsWrite, BenefitsRead, BenefitsWrite, BenefitsGrant, MembersMerge,
        MembershipsRead, MembershipsWrite, WatchRead, WatchWrite, UsersRead, UsersWrite, TokensRotate, TenantsRead, TenantsWrite,
        MembersStatus, MembersDelete, MembersReveal, MembersVouch, MembersBulk, MembersScan, KeysRead, KeysWrite, AuditRead, SignInRead, SignInConfigure, DataKeysRenew,
    ];
}
