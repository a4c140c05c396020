using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>Checkouts in every state, written through the product into a SQLite file of their own.</summary>
public sealed class CheckoutDatabase : SpoilableDatabase
{
    protected override Task WriteAsync(LaurelNode node) => WriteHistoryAsync(node);

    /// <summary>Writes the same history through any node.</summary>
    public static Task WriteHistoryAsync(LaurelNode node) => new History(node).WriteAsync();

    private sealed class History(LaurelNode node)
    {
        private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

        private static MemberReference Carol => MemberReference.ByExternalId(s_tenant, "carol");

        public async Task WriteAsync()
        {
            var now = Instant.Now(TimeProvider.System);
            await AppliedAsync(new RegisterMember(
                s_tenant,
                new RegisterRequest { ExternalId = "carol", Nickname = null, Phone = null, Email = null, RegisteredAt = now },
                node.Books,
                node.Vault));
            await AppliedAsync(new AdjustPoints(s_tenant, Carol, new PointsRequest { Points = 800, Reason = "a test", ReferenceType = "test", ReferenceId = "1" }, node.Books));
            await ReserveAsync("open");
            await ReserveAsync("paid");
            await ReserveAsync("gone");
            await AppliedAsync(new ConfirmCheckout(s_tenant, "paid", node.Books));
            await AppliedAsync(new CompleteCheckout(s_tenant, "paid", "paid", node.Books));
            await AppliedAsync(new RefundCheckout(
                s_tenant, "paid", "paid", new CheckoutRefundRequest { RefundId = "r", Lines = [new CheckoutRefundLine("a", 1, null)] }, node.Books));
            await AppliedAsync(new CancelCheckout(s_tenant, "gone", node.Books));
        }

        private async Task ReserveAsync(string id)
        {
            var basket = new Basket { Lines = [new BasketLine { LineId = "a", Quantity = 3, Amount = 1_000 }], Points = 200 };
            await AppliedAsync(new ReserveCheckout(s_tenant, Carol, new CheckoutRequest { CheckoutId = id, OrderId = id, Basket = basket, Payable = 800 }, node.Books));
        }

        private async Task AppliedAsync(Command command) =>
            (await node.Lanes.SubmitAsync(command, TestContext.Current.CancellationToken)).ShouldBeOfType<Outcome.Applied>();
    }
}

/// <summary>What must hold of checkouts (I19), and whether <c>verify</c> sees each way of breaking it.</summary>
public sealed class VerifyingCheckoutsTests(CheckoutDatabase database) : IClassFixture<CheckoutDatabase>
{
    public static TheoryData<string, string, string> Corruptions => new()
    {
        { "what is to be paid", "UPDATE checkouts SET payable = payable + 1 WHERE checkout_id = 'open'", "checkouts" },
        { "its points", "UPDATE checkouts SET points = points + 1 WHERE checkout_id = 'open'", "checkouts" },
        { "the price", "UPDATE checkouts SET price = REPLACE(price, '\"payable\":800', '\"payable\":801') WHERE checkout_id = 'gone'", "checkouts" },
        { "no hold", "UPDATE checkouts SET hold_id = NULL WHERE checkout_id = 'open'", "checkouts" },
        { "another hold", "UPDATE checkouts SET hold_id = hold_id + 1 WHERE checkout_id = 'open'", "checkouts" },
        { "paid without spending", "UPDATE checkouts SET spend_id = NULL WHERE checkout_id = 'paid'", "checkouts" },
        { "spent without paying", "UPDATE checkouts SET state = 'reserved', ended_at = NULL WHERE checkout_id = 'paid'", "checkouts" },
        { "given up and paid", "UPDATE checkouts SET state = 'cancelled' WHERE checkout_id = 'paid'", "checkouts" },
        { "open and given up", "UPDATE checkouts SET state = 'cancelled', ended_at = 1 WHERE checkout_id = 'open'", "checkouts" },
        { "an end of what is open", "UPDATE checkouts SET ended_at = 1 WHERE checkout_id = 'open'", "checkouts" },
        { "money that went back", "UPDATE checkouts SET paid_back = paid_back + 1 WHERE checkout_id = 'paid'", "checkouts" },
        { "points that went back", "UPDATE checkouts SET points_back = points_back - 1 WHERE checkout_id = 'paid'", "checkouts" },
        { "a line that went back", "UPDATE checkouts SET refunded = '1:999' WHERE checkout_id = 'paid'", "checkouts" },
        { "lines that are none", "UPDATE checkouts SET refunded = '0:0,0:0' WHERE checkout_id = 'open'", "checkouts" },
        { "points of other ends", "UPDATE checkouts SET spent = '1:1' WHERE checkout_id = 'paid'", "checkouts" },
        { "a refund gone", "DELETE FROM checkout_refunds WHERE money > 0", "checkouts" },
        { "a refund of what was not paid", "UPDATE checkout_refunds SET checkout_id = 'open'", "checkout_refunds" },
        { "another member's", "UPDATE checkouts SET member_id = member_id + 1 WHERE checkout_id = 'gone'", "checkouts" },
    };

    [Fact]
    public async Task PassesAndCounts_When_TheProductWroteIt()
    {
        var report = await SmallDatabase.VerifyAsync(database.Settings);

        report.Invariants.SelectMany(invariant => invariant.Offences).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I19).Checked.ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task FailsUnderItsInvariant_When_SomethingIsChanged(string what, string sql, string table)
    {
        var settings = database.Copy();
        (await SmallDatabase.SpoilAsync(settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(settings);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I19).Offences.ShouldContain(offence => offence.Table == table, what);
    }
}
