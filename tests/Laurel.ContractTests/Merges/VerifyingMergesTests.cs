using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Merges;

/// <summary>A sound database with merges passes; one thing changed by hand is found.</summary>
public sealed class VerifyingMergesTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const string Merged = "(SELECT source_id FROM member_merges WHERE undone_at IS NULL)";

    [Theory]
    [InlineData("no status", "UPDATE members SET status = 'active' WHERE status = 'merged'")]
    [InlineData("nowhere gone", "UPDATE members SET merged_into = 0 WHERE merged_into > 0")]
    [InlineData("gone to nobody", "UPDATE members SET merged_into = 7 WHERE merged_into > 0")]
    [InlineData("gone in a circle", "UPDATE members SET merged_into = " + Merged + ", status = 'merged' WHERE id = (SELECT survivor_id FROM member_merges WHERE undone_at IS NULL)")]
    [InlineData("growth left behind", "UPDATE members SET growth = 5 WHERE merged_into > 0")]
    [InlineData("a coupon left behind", "INSERT INTO coupons (id, tenant_id, member_id, template, terms, threshold, state, origin, valid_from, expires_at, locked_until, claimed_at, due_at) SELECT 9, 1, id, 't', '{}', 0, 'claimed', 'claim', 0, 9000000000000000000, 9223372036854775807, 0, 9000000000000000000 FROM members WHERE merged_into > 0")]
    [InlineData("a merge gone", "DELETE FROM member_merges WHERE undone_at IS NULL")]
    [InlineData("a merge that never was undone", "UPDATE member_merges SET undone_at = NULL, undo_operator = NULL WHERE undone_at IS NOT NULL")]
    [InlineData("another survivor", "UPDATE member_merges SET survivor_id = source_id WHERE undone_at IS NULL")]
    [InlineData("a move of more", "UPDATE member_merge_moves SET quantity = quantity + 1 WHERE kind = 'lot'")]
    [InlineData("a move to no lot", "UPDATE member_merge_moves SET to_ref = to_ref + 1 WHERE kind = 'lot'")]
    [InlineData("a move to another member", "UPDATE member_merge_moves SET to_member = 7 WHERE kind = 'growth'")]
    [InlineData("a move of growth gone", "DELETE FROM member_merge_moves WHERE kind = 'growth'")]
    [InlineData("one half of what moved gone", "UPDATE entries SET kind = 'transfer' WHERE kind = 'merge' AND amount < 0 AND unit = 'growth'")]
    public async Task IsFound_When_AMergeIsChangedByHand(string what, string sql)
    {
        await using var desk = await SpoilableAsync();
        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await new Verifier(desk.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I20).Failed.ShouldBeGreaterThan(0, what);
    }

    [Theory]
    [InlineData("orders that did not move", "UPDATE member_merge_moves SET quantity = 5 WHERE kind = 'orders'", "I10")]
    [InlineData("a lifetime that did not move", "DELETE FROM member_merge_moves WHERE kind = 'lifetime'", "I10")]
    [InlineData("the bonus not used", "DELETE FROM member_merge_moves WHERE kind = 'first_order'", "I10")]
    [InlineData("the key of the member's order", "UPDATE natural_keys SET root_id = 7 WHERE first_id > 0", "I4")]
    public async Task IsFoundByTheReplay_When_WhatMovedWithoutAnEntryIsChanged(string what, string sql, string invariant)
    {
        await using var desk = await SpoilableAsync();
        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await new Verifier(desk.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.Single(candidate => candidate.Code.ToString() == invariant).Failed.ShouldBeGreaterThan(0, what);
    }

    /// <summary>One merge that was undone, and one that stands.</summary>
    private async Task<MoneyDatabase> SpoilableAsync()
    {
        var desk = await MergeDesk.OpenAsync(DatabaseUnderTest.Sqlite, databases, "spoilt");
        await MergeDesk.WriteHistoryAsync(desk);
        var (from, into) = (await desk.NewMemberAsync("gone", 90), await desk.NewMemberAsync("stays", 10));
        await desk.OrderAsync(from, "gone-order", 50_000);
        await desk.MergedAsync(from, into);
        await desk.SoundAsync();
        return desk;
    }
}
