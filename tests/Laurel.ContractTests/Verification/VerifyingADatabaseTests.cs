using Laurel.Membership.Verification;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>
/// A sound database passes; one thing changed by hand is found, under the invariant it breaks.
/// </summary>
public sealed class VerifyingADatabaseTests(SmallDatabase database) : IClassFixture<SmallDatabase>
{
    private const string Anna = "(SELECT id FROM members WHERE external_id = 'anna')";
    private const string Bo = "(SELECT id FROM members WHERE external_id = 'bo')";
    private const string Eve = "(SELECT id FROM members WHERE external_id = 'eve')";
    private const string Cai = "(SELECT id FROM members WHERE external_id = 'cai')";

    /// <summary>What is changed, the invariants that must name it, and a table among their offences.</summary>
    public static TheoryData<string, string, string, string> Corruptions => new()
    {
        { "an amount", $"UPDATE entries SET amount = amount + 1 WHERE rule = 'spend' AND member_id = {Bo}", "I1", "entries" },
        { "a balance after", "UPDATE entries SET balance_after = balance_after + 1 WHERE rule = 'transfer' AND amount < 0", "I1", "entries" },
        { "a balance", $"UPDATE members SET points = points + 5 WHERE id = {Anna}", "I1", "members" },
        { "growth", $"UPDATE members SET growth = growth + 1 WHERE id = {Anna}", "I1", "members" },
        { "an account", "UPDATE entries SET account = 'issuance' WHERE kind = 'spend'", "I1", "entries" },
        { "an entry gone", $"DELETE FROM entries WHERE kind = 'expire' AND member_id = {Anna}", "I1", "entries" },
        { "half a transfer", "DELETE FROM entries WHERE kind = 'transfer' AND amount > 0", "I1", "entries" },
        { "debt", $"UPDATE members SET debt = debt + 1 WHERE id = {Bo}", "I2", "members" },
        { "debt repaid", "UPDATE entries SET debt_delta = debt_delta + 1 WHERE debt_delta < 0", "I2", "members" },
        { "a take gone", "DELETE FROM lot_takes WHERE entry_id IN (SELECT id FROM entries WHERE rule = 'adjust')", "I2", "lot_takes" },
        { "a lot's rest", $"UPDATE lots SET remaining = remaining - 1 WHERE member_id = {Cai} AND remaining > 1", "I3", "lots" },
        { "a lot below zero", $"UPDATE lots SET remaining = -1 WHERE member_id = {Bo}", "I3", "lots" },
        { "a lot's expired", "UPDATE lots SET expired = expired + 1 WHERE expired > 0", "I3", "lots" },
        { "a lot without entry", "UPDATE lots SET id = id + 1 WHERE id = (SELECT MAX(id) FROM lots)", "I3", "lots" },
        { "a longer life", $"UPDATE lots SET expires_at = expires_at + 1 WHERE member_id = {Anna}", "I3", "lots" },
        { "held", $"UPDATE members SET held = held + 1 WHERE id = {Cai}", "I3", "members" },
        { "a key gone", "DELETE FROM natural_keys WHERE first_id = (SELECT MIN(posting_id) FROM entries WHERE rule = 'spend')", "I4", "entries" },
        { "a key's range", $"UPDATE natural_keys SET last_id = last_id + 1 WHERE first_id > 0 AND root_id = {Bo}", "I4", "natural_keys" },
        { "a key's member", $"UPDATE natural_keys SET root_id = {Bo} WHERE root_id = {Anna}", "I4", "natural_keys" },
        { "an order paid twice", TwiceOrder, "I4", "entries" },
        { "a reply's entry", "UPDATE replies SET body = CAST(replace(CAST(body AS TEXT), '\"amount\":-650', '\"amount\":-651') AS BLOB)", "I5", "replies" },
        { "a reply cut short", "UPDATE replies SET body = substr(body, 1, 20) WHERE applied = 1", "I5", "replies" },
        { "a frozen refusal", "UPDATE replies SET body = CAST('[]' AS BLOB) WHERE applied = 0", "I5", "replies" },
        { "an entry that its event does not tell", $"UPDATE entries SET amount = amount + 1 WHERE rule = 'spend' AND member_id = {Bo}", "I6", "event_batches" },
        { "an entry without an event", "UPDATE entries SET recorded_at = (SELECT MIN(recorded_at) FROM event_batches) WHERE rule = 'transfer'", "I6", "entries" },
        { "a batch of events gone", "DELETE FROM event_batches WHERE batch_id = (SELECT batch_id FROM event_batches ORDER BY batch_id LIMIT 1 OFFSET 5)", "I6", "entries" },
        { "the last batch of events gone", "DELETE FROM event_batches WHERE batch_id = (SELECT MAX(batch_id) FROM event_batches)", "I6", "entries" },
        { "a number of events", "UPDATE event_batches SET events = events + 1", "I6", "event_batches" },
        { "a body of events", "UPDATE event_batches SET body = zeroblob(9) WHERE batch_id = (SELECT MAX(batch_id) FROM event_batches)", "I6", "event_batches" },
        { "events of no commit", "DELETE FROM commits WHERE batch_id = (SELECT MAX(batch_id) FROM event_batches)", "I6", "event_batches" },
        { "events of a commit that was given up", "UPDATE commits SET voided = 1 WHERE batch_id = (SELECT MAX(batch_id) FROM event_batches)", "I6", "event_batches" },
        { "a waiting batch that is not there", "INSERT INTO outbox (transport, batch_id) VALUES ('rabbitmq', 5)", "I6", "outbox" },
        { "a lot out of order", LaterLotFirst, "I8", "entries" },
        { "a spend after expiry", SpentAfterExpiry, "I8", "entries" },
        { "an expiry too early", $"UPDATE entries SET occurred_at = occurred_at - 1 WHERE kind = 'expire' AND member_id = {Anna}", "I8", "entries" },
        { "what lapses next", $"UPDATE members SET next_change_at = 9223372036854775807 WHERE id = {Cai}", "I8", "members" },
        { "a member gone", $"DELETE FROM members WHERE id = {Bo}", "I9", "entries" },
        { "another tenant", $"UPDATE orders SET tenant_id = 2 WHERE member_id = {Cai}", "I9", "orders" },
        { "lifetime", $"UPDATE members SET lifetime = lifetime + 1 WHERE id = {Anna}", "I10", "members" },
        { "a level", $"UPDATE members SET level_code = 'bronze' WHERE id = {Cai}", "I10", "members" },
        { "a change of level gone", $"DELETE FROM level_changes WHERE from_code IS NOT NULL AND member_id = {Cai}", "I10", "members" },
        { "where a level came from", $"UPDATE level_changes SET from_code = 'gold' WHERE from_code IS NOT NULL AND member_id = {Cai}", "I10", "level_changes" },
        { "points of an order", "UPDATE orders SET earnings = replace(earnings, 'order|points', 'order|growth') WHERE order_id = 'A-2'", "I10", "orders" },
        { "an order gone", "DELETE FROM orders WHERE order_id = 'C-1'", "I10", "orders" },
        { "a captured sum", "UPDATE holds SET captured = captured - 1, released = released + 1 WHERE status = 'captured'", "I11", "holds" },
        { "a hold's status", "UPDATE holds SET status = 'open' WHERE status = 'expired'", "I11", "holds" },
        { "a pin", "UPDATE hold_pins SET points = points + 1 WHERE points > 0", "I11", "hold_pins" },
        { "a hold ended twice", EndedTwice, "I11", "hold_changes" },
        { "an extension that nobody granted", $"DELETE FROM lot_changes WHERE kind = 'extend' AND member_id = {Eve}", "I3", "lots" },
        { "an extension from elsewhere", "UPDATE lot_changes SET expires_before = expires_before + 1 WHERE kind = 'extend'", "I3", "lot_changes" },
        { "an extension that shortens", "UPDATE lot_changes SET expires_after = expires_before - 1 WHERE kind = 'extend'", "I3", "lot_changes" },
        { "an activation that was not", "DELETE FROM lot_changes WHERE kind = 'activate'", "I3", "lot_changes" },
        { "points that count too much", "UPDATE entries SET lifetime_delta = lifetime_delta + 1 WHERE kind = 'activate'", "I10", "members" },
        { "what a lot waits for", $"DELETE FROM pending_lots WHERE member_id = {Eve}", "I3", "lots" },
        { "a lot that waits otherwise", "UPDATE pending_lots SET activates_at = 1735790400000000", "I3", "pending_lots" },
        { "what is cancelled next", $"UPDATE members SET next_change_at = 9223372036854775807 WHERE id = {Eve}", "I8", "members" },
        { "a cancellation as an expiry", "UPDATE entries SET account = 'expiry' WHERE kind = 'cancel'", "I1", "entries" },
        { "points that came back twice", "UPDATE entries SET amount = amount * 2 WHERE kind = 'reinstate'", "I3", "entries" },
        { "an activation's key", "DELETE FROM natural_keys WHERE first_id IN (SELECT id FROM entries WHERE rule = 'activate')", "I4", "entries" },
        { "a change of nobody", "UPDATE lot_changes SET tenant_id = 2", "I9", "lot_changes" },
    };

