using System.Collections.Immutable;
using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Checkouts;

/// <summary>What a shop asks to be reserved.</summary>
public sealed record CheckoutRequest
{
    /// <summary>Names this checkout once and for all.</summary>
    public required string CheckoutId { get; init; }

    /// <summary>The order it is for.</summary>
    public required string OrderId { get; init; }

    public required Basket Basket { get; init; }

    /// <summary>What the member was told to pay in money, in minor units.</summary>
    public required long Payable { get; init; }

    /// <summary>How long it waits for its payment; null is as the programme says.</summary>
    public int? Minutes { get; init; }

    internal Hash128 ContentFor(TenantId tenant, MemberId? member, Instant? time) => Hash128.Of(
        tenant.Value,
        "checkout-content",
        string.Create(CultureInfo.InvariantCulture, $"{member}|{OrderId.Length}:{OrderId}|{Payable}|{Minutes}|{time?.UnixMicroseconds}|{Basket.Text()}"));
}

/// <summary>Prices a basket and keeps the price for the member: its points are held, its coupons locked and its benefits' uses held until it is paid, given up or over.</summary>
/// <remarks>Keeps I17 and I19. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, CHECKOUT_CHANGED.</remarks>
public sealed class ReserveCheckout(TenantId tenant, MemberReference member, CheckoutRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>The type of reference that its holds and its entries have.</summary>
    public const string ReferenceType = "checkout";

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Member.Resolve(handles) is { } id)
        {
            // A step of the same batch finds its checkout before either is stored.
            handles.Provide(Checkout.HandleOf(Tenant, request.CheckoutId), Books.EndOf(Tenant, id).Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(new Claim(Checkout.HandleOf(Tenant, request.CheckoutId), request.ContentFor(Tenant, Member.Resolve(handles), Time)));

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        // How many points are looked for is known only with the programme; without it the decision asks.
        if (Books.Programmes.Latest(Tenant) is { } programme)
        {
            CheckoutPrices.IsLoaded(Books, book, programme, request.Basket, PointsFor(programme), time, plan);
        }
    }

    protected override Cause CauseOf() => new("Checkout", ReferenceType, request.CheckoutId) { OrderId = request.OrderId };

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        var points = PointsFor(posting.Programme);
        if (!CheckoutPrices.IsLoaded(Books, book, posting.Programme, request.Basket, points, posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var uses = new BenefitDesk(posting);
        uses.EndHeld();
        var price = CheckoutPrices.Of(posting.Programme, book, request.Basket, points, posting.Time);
        if (price.Payable != request.Payable)
        {
            return new Decision.Refuse(new Refusal("CHECKOUT_CHANGED", ("payable", price.Payable), ("told", request.Payable)) { Pointer = "/payable" });
        }

        var end = posting.Time.Plus(TimeSpan.FromMinutes(request.Minutes ?? posting.Programme.Programme.Checkout.ReserveMinutes));
        var checkout = new Checkout
        {
            CheckoutId = request.CheckoutId,
            OrderId = request.OrderId,
            State = CheckoutState.Reserved,
            PriceText = ProgrammeDocument.Write(price),
            Payable = price.Payable,
            Points = price.Points,
            HoldId = price.Points == 0 ? null : Hold(posting, price.Points, end),
            Refunded = [.. new RefundedLine[price.Lines.Length]],
            ReservedAt = posting.Time,
            ExpiresAt = end,
        };
        Lock(posting, price, end);
        uses.Hold(checkout);
        book.Checkouts.Set(checkout.CheckoutId, checkout);
        posting.Raise(CheckoutEvents.Reserved, new CheckoutStep(book.Identity.Id.Value, checkout));
        return new Decision.Apply(CheckoutReply.Of(book.Identity.Id, checkout, posting.Time), book.Identity.Id.Value, 0, 0);
    }

    private long PointsFor(ActiveProgramme programme) => CheckoutPrices.PointsFor(programme.Programme, request.Basket, request.Basket.Points);

    private long Hold(Posting posting, long points, Instant end)
    {
        var id = posting.DrawId();
        var hold = posting.Book.Points.OpenHold(id, points, posting.Time, end);
        var (tenant, owner) = (posting.Book.Identity.Tenant.Value, posting.Book.Identity.Id.Value);
        posting.Draft.Insert(EntryStatements.InsertHolds, new NewHold(tenant, owner, hold, "Checkout", ReferenceType, request.CheckoutId));
        posting.WriteHoldChanges(id, "hold", [.. hold.Pins.Select(pin => new LotTake(pin.Lot.Id, pin.Points))], request.CheckoutId);
        return id;
    }

    private void Lock(Posting posting, Price price, Instant end)
    {
        var desk = new CouponDesk(posting, request.CheckoutId, null);
        foreach (var id in price.CouponIds())
        {
            var coupon = desk.Find(id)!;
            desk.Take(coupon, coupon with { State = CouponState.Locked, OrderId = request.OrderId, LockedUntil = end }, CouponNames.Lock);
        }
    }
}
