using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Cards;

/// <summary>What a shop says when a member has bought a card.</summary>
public sealed record CardRequest
{
    /// <summary>Names the purchase once and for all: the same again is a duplicate, with other content a conflict.</summary>
    public required string Reference { get; init; }

    /// <summary>The code of the card.</summary>
    public required string Card { get; init; }

    /// <summary>1 to <see cref="CardLimits.PeriodsMax"/>.</summary>
    public int Periods { get; init; } = 1;

    /// <summary>What was paid, in minor units; null is the card's price of these periods.</summary>
    public long? Amount { get; init; }

    public string? OrderId { get; init; }

    /// <summary>All that must be the same for a repeat to be one.</summary>
    internal string Content => string.Create(CultureInfo.InvariantCulture, $"{Periods}|{Amount}|{OrderId?.Length}:{OrderId}");
}

/// <summary>The limits of memberships, each by the name its errors state.</summary>
public static class CardLimits
{
    public const int PeriodsMax = 120;

    /// <summary>Months, and days, that one membership lasts at the most: a century.</summary>
    public const int MonthsMax = 1_200;

    public const int DaysMax = 36_500;

    public const int ReferenceLengthMax = 128;

    public const int ReasonLengthMax = 255;

    public const int CodeLengthMax = 64;

    /// <summary>Purchases that a member's list shows, the newest.</summary>
    public const int PurchasesShownMax = 100;
}

/// <summary>A member has bought a card: the membership begins, or lasts longer. The level is the card's at the least from then on, and rules pay for
/// the event <c>membership.purchased</c>, by the level and the benefits of before.</summary>
/// <remarks>Keeps I22. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, CARD_NOT_FOUND, CARD_DISABLED,
/// MEMBERSHIP_TOO_LONG.</remarks>
public sealed class BuyMembership(TenantId tenant, MemberReference member, CardRequest request, MemberBooks books) : MemberCommand(tenant, member, books)
{
    private readonly Hash128 _handle = CardPurchase.HandleOf(tenant, request.Reference);

