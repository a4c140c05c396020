using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>A few members with coupons in every state, written through the product into a SQLite file of their own.</summary>
public sealed class CouponDatabase : SpoilableDatabase
{
    /// <summary>The code of the template that all its coupons are made of.</summary>
    public const string Template = "ten_off";

    protected override Task WriteAsync(LaurelNode node) => WriteHistoryAsync(node);

    /// <summary>Writes the same history through any node.</summary>
    public static Task WriteHistoryAsync(LaurelNode node) => new History(node).WriteAsync();

    /// <summary>Adds the template and nothing else.</summary>
    public static Task WriteTemplateAsync(LaurelNode node) => new History(node).AddTemplateAsync();

    private sealed class History(LaurelNode node)
    {
        private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;
        private int _references;

        public async Task WriteAsync()
        {
            await AddTemplateAsync();
            await RegisterAsync("anna");
            await RegisterAsync("bo");

            await ClaimAsync("anna");
            await IssueAsync("bo");
            await ComeAndGoAsync();
            await AppliedAsync(new LockCoupons(s_tenant, Ref("anna"), Request(await ClaimAsync("anna"), null), node.Books));
            await AppliedAsync(new UseCoupons(s_tenant, Ref("anna"), Request(await ClaimAsync("anna"), 700), node.Books));
            await AppliedAsync(new RevokeCoupons(s_tenant, Ref("anna"), Request(await ClaimAsync("anna"), null) with { OrderId = "", Reason = "a test" }, node.Books));
            await AppliedAsync(new GiveCoupon(s_tenant, Ref("anna"), Ref("bo"), new CouponGift(await ClaimAsync("anna"), "gift"), node.Books));
            var shared = new ShareRequest([await ClaimAsync("anna"), await ClaimAsync("anna")], null, "shared", "SHARED-TOKEN-0001");
            await AppliedAsync(new ShareCoupons(s_tenant, Ref("anna"), shared, node.Books));
            await AppliedAsync(new ClaimShared(s_tenant, Ref("bo"), "shared token 0001", node.Books));
            await AppliedAsync(new RevokeShare(s_tenant, Ref("anna"), shared.Token, node.Books));
            await AppliedAsync(new ImportCouponCodes(s_tenant, Template, ["PRINTED-0001", "PRINTED-0002"], "printed", "test", node.Books));
            await AppliedAsync(new RedeemCode(s_tenant, Ref("bo"), "printed0001", node.Books));
        }

        public Task AddTemplateAsync()
        {
            var template = new CouponTemplate
            {
                Code = Template,
                NameEnglish = "Ten off",
                NameChinese = "减十",
                Terms = new CouponTerms { Kind = CouponKind.AmountOff, Amount = 1_000, Transferable = true, Stackable = true },
                Stock = 100_000,
                Validity = new CouponValidity { Days = 30 },
            };
            return AppliedAsync(new ChangeProgramme(
                s_tenant, programme => new ProgrammeEdit.To(programme with { Coupons = [template] }), node.Programmes)
            {
                ChangedBy = "test",
            });
        }

        /// <summary>A coupon that was locked in vain, one of a refunded order, and one that came to its end.</summary>
        private async Task ComeAndGoAsync()
        {
            var (freed, returned) = (await ClaimAsync("bo"), await ClaimAsync("bo"));
            await AppliedAsync(new LockCoupons(s_tenant, Ref("bo"), Request(freed, null), node.Books));
            await AppliedAsync(new ReleaseCoupons(s_tenant, Ref("bo"), Request(freed, null), node.Books));
            await AppliedAsync(new UseCoupons(s_tenant, Ref("bo"), Request(returned, 1_000), node.Books));
            await AppliedAsync(new ReturnCoupons(s_tenant, Ref("bo"), Request(returned, null), node.Books));
            var old = Instant.Now(TimeProvider.System).Plus(TimeSpan.FromDays(-60));
            await ClaimAsync("bo", old);
            await ClaimAsync("bo", old);
            (await new CouponSweep(node.Database, node.Lanes, node.Books, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken)).ShouldBe(2);
        }

        private static MemberReference Ref(string member) => MemberReference.ByExternalId(s_tenant, member);

        private CouponsRequest Request(long coupon, long? discount) => new()
        {
            Coupons = [new CouponPick(coupon, discount)],
            OrderId = "order-1",
            Reference = $"r{_references++}",
        };

