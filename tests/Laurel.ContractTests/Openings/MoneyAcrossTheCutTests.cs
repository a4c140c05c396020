using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Exports;
using Laurel.Membership.Members;
using Laurel.Membership.Openings;
using Laurel.Membership.Verification;
using Laurel.Platform.Access;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Openings;

/// <summary>Stored money whose old entries opening balances stand for: what was spent, recharged or applied for below the cut goes on above
/// it.</summary>
public sealed class MoneyAcrossTheCutTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GoesOn_When_OldEntriesAreDetached(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "money");
        var history = new LongHistory(database);
        database.At("2023-07-01");
        await history.AppliedAsync(new RegisterMember(
            s_tenant,
            new RegisterRequest { ExternalId = "anna", Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(database.Clock), RealNameVerified = true },
            database.Books,
            database.Vault));
        await history.NowAsync("2023-08-01", _ => new AdjustBalance(s_tenant, Anna, Request(10_000, "a-1"), database.Books));
        await history.NowAsync("2023-08-02", _ => new SpendBalance(s_tenant, Anna, Request(2_000, "s-1"), database.Books));
        await history.NowAsync("2023-08-03", _ => new RefundSpend(s_tenant, new SpendReference("test", "s-1"), Request(300, "b-1"), database.Books));
        await history.NowAsync("2023-09-01", _ => new CreateRecharge(s_tenant, Anna, 5_000, "r-1", database.Books));
        await history.NowAsync("2023-09-01", _ => new PayRecharge(s_tenant, "r-1", new Payment(5_000, null, "p-1"), database.Books));
        await history.NowAsync("2023-09-02", _ => new RefundRecharge(s_tenant, "r-1", Back("f-1", 700), database.Books));
        await WithdrawAsync(database, history, "w-1", "2023-10-01", "2023-10-02");
        await history.NowAsync("2023-12-30", _ => Apply(database, "w-2"));
        (await database.VerifyAsync()).ShouldBeSound();

        (await database.DetachAsync("2024-01")).ShouldBeOfType<DetachOutcome.Detached>();

        (await database.ScalarAsync("SELECT COUNT(*) FROM entries")).ShouldBe(0);
        (await database.VerifyAsync()).ShouldBeSound();
        await RequireJournalAsync(database);

        // What lies below is given back, paid out and spent above.
        await history.NowAsync("2024-03-01", _ => new RefundSpend(s_tenant, new SpendReference("test", "s-1"), Request(1_700, "b-2"), database.Books));
        await history.NowAsync("2024-03-02", _ => new RefundRecharge(s_tenant, "r-1", Back("f-2", 4_300), database.Books));
        await EndAsync(database, history, "w-2", "2024-03-03");
        await history.NowAsync("2024-03-04", _ => new SpendBalance(s_tenant, Anna, Request(500, "s-2"), database.Books));
        (await history.SubmitAsync(new PayRecharge(s_tenant, "r-1", new Payment(5_000, null, "p-1"), database.Books))).ShouldBeOfType<Outcome.Duplicate>();
        (await history.SubmitAsync(new RefundSpend(s_tenant, new SpendReference("test", "s-1"), Request(1, "b-3"), database.Books)))
            .ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe("REFUND_EXCEEDS_SPEND");

        (await database.ScalarAsync("SELECT balance FROM members")).ShouldBe(10_000 - 500 - 1_000 - 1_000);
        (await database.ScalarAsync("SELECT balance_held FROM members")).ShouldBe(0);
        (await database.VerifyAsync()).ShouldBeSound();
        await RequireJournalAsync(database);
        await FindsChangesAsync(database);

        // And once more, over everything.
        (await database.DetachAsync("2024-05")).ShouldBeOfType<DetachOutcome.Detached>();
        (await database.VerifyAsync()).ShouldBeSound();
        await RequireJournalAsync(database);
    }

    private static MemberReference Anna => MemberReference.ByExternalId(s_tenant, "anna");

    private static async Task FindsChangesAsync(DetachableDatabase database)
    {
        await SpoilAsync(database, "UPDATE opening_balances SET cash = cash + 1, payout = payout - 1 WHERE unit = 'balance'", "UPDATE opening_balances SET cash = cash - 1, payout = payout + 1 WHERE unit = 'balance'", InvariantCode.I13);
        await SpoilAsync(database, "UPDATE opening_balances SET cash = cash + 1 WHERE unit = 'balance'", "UPDATE opening_balances SET cash = cash - 1 WHERE unit = 'balance'", InvariantCode.I1);
        await SpoilAsync(database, "UPDATE balance_spends SET refunded = refunded - 1000 WHERE reference_id = 's-1'", "UPDATE balance_spends SET refunded = refunded + 1000 WHERE reference_id = 's-1'", InvariantCode.I14);
    }

    private static async Task SpoilAsync(DetachableDatabase database, string spoil, string mend, InvariantCode code)
    {
        (await database.ExecuteAsync(spoil)).ShouldBeGreaterThan(0);
        var report = await database.VerifyAsync();
        (await database.ExecuteAsync(mend)).ShouldBeGreaterThan(0);
        report.Invariants.Single(invariant => invariant.Code == code).Failed.ShouldBeGreaterThan(0, spoil);
    }

    private static async Task RequireJournalAsync(DetachableDatabase database)
    {
        if (!Hledger.IsHere)
        {
            return;
        }

        var file = Path.GetTempFileName();
        try
        {
            await using (var writer = new StreamWriter(file))
            {
                await new Journal(database.Database, database.Books.Programmes).WriteAsync(s_tenant, writer, null, Cancellation);
            }

            await Hledger.RunAsync("-f", file, "check");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task WithdrawAsync(DetachableDatabase database, LongHistory history, string id, string applied, string ended)
    {
        await history.NowAsync(applied, _ => Apply(database, id));
        await EndAsync(database, history, id, ended);
    }

    private static async Task EndAsync(DetachableDatabase database, LongHistory history, string id, string day)
    {
        await history.NowAsync(day, _ => new ApproveWithdrawal(s_tenant, id, Person("ann"), database.Books));
        await history.NowAsync(day, _ => new BeginPayout(s_tenant, id, "test", TimeSpan.FromSeconds(10), database.Books));
        await history.NowAsync(day, _ => new EndPayout(s_tenant, id, new PayoutEnd(true, "po", null), database.Books));
    }

    private static ApplyWithdrawal Apply(DetachableDatabase database, string id) => new(
        s_tenant,
        Anna,
        new WithdrawalRequest { Amount = 1_000, Destination = "acct", WithdrawalId = id, AppliedBy = Person("shop") },
        database.Books);

    private static Signatory Person(string name) => new(Hands.Of(Hash128.Of(0, "person", name)), name);

    private static RechargeRefund Back(string id, long amount) => new(id, amount, "asked for", "olga", null);

    private static BalanceRequest Request(long amount, string reference) =>
        new() { Amount = amount, Reason = "test", ReferenceType = "test", ReferenceId = reference };
}