    // The same order again, as a posting of its own that adds up by itself.
    private const string TwiceOrder = """
        INSERT INTO entries SELECT id + 7, tenant_id, member_id, id + 7, unit, kind, account, 0, balance_after, 0, 0, occurred_at,
            recorded_at, NULL, rule, rule_version, base, multiplier, 0, reason, reference_type, reference_id, order_id, related_id, detail
        FROM entries WHERE rule = 'order_growth' AND order_id = 'A-2'
        """;

    // Moves a spend from the lot that lapses first to the one that lapses last; every sum stays right.
    private const string LaterLotFirst = """
        UPDATE lot_takes SET lot_id = (SELECT MAX(l.id) FROM lots l JOIN entries g ON g.id = l.id WHERE l.member_id = lot_takes.member_id AND g.rule = 'order')
        WHERE (entry_id, lot_id) = (
            SELECT t.entry_id, t.lot_id FROM lot_takes t JOIN entries e ON e.id = t.entry_id
            WHERE e.rule = 'spend' AND e.member_id = (SELECT id FROM members WHERE external_id = 'anna') ORDER BY t.entry_id, t.lot_id LIMIT 1)
        """;

    // A lot lives as its entry says, and the changes since: both tell the same, and the spend is too late.
    private const string SpentAfterExpiry = $"""
        UPDATE lots SET expires_at = 1735790400000000 WHERE id IN (SELECT lot_id FROM lot_takes WHERE member_id = {Bo});
        UPDATE entries SET expires_at = 1735790400000000 WHERE id IN (SELECT lot_id FROM lot_takes WHERE member_id = {Bo})
        """;

