using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Cards;

/// <summary>One member with memberships in every state.</summary>
internal static class CardsOfAHistory
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    /// <summary>A card lapsed and is held again, renewed twice, refunded once and cancelled; another was refunded whole.</summary>
    public static async Task WriteAsync(LaurelNode node)
    {
        var (books, now) = (node.Books, Instant.Now(TimeProvider.System));
        await AppliedAsync(new ChangeProgramme(s_tenant, programme => new ProgrammeEdit.To(CardCase.With()(programme)), books.Programmes) { ChangedBy = "test" });
        var request = new RegisterRequest { ExternalId = "carded", Nickname = null, Phone = null, Email = null, RegisteredAt = now };
        var registered = (MemberReply)await AppliedAsync(new RegisterMember(s_tenant, request, books, node.Vault));
        var id = new MemberId(long.Parse(registered.Id, CultureInfo.InvariantCulture));
        await AppliedAsync(Buy("plus", "c-old", now.Plus(TimeSpan.FromDays(-100))));
        await AppliedAsync(new SettleMember(s_tenant, id, books));
        foreach (var reference in (string[])["c-1", "c-2", "c-3"])
        {
            await AppliedAsync(Buy("plus", reference, null));
        }

        await AppliedAsync(new RefundMembership(s_tenant, "c-2", "sent back", books));
        await AppliedAsync(new CancelMembership(s_tenant, MemberReference.ById(id), "plus", null, "olga", books));
        await AppliedAsync(Buy("year", "y-1", null));
        await AppliedAsync(new RefundMembership(s_tenant, "y-1", null, books));

        BuyMembership Buy(string card, string reference, Instant? time) =>
            new(s_tenant, MemberReference.ById(id), new CardRequest { Card = card, Reference = reference }, books) { Time = time };

        async Task<object> AppliedAsync(Command command)
        {
            var outcome = await node.Lanes.SubmitAsync(command, TestContext.Current.CancellationToken);
            return outcome.ShouldBeOfType<Outcome.Applied>($"{(outcome as Outcome.Refused)?.Refusal}").Reply;
        }
    }
}
