using System.Collections.Immutable;
using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Coupons;

/// <summary>What an owner says when it shares coupons.</summary>
/// <param name="Coupons">1 to 20, in the order in which they are given.</param>
/// <param name="EndTime">Business time, exclusive; null is <see cref="CouponShare.DaysByDefault"/> days after its time.</param>
/// <param name="Reference">Names the link once and for all.</param>
/// <param name="Token">At least 64 bits that nobody can guess. Not stored: its hash is.</param>
public sealed record ShareRequest(ImmutableArray<long> Coupons, Instant? EndTime, string Reference, string Token);

/// <summary>Makes a link by which other members get coupons of this one. Until somebody comes they stay the owner's, who may use them.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, COUPON_SHARE_END_OUT_OF_RANGE, and of each coupon
/// COUPON_NOT_FOUND, COUPON_LOCKED, COUPON_USED, COUPON_EXPIRED, COUPON_GONE, COUPON_NOT_TRANSFERABLE.</remarks>
public sealed class ShareCoupons(TenantId tenant, MemberReference member, ShareRequest request, MemberBooks books) : MemberCommand(tenant, member, books)
{
    private readonly Hash128 _handle = CouponShare.HandleOf(tenant, request.Token);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Member.Resolve(handles) is { } id)
        {
            // Whoever comes by it in the same batch finds it before it is stored.
            handles.Provide(_handle, id.Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = Hash128.Of(Tenant.Value, "coupon-shared", string.Create(
            CultureInfo.InvariantCulture, $"{Member.Resolve(handles)}|{string.Join(',', request.Coupons)}|{request.EndTime?.UnixMicroseconds}"));
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "coupon-share-reference", request.Reference), content));
        claims.Add(new Claim(_handle, content));
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => CouponDesk.Has(Books, book, request.Coupons, plan);

    protected override Cause CauseOf() => new("Coupons shared", "coupon", request.Reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var (book, time) = (posting.Book, posting.Time);
        var latest = time.Plus(TimeSpan.FromDays(CouponShare.DaysMax));
        var end = request.EndTime ?? time.Plus(TimeSpan.FromDays(CouponShare.DaysByDefault));
        if (end <= time || end > latest)
        {
            var refusal = new Refusal("COUPON_SHARE_END_OUT_OF_RANGE", ("after", time.ToString()), ("latest", latest.ToString()));
            return new Decision.Refuse(refusal with { Pointer = "/endTime" });
        }

        if (!CouponDesk.Has(Books, book, request.Coupons, plan))
        {
            return Decision.NeedMore.Instance;
        }

        foreach (var id in request.Coupons)
        {
            if (book.Coupons.All.Find(id)?.At(time) is not { } coupon)
            {
                return new Decision.Refuse(ChangeCoupons.NotFound(id));
            }

            if (coupon.State != CouponState.Claimed && ChangeCoupons.NotFree(coupon, time) is { } refusal)
            {
                return new Decision.Refuse(refusal);
            }

            if (!coupon.Terms.Transferable)
            {
                return Refuse("COUPON_NOT_TRANSFERABLE", ("coupon", id.ToString(CultureInfo.InvariantCulture)));
            }
        }

        var share = new CouponShare
        {
            Id = CouponShare.IdOf(Tenant, request.Token),
            Reference = request.Reference,
            Coupons = request.Coupons,
            EndTime = end,
            SharedAt = time,
        };
        book.Coupons.Shares.Set(share.Id, share);
        return new Decision.Apply(CouponShareReply.Of(book.Identity.Id.Value, share), book.Identity.Id.Value, 0, 0);
    }
}

/// <summary>Ends a link: nobody gets a coupon by it from then on. What was given stays given.</summary>
/// <remarks>The same again changes nothing. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, COUPON_SHARE_NOT_FOUND.</remarks>
public sealed class RevokeShare(TenantId tenant, MemberReference member, string token, MemberBooks books) : MemberCommand(tenant, member, books)
{
    private readonly long _id = CouponShare.IdOf(tenant, token);

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // What is revoked is not revoked again; it needs no key.
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.CouponShares.Has(book, _id, plan);

