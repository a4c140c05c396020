using Laurel.ContractTests.Balance;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Members;

namespace Laurel.ContractTests.Benefits;

/// <summary>One member with benefits in every state.</summary>
internal static class BenefitHistory
{
    /// <summary>Two benefits are granted and one of the grants is taken back; one use is kept, one given back, and a gift is handed out.</summary>
    public static async Task WriteAsync(MoneyDesk desk)
    {
        var member = MemberReference.ById(await desk.NewMemberAsync("privileged", 0));
        await desk.AppliedAsync(new GrantBenefit(MoneyDesk.Tenant, member, Grant("priority_service", "kept-grant"), desk.Books));
        await desk.AppliedAsync(new GrantBenefit(MoneyDesk.Tenant, member, Grant("priority_shipping", "lost-grant"), desk.Books));
        await desk.AppliedAsync(new RevokeBenefit(MoneyDesk.Tenant, null, "priority_shipping", "lost-grant", desk.Books));
        await desk.AppliedAsync(new ConsumeBenefit(MoneyDesk.Tenant, member, "priority_service", new UseRequest { BizNo = "kept" }, desk.Books));
        await desk.AppliedAsync(new ConsumeBenefit(MoneyDesk.Tenant, member, "priority_service", new UseRequest { BizNo = "returned", Quantity = 2 }, desk.Books));
        await desk.AppliedAsync(new ReturnBenefit(MoneyDesk.Tenant, "priority_service", "returned", desk.Books));
        var today = DateOnly.FromDateTime(desk.Clock.GetUtcNow().AddHours(8).DateTime);
        await desk.AppliedAsync(new ConsumeBenefit(MoneyDesk.Tenant, member, "birthday_gift", new UseRequest { BizNo = "gift", Birthday = today }, desk.Books)
        {
            Time = Instant.Now(desk.Clock),
        });
    }

    private static GrantRequest Grant(string benefit, string reference) =>
        new() { Benefit = benefit, Reference = reference, Reason = "a test", Operator = "olga" };
}
