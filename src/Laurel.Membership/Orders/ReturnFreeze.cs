using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;

namespace Laurel.Membership.Orders;

/// <summary>What an order earned is held while a return of it is under way: on the order's own lots, so that it cannot be spent meanwhile.</summary>
internal static class ReturnFreeze
{
    /// <summary>The type of reference that its holds have; the reference is the order.</summary>
    public const string ReferenceType = "return";

    /// <summary>The natural key of a return.</summary>
    public static Hash128 KeyOf(TenantId tenant, string orderId, string returnId) => Hash128.Of(tenant.Value, "return", orderId, returnId);

    /// <summary>Asks for the returns of an order, and for the holds of those that are open.</summary>
    public static bool IsLoaded(MemberBooks books, MemberBook book, string orderId, LoadPlan plan)
    {
        if (book.Returns.Find(orderId) is not { } returns)
        {
            plan.Need(books.Returns, new OrderStatements.OrderKey(book.Identity.Tenant.Value, book.Identity.Id.Value, orderId));
            return false;
        }

        var all = true;
        foreach (var id in returns.Open.Select(item => item.HoldId).OfType<long>())
        {
            if (book.Points.Holds.Find(id) is null)
            {
                plan.Need(books.Holds, MemberBooks.KeyOf(book, id));
                all = false;
            }
        }

        return all && books.HasPins(book, plan);
    }

    /// <summary>Points of the order that its returns hold.</summary>
    public static long HeldFor(MemberBook book, OrderReturns returns) => returns.Open.Sum(item => OpenOf(book, item));

    /// <summary>Holds what this part of the order would take back, as far as it is there and not held yet, and lets the other holds of the
    /// order last as long.</summary>
    /// <returns>The hold; null where nothing is left to be held.</returns>
    public static long? Begin(Posting posting, OrderBook order, string returnId, long points)
    {
        var book = posting.Book;
        var end = posting.Time.Plus(TimeSpan.FromDays(posting.Programme.Programme.ReturnFreezeDays));
        var returns = book.Returns.Find(order.OrderId)!;
        foreach (var hold in returns.Open.Where(item => OpenOf(book, item) > 0))
        {
            book.Points.ExtendHold(hold.HoldId!.Value, end);
        }

        var own = MergeLineage.OwnLots(book, order);
        var left = Math.Min(Math.Min(points, order.PointsLeft() - HeldFor(book, returns)), book.Points.FreeOf(own, posting.Time));
        if (left <= 0)
        {
            return null;
        }

        var id = posting.DrawId();
        var opened = book.Points.OpenHoldOn(own, id, left, posting.Time, end);
        var (tenant, member) = (book.Identity.Tenant.Value, book.Identity.Id.Value);
        posting.Draft.Insert(EntryStatements.InsertHolds, new NewHold(tenant, member, opened, "A return was asked for", ReferenceType, order.OrderId));
        posting.WriteHoldChanges(id, "hold", [.. opened.Pins.Select(pin => new LotTake(pin.Lot.Id, pin.Points))], returnId);
        return id;
    }

    /// <summary>Frees what a refund is about to take back: of its own return first, then of the others. The refund takes from the order's own
    /// lots before any other, so what is freed here is what it takes.</summary>
    /// <param name="whole">Whether nothing of the order is left after it: then every return of it has ended.</param>
    public static void FreeFor(Posting posting, string orderId, RefundRequest refund, long points, bool whole)
    {
        var book = posting.Book;
        var left = points;
        foreach (var item in book.Returns.Find(orderId)!.Open.OrderBy(item => item.ReturnId == refund.ReturnId ? 0 : 1).ToList())
        {
            var open = OpenOf(book, item);
            var ends = whole || item.ReturnId == refund.ReturnId || (open > 0 && open <= left);
            var freed = ends ? open : Math.Min(open, left);
            left = Math.Max(0, left - freed);
            Free(posting, item, freed, refund.RefundId);
            if (ends)
            {
                Set(book, orderId, item with { Status = OrderReturn.Refunded });
            }
        }
    }

    /// <summary>Gives everything back that a return holds.</summary>
    public static void Reject(Posting posting, string orderId, OrderReturn item)
    {
        Free(posting, item, OpenOf(posting.Book, item), item.ReturnId);
        Set(posting.Book, orderId, item with { Status = OrderReturn.Rejected });
    }

    public static void Set(MemberBook book, string orderId, OrderReturn item) =>
        book.Returns.Set(orderId, book.Returns.Find(orderId)!.With(item));

    private static long OpenOf(MemberBook book, OrderReturn item) =>
        item.HoldId is { } id && book.Points.Holds.Find(id) is { } hold ? hold.Open : 0;

    private static void Free(Posting posting, OrderReturn item, long points, string reference)
    {
        if (points > 0)
        {
            var end = posting.Book.Points.Release(item.HoldId!.Value, points, posting.Time);
            posting.WriteHoldChanges(item.HoldId.Value, "release", end.Freed, reference);
            posting.WriteLapsed(end);
        }
    }
}
