using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Merges;

/// <summary>Two cards of ten days: <c>plus</c> gives the second level, <c>prime</c> the third.</summary>
internal static class CardDesk
{
    public static Programme Programme { get; } = new() { Cards = [CardOf("plus", 1), CardOf("prime", 2)] };

    public static string Level(int rank) => Programme.Levels[rank].Code;

    public static BuyMembership Buy(this MoneyDesk desk, MemberId member, string card, string reference) =>
        new(MergeDesk.Tenant, MemberReference.ById(member), new CardRequest { Card = card, Reference = reference }, desk.Books);

    public static RefundMembership RefundCard(this MoneyDesk desk, string reference) => new(MergeDesk.Tenant, reference, null, desk.Books);

    /// <summary>The level as it is once all that is due is written.</summary>
    public static async Task<string> LevelNowAsync(this MoneyDesk desk, MemberId member)
    {
        await desk.AppliedAsync(new SettleMember(MergeDesk.Tenant, member, desk.Books));
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, TestContext.Current.CancellationToken);
        return (await session.Connection.ExecuteScalarAsync<string>("SELECT level_code FROM members WHERE id = @Id", new { Id = member.Value }))!;
    }

    private static MembershipCard CardOf(string code, int rank) => new()
    {
        Code = code,
        NameEnglish = code,
        NameChinese = "会员卡",
        Price = 1_000,
        Period = "P10D",
        Level = new Programme().Levels[rank].Code,
    };
}

