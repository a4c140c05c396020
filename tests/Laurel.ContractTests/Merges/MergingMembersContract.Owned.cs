using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Coupons;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Merges;

/// <content>Coupons, benefits and levels of members that are one person; and any history.</content>
public abstract partial class MergingMembersContract
{
    /// <summary>A track with the main levels.</summary>
    private static readonly LevelTrack s_vip = new()
    {
        Code = "vip",
        NameEnglish = "VIP",
        NameChinese = "贵宾",
        Levels = [.. new Programme().Levels.Select(level => level with { MultiplierBasisPoints = 10_000, DiscountBasisPoints = 10_000, FreeShippingFrom = 0 })],
        LevelRules = new LevelRules { CooldownHours = 0 },
    };

    [Fact]
    public async Task KeepsCouponsAndTheirLimit_When_AMemberWentIntoAnother()
    {
        await using var desk = await OpenAsync("coupons", new Programme { Coupons = [Template("ten_off", perMember: 3)] });
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        var (used, free, locked) = (await ClaimAsync(desk, from, "1"), await ClaimAsync(desk, from, "2"), await ClaimAsync(desk, into, "3"));
        await desk.AppliedAsync(new UseCoupons(MergeDesk.Tenant, MemberReference.ById(from), Pick(used, 500, "o-1", "u"), desk.Books));
        await desk.AppliedAsync(new LockCoupons(MergeDesk.Tenant, MemberReference.ById(into), Pick(locked, null, "o-2", "l"), desk.Books));
        var merge = await desk.MergedAsync(from, into);
        merge.Moved.Coupons.ShouldBe(1);
        await desk.SoundAsync();

        // Both together had three: there is no fourth. The coupon is found by the id it always had, under either name.
        (await desk.RefusedAsync(Claim(desk, into, "4"))).ShouldBe("COUPON_LIMIT_REACHED");
        await desk.AppliedAsync(new LockCoupons(MergeDesk.Tenant, MemberReference.ById(from), Pick(free, null, "o-3", "l2"), desk.Books));
        await desk.AppliedAsync(new ReleaseCoupons(MergeDesk.Tenant, MemberReference.ById(into), Pick(free, null, "o-3", "l3"), desk.Books));
        await desk.SoundAsync();

        var undone = (MergeReply)await desk.AppliedAsync(desk.Undo(merge));
        undone.Moved.Coupons.ShouldBe(1);
        await desk.AppliedAsync(Claim(desk, into, "5"));
        await desk.AppliedAsync(new UseCoupons(MergeDesk.Tenant, MemberReference.ById(from), Pick(free, 700, "o-4", "u2"), desk.Books));
        await desk.AppliedAsync(Claim(desk, from, "6"));
        (await desk.RefusedAsync(Claim(desk, from, "7"))).ShouldBe("COUPON_LIMIT_REACHED");
        await desk.SoundAsync();
    }

    [Fact]
    public async Task GivesNoSecondAllowance_When_BothHadUsedABenefit()
    {
        await using var desk = await OpenAsync("benefits");
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.AppliedAsync(new GrantBenefit(MergeDesk.Tenant, MemberReference.ById(from), Grant("priority_service", "granted"), desk.Books));
        await desk.AppliedAsync(Use(desk, from, "priority_service", "a-1"));
        await desk.AppliedAsync(Use(desk, from, "birthday_gift", "gift"));
        var merge = await desk.MergedAsync(from, into);
        merge.Moved.Benefits.ShouldBe(1);
        await desk.SoundAsync();

        var gift = await desk.SubmitAsync(Use(desk, into, "birthday_gift", "second gift"));
        gift.ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe("BENEFIT_LIMIT_REACHED");
        await desk.AppliedAsync(Use(desk, into, "priority_service", "b-1"));
        await desk.AppliedAsync(new ReturnBenefit(MergeDesk.Tenant, "birthday_gift", "gift", desk.Books));
        await desk.SoundAsync();
        await desk.AppliedAsync(Use(desk, into, "birthday_gift", "third"));
        await desk.SoundAsync();

        await desk.AppliedAsync(desk.Undo(merge));
        await desk.AppliedAsync(Use(desk, from, "priority_service", "a-2"));
        (await desk.SubmitAsync(Use(desk, into, "priority_service", "b-2"))).ShouldBeOfType<Outcome.Refused>();
        await desk.AppliedAsync(new RevokeBenefit(MergeDesk.Tenant, null, "priority_service", "granted", desk.Books));
        (await desk.SubmitAsync(Use(desk, from, "priority_service", "a-3"))).ShouldBeOfType<Outcome.Refused>();
        await desk.SoundAsync();
    }

