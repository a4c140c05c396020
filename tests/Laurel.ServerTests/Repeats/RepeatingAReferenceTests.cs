using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Repeats;

/// <summary>A reference names a movement, and an event's source and id an event, once and for all, key or no
/// key.</summary>
public sealed class RepeatingAReferenceTests(Servers servers) : IClassFixture<Servers>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AnswersTheFirstEntries_When_TheMovementIsRepeated(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("again", 1_000);
        var earned = await server.EarnAsync(member, 30, "again");
        var spent = await server.SpendAsync(member, 40, "again");
        var adjusted = await server.AdjustAsync(member, -50, "again");
        var book = await server.BookAsync(member);

        var earnedAgain = await server.EarnAsync(member, 30, "again");
        var spentAgain = await server.SpendAsync(member, 40, "again");
        var adjustedAgain = await server.AdjustAsync(member, -50, "again");

        new[] { earned, spent, adjusted }.ShouldAllBe(a => a.Status == 200 && !a.Replayed);
        new[] { earnedAgain, spentAgain, adjustedAgain }.ShouldAllBe(a => a.Status == 200 && a.Replayed);
        new[] { earnedAgain, spentAgain, adjustedAgain }.Select(a => a.Text)
            .ShouldBe(new[] { earned, spent, adjusted }.Select(a => a.Text));
        (await server.BookAsync(member)).ShouldBe(book);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AnswersTheFirstOutcome_When_HoldsAndTransfersAreRepeated(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var (from, to) = (await server.NewMemberAsync("giver", 1_000), await server.NewMemberAsync("taker", 100));
        var hold = await server.HoldAsync(from, 300, "hold");
        var id = hold.TextOf("holdId")!;
        var captured = await server.CaptureAsync(id, null, "end");
        var given = await server.TransferAsync(from, to, 200, "gift");
        var books = await server.BookAsync(from) + await server.BookAsync(to);

        var holdAgain = await server.HoldAsync(from, 300, "hold");
        var capturedAgain = await server.CaptureAsync(id, null, "end");
        var givenAgain = await server.TransferAsync(from, to, 200, "gift");

        new[] { hold, captured, given }.ShouldAllBe(a => a.Status == 200 && !a.Replayed);
        new[] { holdAgain, capturedAgain, givenAgain }.ShouldAllBe(a => a.Status == 200 && a.Replayed);
        holdAgain.TextOf("holdId").ShouldBe(id);
        capturedAgain.EntryIds.ShouldBe(captured.EntryIds);
        givenAgain.Text.ShouldBe(given.Text);
        (await server.BookAsync(from) + await server.BookAsync(to)).ShouldBe(books);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsAConflict_When_TheReferenceStandsForOtherContent(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("other-content", 1_000);
        var other = await server.NewMemberAsync("other-member", 1_000);
        await server.EarnAsync(member, 30, "other-content");
        await server.TransferAsync(member, other, 10, "other-content");
        await server.CompleteOrderAsync(member, "other-content", 10_000);
        var books = await server.BookAsync(member) + await server.BookAsync(other);

        var otherPoints = await server.EarnAsync(member, 31, "other-content");
        var otherMember = await server.EarnAsync(other, 30, "other-content");
        var otherTransfer = await server.TransferAsync(member, other, 11, "other-content");
        var otherOrder = await server.CompleteOrderAsync(member, "other-content", 20_000);

        new[] { otherPoints, otherMember, otherTransfer }.ShouldAllBe(a => a.Outcome == "409 CONFLICT");
        otherOrder.Results[0].GetProperty("code").GetString().ShouldBe("CONFLICT");
        (await server.BookAsync(member) + await server.BookAsync(other)).ShouldBe(books);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "13")]
    public async Task IsADuplicateWithTheFirstEntries_When_AnEventComesTwice(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("event-twice", 100);
        var first = await server.CompleteOrderAsync(member, "event-twice", 12_300);
        var book = await server.BookAsync(member);

        var second = await server.CompleteOrderAsync(member, "event-twice", 12_300);

        first.Statuses.ShouldBe(["applied"]);
        second.Statuses.ShouldBe(["duplicate"]);
        Answer.EntryIdsOf(second.Results[0]).ShouldBe(Answer.EntryIdsOf(first.Results[0]));
        Answer.EntryIdsOf(first.Results[0]).ShouldNotBeEmpty();
        (await server.BookAsync(member)).ShouldBe(book);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsAppliedAtLast_When_ARefundCameBeforeItsOrder(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("early-refund", 100);

        var early = await server.RefundAsync("early", "early-refund", 10_000);
        await server.CompleteOrderAsync(member, "early", 10_000);
        var late = await server.RefundAsync("early", "early-refund", 10_000);
        var again = await server.RefundAsync("early", "early-refund", 10_000);

        early.Results[0].GetProperty("code").GetString().ShouldBe("ORDER_NOT_FOUND");
        (early.Statuses[0], late.Statuses[0], again.Statuses[0]).ShouldBe(("refused", "applied", "duplicate"));
        (await server.PointsAsync(member)).Available.ShouldBe(100);
    }

    /// <summary>B6.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsDoneOnce_When_ABatchHoldsDuplicates(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("in-one-batch", 100);
        var events = Enumerable.Range(0, 200)
            .Select(i => ShopEvents.Completed(member, $"in-one-batch-{i / 10}", 1_000))
            .ToArray();

        var answer = await server.SendAsync(events);

        var expected = Enumerable.Range(0, 200).Select(i => i % 10 == 0 ? "applied" : "duplicate");
        answer.Statuses.ShouldBe(expected);
        for (var i = 0; i < 200; i++)
        {
            Answer.EntryIdsOf(answer.Results[i]).ShouldBe(Answer.EntryIdsOf(answer.Results[i / 10 * 10]));
        }

        // 20 orders of 10 yuan, and the bonus of the first.
        (await server.PointsAsync(member)).Available.ShouldBe(100 + (20 * 10) + 200);
    }
}
