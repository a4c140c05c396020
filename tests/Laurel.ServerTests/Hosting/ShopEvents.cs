namespace Laurel.ServerTests.Hosting;

/// <summary>Events as a shop writes them; the order, or the refund, gives the event its id.</summary>
internal static class ShopEvents
{
    public static object Completed(string memberId, string orderId, long amount) =>
        Event("order.completed", orderId, new { orderId, memberId, currency = "CNY", amount });

    public static object Refunded(string orderId, string refundId, long amount) =>
        Event("order.refunded", refundId, new { orderId, refundId, amount });

    public static object Event(string type, string id, object data) =>
        new { specversion = "1.0", id, source = "shop", type, data };
}
