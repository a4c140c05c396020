using System.Globalization;
using Laurel.ContractTests.Levels;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Cards;

/// <summary>How memberships begin, last, are refunded and end, and what they make of the level, on one database. Each scenario ends with every
/// invariant kept.</summary>
public abstract class CardsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    public static TheoryData<string> Cases => new(CardCase.All.Select(one => one.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task IsThatOfThePaper_When_AGoldenCaseIsPlayed(string name)
    {
        var index = CardCase.All.Select(one => one.Name).ToList().IndexOf(name);
        var golden = CardCase.All[index];
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, $"card_case_{index}", golden.Programme);
        MemberId member = default;
        foreach (var line in golden.Steps.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (step, expected) = (line.Split('=')[0].Trim(), line.Split('=')[1].Trim());
            var words = step.Split(' ');
            var hasTime = words[1].Contains(':', StringComparison.Ordinal);
            cards.Set(hasTime ? $"{words[0]} {words[1]}" : words[0]);
            member = await PlayAsync(cards, member, words[(hasTime ? 2 : 1)..]);
            var end = (await cards.MembershipAsync(member, "plus")).Split(' ', 3) is [.., var last] and not ["none"] ? last : "none";
            var level = await cards.LevelAsync(member);
            (expected.Contains('[', StringComparison.Ordinal) ? $"{level} [{end}]" : level).ShouldBe(expected, line);
        }

        await cards.VerifyAsync();
    }

    [Fact]
    public async Task SaysWhyItChanged_When_TheLevelFollowsTheCard()
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, "card_history", CardCase.With());
        cards.Set("2026-01-05");
        var member = await cards.RegisterAsync("told");
        await AppliedAsync(cards, cards.Buy(member, "plus", "p-1"));
        await AppliedAsync(cards, cards.Buy(member, "year", "y-1"));
        await AppliedAsync(cards, cards.CancelCard(member, "plus"));
        await AppliedAsync(cards, cards.CancelCard(member, "plus"));
        cards.Set("2026-01-06");
        await AppliedAsync(cards, cards.Buy(member, "plus", "p-2"));
        await AppliedAsync(cards, cards.RefundCard("y-1"));
        cards.Set("2026-04-01");
        await cards.EarnAsync(member, 1);

        (await cards.HistoryAsync(member)).ShouldBe(
            ["bronze gold: card plus bought", "gold platinum: card year bought", "platinum gold: card year refunded", "gold bronze: card plus ended"]);
        (await cards.MembershipEventsAsync(member)).ShouldBe(
        [
            "started 2026-01-05 00:00", "started 2026-01-05 00:00", "cancelled 2026-01-05 00:00", "renewed 2026-01-06 00:00", "refunded 2026-01-06 00:00",
            "expired 2026-03-06 00:00",
        ]);
        await cards.VerifyAsync();
    }

    [Fact]
    public async Task IsDoneOnce_When_OnePurchaseIsToldAgain()
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, "card_repeats", CardCase.With());
        cards.Set("2026-01-05");
        var member = await cards.RegisterAsync("again");
        await AppliedAsync(cards, cards.Buy(member, "plus", "p-1"));

        (await cards.SubmitAsync(cards.Buy(member, "plus", "p-1"))).ShouldBeOfType<Outcome.Duplicate>();
        (await RefusedAsync(cards, cards.Buy(member, "plus", "p-1", periods: 2))).ShouldBe("CONFLICT");
        (await RefusedAsync(cards, cards.Buy(member, "year", "p-1"))).ShouldBe("CONFLICT");
        (await cards.MembershipAsync(member, "plus")).ShouldBe("2026-01-05 00:00 2026-02-06 00:00");
        await AppliedAsync(cards, cards.Buy(member, "plus", "p-2"));
        await AppliedAsync(cards, cards.RefundCard("p-1"));
        (await cards.SubmitAsync(cards.RefundCard("p-1"))).ShouldBeOfType<Outcome.Duplicate>();
        (await cards.MembershipAsync(member, "plus")).ShouldBe("2026-01-05 00:00 2026-02-06 00:00");
        await cards.VerifyAsync();
    }

    [Fact]
    public async Task ChangesNothing_When_ItIsRefused()
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, "card_refusals", CardCase.With());
        cards.Set("2026-01-05");
        var member = await cards.RegisterAsync("refused");

        (await RefusedAsync(cards, cards.Buy(member, "gone", "p-1"))).ShouldBe("CARD_NOT_FOUND");
        (await RefusedAsync(cards, cards.Buy(new MemberId(1), "plus", "p-1"))).ShouldBe("MEMBER_NOT_FOUND");
        (await RefusedAsync(cards, cards.RefundCard("p-1"))).ShouldBe("MEMBERSHIP_PURCHASE_NOT_FOUND");
        (await RefusedAsync(cards, cards.CancelCard(member, "plus"))).ShouldBe("MEMBERSHIP_NOT_HELD");
        (await RefusedAsync(cards, cards.Buy(member, "year", "y-0", periods: 101))).ShouldBe("MEMBERSHIP_TOO_LONG");
        await AppliedAsync(cards, cards.Buy(member, "year", "y-1", periods: 100));
        (await RefusedAsync(cards, cards.Buy(member, "year", "y-2"))).ShouldBe("MEMBERSHIP_TOO_LONG");
        await cards.ChangeAsync(programme => programme with { Cards = [.. programme.Cards.Select(card => card with { Active = false })] });
        (await RefusedAsync(cards, cards.Buy(member, "plus", "p-1"))).ShouldBe("CARD_DISABLED");

        (await cards.LevelAsync(member)).ShouldBe("platinum");
        (await cards.MembershipAsync(member, "plus")).ShouldBe("none");
        (await cards.MembershipAsync(member, "year")).ShouldBe("2026-01-05 00:00 2126-01-06 00:00");
        await cards.VerifyAsync();
    }

    [Fact]
    public async Task AddUp_When_ManyBuyAndRefundAtOnce()
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, "card_races", CardCase.With());
        cards.Set("2026-01-05");
        var member = await cards.RegisterAsync("raced");

        // Every purchase is told twice and every other one is refunded by two callers, in whatever order they come.
        var commands = Enumerable.Range(0, 24).SelectMany(i => (Command[])[cards.Buy(member, "plus", $"r-{i}"), cards.Buy(member, "plus", $"r-{i}")]).ToList();
        var bought = await Task.WhenAll(commands.Select(cards.SubmitAsync));
        bought.Count(outcome => outcome is Outcome.Applied).ShouldBe(24);
        bought.Count(outcome => outcome is Outcome.Duplicate).ShouldBe(24);
        var refunded = await Task.WhenAll(Enumerable.Range(0, 24).Where(i => i % 2 == 0).SelectMany(i => (int[])[i, i])
            .Select(i => cards.SubmitAsync(cards.RefundCard($"r-{i}"))));
        refunded.Count(outcome => outcome is Outcome.Applied).ShouldBe(12);
        refunded.Count(outcome => outcome is Outcome.Duplicate).ShouldBe(12);

        (await cards.MembershipAsync(member, "plus")).ShouldBe("2026-01-05 00:00 2027-01-06 00:00");
        await cards.VerifyAsync();
    }

    [Fact]
    public async Task MultipliesAndPays_When_RulesAndBenefitsKnowTheCard()
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, "card_points", programme => WithPoints(CardCase.With(level: null)(programme)));
        cards.Set("2026-01-05");
        var member = await cards.RegisterAsync("points");
        await cards.OrderAsync(member, "o-0", 10_000);
        var before = await cards.LifetimeAsync(member);
        await AppliedAsync(cards, cards.Buy(member, "plus", "p-1"));
        (await cards.LifetimeAsync(member) - before).ShouldBe(15);
        before = await cards.LifetimeAsync(member);
        await cards.OrderAsync(member, "o-1", 10_000);
        (await cards.LifetimeAsync(member) - before).ShouldBe(300);
        before = await cards.LifetimeAsync(member);
        cards.Set("2026-02-06");
        await cards.OrderAsync(member, "o-2", 10_000);
        (await cards.LifetimeAsync(member) - before).ShouldBe(100);
        await cards.VerifyAsync();
    }

    [Fact]
    public async Task MovesWhoHoldsItUnderACard_When_ALevelIsRemoved()
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, "card_removal", CardCase.With());
        cards.Set("2026-01-05");
        var (lifted, other) = (await cards.RegisterAsync("lifted"), await cards.RegisterAsync("other"));
        await cards.EarnAsync(lifted, 900);
        await AppliedAsync(cards, cards.Buy(lifted, "plus", "p-1"));
        await AppliedAsync(cards, cards.Buy(other, "plus", "p-2"));
        (await cards.HoldersAsync("silver")).ShouldBe(1);

        await cards.ChangeAsync(programme => programme with
        {
            Levels = [.. programme.Levels.Select(level => level.Code == "silver" ? level with { Active = false, MoveTo = "bronze" } : level)],
        });
        (await cards.RunJobAsync()).ShouldBe(1);
        (await cards.RunJobAsync()).ShouldBe(0);
        (await cards.LevelAsync(lifted)).ShouldBe("gold");
        cards.Set("2026-02-06");
        await cards.SweepAsync();

        (await cards.LevelAsync(lifted)).ShouldBe("bronze");
        (await cards.HistoryAsync(lifted))[^1].ShouldBe("gold bronze: card plus ended");
        await cards.VerifyAsync();
    }

    [Fact]
    public async Task JudgesTheOwnLevelUnderTheCard_When_TheProgrammeGetsPeriods()
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, "card_scheduled", CardCase.With());
        cards.Set("2026-03-01");
        var member = await cards.RegisterAsync("scheduled");
        await cards.EarnAsync(member, 900);
        await AppliedAsync(cards, cards.Buy(member, "year", "y-1"));
        await cards.ChangeAsync(programme => programme with { LevelRules = new LevelRules { Preset = LevelPreset.YearlyRetention } });

        (await cards.RunJobAsync()).ShouldBe(1);
        cards.Set("2027-01-01");
        await cards.SweepAsync();
        (await cards.LevelAsync(member)).ShouldBe("platinum");
        cards.Set("2027-03-02");
        await cards.SweepAsync();

        (await cards.LevelAsync(member)).ShouldBe("bronze");
        (await cards.HistoryAsync(member)).ShouldBe(["bronze silver: points earned", "silver platinum: card year bought", "platinum bronze: card year ended"]);
        await cards.VerifyAsync();
    }

    [Fact]
    public async Task IsImportedUnderACard_When_AnotherSystemHadAHistory()
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, "card_import", CardCase.With());
        cards.Set("2026-01-05");
        var member = await cards.RegisterAsync("imported");
        await AppliedAsync(cards, cards.Buy(member, "plus", "p-1"));
        cards.Set("2026-01-10");
        (await cards.ImportAsync(member, ("gold", "2026-01-06"), ("silver", "2026-01-07"))).ShouldBeOfType<Outcome.Applied>();
        (await cards.LevelAsync(member)).ShouldBe("gold");
        cards.Set("2026-02-06");
        await cards.SweepAsync();
        (await cards.LevelAsync(member)).ShouldBe("silver");
        await cards.VerifyAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AgreeWithAModel_When_ARandomHistoryIsPlayed(int seed)
    {
        await using var cards = await LevelDatabase.OpenAsync(kind, databases, $"card_random_{seed}", CardCase.With());
        cards.Set("2026-01-05");
        var member = await cards.RegisterAsync("random");
        var (random, day, lifetime) = (new Random(seed), new DateOnly(2026, 1, 5), 100L);
        var models = new Dictionary<string, NaiveCard> { ["plus"] = new(1), ["year"] = new(12) };
        for (var step = 0; step < 80; step++)
        {
            day = day.AddDays(random.Next(3) == 0 ? random.Next(25) : 0);
            cards.Set(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            var card = random.Next(4) == 0 ? "year" : "plus";
            var (model, bought) = (models[card], models[card].References.Count);
            switch (random.Next(6))
            {
                case 0:
                    var points = random.Next(200, 900);
                    await cards.EarnAsync(member, points);
                    lifetime += points;
                    break;
                case 1 or 2 when bought > 0:
                    var reference = $"{card}-{random.Next(bought)}";
                    var outcome = await cards.SubmitAsync(cards.RefundCard(reference));
                    (outcome is Outcome.Applied).ShouldBe(model.Refund(reference, day), $"step {step}: {outcome}");
                    break;
                case 3:
                    await cards.SweepAsync();
                    break;
                default:
                    var periods = random.Next(1, 4);
                    await AppliedAsync(cards, cards.Buy(member, card, $"{card}-{bought}", periods));
                    model.Buy($"{card}-{bought}", periods, day);
                    break;
            }

            (await cards.MembershipAsync(member, "plus")).ShouldBe(models["plus"].Text, $"step {step}");
            (await cards.MembershipAsync(member, "year")).ShouldBe(models["year"].Text, $"step {step}");

            // What was not looked at since a card lapsed is settled by nobody yet.
            await cards.SweepAsync();
            (await cards.LevelAsync(member)).ShouldBe(LevelOf(lifetime, models["plus"].IsHeld(day), models["year"].IsHeld(day)), $"step {step}");
        }

        await cards.VerifyAsync();
    }

    /// <summary>On paper: what the points deserve, or what a card gives where it is more.</summary>
    private static string LevelOf(long lifetime, bool plus, bool year) =>
        year || lifetime >= 20_000 ? "platinum" : plus || lifetime >= 5_000 ? "gold" : lifetime >= 1_000 ? "silver" : "bronze";

    private static Programme WithPoints(Programme programme) => programme with
    {
        Benefits = programme.Benefits.Add(new Laurel.Membership.Benefits.BenefitDefinition
        {
            Code = "triple",
            NameEnglish = "Triple",
            NameChinese = "三倍",
            Kind = "points_multiplier",
            Settings = System.Text.Json.JsonSerializer.SerializeToElement(new { multiplierBasisPoints = 30_000 }),
        }),
        Packages = programme.Packages.Add(new() { Code = "of_plus", NameEnglish = "Plus", NameChinese = "月卡", Benefits = ["triple"] }),
        Cards = [.. programme.Cards.Select(card => card with { Package = "of_plus" })],
        Rules = programme.Rules.Add(new Rule
        {
            Code = "card_gift",
            NameEnglish = "Card gift",
            NameChinese = "开卡礼",
            Trigger = "membership.purchased",
            Condition = "event.data.card == 'plus' && event.data.renewal == false",
            Amount = new RuleAmount { Expression = "int(event.data.amount) / 100" },
        }),
    };

    private static async Task<MemberId> PlayAsync(LevelDatabase cards, MemberId member, string[] words)
    {
        switch (words)
        {
            case ["register"]:
                return await cards.RegisterAsync("one");
            case ["buy", var reference]:
                await AppliedAsync(cards, cards.Buy(member, "plus", reference));
                break;
            case ["buy", var reference, var periods]:
                await AppliedAsync(cards, cards.Buy(member, "plus", reference, int.Parse(periods, CultureInfo.InvariantCulture)));
                break;
            case ["late", var reference, var time]:
                await AppliedAsync(cards, cards.Buy(member, "plus", reference, time: time));
                break;
            case ["refund", var reference]:
                await AppliedAsync(cards, cards.RefundCard(reference));
                break;
            case ["cancel"]:
                await AppliedAsync(cards, cards.CancelCard(member, "plus"));
                break;
            case ["earn", var points]:
                await cards.EarnAsync(member, long.Parse(points, CultureInfo.InvariantCulture));
                break;
            case ["order", var id, var amount]:
                await cards.OrderAsync(member, id, long.Parse(amount, CultureInfo.InvariantCulture));
                break;
            case ["refund-order", var id, var amount]:
                await cards.RefundAsync(id, long.Parse(amount, CultureInfo.InvariantCulture));
                break;
            case ["pin", var level]:
                (await cards.SetLevelAsync(member, level)).ShouldBeOfType<Outcome.Applied>();
                break;
            case ["pin", var level, var until]:
                (await cards.SetLevelAsync(member, level, until)).ShouldBeOfType<Outcome.Applied>();
                break;
            case ["release"]:
                (await cards.SetLevelAsync(member, null)).ShouldBeOfType<Outcome.Applied>();
                break;
            case ["sweep"]:
                await cards.SweepAsync();
                break;
            default:
                throw new InvalidOperationException($"No step is called '{string.Join(' ', words)}'.");
        }

        return member;
    }

    private static async Task AppliedAsync(LevelDatabase cards, Command command)
    {
        var outcome = await cards.SubmitAsync(command);
        outcome.ShouldBeOfType<Outcome.Applied>($"{(outcome as Outcome.Refused)?.Refusal}");
    }

    private static async Task<string> RefusedAsync(LevelDatabase cards, Command command) =>
        (await cards.SubmitAsync(command)).ShouldBeOfType<Outcome.Refused>().Refusal.Code;
}

public sealed class CardsOnSqliteTests(NamedDatabases databases) : CardsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class CardsOnPostgresTests(NamedDatabases databases) : CardsContract(DatabaseUnderTest.Postgres, databases);

public sealed class CardsOnMySqlTests(NamedDatabases databases) : CardsContract(DatabaseUnderTest.MySql, databases);
