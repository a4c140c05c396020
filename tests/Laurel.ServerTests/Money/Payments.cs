using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;

namespace Laurel.ServerTests.Money;

/// <summary>Stored money as a shop and its providers see it.</summary>
internal static class Payments
{
    /// <summary>Of the payment provider.</summary>
    public const string PaymentSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>Of the payout provider.</summary>
    public const string PayoutSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private static int s_messages;

    /// <summary>Lets an installation take payments, pay out quickly, and not mind how often.</summary>
    public static LaurelSite WithMoney(this LaurelSite site, string? payoutUrl = null)
    {
        site.Environment["LAUREL_PAYMENT_SECRET"] = PaymentSecret;
        site.Environment["LAUREL_PAYOUT_SECRET"] = PayoutSecret;
        site.Environment["LAUREL_PAYOUT_PROVIDER"] = payoutUrl is null ? "manual" : "http";
        site.Environment["LAUREL_PAYOUT_URL"] = payoutUrl;
        site.Environment["LAUREL_PAYOUT_RETRY_SECONDS"] = "1";
        site.Environment["LAUREL_LEASE_SECONDS"] = "2";
        site.Environment["Jobs__payouts"] = "1";
        site.Environment["Programme__Balance__WithdrawalDayCountMax"] = "1000000";
        site.Environment["Programme__Balance__WithdrawalDayAmountMax"] = "1000000000";
        return site;
    }

    /// <summary>Enrols a member whose real name is verified.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> NewPayeeAsync(this LaurelServer server, string externalId, long balance)
    {
        var member = await server.PostAsync("/api/members", new { externalId, realNameVerified = true });
        member.Status.ShouldBe(201, member.Text);
        if (balance > 0)
        {
            (await server.AdjustBalanceAsync(member.TextOf("id")!, balance, "opening of " + externalId)).Status.ShouldBe(200);
        }

        return member.TextOf("id")!;
    }

    public static Task<Answer> AdjustBalanceAsync(this LaurelServer server, string memberId, long amount, string reference) => server.PostAsync(
        "/api/balance/adjust", new { memberId, amount, reason = "A test asked for it", @operator = "olga", referenceType = "test", referenceId = reference });

    public static Task<Answer> RechargeAsync(this LaurelServer server, string memberId, long amount, string rechargeId) =>
        server.PostAsync("/api/balance/recharges", new { memberId, amount, rechargeId });

    /// <summary>The payment event of a recharge, signed as by its provider.</summary>
    public static Task<Answer> PaidAsync(this LaurelServer server, string rechargeId, long amount, string reference) =>
        server.SendAsync(Signed($"/api/balance/recharges/{rechargeId}/paid", new { amount, providerReference = reference }, PaymentSecret));

    public static Task<Answer> WithdrawAsync(this LaurelServer server, string memberId, long amount, string withdrawalId) =>
        server.PostAsync("/api/balance/withdrawals", new { memberId, amount, destination = "acct-1", withdrawalId });

    /// <param name="key">The API key of who approves.</param>
    public static Task<Answer> ApproveAsync(this LaurelServer server, string withdrawalId, string key = LaurelSite.AdministratorKey)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/balance/withdrawals/{withdrawalId}/approve");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return server.SendAsync(request);
    }

    public static async Task<(long Balance, long Held)> BalanceAsync(this LaurelServer server, string memberId)
    {
        var answer = await server.GetAsync($"/api/balance/{memberId}");
        answer.NumberOf("available").ShouldBe(answer.NumberOf("balance") - answer.NumberOf("held"));
        return (answer.NumberOf("balance"), answer.NumberOf("held"));
    }

    public static async Task<string?> StatusOfAsync(this LaurelServer server, string withdrawalId) =>
        (await server.GetAsync($"/api/balance/withdrawals/{withdrawalId}")).TextOf("status");

    /// <summary>A request signed as Standard Webhooks asks, without an API key of its own.</summary>
    /// <param name="at">Its timestamp; null is now.</param>
    public static HttpRequestMessage Signed(string path, object body, string secret, DateTimeOffset? at = null)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web);
        var id = "msg-" + Interlocked.Increment(ref s_messages).ToString(CultureInfo.InvariantCulture);
        var seconds = (at ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var content = (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{seconds}."), .. bytes];
        var signature = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), content);
        var request = LaurelServer.Request(HttpMethod.Post, path, bytes, LaurelServer.Json);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", seconds);
        request.Headers.Add("webhook-signature", "v1," + Convert.ToBase64String(signature));

        // The test's client would add its key; nobody is to believe that it matters.
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "nobody's");
        return request;
    }
}
