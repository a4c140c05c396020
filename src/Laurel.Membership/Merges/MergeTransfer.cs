using Laurel.Kernel;
using Laurel.Membership.Addresses;
using Laurel.Membership.Coupons;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Search;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Merges;

/// <summary>Moves what a plan says from one member to the other, and notes each move as the lineage by which it may come back.</summary>
/// <remarks>Keeps I20: whatever leaves the one comes to the other in the same commit.</remarks>
/// <param name="source">The member that went, or is going: the lineage is its own.</param>
internal sealed class MergeTransfer(Posting from, Posting to, MemberBook source, long merge)
{
    private readonly long _from = from.Book.Identity.Id.Value;
    private readonly long _to = to.Book.Identity.Id.Value;

    public void Move(MergePlan plan)
    {
        foreach (var lot in plan.Lots)
        {
            MoveLot(lot.Id, lot.ExpiresAt);
        }

        MoveFigures(plan);
        foreach (var wallet in plan.Units)
        {
            MoveUnit(wallet.Unit, wallet.Amount);
        }

        foreach (var use in plan.Limits)
        {
            MoveLimit(use);
        }

        foreach (var use in plan.Caps)
        {
            MoveCap(use);
        }

        var (outgoing, incoming) = (new CouponDesk(from, Reference, null), new CouponDesk(to, Reference, null));
        foreach (var coupon in plan.Coupons)
        {
            MoveCoupon(outgoing, incoming, coupon);
        }

        foreach (var reference in plan.Grants)
        {
            MoveGrant(reference);
        }
    }

    /// <summary>Copies addresses, sealed anew by the other's data key, as far as there is room. The one that went keeps its own, for whoever undoes it.</summary>
    public void CopyAddresses(PersonalDataVault? vault)
    {
        var (one, other) = (from.Book, to.Book);
        var copied = one.Addresses.All.Take(AddressBook.Max - other.Addresses.Count).ToList();
        if (copied.Count == 0)
        {
            return;
        }

        using var key = PersonalKey.Of(vault, one, out _);
        using var otherKey = PersonalKey.Of(vault, other, out var wrapped);
        other.Personal.Set(other.Personal.Current ?? new PersonalRecord(wrapped));
        foreach (var address in copied)
        {
            var id = to.DrawId();
            other.Addresses.Put(address with { Id = id, Sealed = AddressText.Open(key, address.Sealed).Seal(otherKey), IsDefault = false });
            Note(MoveKinds.Address, address.Id, id, 1, "", 0);
        }
    }

    /// <summary>Takes the copies of addresses from the survivor again.</summary>
    public void DropAddresses()
    {
        foreach (var move in source.Merges.Moves.Values.Where(move => move.Merge == merge && move.Kind == MoveKinds.Address))
        {
            from.Book.Addresses.Remove(move.ToRef);
        }
    }

    /// <summary>Gives the survivor the tags that it has not, as far as there is room. The one that went keeps its own, for whoever undoes it.</summary>
    public void CopyTags()
    {
        foreach (var tag in from.Book.Tags.All.Where(tag => !to.Book.Tags.Has(tag)).Take(MemberTags.Max - to.Book.Tags.All.Count).ToList())
        {
            to.SetTag(tag, given: true);
            Note(MoveKinds.Tag, 0, 0, 1, tag, 0);
        }
    }

    /// <summary>Takes the tags that came from the survivor again.</summary>
    public void DropTags()
    {
        foreach (var move in source.Merges.Moves.Values.Where(move => move.Merge == merge && move.Kind == MoveKinds.Tag))
        {
            from.SetTag(move.Code, given: false);
        }
    }

    /// <summary>Takes the cards from the one. The level of either is judged without them, before they are given to the other.</summary>
    public void TakeCards(MergePlan plan)
    {
        foreach (var card in plan.Cards)
        {
            from.PassCard(card, isHeld: false, "members merged");
        }
    }

    /// <summary>Gives the cards to the other, with their dates. Whose they are is told by the member who bought them.</summary>
    public void GiveCards(MergePlan plan)
    {
        foreach (var card in plan.Cards)
        {
            var given = card with { Of = card.IsOwn ? _from : card.Of == _to ? 0 : card.Of };
            to.PassCard(given, isHeld: true, "members merged");
            Note(MoveKinds.Card, card.Of, given.Of, 1, card.Code, 0);
        }
    }

    /// <summary>Moves points that were taken out of lots already, each keeping its end.</summary>
    public List<long> MoveTaken(IReadOnlyList<Ledger.LotTake> takes, string? order)
    {
        var lots = new List<long>();
        if (takes.Count > 0)
        {
            from.MoveOut(takes, _to, order);
            foreach (var take in takes)
            {
                var lot = to.MoveIn(take.Points, from.Book.Points.FindLot(take.LotId)!.ExpiresAt, null, _from, order);
                Note(MoveKinds.Lot, take.LotId, lot, take.Points, order ?? "", 0);
                lots.Add(lot);
            }
        }

        return lots;
    }

    /// <summary>Moves stored money.</summary>
    public void MoveMoney(long amount)
    {
        if (amount != 0)
        {
            from.MoveBalance(-amount, EntryNames.Merge, EntryNames.RuleMerge, _to);
            to.MoveBalance(amount, EntryNames.Merge, EntryNames.RuleMerge, _from);
            Note(MoveKinds.Balance, amount);
        }
    }

