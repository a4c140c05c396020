using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Money;

/// <summary>Stored money over HTTP: what is signed and what is not, a withdrawal from its application to the bank, and what can be read.</summary>
public sealed class MoneyOverHttpTests(DatabaseServers cluster)
{
    private const string OtherKey = "lk_test_another_0123456789abcdef0123456789";
    private const string ThirdKey = "lk_test_third_0123456789abcdef0123456789ab";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task CreditsOnlyWhatIsSigned_When_PaymentsCome(DatabaseUnderTest database)
    {
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).WithMoney();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewPayeeAsync("payer", 0);
        (await server.RechargeAsync(member, 5_000, "r-1")).Status.ShouldBe(201);
        var body = new { amount = 5_000, providerReference = "p-1" };
        const string Path = "/api/balance/recharges/r-1/paid";

        var unsigned = await server.PostAsync(Path, body);
        var wrong = await server.SendAsync(Payments.Signed(Path, body, Payments.PayoutSecret));
        var stale = await server.SendAsync(Payments.Signed(Path, body, Payments.PaymentSecret, TimeProvider.System.GetUtcNow().AddMinutes(-6)));
        var changed = Payments.Signed(Path, body, Payments.PaymentSecret);
        changed.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { amount = 5_001, providerReference = "p-1" }));
        changed.Content.Headers.ContentType = new("application/json");
        var other = await server.SendAsync(changed);

        unsigned.Outcome.ShouldBe("401 SIGNATURE_INVALID");
        wrong.Outcome.ShouldBe("401 SIGNATURE_INVALID");
        other.Outcome.ShouldBe("401 SIGNATURE_INVALID");
        stale.Outcome.ShouldBe("401 SIGNATURE_STALE");
        (await server.BalanceAsync(member)).ShouldBe((0, 0));

        var mistaken = await server.PaidAsync("r-1", 4_999, "p-1");
        var answers = await AtOnce.RunAsync(20, _ => server.PaidAsync("r-1", 5_000, "p-1"));
        var second = await server.PaidAsync("r-1", 5_000, "p-2");

        mistaken.Outcome.ShouldBe("422 RECHARGE_AMOUNT_MISMATCH");
        (mistaken.NumberOf("expected"), mistaken.NumberOf("actual")).ShouldBe((5_000, 4_999));
        answers.ShouldAllBe(answer => answer.Status == 200 && answer.TextOf("status") == "paid");
        answers.Count(answer => !answer.Replayed).ShouldBe(1);
        second.Outcome.ShouldBe("409 CONFLICT");
        (await server.BalanceAsync(member)).ShouldBe((5_000, 0));
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task ReachesTheBank_When_TwoPersonsApproveAndTheProviderPays(DatabaseUnderTest database)
    {
        await using var bank = await Receiver.StartAsync();
        bank.Answer("/payouts", context => context.Response.WriteAsJsonAsync(new { status = "accepted", providerReference = "po-1" }, Cancellation));
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).WithMoney(bank.Address + "/payouts");
        await using var server = await StartWithKeysAsync(site);
        var member = await server.NewPayeeAsync("payee", 2_000_000);

        (await server.WithdrawAsync(member, 600_000, "w-1")).Status.ShouldBe(201);
        (await server.WithdrawAsync(member, 600_000, "w-1")).Replayed.ShouldBeTrue();
        (await server.ApproveAsync("w-1")).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");
        (await server.ApproveAsync("w-1", OtherKey)).TextOf("status").ShouldBe("applied");
        (await server.ApproveAsync("w-1", OtherKey)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");
        bank.All.ShouldBeEmpty();
        (await server.ApproveAsync("w-1", ThirdKey)).TextOf("status").ShouldBe("approved");

        var asked = (await bank.WaitForAsync(1)).Single();
        asked.IsSignedWith(Payments.PayoutSecret).ShouldBeTrue();
        asked.Id.ShouldBe("w-1");
        asked.Event.GetProperty("amount").GetInt64().ShouldBe(600_000);
        await Waiting.UntilAsync(
            async () => (await server.GetAsync("/api/balance/withdrawals/w-1")).TextOf("providerReference") == "po-1", "the answer is noted", Cancellation);
        (await server.BalanceAsync(member)).ShouldBe((2_000_000, 600_000));

        const string Path = "/api/balance/withdrawals/w-1/result";
        (await server.SendAsync(Payments.Signed(Path, new { status = "paid" }, Payments.PaymentSecret))).Outcome.ShouldBe("401 SIGNATURE_INVALID");
        var results = await AtOnce.RunAsync(10, _ => server.SendAsync(Payments.Signed(Path, new { status = "paid", providerReference = "po-1" }, Payments.PayoutSecret)));
        results.ShouldAllBe(answer => answer.Status == 200 && answer.TextOf("status") == "paid");
        (await server.SendAsync(Payments.Signed(Path, new { status = "failed" }, Payments.PayoutSecret))).Outcome.ShouldBe("409 CONFLICT");
        (await server.BalanceAsync(member)).ShouldBe((1_400_000, 0));
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task IsPaidByHand_When_NoProviderIsNamed()
    {
        await using var site = (await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation)).WithMoney();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewPayeeAsync("by-hand", 10_000);
        foreach (var id in (string[])["h-1", "h-2", "h-3"])
        {
            (await server.WithdrawAsync(member, 1_000, id)).Status.ShouldBe(201);
        }

        (await server.PostAsync("/api/balance/withdrawals/h-1/paid", new { providerReference = "bank-1" })).Outcome.ShouldBe("409 WITHDRAWAL_STATE");
        (await server.ApproveAsync("h-1")).Status.ShouldBe(200);
        (await server.ApproveAsync("h-2")).Status.ShouldBe(200);
        (await server.PostAsync("/api/balance/withdrawals/h-3/reject", new { reason = "not now" })).TextOf("status").ShouldBe("rejected");
        await Waiting.UntilAsync(
            async () => (await server.GetAsync("/api/balance/withdrawals?status=sending")).Json.GetProperty("items").GetArrayLength() == 2, "both are sent", Cancellation);
        (await server.PostAsync("/api/balance/withdrawals/h-1/paid", new { providerReference = "bank-1" })).TextOf("status").ShouldBe("paid");
        (await server.PostAsync("/api/balance/withdrawals/h-2/failed", new { reason = "no such account" })).TextOf("reason").ShouldBe("no such account");

        (await server.BalanceAsync(member)).ShouldBe((9_000, 0));
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsEveryMovement_When_Read(DatabaseUnderTest database)
    {
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).WithMoney();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewPayeeAsync("reader", 9_000);
        (await server.RechargeAsync(member, 500, "r-1")).Status.ShouldBe(201);
        (await server.PaidAsync("r-1", 500, "p-1")).Status.ShouldBe(200);
        var spend = new { memberId = member, amount = 4_000, reason = "Order", referenceType = "order", referenceId = "o-1" };
        var refund = new { spendReferenceType = "order", spendReferenceId = "o-1", amount = 1_500, reason = "Back", referenceType = "refund", referenceId = "b-1" };
        (await server.PostAsync("/api/balance/spend", spend)).Status.ShouldBe(200);
        (await server.PostAsync("/api/balance/refund", refund)).Status.ShouldBe(200);
        (await server.WithdrawAsync(member, 700, "w-1")).Status.ShouldBe(201);

        var first = await server.GetAsync($"/api/balance/{member}/statement?limit=3");
        var second = await server.GetAsync($"/api/balance/{member}/statement?limit=3&cursor={first.TextOf("nextCursor")}");
        var items = first.Json.GetProperty("items").EnumerateArray().Concat(second.Json.GetProperty("items").EnumerateArray()).ToList();
        items.Select(item => $"{item.GetProperty("kind").GetString()} {item.GetProperty("amount").GetInt64()} {item.GetProperty("balanceAfter").GetInt64()} {item.GetProperty("operator").GetString()}")
            .ShouldBe(["refund 1500 7000 ", "spend -4000 5500 ", "recharge 500 9500 ", "adjust 9000 9000 olga"]);
        second.Json.GetProperty("nextCursor").ValueKind.ShouldBe(JsonValueKind.Null);
        (await server.GetAsync($"/api/balance/{member}")).Text.ShouldContain("\"held\":700,\"available\":6300,\"currency\":\"CNY\",\"realNameVerified\":true");
        (await server.GetAsync($"/api/balance/{member}?asOf=2020-01-01T00:00:00Z")).NumberOf("balance").ShouldBe(0);
        (await server.MemberAsync(member)).NumberOf("balance").ShouldBe(7_000);

        (await server.GetAsync($"/api/balance/recharges?memberId={member}&status=paid")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        (await server.GetAsync("/api/balance/recharges?status=closed")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await server.GetAsync($"/api/balance/withdrawals?memberId={member}&from=2020-01-01T00:00:00Z")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        var file = await server.GetAsync($"/api/balance/reconciliation?date={TodayInShanghai()}");
        file.MediaType.ShouldBe("text/csv");
        file.Text.ShouldContain("total,,,recharge,500,,,1\r\nledger,,,recharge,500,,,1\r\n");

        // Stored money is none of the points' business.
        (await server.GetAsync($"/api/points/records?memberId={member}")).Json.GetProperty("items").EnumerateArray()
            .ShouldAllBe(item => item.GetProperty("unit").GetString() != "balance");
    }

    [Fact]
    public async Task NamesEveryFault_When_ACallCannotBeRead()
    {
        await using var site = (await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation)).WithMoney();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewPayeeAsync("faulty", 100);

        (await server.PostAsync("/api/balance/adjust", new { memberId = member, amount = 0, reason = "r", @operator = "o", referenceType = "t", referenceId = "1" }))
            .Faults.ShouldBe(["OUT_OF_RANGE /amount"]);
        (await server.PostAsync("/api/balance/adjust", new { memberId = member, amount = 5, reason = "r", referenceType = "t", referenceId = "1" }))
            .Faults.ShouldBe(["REQUIRED /operator"]);
        (await server.PostAsync("/api/balance/withdrawals", new { memberId = member, amount = -1, colour = "red" }))
            .Faults.ShouldBe(["OUT_OF_RANGE /amount", "REQUIRED /destination", "UNKNOWN_FIELD /colour"]);
        (await server.SendAsync(Payments.Signed("/api/balance/withdrawals/x/result", new { status = "maybe" }, Payments.PayoutSecret)))
            .Faults.ShouldBe(["INVALID_FORMAT /status"]);
        (await server.SendAsync(Payments.Signed("/api/balance/recharges/x/paid", new { amount = 1.5 }, Payments.PaymentSecret)))
            .Faults.ShouldBe(["NOT_AN_INTEGER /amount", "REQUIRED /providerReference"]);
        (await server.GetAsync("/api/balance/reconciliation")).Faults.ShouldBe(["REQUIRED date"]);
        (await server.GetAsync("/api/balance/reconciliation?date=2026-02-30")).Faults.ShouldBe(["INVALID_FORMAT date"]);
        (await server.GetAsync("/api/balance/999")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await server.GetAsync("/api/balance/recharges/none")).Outcome.ShouldBe("404 RECHARGE_NOT_FOUND");
        (await server.GetAsync("/api/balance/withdrawals/none")).Outcome.ShouldBe("404 WITHDRAWAL_NOT_FOUND");
        (await server.ApproveAsync("none")).Outcome.ShouldBe("404 WITHDRAWAL_NOT_FOUND");
        (await server.PostAsync("/api/members/999/real-name", new { verified = true })).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        var insufficient = await server.AdjustBalanceAsync(member, -101, "too-much");
        insufficient.Outcome.ShouldBe("422 BALANCE_INSUFFICIENT");
        insufficient.Faults.ShouldBe(["BALANCE_INSUFFICIENT /amount"]);
        (insufficient.NumberOf("required"), insufficient.NumberOf("available")).ShouldBe((101, 100));
    }

    /// <summary>A key that is given at the start is added to those there are.</summary>
    private static async Task<LaurelServer> StartWithKeysAsync(LaurelSite site)
    {
        foreach (var key in (string[])[OtherKey, ThirdKey])
        {
            site.Environment["LAUREL_ADMIN_KEY"] = key;
            await using var earlier = await LaurelServer.StartAsync(site, Cancellation);
            await earlier.Process.StopAsync(Cancellation);
        }

        site.Environment["LAUREL_ADMIN_KEY"] = LaurelSite.AdministratorKey;
        return await LaurelServer.StartAsync(site, Cancellation);
    }

    private static string TodayInShanghai() => TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"))
        .ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What the bank was asked.</summary>
internal static class Bank
{
    public static Task<IReadOnlyList<Received>> WaitForAsync(this Receiver bank, int count) =>
        bank.WaitAsync("/payouts", count, TestContext.Current.CancellationToken);
}