    private const string EndedTwice = """
        INSERT INTO hold_changes SELECT id + 9, tenant_id, member_id, hold_id, lot_id, kind, points, occurred_at, recorded_at, reference
        FROM hold_changes WHERE kind = 'expire' LIMIT 1
        """;

    /// <summary>No day of it is over, no benefit used, nothing watched, no card sold, no unit defined, no picture stored and no identity card seen: the tests of
    /// verifying each of these have them.</summary>
    private static readonly InvariantCode[] s_absent =
    [
        InvariantCode.I16, InvariantCode.I17, InvariantCode.I21, InvariantCode.I22, InvariantCode.I25, InvariantCode.I28, InvariantCode.I33, InvariantCode.I34,
    ];

    [Fact]
    public async Task PassesAndCounts_When_TheProductWroteIt()
    {
        var report = await SmallDatabase.VerifyAsync(database.Settings, opensSeals: true);

        report.Invariants.SelectMany(invariant => invariant.Offences).ShouldBeEmpty();
        report.Holds.ShouldBeTrue();
        report.Members.ShouldBe(5);

        report.Invariants.Where(invariant => !s_absent.Contains(invariant.Code)).ShouldAllBe(invariant => invariant.Checked > 0);
    }

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task FailsUnderItsInvariant_When_SomethingIsChanged(string what, string sql, string invariant, string table)
    {
        var settings = database.Copy();
        (await SmallDatabase.SpoilAsync(settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(settings);

        report.Holds.ShouldBeFalse();
        var finding = report.Invariants.Single(candidate => candidate.Code.ToString() == invariant);
        finding.Failed.ShouldBeGreaterThan(0, string.Join("; ", report.Invariants.SelectMany(i => i.Offences.Select(o => $"{i.Code} {o}"))));
        finding.Offences.Count.ShouldBeInRange(1, Findings.OffencesShownMax);
        finding.Offences.ShouldContain(offence => offence.Table == table);
    }
}