    /// <summary>Moves some of a unit that the programme defines.</summary>
    public void MoveUnit(string unit, long amount)
    {
        from.MoveUnit(unit, -amount, EntryNames.Merge, EntryNames.RuleMerge, _to);
        to.MoveUnit(unit, amount, EntryNames.Merge, EntryNames.RuleMerge, _from);
        Note(MoveKinds.Unit, 0, 0, amount, unit, 0);
    }

    private string Reference => merge.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void MoveLot(long lot, Instant expiresAt)
    {
        var order = OrderOf(lot);
        var (take, waited) = from.MoveOut(lot, _to, order);
        Note(MoveKinds.Lot, lot, to.MoveIn(take.Points, expiresAt, waited, _from, order), take.Points, order ?? "", 0);
    }

    // A lot that came with a merge has its order in the lineage.
    private string? OrderOf(long lot) =>
        from.Book.HasMerges && from.Book.Merges.LotOrders?.GetValueOrDefault(lot) is { } order
            ? order
            : source.Merges.Moves.Values.FirstOrDefault(move => move.Kind == MoveKinds.Lot && move.ToRef == lot && move.Code.Length > 0)?.Code;

    private void MoveFigures(MergePlan plan)
    {
        if (plan.Growth != 0)
        {
            from.MoveGrowth(-plan.Growth, EntryNames.Merge, EntryNames.RuleMerge);
            to.MoveGrowth(plan.Growth, EntryNames.Merge, EntryNames.RuleMerge);
            Note(MoveKinds.Growth, plan.Growth);
        }

        MoveMoney(plan.Balance);
        if (plan.Debt > 0)
        {
            from.MoveDebtOut(plan.Debt, _to);
            to.MoveDebtIn(plan.Debt, _from);
            Note(MoveKinds.Debt, plan.Debt);
        }

        from.Book.Points.MoveReceivable(-plan.Receivable);
        to.Book.Points.MoveReceivable(plan.Receivable);
        Note(MoveKinds.Receivable, plan.Receivable);
        from.Book.Lifetime -= plan.Lifetime;
        to.Book.Lifetime += plan.Lifetime;
        Note(MoveKinds.Lifetime, plan.Lifetime);
        from.Book.TotalOrders -= plan.Orders;
        to.Book.TotalOrders += plan.Orders;
        Note(MoveKinds.Orders, plan.Orders);
        from.Book.TotalAmount -= plan.Amount;
        to.Book.TotalAmount += plan.Amount;
        Note(MoveKinds.Amount, plan.Amount);
        if (plan.FirstOrder)
        {
            to.Book.FirstOrderUsed = true;
            Note(MoveKinds.FirstOrder, 1);
        }
    }

    /// <summary>Counters stay at the source: the survivor's gain, or lose when the merge is undone.</summary>
    private (MemberBook Survivor, int Sign) Gaining => ReferenceEquals(from.Book, source) ? (to.Book, 1) : (from.Book, -1);

    private void MoveCap(LimitUse use)
    {
        var (book, sign) = Gaining;
        var before = book.Caps.Find(use.Key.Period)!;
        book.Caps.Set(use.Key.Period, before.With([new(use.Key.Code, sign * use.Used)]));
        Note(MoveKinds.Cap, 0, 0, use.Used, use.Key.Code, use.Key.Period);
    }

    private void MoveLimit(LimitUse use)
    {
        var (book, sign) = Gaining;
        var before = book.Limits.Find(use.Key)!;
        book.Limits.Set(use.Key, before with { Used = before.Used + (sign * use.Used) });
        Note(MoveKinds.Limit, 0, 0, use.Used, use.Key.Code, use.Key.Period);
    }

    /// <summary>The coupon keeps its id, so that whoever knows it finds it where it is.</summary>
    private void MoveCoupon(CouponDesk outgoing, CouponDesk incoming, Coupon coupon)
    {
        var moved = coupon with { State = CouponState.Claimed, OtherMember = _from, OtherCoupon = coupon.Id };
        moved = to.Book.Coupons.All.Find(coupon.Id) is { } before ? moved with { Origin = before.Origin, ClaimedAt = before.ClaimedAt } : moved with { Origin = CouponOrigin.Gift };
        to.Book.LastId = Math.Max(to.Book.LastId, coupon.Id);
        incoming.Take(moved, moved, CouponNames.Receive);
        outgoing.Take(coupon, coupon with { State = CouponState.Given, OtherMember = _to, OtherCoupon = coupon.Id }, CouponNames.Give);
        Note(MoveKinds.Coupon, coupon.Id, coupon.Id, 1, coupon.Template, 0);
    }

    /// <summary>The grant keeps its reference: it is in force at one of the two.</summary>
    private void MoveGrant(string reference)
    {
        var grant = from.Book.Benefits.Grants.Find(reference)!;
        from.Book.Benefits.Grants.Set(reference, grant with { RevokedAt = from.Time });
        to.Book.Benefits.Grants.Set(reference, grant with { RevokedAt = null });
        from.Raise(MemberEvents.BenefitRevoked, new BenefitGrantFact(_from, grant with { RevokedAt = from.Time }));
        to.Raise(MemberEvents.BenefitGranted, new BenefitGrantFact(_to, grant));
        Note(MoveKinds.Benefit, 0, 0, 1, reference, 0);
    }

    private void Note(string kind, long quantity) => Note(kind, 0, 0, quantity, "", 0);

    private void Note(string kind, long fromRef, long toRef, long quantity, string code, int period)
    {
        if (quantity != 0)
        {
            var id = from.Draft.NextId(0);
            source.Merges.Moves.Set(id, new MergeMove(id, merge, kind, _from, fromRef, _to, toRef, quantity, code, period));
        }
    }
}
