using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Balance;

/// <summary>A sound database with stored money in every state passes; one thing changed by hand is found under I14, or under the invariant that
/// it breaks before.</summary>
public sealed class VerifyingMoneyTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    public static TheoryData<string, string, string, string> Corruptions => new()
    {
        { "a balance", "UPDATE members SET balance = balance + 1", "I1", "members" },
        { "an account", "UPDATE entries SET account = 'issuance' WHERE rule = 'recharge'", "I1", "entries" },
        { "what is held", "UPDATE members SET balance_held = balance_held + 1", "I14", "members" },
        { "more held than there is", "UPDATE members SET balance_held = balance + 1", "I14", "members" },
        { "a recharge's amount", "UPDATE balance_recharges SET amount = amount + 1 WHERE status = 'paid'", "I14", "balance_recharges" },
        { "a recharge that was not paid", "UPDATE balance_recharges SET status = 'paid' WHERE status = 'created'", "I14", "balance_recharges" },
        { "a recharge that was paid", "UPDATE balance_recharges SET status = 'closed' WHERE status = 'paid'", "I14", "balance_recharges" },
        { "a status that there is not", "UPDATE balance_recharges SET status = 'lost' WHERE status = 'created'", "I14", "balance_recharges" },
        { "a recharge's refunds", "UPDATE balance_recharges SET refunded = refunded + 1 WHERE status = 'paid'", "I14", "balance_recharges" },
        { "a recharge gone", "DELETE FROM balance_recharges WHERE status = 'paid'", "I14", "entries" },
        { "a refund gone", "DELETE FROM balance_recharge_refunds WHERE amount > 0", "I14", "entries" },
        { "a refund's amount", "UPDATE balance_recharge_refunds SET amount = amount + 1", "I14", "balance_recharge_refunds" },
        { "a withdrawal's amount", "UPDATE balance_withdrawals SET amount = amount + 1 WHERE status = 'paid'", "I14", "balance_withdrawals" },
        { "a held amount", "UPDATE balance_withdrawals SET amount = amount + 1 WHERE status = 'applied'", "I14", "members" },
        { "a withdrawal that was not paid", "UPDATE balance_withdrawals SET status = 'paid' WHERE status = 'sending'", "I14", "balance_withdrawals" },
        { "a withdrawal that was paid", "UPDATE balance_withdrawals SET status = 'failed' WHERE status = 'paid'", "I14", "balance_withdrawals" },
        { "a withdrawal gone", "DELETE FROM balance_withdrawals WHERE status = 'paid'", "I14", "entries" },
        { "a spend's amount", "UPDATE balance_spends SET amount = amount + 1", "I14", "balance_spends" },
        { "a spend's refunds", "UPDATE balance_spends SET refunded = refunded - 1", "I14", "balance_spends" },
        { "a spend gone", "DELETE FROM balance_spends WHERE amount > 0", "I14", "entries" },
        { "the key of a payment", "DELETE FROM natural_keys WHERE first_id = (SELECT MIN(id) FROM entries WHERE rule = 'recharge')", "I4", "entries" },
        { "another tenant", "UPDATE balance_withdrawals SET tenant_id = 2", "I9", "balance_withdrawals" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task FailsUnderItsInvariant_When_SomethingIsChanged(string what, string sql, string invariant, string table)
    {
        await using var money = await MoneyDatabase.OpenAsync(DatabaseUnderTest.Sqlite, databases, "verify");
        await WriteAsync(money);
        await money.VerifyAsync();
        (await SmallDatabase.SpoilAsync(money.Settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await new Verifier(money.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        var finding = report.Invariants.Single(candidate => candidate.Code.ToString() == invariant);
        finding.Failed.ShouldBeGreaterThan(0, string.Join("; ", report.Invariants.SelectMany(i => i.Offences.Select(o => $"{i.Code} {o}"))));
        finding.Offences.ShouldContain(offence => offence.Table == table);
    }

    /// <summary>One member with a row in every state.</summary>
    private static async Task WriteAsync(MoneyDatabase money)
    {
        var member = await money.NewMemberAsync("member", 10_000);
        await money.AppliedAsync(money.Spend(member, 1_000, "s-1"));
        await money.AppliedAsync(money.Refund("s-1", 400));
        await money.AppliedAsync(money.Recharge(member, 500, "created"));
        await money.AppliedAsync(money.Recharge(member, 600, "paid"));
        await money.AppliedAsync(money.Pay("paid", 600));
        await money.AppliedAsync(money.RefundRecharge("paid", 100, "r-1"));
        await money.AppliedAsync(money.Apply(member, 1_000, "paid-out"));
        await money.AppliedAsync(money.Approve("paid-out", "ann"));
        await money.AppliedAsync(money.Begin("paid-out"));
        await money.AppliedAsync(money.End("paid-out", paid: true));
        await money.AppliedAsync(money.Apply(member, 700, "sending"));
        await money.AppliedAsync(money.Approve("sending", "ann"));
        await money.AppliedAsync(money.Begin("sending"));
        await money.AppliedAsync(money.Apply(member, 300, "applied"));
    }
}