    [Fact]
    public async Task GivesNoSecondAllowance_When_BothHadBeenPaidByARule()
    {
        var once = new Rule
        {
            Code = "once",
            NameEnglish = "Once",
            NameChinese = "一次",
            Trigger = "quiz.won",
            Amount = RuleAmount.Of(50),
            Caps = [new RuleCap { Period = CapPeriod.Total, UsesMax = 3 }],
        };
        await using var desk = await OpenAsync("caps", new Programme { Rules = [once] });
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        async Task<long> WinAsync(MemberId who, string id)
        {
            var won = new ReceiveEvent(MergeDesk.Tenant, MemberReference.ById(who), new EventFacts("quiz.won", "quiz", id, EventFacts.NoData), desk.Books);
            return ((PostingReply)await desk.AppliedAsync(won)).Entries.Sum(entry => entry.Amount);
        }

        (await WinAsync(from, "1"), await WinAsync(into, "2")).ShouldBe((50, 50));
        var merge = await desk.MergedAsync(from, into);
        (await WinAsync(into, "3"), await WinAsync(into, "4")).ShouldBe((50, 0));
        await desk.SoundAsync();

        await desk.AppliedAsync(desk.Undo(merge));
        (await WinAsync(into, "5"), await WinAsync(into, "6")).ShouldBe((50, 0));
        (await WinAsync(from, "7"), await WinAsync(from, "8"), await WinAsync(from, "9")).ShouldBe((50, 50, 0));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task HasTheHigherLevel_When_TheMergedMemberHadIt()
    {
        await using var desk = await OpenAsync("levels");
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        var levels = new Programme().Levels;
        await desk.AppliedAsync(new SetLevel(MergeDesk.Tenant, MemberReference.ById(from), levels[2].Code, new LevelHand("by hand", "olga"), desk.Books));
        var merge = await desk.MergedAsync(from, into);
        (merge.LevelBefore, merge.LevelAfter, await LevelAsync(desk, into)).ShouldBe((levels[0].Code, levels[2].Code, levels[2].Code));
        await desk.SoundAsync();

        await desk.AppliedAsync(desk.Undo(merge));
        (await LevelAsync(desk, from), await LevelAsync(desk, into)).ShouldBe((levels[2].Code, levels[0].Code));
        await desk.SoundAsync();

        // Together they deserve what neither of them does.
        var (left, right) = (await desk.NewMemberAsync("left", 0), await desk.NewMemberAsync("right", 0));
        var half = (levels[1].Threshold / 2) + 1;
        await desk.AppliedAsync(desk.Earn(left, half, "l"));
        await desk.AppliedAsync(desk.Earn(right, half, "r"));
        var joined = await desk.MergedAsync(left, right);
        var undone = (MergeReply)await desk.AppliedAsync(desk.Undo(joined));
        (joined.LevelAfter, undone.LevelAfter).ShouldBe((levels[1].Code, levels[0].Code));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task HasTheHigherLevelOfATrack_When_TheMergedMemberHadIt()
    {
        var levels = new Programme().Levels;
        await using var desk = await OpenAsync("tracks", new Programme { LevelRules = new LevelRules { CooldownHours = 0 }, Tracks = [s_vip] });
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.AppliedAsync(new SetLevel(MergeDesk.Tenant, MemberReference.ById(from), levels[2].Code, new LevelHand("by hand", "olga"), desk.Books) { Track = "vip" });
        var merge = await desk.MergedAsync(from, into);
        (await TrackAsync(desk, into), await LevelAsync(desk, into)).ShouldBe((levels[2].Code, levels[0].Code));
        await desk.SoundAsync();
        await desk.AppliedAsync(desk.Undo(merge));
        (await TrackAsync(desk, from), await TrackAsync(desk, into)).ShouldBe((levels[2].Code, levels[0].Code));
        await desk.SoundAsync();

        // Together they deserve what neither of them does.
        var (left, right) = (await desk.NewMemberAsync("left", 0), await desk.NewMemberAsync("right", 0));
        var half = (levels[1].Threshold / 2) + 1;
        await desk.AppliedAsync(desk.Earn(left, half, "l"));
        await desk.AppliedAsync(desk.Earn(right, half, "r"));
        var joined = await desk.MergedAsync(left, right);
        (await TrackAsync(desk, right)).ShouldBe(levels[1].Code);
        await desk.SoundAsync();
        await desk.AppliedAsync(desk.Undo(joined));
        (await TrackAsync(desk, right)).ShouldBe(levels[0].Code);
        await desk.SoundAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task LosesNothing_When_AnythingHappensToMergedMembers(int seed)
    {
        await using var desk = await OpenAsync("any" + seed, new Programme { Shortfall = (Ledger.ShortfallPolicy)(seed % 3), Tracks = [s_vip] });
        var random = new Random(seed);
        var members = new List<MemberId>();
        for (var i = 0; i < 5; i++)
        {
            members.Add(await desk.NewMemberAsync($"m{i}", 1_000));
        }

        var merges = new List<MergeReply>();
        for (var i = 0; i < 120; i++)
        {
            var outcome = await desk.SubmitAsync(Any(desk, random, members, merges, i));
            outcome.ShouldNotBeOfType<Outcome.Failed>($"{i} {desk.Faults}");
            if (outcome is Outcome.Applied { Reply: MergeReply { Status: "merged" } merged })
            {
                merges.Add(merged);
            }

            if (random.Next(20) == 0)
            {
                desk.Advance(TimeSpan.FromDays(random.Next(1, 9)));
                await desk.SweepAsync();
            }

            if (i % 40 == 39)
            {
                await desk.SoundAsync();
            }
        }

        merges.Count.ShouldBeGreaterThan(2);
        await desk.SoundAsync();
    }

    private static Command Any(MoneyDesk desk, Random random, List<MemberId> members, List<MergeReply> merges, int i)
    {
        var member = members[random.Next(members.Count)];
        var order = $"o-{random.Next(40)}";
        return random.Next(11) switch
        {
            0 or 1 or 2 => desk.Order(MemberReference.ById(member), order, random.Next(1, 900) * 100),
            3 => desk.RefundOf(order, random.Next(1, 200) * 100, $"r-{i}"),
            4 => desk.Return(order, random.Next(1, 200) * 100, $"t-{i}"),
            5 => desk.Spend(MemberReference.ById(member), random.Next(1, 200), $"s-{i}"),
            6 => desk.Hold(member, random.Next(1, 60), $"h-{i}"),
            7 => desk.Spend(member, random.Next(1, 300), $"b-{i}"),
            8 when merges.Count > 0 => desk.Undo(merges[random.Next(merges.Count)]),
            9 => Pending(desk, member, random.Next(1, 90), $"p-{i}"),
            _ => desk.Merge(member, members[random.Next(members.Count)], $"m-{i}"),
        };
    }

    private static CouponTemplate Template(string code, int perMember) => new()
    {
        Code = code,
        NameEnglish = "Ten off",
        NameChinese = "减十",
        Terms = new CouponTerms { Kind = CouponKind.AmountOff, Amount = 1_000, Transferable = true, Stackable = true },
        Stock = 1_000,
        PerMember = perMember,
        Validity = new CouponValidity { Days = 30 },
    };

    private static ClaimCoupon Claim(MoneyDesk desk, MemberId member, string reference) =>
        new(MergeDesk.Tenant, MemberReference.ById(member), new ClaimRequest { Template = "ten_off", Reference = reference, Origin = CouponOrigin.Claim }, desk.Books);

    private static async Task<long> ClaimAsync(MoneyDesk desk, MemberId member, string reference)
    {
        var reply = (CouponsReply)await desk.AppliedAsync(Claim(desk, member, reference));
        return long.Parse(reply.Coupons[0].Id, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static CouponsRequest Pick(long coupon, long? discount, string order, string reference) =>
        new() { Coupons = [new CouponPick(coupon, discount)], OrderId = order, Reference = reference };

    private static GrantRequest Grant(string benefit, string reference) => new() { Benefit = benefit, Reference = reference, Reason = "a test", Operator = "olga" };

    private static ConsumeBenefit Use(MoneyDesk desk, MemberId member, string benefit, string bizNo) => new(
        MergeDesk.Tenant,
        MemberReference.ById(member),
        benefit,
        new UseRequest { BizNo = bizNo, Birthday = benefit == "birthday_gift" ? DateOnly.FromDateTime(desk.Clock.GetUtcNow().AddHours(8).DateTime) : null },
        desk.Books)
    {
        Time = Instant.Now(desk.Clock),
    };

    private static Task<string> LevelAsync(MoneyDesk desk, MemberId member) =>
        desk.OneAsync<string>("SELECT level_code FROM members WHERE id = @Member", new { Member = member.Value });

    /// <summary>The code of the level that is written of the track <c>vip</c>.</summary>
    private static async Task<string> TrackAsync(MoneyDesk desk, MemberId member)
    {
        var state = await desk.OneAsync<string>("SELECT level_state FROM members WHERE id = @Member", new { Member = member.Value });
        using var document = System.Text.Json.JsonDocument.Parse(state);
        return document.RootElement.GetProperty("tracks")[0].GetProperty("level").GetString()!;
    }
}
