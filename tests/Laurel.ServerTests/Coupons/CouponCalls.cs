using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Shouldly;

namespace Laurel.ServerTests.Coupons;

/// <summary>The calls of the coupons' doors.</summary>
internal static class CouponCalls
{
    /// <summary>Ten off from a hundred, good for thirty days.</summary>
    public static object Template(string code, long? stock = null, long? perMember = null, object? terms = null, object? members = null, object? claim = null, object? validity = null, bool claimable = true) => new
    {
        code,
        nameEnglish = "Ten off",
        nameChinese = "满百减十",
        terms = terms ?? Terms(),
        stock,
        perMember,
        members,
        claim,
        validity = validity ?? new { days = 30 },
        claimable,
    };

    public static object Terms(bool stackable = false, string? group = null, bool transferable = false, bool returnOnRefund = true) =>
        new { kind = "amountOff", threshold = 10_000, amount = 1_000, stackable, group, transferable, returnOnRefund };

    public static Task<Answer> AddTemplateAsync(this LaurelServer server, object template) => server.PostAsync("/api/coupons/templates", template);

    public static Task<Answer> ClaimAsync(this LaurelServer server, string memberId, string template, string reference, DateTimeOffset? time = null) =>
        server.PostAsync("/api/coupons/claim", new { memberId, template, reference, time });

    public static Task<Answer> IssueAsync(this LaurelServer server, string memberId, string template, string reference, bool force = false) =>
        server.PostAsync("/api/coupons/issue", new { memberId, template, reference, reason = "a test", force });

    /// <summary>Claims a coupon that must be had.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> NewCouponAsync(this LaurelServer server, string memberId, string template, DateTimeOffset? time = null)
    {
        var answer = await server.ClaimAsync(memberId, template, Guid.CreateVersion7().ToString("N"), time);
        answer.Status.ShouldBe(200, answer.Text);
        return answer.Coupon().GetProperty("id").GetString()!;
    }

    public static Task<Answer> LockAsync(this LaurelServer server, string memberId, string[] couponIds, string orderId, string reference, DateTimeOffset? until = null, DateTimeOffset? time = null) =>
        server.PostAsync("/api/coupons/lock", new { memberId, couponIds, orderId, reference, until, time });

    public static Task<Answer> ReleaseCouponsAsync(this LaurelServer server, string memberId, string couponId, string orderId, string reference) =>
        server.PostAsync("/api/coupons/release", new { memberId, couponIds = new[] { couponId }, orderId, reference });

    public static Task<Answer> UseAsync(this LaurelServer server, string memberId, string couponId, string orderId, string reference, long discount = 1_000, DateTimeOffset? time = null) =>
        server.PostAsync("/api/coupons/use", new { memberId, coupons = new[] { new { couponId, discount } }, orderId, reference, time });

    public static Task<Answer> ReturnAsync(this LaurelServer server, string memberId, string couponId, string orderId, string reference, DateTimeOffset? time = null) =>
        server.PostAsync("/api/coupons/return", new { memberId, couponIds = new[] { couponId }, orderId, reference, time });

    public static Task<Answer> RevokeAsync(this LaurelServer server, string memberId, string couponId, string reference) =>
        server.PostAsync("/api/coupons/revoke", new { memberId, couponIds = new[] { couponId }, reason = "a test", reference });

    public static Task<Answer> GiftAsync(this LaurelServer server, string from, string to, string couponId, string reference) =>
        server.PostAsync("/api/coupons/gift", new { from = new { memberId = from }, to = new { memberId = to }, couponId, reference });

    /// <summary>The member's coupons, newest first, as <c>template state</c>.</summary>
    public static async Task<IReadOnlyList<string>> CouponsAsync(this LaurelServer server, string memberId, string query = "")
    {
        var answer = await server.GetAsync($"/api/members/{memberId}/coupons{query}");
        answer.Status.ShouldBe(200, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(c => $"{c.GetProperty("template")} {c.GetProperty("state")}")];
    }

    /// <summary>How many coupons were made of a template.</summary>
    public static async Task<long> IssuedAsync(this LaurelServer server, string template) =>
        (await server.GetAsync($"/api/coupons/templates/{template}")).Json.GetProperty("counts").GetProperty("issued").GetInt64();

    /// <summary>The first coupon of an answer.</summary>
    public static JsonElement Coupon(this Answer answer) => answer.Json.GetProperty("coupons")[0];

    /// <summary>The states of an answer's coupons.</summary>
    public static IReadOnlyList<string> States(this Answer answer) =>
        [.. answer.Json.GetProperty("coupons").EnumerateArray().Select(coupon => coupon.GetProperty("state").GetString()!)];
}
