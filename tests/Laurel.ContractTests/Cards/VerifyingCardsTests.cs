using Laurel.ContractTests.Verification;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Cards;

public sealed class CardHistoryDatabase : SpoilableDatabase
{
    protected override Task WriteAsync(LaurelNode node) => CardsOfAHistory.WriteAsync(node);
}

/// <summary>A sound database with memberships passes; one thing changed by hand is found under I22, or under the invariant that it breaks
/// before.</summary>
public sealed class VerifyingCardsTests(CardHistoryDatabase database) : IClassFixture<CardHistoryDatabase>
{
    public static TheoryData<string, string, string, string> Corruptions => new()
    {
        { "a purchase gone", "DELETE FROM membership_purchases WHERE reference = 'c-1'", "I22", "memberships" },
        { "longer than bought", "UPDATE memberships SET months = months + 1 WHERE card_code = 'plus'", "I22", "memberships" },
        { "days given", "UPDATE memberships SET days = 7 WHERE card_code = 'plus'", "I22", "memberships" },
        { "another end", "UPDATE memberships SET end_time = end_time + 86400000000 WHERE card_code = 'plus'", "I22", "memberships" },
        { "an end that no refund said", "UPDATE memberships SET end_time = end_time + 1 WHERE card_code = 'year'", "I22", "memberships" },
        { "a refund that took nothing", "UPDATE membership_purchases SET took_back = 0 WHERE reference = 'c-2'", "I22", "memberships" },
        {
            "a refund undone",
            "UPDATE membership_purchases SET refund_id = NULL, refunded_at = NULL, took_back = 0, refund_end_time = NULL WHERE reference = 'y-1'",
            "I22",
            "memberships"
        },
        { "ended early without a refund", "UPDATE memberships SET ended_early = 1 WHERE card_code = 'plus'; DELETE FROM membership_purchases WHERE reference = 'c-2'", "I22", "memberships" },
        { "another beginning", "UPDATE memberships SET start_time = start_time - 1 WHERE card_code = 'plus'", "I22", "members" },
        { "held without a membership", "DELETE FROM memberships WHERE card_code = 'plus'", "I22", "members" },
        { "purchases without a membership", "DELETE FROM memberships WHERE card_code = 'year'", "I22", "membership_purchases" },
        { "not held any more", "UPDATE members SET level_state = NULL WHERE external_id = 'carded'", "I22", "members" },
        {
            "below the level of the card",
            "UPDATE members SET level_code = 'bronze' WHERE external_id = 'carded'; DELETE FROM level_changes WHERE to_code <> 'bronze'",
            "I22",
            "members"
        },
        { "a membership of nobody", "UPDATE memberships SET member_id = 1 WHERE card_code = 'year'", "I9", "memberships" },
        { "a purchase of nobody", "UPDATE membership_purchases SET member_id = 1 WHERE reference = 'c-old'", "I9", "membership_purchases" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string what, string sql, string invariant, string table)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(copy);

        var finding = report.Invariants.Single(candidate => candidate.Code.ToString() == invariant);
        finding.Failed.ShouldBeGreaterThan(0, string.Join("; ", report.Invariants.SelectMany(i => i.Offences.Select(o => $"{i.Code} {o}"))));
        finding.Offences.ShouldContain(offence => offence.Table == table);
    }

    [Fact]
    public async Task Holds_When_NothingIsChanged()
    {
        var report = await SmallDatabase.VerifyAsync(database.Copy());

        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I22).Checked.ShouldBe(3);
    }
}