    /// <summary>The event of the shop that told it, which is answered with what it posted; null where it came by another door.</summary>
    public EventOrigin? Origin { get; init; }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        Books.Rules.NameRoots(Tenant, EventTypes.MembershipPurchased, Time ?? handles.Now, roots);
        if (Member.Resolve(handles) is { } id)
        {
            // A refund in the same batch finds its purchase before either is stored.
            handles.Provide(_handle, id.Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = Hash128.Of(
            Tenant.Value, string.Create(CultureInfo.InvariantCulture, $"{Member.Resolve(handles)}"), request.Card, request.Content);
        claims.Add(new Claim(_handle, content));
        if (Origin is { } origin)
        {
            claims.Add(EventClaim.Of(Tenant, EventClaim.KeyOf(Tenant, origin), origin.Type, content));
        }
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        Books.Cards.HasMembership(book, request.Card, plan);
        if (Books.Programmes.Latest(Tenant) is { } programme)
        {
            Books.Rules.HasCounters(book, programme, EventTypes.MembershipPurchased, time, plan);
        }
    }

    protected override Cause CauseOf() => new(
        EventTypes.ReasonOf(EventTypes.MembershipPurchased), EventTypes.ReferenceTypeOf(EventTypes.MembershipPurchased), request.Reference)
    {
        OrderId = request.OrderId,
    };

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (posting.Programme.Cards.Find(request.Card) is not { } card)
        {
            return Refuse("CARD_NOT_FOUND", ("card", request.Card));
        }

        if (!card.Active)
        {
            return Refuse("CARD_DISABLED", ("card", request.Card));
        }

        if (!Books.Cards.HasMembership(book, card.Code, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (Books.Rules.Missing(posting, EventTypes.MembershipPurchased, plan) is { } missing)
        {
            return missing;
        }

        var before = book.Cards.Memberships.Find(card.Code);
        var isHeld = book.LevelState.Holds(card.Code) is not null;
        var bought = CardPeriod.Parse(card.Period)!.Value * request.Periods;
        var after = isHeld ? Longer(before!, bought, posting) : Begun(before, card.Code, bought, posting);
        var isRenewal = book.LevelState.Cards?.Any(held => held.Code == card.Code) ?? false;
        if (after.Bought.Months > CardLimits.MonthsMax || after.Bought.Days > CardLimits.DaysMax)
        {
            return Refuse("MEMBERSHIP_TOO_LONG", ("card", card.Code), ("monthsMax", CardLimits.MonthsMax), ("daysMax", CardLimits.DaysMax));
        }

        var purchase = new CardPurchase
        {
            Reference = request.Reference,
            Id = posting.DrawId(),
            Card = card.Code,
            Run = after.Run,
            Periods = request.Periods,
            Bought = bought,
            Amount = request.Amount ?? checked(card.Price * request.Periods),
            OrderId = request.OrderId,
            EndTime = after.EndTime,
            PurchasedAt = posting.Time,
            RecordedAt = posting.Draft.Now,
            Version = posting.Programme.Programme.Version,
        };
        Pay(posting, purchase, isRenewal);
        book.Cards.Purchases.Set(purchase.Reference, purchase);
        posting.HoldCard(after, $"card {card.Code} bought", Instant.Max(posting.Time, after.StartTime));
        posting.Raise(isRenewal ? CardEvents.Renewed : CardEvents.Started, MembershipStep.Of(book.Identity.Id.Value, after) with
        {
            Reference = purchase.Reference,
            Amount = purchase.Amount,
        });
        object reply = Origin is not null ? posting.Reply : CardPurchaseReply.Of(book.Identity.Id.Value, purchase, after, posting.LevelMove);
        return new Decision.Apply(reply, book.Identity.Id.Value, posting.FirstId, posting.LastId);
    }

    private static CardMembership Longer(CardMembership held, CardPeriod bought, Posting posting)
    {
        var whole = held.Bought + bought;
        return held with
        {
            Bought = whole,
            EndTime = EndOf(held.StartTime, whole, posting),
            CancelledAt = null,
            CancelReason = null,
            CancelledBy = null,
        };
    }

    /// <summary>Begins at once; but a purchase that is told late does not begin before the membership that has ended since, and one of a card that came
    /// with a merged member not before that one ends.</summary>
    private static CardMembership Begun(CardMembership? before, string card, CardPeriod bought, Posting posting)
    {
        var start = before is null ? posting.Time : Instant.Max(posting.Time, before.EndTime);
        foreach (var held in posting.Book.LevelState.Cards ?? [])
        {
            start = held.Code == card ? Instant.Max(start, new Instant(held.Until)) : start;
        }

        return new CardMembership
        {
            Card = card,
            Run = (before?.Run ?? 0) + 1,
            StartTime = start,
            EndTime = EndOf(start, bought, posting),
            Bought = bought,
        };
    }

    // What is too long is refused: its end need not be reckoned.
    private static Instant EndOf(Instant start, CardPeriod bought, Posting posting) =>
        bought is { Months: <= CardLimits.MonthsMax, Days: <= CardLimits.DaysMax } ? bought.EndFrom(start, posting.Programme.Calendar) : start;

    private void Pay(Posting posting, CardPurchase purchase, bool isRenewal)
    {
        var data = new Dictionary<string, object?>
        {
            ["card"] = purchase.Card,
            ["periods"] = (long)purchase.Periods,
            ["amount"] = purchase.Amount,
            ["renewal"] = isRenewal,
            ["reference"] = purchase.Reference,
        };
        var facts = new EventFacts(EventTypes.MembershipPurchased, "", purchase.Reference, data);
        Books.Rules.Pay(posting, new RuleFacts { Member = posting.Book, Event = facts, Time = posting.Time });
        posting.JudgeLevel(mayFall: false, EventTypes.MembershipPurchased);
    }
}
