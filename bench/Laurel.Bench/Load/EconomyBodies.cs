namespace Laurel.Bench.Load;

/// <summary>The requests of the economy's measures.</summary>
internal static class EconomyBodies
{
    /// <summary>Lines of a quote.</summary>
    private const int QuoteLines = 20;

    /// <summary>An order of three lines over 300.00, told once.</summary>
    public static RequestTemplate Order(LoadTarget target, int memberWidth, string referencePrefix)
    {
        var name = $"{referencePrefix}-{RequestTemplate.SequenceMark}";
        return RequestTemplate.Post(
            target,
            "/api/events",
            "{\"specversion\":\"1.0\",\"source\":\"bench\",\"type\":\"order.completed\",\"data\":{\"memberId\":\"",
            $$"""
            ,"orderId":"{{name}}","currency":"CNY","amount":30000,"channel":"app","lines":[{"lineId":"1","sku":"tea","category":"drink","amount":12000},{"lineId":"2","sku":"mug","category":"home","amount":10000},{"lineId":"3","sku":"card","kind":"gift_card","amount":8000}]},"id":"{{name}}"}
            """.Trim(),
            memberWidth);
    }

    /// <summary>A basket of twenty lines, delivery, points and five coupons. The ids of the coupons come along with the member's: what is drawn is
    /// <c>member","coupons":["…","…</c>, up to the quote that closes the last.</summary>
    public static RequestTemplate Quote(LoadTarget target, int memberWidth)
    {
        var lines = string.Join(',', Enumerable.Range(0, QuoteLines).Select(static line =>
            $"{{\"lineId\":\"l{line}\",\"sku\":\"s{line}\",\"category\":\"c{line % 4}\",\"quantity\":{1 + (line % 3)},\"amount\":{1_000 + (line * 137)}}}"));
        return RequestTemplate.Post(
            target, "/api/quote", "{\"memberId\":\"", $"],\"delivery\":800,\"points\":100,\"lines\":[{lines}]}}", memberWidth);
    }
}