    protected override Cause CauseOf() => new("Coupons no longer shared", "coupon", "");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!Books.CouponShares.Has(book, _id, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Coupons.Shares.Find(_id) is not { } share)
        {
            return Refuse("COUPON_SHARE_NOT_FOUND");
        }

        if (share.RevokedAt is null)
        {
            share = share with { RevokedAt = posting.Time };
            book.Coupons.Shares.Set(_id, share);
        }

        return new Decision.Apply(CouponShareReply.Of(book.Identity.Id.Value, share), book.Identity.Id.Value, 0, 0);
    }
}

/// <summary>A member comes by a link and gets the first of its coupons that is still there, with the same terms and the same end.</summary>
/// <remarks>Exact under any race: both members' rows are locked, in one order with the whole batch. A member gets one by a link; the same
/// again is a duplicate. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, COUPON_SHARE_NOT_FOUND, TRANSFER_TO_SELF,
/// COUPON_SHARE_ENDED, COUPON_SHARE_EMPTY.</remarks>
public sealed class ClaimShared(TenantId tenant, MemberReference member, string token, MemberBooks books) : MemberCommand(tenant, member, books)
{
    private const string NoShare = "COUPON_SHARE_NOT_FOUND";

    private readonly MemberReference _owner = MemberReference.ByHandle(CouponShare.HandleOf(tenant, token), NoShare);
    private readonly long _id = CouponShare.IdOf(tenant, token);

    public override void NameHandles(HandleResolution handles)
    {
        base.NameHandles(handles);
        _owner.Name(handles);
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (_owner.Resolve(handles) is { } id)
        {
            roots.Add(Books.Members.RootOf(Tenant, id));
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        if (Member.Resolve(handles) is { } id)
        {
            var key = Hash128.Of(Tenant.Value, "coupon-share-claim", string.Create(CultureInfo.InvariantCulture, $"{_id}|{id}"));
            claims.Add(new Claim(key, key));
        }
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    protected override Cause CauseOf() => new("Coupon shared", "coupon", "");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var (draft, time) = (posting.Draft, posting.Time);
        if (_owner.Resolve(draft.Handles) is not { } ownerId || draft.Edit<MemberBook>(Books.Members.RootOf(Tenant, ownerId)) is not { } owner)
        {
            return Refuse(NoShare);
        }

        if (!Books.CouponShares.Has(owner, _id, plan) | !Books.HasDue(owner, time, plan, posting.Programme))
        {
            return Decision.NeedMore.Instance;
        }

        // In the same batch the link may have been refused after its handle was provided.
        if (owner.Coupons.Shares.Find(_id) is not { } share)
        {
            return Refuse(NoShare);
        }

        if (ReferenceEquals(owner, posting.Book))
        {
            return Refuse("TRANSFER_TO_SELF");
        }

        if (!share.IsOpen(time) || owner.Status != MemberStatus.Active)
        {
            return Refuse("COUPON_SHARE_ENDED");
        }

        return CouponDesk.Has(Books, owner, share.Coupons, plan) ? Give(posting, owner, share) : Decision.NeedMore.Instance;
    }

    private Decision Give(Posting posting, MemberBook owner, CouponShare share)
    {
        var outgoing = new Posting(posting.Draft, owner, posting.Programme, posting.Time, CauseOf());
        outgoing.Settle();
        var (giving, taking) = (new CouponDesk(outgoing, share.Reference, null), new CouponDesk(posting, share.Reference, null));
        foreach (var id in share.Coupons)
        {
            if (giving.Find(id) is { State: CouponState.Claimed } coupon)
            {
                var received = taking.Add(
                    drawn => coupon with
                    {
                        Id = drawn,
                        Origin = CouponOrigin.Gift,
                        ClaimedAt = posting.Time,
                        OtherMember = owner.Identity.Id.Value,
                        OtherCoupon = coupon.Id,
                    },
                    CouponNames.Receive);
                var taker = posting.Book.Identity.Id.Value;
                giving.Take(coupon, coupon with { State = CouponState.Given, OtherMember = taker, OtherCoupon = received.Id }, CouponNames.Give);
                return new Decision.Apply(CouponsReply.Of(posting.Book, [received]), taker, received.Id, received.Id);
            }
        }

        return Refuse("COUPON_SHARE_EMPTY");
    }
}