        private Task RegisterAsync(string member) => AppliedAsync(new RegisterMember(
            s_tenant,
            new RegisterRequest { ExternalId = member, Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(TimeProvider.System) },
            node.Books,
            node.Vault));

        private Task IssueAsync(string member) => AppliedAsync(new ClaimCoupon(
            s_tenant,
            Ref(member),
            new ClaimRequest { Template = Template, Reference = "issued", Origin = CouponOrigin.Issue, Reason = "a test" },
            node.Books));

        private async Task<long> ClaimAsync(string member, Instant? time = null)
        {
            var request = new ClaimRequest { Template = Template, Reference = $"c{_references++}", Origin = CouponOrigin.Claim };
            var reply = (CouponsReply)await AppliedAsync(new ClaimCoupon(s_tenant, Ref(member), request, node.Books) { Time = time });
            return long.Parse(reply.Coupons[0].Id, CultureInfo.InvariantCulture);
        }

        private async Task<object> AppliedAsync(Command command) =>
            (await node.Lanes.SubmitAsync(command, TestContext.Current.CancellationToken)).ShouldBeOfType<Outcome.Applied>().Reply;
    }
}

/// <summary>What must hold of coupons (I15), and whether <c>verify</c> sees each way of breaking it.</summary>
public sealed class VerifyingCouponsTests(CouponDatabase database) : IClassFixture<CouponDatabase>
{
    public static TheoryData<string, string, string> Corruptions => new()
    {
        { "a stock", "UPDATE coupon_stocks SET issued = issued + 1", "coupon_stocks" },
        { "a stock gone", "DELETE FROM coupon_stocks WHERE issued > 0", "coupon_stocks" },
        { "a coupon gone", "DELETE FROM coupons WHERE state = 'revoked'", "coupon_stocks" },
        { "the coupon of changes gone", "DELETE FROM coupons WHERE state = 'revoked'", "coupon_changes" },
        { "a used coupon free again", "UPDATE coupons SET state = 'claimed', order_id = NULL, discount = NULL, due_at = expires_at WHERE state = 'used'", "coupons" },
        { "a discount", "UPDATE coupons SET discount = discount + 1 WHERE state = 'used'", "coupons" },
        { "an order", "UPDATE coupons SET order_id = 'other' WHERE state = 'used'", "coupons" },
        { "a lock without its end", "UPDATE coupons SET locked_until = 9223372036854775807 WHERE state = 'locked'", "coupons" },
        { "a coupon that never ends", "UPDATE coupons SET due_at = 9223372036854775807 WHERE state = 'claimed'", "coupons" },
        { "another member's", "UPDATE coupons SET member_id = member_id + 1 WHERE state = 'locked'", "coupons" },
        { "a gift that nobody got", "DELETE FROM coupons WHERE origin = 'gift'", "coupons" },
        { "a claim that was a gift", "UPDATE coupons SET origin = 'gift' WHERE state = 'used'", "coupons" },
        { "the last change gone", "DELETE FROM coupon_changes WHERE kind = 'revoke'", "coupons" },
        { "a link of another's coupons", "UPDATE coupon_shares SET coupon_ids = '17,' || coupon_ids", "coupon_shares" },
        { "a link of nobody", "UPDATE coupon_shares SET member_id = 1", "coupon_shares" },
        { "a batch", "UPDATE coupon_batches SET made = made - 1", "coupon_batches" },
        { "the size of a batch", "UPDATE coupon_batches SET total = total + 1", "coupon_stocks" },
        { "a code gone", "DELETE FROM coupon_codes WHERE coupon_id IS NULL", "coupon_batches" },
        { "a code that became another's coupon", "UPDATE coupon_codes SET coupon_id = coupon_id + 1 WHERE coupon_id IS NOT NULL", "coupon_codes" },
    };

    [Fact]
    public async Task PassesAndCounts_When_TheProductWroteIt()
    {
        var report = await SmallDatabase.VerifyAsync(database.Settings);

        report.Invariants.SelectMany(invariant => invariant.Offences).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I15).Checked.ShouldBeGreaterThan(7);
    }

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task FailsUnderItsInvariant_When_SomethingIsChanged(string what, string sql, string table)
    {
        var settings = database.Copy();
        (await SmallDatabase.SpoilAsync(settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(settings);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I15).Offences.ShouldContain(offence => offence.Table == table, what);
    }
}
