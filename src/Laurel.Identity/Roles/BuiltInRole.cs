using Laurel.Platform.Access;

namespace Laurel.Identity.Roles;

/// <summary>The roles that every tenant has. What they may do cannot be changed; a tenant makes roles of its own beside them.</summary>
public static class BuiltInRole
{
    public const string Member = "MEMBER";
    public const string Vip = "VIP";
    public const string Operator = "OPERATOR";
    public const string Finance = "FINANCE";
    public const string Administrator = "ADMIN";
    public const string SuperAdministrator = "SUPER_ADMIN";

    private static readonly Dictionary<string, string[]> s_grants = new(StringComparer.Ordinal)
    {
        [Member] = [Permission.ReadSelf, Permission.UpdateSelf],
        [Vip] = [Permission.ReadSelf, Permission.UpdateSelf, Permission.AccessVip],
        [Operator] =
        [
            Permission.ReadSelf, Permission.UpdateSelf, Permission.MembersRead, Permission.MembersWrite, Permission.PointsRead, Permission.PointsWrite,
            Permission.LevelsRead, Permission.LevelsWrite, Permission.BenefitsRead, Permission.BenefitsWrite, Permission.BenefitsGrant,
            Permission.CouponsRead, Permission.CouponsWrite, Permission.CheckoutsRead, Permission.MembershipsRead, Permission.MembershipsWrite,
            Permission.ProgrammeRead, Permission.WatchRead, Permission.WatchWrite,
        ],
        [Finance] =
        [
            Permission.ReadSelf, Permission.UpdateSelf, Permission.MembersRead, Permission.PointsRead, Permission.PointsApprove, Permission.BalanceRead,
            Permission.BalanceAdjust, Permission.RechargesRefund, Permission.WithdrawalsApprove, Permission.WithdrawalsPay, Permission.FinanceRead,
            Permission.ProgrammeRead, Permission.CheckoutsRead, Permission.MembershipsRead,
        ],
        [Administrator] = [Permission.ReadSelf, Permission.UpdateSelf, Permission.AccessVip, Grants.ReadAll, Grants.UpdateAll, Grants.DeleteAll,
            Permission.PointsApprove, Permission.BenefitsGrant, Permission.MembersMerge, Permission.AuditRead],
        [SuperAdministrator] = [Grants.Everything],
    };

    /// <summary>Whether who holds a role works for the shop: every role but those of members is of staff.</summary>
    public static bool IsOfStaff(string role) => role is not (Member or Vip);

    public static IReadOnlyCollection<string> All => s_grants.Keys;

    /// <summary>What a built-in role may do, in the words of <see cref="Grants"/>; null where there is no such role.</summary>
    public static IReadOnlyList<string>? GrantsOf(string code) => s_grants.GetValueOrDefault(code);
}