/// <summary>What becomes of cards when members are merged: they go with their dates, come back when it is undone, and stay what was bought.</summary>
public abstract class MergingCardsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Fact]
    public async Task GoesWithItsDatesAndComesBack_When_TheMergedMemberHoldsACard()
    {
        await using var desk = await OpenAsync("go");
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.AppliedAsync(desk.Buy(from, "prime", "bought"));

        var merge = await desk.MergedAsync(from, into);
        (merge.Moved.Cards, merge.LevelBefore, merge.LevelAfter).ShouldBe((1, CardDesk.Level(0), CardDesk.Level(2)));
        await desk.SoundAsync();
        desk.Advance(TimeSpan.FromDays(5));
        var undone = (MergeReply)await desk.AppliedAsync(desk.Undo(merge));
        undone.Moved.Cards.ShouldBe(1);
        (await desk.LevelNowAsync(from), await desk.LevelNowAsync(into)).ShouldBe((CardDesk.Level(2), CardDesk.Level(0)));
        await desk.SoundAsync();

        await desk.MergedAsync(from, into);
        desk.Advance(TimeSpan.FromDays(5));
        (await desk.LevelNowAsync(into)).ShouldBe(CardDesk.Level(2), "to the end of the tenth day");
        desk.Advance(TimeSpan.FromDays(1));
        (await desk.LevelNowAsync(into)).ShouldBe(CardDesk.Level(0));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task TakesItsTimeBack_When_APurchaseOfTheMergedMemberIsRefunded()
    {
        await using var desk = await OpenAsync("refund");
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.AppliedAsync(desk.Buy(from, "plus", "first"));
        await desk.AppliedAsync(desk.Buy(from, "plus", "second"));
        await desk.MergedAsync(from, into);

        await desk.AppliedAsync(desk.RefundCard("second"));
        desk.Advance(TimeSpan.FromDays(9));
        (await desk.LevelNowAsync(into)).ShouldBe(CardDesk.Level(1));
        await desk.SoundAsync();
        await desk.AppliedAsync(desk.RefundCard("first"));
        (await desk.LevelNowAsync(into)).ShouldBe(CardDesk.Level(0));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task BeginsWhereTheOtherEnds_When_TheSurvivorBuysTheSameCard()
    {
        await using var desk = await OpenAsync("renewed");
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.AppliedAsync(desk.Buy(from, "plus", "first"));
        await desk.MergedAsync(from, into);

        // The name of the one that went leads to the other.
        await desk.AppliedAsync(desk.Buy(from, "plus", "second"));
        desk.Advance(TimeSpan.FromDays(19));
        (await desk.LevelNowAsync(into)).ShouldBe(CardDesk.Level(1));
        await desk.SoundAsync();
        desk.Advance(TimeSpan.FromDays(5));
        (await desk.LevelNowAsync(into)).ShouldBe(CardDesk.Level(0));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task IsRefused_When_BothHoldTheSameCard()
    {
        await using var desk = await OpenAsync("both");
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.AppliedAsync(desk.Buy(from, "plus", "a"));
        await desk.AppliedAsync(desk.Buy(into, "plus", "b"));

        (await desk.RefusedAsync(desk.Merge(from, into, "too early"))).ShouldBe("MERGE_MEMBERSHIP");
        await desk.AppliedAsync(desk.RefundCard("a"));
        await desk.MergedAsync(from, into);
        (await desk.LevelNowAsync(into)).ShouldBe(CardDesk.Level(1));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task GoesAlongAChainAndBack_When_TheSurvivorIsMergedToo()
    {
        await using var desk = await OpenAsync("chain");
        var (first, second, third) = (await desk.NewMemberAsync("1", 0), await desk.NewMemberAsync("2", 0), await desk.NewMemberAsync("3", 0));
        await desk.AppliedAsync(desk.Buy(first, "prime", "a"));
        await desk.AppliedAsync(desk.Buy(second, "plus", "b"));
        var (inner, outer) = (await desk.MergedAsync(first, second), await desk.MergedAsync(second, third));
        (await desk.LevelNowAsync(third)).ShouldBe(CardDesk.Level(2));
        await desk.SoundAsync();

        await desk.AppliedAsync(desk.Undo(outer));
        (await desk.LevelNowAsync(second), await desk.LevelNowAsync(third)).ShouldBe((CardDesk.Level(2), CardDesk.Level(0)));
        await desk.SoundAsync();
        await desk.AppliedAsync(desk.Undo(inner));
        (await desk.LevelNowAsync(first), await desk.LevelNowAsync(second)).ShouldBe((CardDesk.Level(2), CardDesk.Level(1)));
        await desk.SoundAsync();
    }

    /// <summary>Purchases, refunds, merges and their undoing at random, beside a list of memberships that is kept by hand.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AgreesWithAListKeptByHand_When_HistoriesAreRandom(int seed)
    {
        await using var desk = await OpenAsync($"any_{seed}");
        await new RandomCards(desk, seed).RunAsync(300);
        await desk.SoundAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name) => MergeDesk.OpenAsync(kind, databases, "cards_" + name, CardDesk.Programme);
}

/// <summary>Random histories of five members and two cards.</summary>
internal sealed class RandomCards(MoneyDesk desk, int seed)
{
    private static readonly TimeSpan s_zone = TimeSpan.FromHours(8);
    private static readonly string[] s_cards = ["plus", "prime"];

    private readonly Random _random = new(seed);
    private readonly List<MemberId> _members = [];
    private readonly Dictionary<MemberId, (MemberId Into, MergeReply Merge)> _gone = [];
    private readonly List<Bought> _bought = [];
    private readonly HashSet<string> _seen = [];

    /// <summary>One membership of whoever bought it, with what its purchases left of it.</summary>
    private sealed class Bought(MemberId buyer, string card, DateTimeOffset start)
    {
        public MemberId Buyer => buyer;

        public string Card => card;

        public DateTimeOffset Start => start;

        public List<string> Purchases { get; } = [];

        public DateTimeOffset End { get; set; }

        /// <summary>00:00 local after the last day of ten for each purchase.</summary>
        public DateTimeOffset WholeEnd => new DateTimeOffset(start.ToOffset(s_zone).Date, s_zone).AddDays((10 * Purchases.Count) + 1);
    }

    private DateTimeOffset Now => desk.Clock.GetUtcNow();

    public async Task RunAsync(int steps)
    {
        for (var i = 0; i < 5; i++)
        {
            _members.Add(await desk.NewMemberAsync($"any-{seed}-{i}", 0));
        }

        for (var i = 0; i < steps; i++)
        {
            desk.Advance(TimeSpan.FromMinutes(_random.Next(1, 2_500)));
            await (_random.Next(10) switch
            {
                0 or 1 or 2 => BuyAsync($"p-{seed}-{i}"),
                3 => RefundAsync(),
                4 or 5 or 6 => MergeAsync(),
                7 or 8 => UndoAsync(),
                _ => Task.CompletedTask,
            });
            foreach (var member in _members.Where(member => !_gone.ContainsKey(member)))
            {
                var rank = HeldBy(member).Select(bought => Array.IndexOf(s_cards, bought.Card) + 1).DefaultIfEmpty(0).Max();
                (await desk.LevelNowAsync(member)).ShouldBe(CardDesk.Level(rank), $"seed {seed}, step {i}");
            }
        }

        _seen.Order().ShouldBe(["bought", "longer", "merged", "merged with a card", "refunded", "refused", "undone", "undone with a card"]);
    }

    private async Task BuyAsync(string reference)
    {
        var (name, card) = (_members[_random.Next(5)], s_cards[_random.Next(2)]);
        var buyer = EndOf(name);
        await desk.AppliedAsync(desk.Buy(name, card, reference));
        var bought = _bought.LastOrDefault(bought => bought.Buyer == buyer && bought.Card == card && bought.End > Now);
        if (bought is null)
        {
            var others = HeldBy(buyer).Where(held => held.Card == card).Select(held => held.End);
            bought = new Bought(buyer, card, others.Append(Now).Max());
            _bought.Add(bought);
        }

        _seen.Add(bought.Purchases.Count == 0 ? "bought" : "longer");
        bought.Purchases.Add(reference);
        bought.End = bought.WholeEnd;
    }

    private async Task RefundAsync()
    {
        if (_bought.Where(bought => bought.Purchases.Count > 0 && bought.End > Now).ToList() is not { Count: > 0 } open)
        {
            return;
        }

        var bought = open[_random.Next(open.Count)];
        var purchase = bought.Purchases[_random.Next(bought.Purchases.Count)];
        await desk.AppliedAsync(desk.RefundCard(purchase));
        bought.Purchases.Remove(purchase);
        var at = bought.Start > Now ? bought.Start : Now;
        var end = bought.Purchases.Count == 0 ? bought.Start : bought.WholeEnd;
        bought.End = end > at ? end : DateTimeOffset.MinValue;
        _seen.Add("refunded");
    }

    private async Task MergeAsync()
    {
        var (from, into) = (_members[_random.Next(5)], _members[_random.Next(5)]);
        if (from == into || _gone.ContainsKey(from) || _gone.ContainsKey(into))
        {
            return;
        }

        if (HeldBy(from).Select(held => held.Card).Intersect(HeldBy(into).Select(held => held.Card)).Any())
        {
            (await desk.RefusedAsync(desk.Merge(from, into, $"refused {Now:O}"))).ShouldBe("MERGE_MEMBERSHIP");
            _seen.Add("refused");
            return;
        }

        _seen.Add(HeldBy(from).Any() ? "merged with a card" : "merged");
        _gone[from] = (into, await desk.MergedAsync(from, into));
    }

    private async Task UndoAsync()
    {
        var open = _gone.Where(gone => !_gone.ContainsKey(gone.Value.Into)).ToList();
        if (open.Count > 0)
        {
            var (from, (_, merge)) = open[_random.Next(open.Count)];
            await desk.AppliedAsync(desk.Undo(merge));
            _gone.Remove(from);
            _seen.Add(HeldBy(from).Any() ? "undone with a card" : "undone");
        }
    }

    private MemberId EndOf(MemberId member) => _gone.TryGetValue(member, out var gone) ? EndOf(gone.Into) : member;

    private List<Bought> HeldBy(MemberId member) => _bought.FindAll(bought => bought.End > Now && EndOf(bought.Buyer) == member);
}

public sealed class MergingCardsOnSqliteTests(NamedDatabases databases) : MergingCardsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class MergingCardsOnPostgresTests(NamedDatabases databases) : MergingCardsContract(DatabaseUnderTest.Postgres, databases);

public sealed class MergingCardsOnMySqlTests(NamedDatabases databases) : MergingCardsContract(DatabaseUnderTest.MySql, databases);

/// <summary>Cards that came with a merged member (I22), and whether <c>verify</c> sees each way of breaking it.</summary>
public sealed class VerifyingMergedCardsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    public static TheoryData<string, string> Corruptions => new()
    {
        { "nobody holds it", "UPDATE members SET level_state = NULL WHERE external_id = 'new'" },
        { "of another member", "UPDATE members SET level_state = REPLACE(level_state, '\"of\":', '\"of\":-') WHERE external_id = 'new'" },
        { "held for longer", "UPDATE memberships SET end_time = end_time - 1" },
        { "the membership is gone", "DELETE FROM memberships WHERE 1 = 1" },
        { "held by two", "UPDATE members SET level_state = (SELECT level_state FROM members WHERE external_id = 'new') WHERE external_id = 'third'" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFound_When_OneThingIsChanged(string what, string sql)
    {
        await using var desk = await MergeDesk.OpenAsync(DatabaseUnderTest.Sqlite, databases, "cards_" + what.Replace(' ', '_'), CardDesk.Programme);
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.NewMemberAsync("third", 0);
        await desk.AppliedAsync(desk.Buy(from, "plus", "bought"));
        await desk.MergedAsync(from, into);
        await desk.SoundAsync();
        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await new Verifier(desk.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.Single(candidate => candidate.Code == InvariantCode.I22).Failed.ShouldBeGreaterThan(0, what);
    }
}
