using System.Security.Cryptography;
using System.Text;
using Laurel.ServerTests.Coupons;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Money;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Tenants;

/// <summary>Two tenants with the same names for everything do not meet: not in calls, exports, jobs, webhooks, payments or payouts.</summary>
public sealed class TenantsApartTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task DoNotMeet_When_TheyHaveTheSameNames(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Jobs__levels"] = "1";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await server.NewTenantAsync("red");
        await using var blue = await server.NewTenantAsync("blue");
        (string Red, string Blue) members = (await LiveAsync(red, 300), await LiveAsync(blue, 700));

        members.Red.ShouldNotBe(members.Blue);
        foreach (var (shop, own, other, points) in new[] { (red, members.Red, members.Blue, 300L), (blue, members.Blue, members.Red, 700L) })
        {
            var found = (await shop.GetAsync("/api/members?phone=13800138000")).Json.GetProperty("items");
            found.GetArrayLength().ShouldBe(1);
            found[0].GetProperty("id").GetString().ShouldBe(own);
            // Registration, first order, the order and what was earned by a call.
            (await shop.PointsAsync(own)).Available.ShouldBe(100 + 200 + 100 + points);
            (await shop.MemberAsync(other)).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
            (await shop.CouponsAsync(own)).ShouldBe(["same claimed"]);
            (await shop.IssuedAsync("same")).ShouldBe(1);
        }

        (await server.GetAsync("/api/members")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        await ExportsAsync(site, members);
        await JobsAsync(blue);
        (await red.GetAsync("/api/levels")).Text.ShouldNotContain("\"passing\"");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task PaysForTheTenantItIsSignedFor_When_RechargesHaveTheSameName()
    {
        await using var site = (await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation)).WithMoney();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await server.NewTenantAsync("red", "red.example");
        await using var blue = await server.NewTenantAsync("blue");
        var members = new List<string>();
        foreach (var shop in new[] { server, red, blue })
        {
            members.Add(await shop.NewPayeeAsync("m", 0));
            (await shop.RechargeAsync(members[^1], 500, "r-1")).Outcome.ShouldBe("201");
        }

        Task<Answer> PayAsync(string secret, string? tenant, string? host = null)
        {
            var request = Payments.Signed("/api/balance/recharges/r-1/paid", new { amount = 500, providerReference = "p" }, secret);
            request.Headers.Host = host;
            if (tenant is not null)
            {
                request.Headers.Add("Laurel-Tenant", tenant);
            }

            return server.SendAsync(request);
        }

        (await PayAsync(Payments.PaymentSecret, "red")).Outcome.ShouldBe("401 SIGNATURE_INVALID");
        (await PayAsync(SecretOf(Payments.PaymentSecret, "blue"), "red")).Outcome.ShouldBe("401 SIGNATURE_INVALID");
        (await PayAsync(SecretOf(Payments.PaymentSecret, "red"), null)).Outcome.ShouldBe("401 SIGNATURE_INVALID");
        (await PayAsync(SecretOf(Payments.PaymentSecret, "green"), "green")).Outcome.ShouldBe("404 TENANT_NOT_FOUND");
        (await PayAsync(SecretOf(Payments.PaymentSecret, "red"), null, "red.example")).Outcome.ShouldBe("200");
        (await red.BalanceAsync(members[1])).Balance.ShouldBe(500);
        (await blue.BalanceAsync(members[2])).Balance.ShouldBe(0);
        (await server.BalanceAsync(members[0])).Balance.ShouldBe(0);
        (await PayAsync(Payments.PaymentSecret, null)).Outcome.ShouldBe("200");
        (await server.BalanceAsync(members[0])).Balance.ShouldBe(500);
        await server.SuspendAsync("blue");
        (await PayAsync(SecretOf(Payments.PaymentSecret, "blue"), "blue")).Outcome.ShouldBe("403 TENANT_SUSPENDED");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task LetsNoMessageAndNoMoneyOut_When_ItIsSuspended()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer("/payouts", 500).Answer("/red", context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "12";
            return Task.CompletedTask;
        });
        await using var site = (await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation)).WithMoney(receiver.Address + "/payouts").AllowLoopback();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await ApprovedAsync(server);
        await using var blue = await server.NewTenantAsync("blue");
        await red.HookAsync(receiver.Address + "/red", "member.registered");
        await blue.HookAsync(receiver.Address + "/blue", "member.registered");

        var payee = (await red.PostAsync("/api/members", new { externalId = "payee" })).TextOf("id")!;
        (await receiver.WaitAsync("/red", 1, Cancellation)).Single().Event.GetProperty("source").GetString().ShouldBe("/laurel/tenants/2");
        await receiver.WaitAsync("/payouts", 1, Cancellation);
        await server.SuspendAsync("red");
        receiver.Answer("/red", 204);
        (await blue.RegisterAsync("m")).Outcome.ShouldBe("201");
        (await receiver.WaitAsync("/blue", 1, Cancellation)).Single().Event.GetProperty("source").GetString().ShouldBe("/laurel/tenants/3");
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Cancellation);
        var asked = receiver.At("/payouts").Count;
        await Task.Delay(TimeSpan.FromSeconds(14), TimeProvider.System, Cancellation);

        (receiver.At("/red").Count, receiver.At("/payouts").Count).ShouldBe((1, asked));
        var payout = receiver.At("/payouts")[0];
        (payout.Id, payout.Event.GetProperty("tenant").GetString(), payout.IsSignedWith(SecretOf(Payments.PayoutSecret, "red"))).ShouldBe(("red:w-1", "red", true));
        await server.ResumeAsync("red");
        await receiver.WaitAsync("/red", 2, Cancellation);
        await receiver.WaitAsync("/payouts", asked + 1, Cancellation);
        (await red.MemberAsync(payee)).Outcome.ShouldBe("200");
        receiver.At("/blue").Count.ShouldBe(1);
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>A member, an order, a coupon and points, under names that every tenant uses, and under one idempotency key.</summary>
    /// <returns>The member's id.</returns>
    private static async Task<string> LiveAsync(LaurelServer shop, long points)
    {
        var member = await shop.PostUnderAsync("key-1", "/api/members", new { externalId = "same", phone = "13800138000" });
        (member.Status, member.Replayed).ShouldBe((201, false));
        var id = member.TextOf("id")!;
        (await shop.CompleteOrderAsync(id, "order-1", 10_000)).Statuses.ShouldBe(["applied"]);
        (await shop.CompleteOrderAsync(id, "order-1", 10_000)).Statuses.ShouldBe(["duplicate"]);
        var earned = await shop.PostUnderAsync("key-2", "/api/points/earn", LaurelServer.Movement(id, points, "reference-1"));
        (earned.Status, earned.Replayed).ShouldBe((200, false));
        (await shop.AddTemplateAsync(CouponCalls.Template("same"))).Status.ShouldBe(201);
        (await shop.ClaimAsync(id, "same", "claim-1")).Status.ShouldBe(200);
        (await shop.GetAsync($"/api/members/{id}")).Status.ShouldBe(200);
        return id;
    }

    private static async Task ExportsAsync(LaurelSite site, (string Red, string Blue) members)
    {
        var red = await site.RunVerbAsync(Cancellation, "export", "members", "-", "--tenant", "red");
        red.ExitCode.ShouldBe(0, red.Errors);
        red.Output.ShouldContain(members.Red);
        red.Output.ShouldNotContain(members.Blue);
        var own = await site.RunVerbAsync(Cancellation, "export", "journal", "-");
        own.Output.ShouldNotContain(members.Red);
        var programme = await site.RunVerbAsync(Cancellation, "programme", "export", "--tenant", "blue");
        programme.Output.ShouldContain("same");
        var finance = await site.RunVerbAsync(Cancellation, "finance", "days", "--tenant", "blue");
        finance.ExitCode.ShouldBe(0, finance.Errors);
        var unknown = await site.RunVerbAsync(Cancellation, "export", "members", "-", "--tenant", "green");
        (unknown.ExitCode, unknown.Output).ShouldBe((2, ""));
        unknown.Errors.ShouldContain("There is no tenant 'green'");
    }

    /// <summary>A level that is removed goes by a job, whose tenant it is.</summary>
    private static async Task JobsAsync(LaurelServer shop)
    {
        const string Level = """
            {"code":"passing","nameEnglish":"P","nameChinese":"过","threshold":90000000,"multiplierBasisPoints":10000,"discountBasisPoints":10000,"freeShippingFrom":0}
            """;
        (await shop.PostAsync("/api/levels", Level)).Status.ShouldBe(201);
        (await shop.DeleteAsync("/api/levels/passing?moveTo=bronze")).Status.ShouldBeLessThan(300);
        await Eventually.HoldsAsync(
            async () => !(await shop.GetAsync("/api/programme")).Text.Contains("\"passing\"", StringComparison.Ordinal), "the level is still there");
    }

    /// <summary>Adds the tenant red, a withdrawal of which is approved by another than applied for it.</summary>
    private static async Task<LaurelServer> ApprovedAsync(LaurelServer server)
    {
        var red = await server.NewTenantAsync("red");
        (await red.WithdrawAsync(await red.NewPayeeAsync("payee-of-red", 5_000), 5_000, "w-1")).Outcome.ShouldBe("201");
        var approver = await red.PostAsync("/api/keys", new { name = "approver", scopes = new[] { "*" } });
        approver.Outcome.ShouldBe("201");
        (await server.ApproveAsync("w-1", approver.TextOf("key")!)).Outcome.ShouldBe("200");
        return red;
    }

    private static string SecretOf(string shared, string code) =>
        "whsec_" + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(shared["whsec_".Length..]), Encoding.UTF8.GetBytes(code)));
}
