using Laurel.Engine.Events;
using Laurel.Kernel;
using Laurel.Membership.Adjustments;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Statuses;
using Laurel.Membership.Units;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Events;

/// <summary>Everything that members' books tell the world, with the fields of its data (snake_case, as in <c>1-architecture.md</c>). Ids and
/// figures only: nothing here is personal data.</summary>
public static class MemberEvents
{
    private const string MemberMeaning = "The member's id";
    private const string OrderMeaning = "The shop's id of the order it comes from; null where there is none";

    private static readonly EventType<Registration> s_registered = new(
        "member.registered",
        "A member was enrolled.",
        EventField<Registration>.Id("member_id", MemberMeaning, r => r.Member),
        EventField<Registration>.Text("external_id", "The host's own id of the member", r => r.ExternalId),
        EventField<Registration>.Text("member_code", "The code that people read, M2026112100001", r => r.MemberCode),
        EventField<Registration>.Text("initial_level", "The code of the first level", r => r.InitialLevel));

    private static readonly EventType<LevelChange> s_upgraded = new(
        "level.upgraded",
        "A member rose to a higher level.",
        [.. LevelFields("upgrade_reason")]);

    private static readonly EventType<LevelChange> s_downgraded = new(
        "level.downgraded",
        "A member fell to a lower level.",
        [.. LevelFields("downgrade_reason")]);

    private static readonly EventType<Entry> s_earned = OfPoints("points.earned", "A member earned points.");
    private static readonly EventType<Entry> s_spent = OfPoints("points.spent", "A member spent points.");
    private static readonly EventType<Entry> s_expired = OfPoints("points.expired", "Points of a member lapsed.");
    private static readonly EventType<Entry> s_adjusted = OfPoints("points.adjusted", "An administrator gave or took points.");
    private static readonly EventType<Entry> s_reversed = OfPoints("points.reversed", "Points were taken back after a refund.");
    private static readonly EventType<Entry> s_transferred = OfPoints(
        "points.transferred", "Points came from or went to another member; the reference is the same on both sides.");
    private static readonly EventType<Entry> s_moved = OfPoints(
        "points.merged", "Points moved between two members for a merge, or came back; the reference is the merge.");
    private static readonly EventType<MemberMerge> s_merged = OfMerges("member.merged", "A member went into another, who has what it had.");
    private static readonly EventType<MemberMerge> s_unmerged = OfMerges("member.unmerged", "A merge was undone: what was still there went back.");
    private static readonly EventType<StatusChange> s_statusChanged = new(
        "status.changed",
        "A member may do more or less than before.",
        EventField<StatusChange>.Id("member_id", MemberMeaning, c => c.Member),
        EventField<StatusChange>.Text("from_status", "active, inactive, frozen, banned, merged or cancelled", c => MemberKind.NameOf(c.From)),
        EventField<StatusChange>.Text(
            "to_status", "The same, from now on; cancelled is for good, and nothing is known of the person any more", c => MemberKind.NameOf(c.To)));
    private static readonly EventType<TagFact> s_tagged = OfTags("member.tagged", "A member was given a tag, or came into a group.");
    private static readonly EventType<TagFact> s_untagged = OfTags("member.untagged", "A tag was taken from a member, or it left a group.");
    private static readonly EventType<Entry> s_repaid = OfPoints("points.repaid", "Points repaid what an earlier refund could not take back.");

    private static readonly EventType<Entry> s_activated = OfPoints(
        "points.activated",
        "Points that were pending became active. They were in the balance before, so it stays.",
        EventField<Entry>.Integer("activated", "How many points became active", e => e.Base ?? 0),
        EventField<Entry>.NullableId("lot_id", "The lot that became active", e => e.RelatedId));
    private static readonly EventType<Entry> s_cancelled = OfPoints("points.cancelled", "Points were cancelled before they became active.");
    private static readonly EventType<Entry> s_returned = OfPoints("points.returned", "Points that were spent on an order came back with its refund.");
    private static readonly EventType<Entry> s_reinstated = OfPoints("points.reinstated", "Points that had lapsed came back.");

    private static readonly EventType<Entry> s_exchanged = OfPoints(
        "points.exchanged", "Points were given for stored money, or had for it; balance.changed tells of the other side.");

    private static readonly EventType<Reminder> s_expiring = new(
        "points.expiring",
        "Points of a member are about to lapse. Told once for each lot and each number of days that the programme names.",
        EventField<Reminder>.Id("member_id", MemberMeaning, r => r.Member),
        EventField<Reminder>.Integer("points", "How many points, 1 or more", r => r.Points),
        EventField<Reminder>.Integer("lots", "How many lots they are in", r => r.Lots),
        EventField<Reminder>.NullableTime("expires_at", "When the first of them lapse", r => r.FirstAt),
        EventField<Reminder>.NullableTime("last_expires_at", "When the last of them lapse", r => r.LastAt),
        EventField<Reminder>.Integer("days_before", "Within how many days they lapse, as the programme says", r => r.Days));

    private static readonly EventType<LotChange> s_extended = new(
        "points.extended",
        "A lot lapses later than it would have.",
        EventField<LotChange>.Id("member_id", MemberMeaning, c => c.Member),
        EventField<LotChange>.NullableId("lot_id", "The lot", c => c.To.Id),
        EventField<LotChange>.Integer("points", "What it has left", c => c.Points),
        EventField<LotChange>.NullableTime("expires_at", "When it lapses now; null for never", c => c.To.ExpiresAt),
        EventField<LotChange>.NullableTime("expired_at_before", "When it would have lapsed", c => c.From.ExpiresAt),
        EventField<LotChange>.Text("reason", "Why, in words", c => c.Reason));

    private static readonly EventType<Entry> s_growth = new(
        "growth.changed",
        "A member's growth rose with an order, or fell with a refund.",
        EventField<Entry>.Id("member_id", MemberMeaning, e => e.Member.Value),
        EventField<Entry>.Integer("growth", "What the member gains; negative where growth is taken back", e => e.Amount),
        EventField<Entry>.NullableText("related_order", OrderMeaning, e => e.OrderId),
        EventField<Entry>.Id("entry_id", "The entry's id", e => e.Id),
        EventField<Entry>.Integer("growth_after", "The member's growth after it", e => e.BalanceAfter),
        EventField<Entry>.Text("rule", "The rule that made it", e => e.Rule));

    private static readonly EventType<Entry> s_balance = new(
        "balance.changed",
        "Stored money of a member moved.",
        EventField<Entry>.Id("member_id", MemberMeaning, e => e.Member.Value),
        EventField<Entry>.Integer("amount", "What the member gains in minor units; negative where money leaves", e => e.Amount),
        EventField<Entry>.NullableText("related_order", OrderMeaning, e => e.OrderId),
        EventField<Entry>.Id("entry_id", "The entry's id", e => e.Id),
        EventField<Entry>.Integer("balance_after", "The member's stored money after it", e => e.BalanceAfter),
        EventField<Entry>.Text("kind", "recharge, recharge_refund, spend, refund, withdraw, adjust, exchange, earn, reverse or merge", e => e.Kind),
        EventField<Entry>.Text("rule", "The rule that made it", e => e.Rule),
        EventField<Entry>.Text("reference_type", "What kind of thing the caller named", e => e.ReferenceType),
        EventField<Entry>.Text("reference_id", "The caller's id of that thing", e => e.ReferenceId));

    private static readonly EventType<RechargeFact> s_rechargePaid = OfRecharges("recharge.paid", "A recharge was paid and credited.");
    private static readonly EventType<RechargeFact> s_rechargeRefunded = OfRecharges("recharge.refunded", "A recharge went back, whole or in part.");
    private static readonly EventType<WithdrawalFact> s_withdrawalApplied = OfWithdrawals("withdrawal.applied", "A member applied for a withdrawal; its amount is held.");
    private static readonly EventType<WithdrawalFact> s_withdrawalApproved = OfWithdrawals("withdrawal.approved", "A withdrawal was approved by everybody it takes.");
    private static readonly EventType<WithdrawalFact> s_withdrawalPaid = OfWithdrawals("withdrawal.paid", "A withdrawal was paid.");
    private static readonly EventType<WithdrawalFact> s_withdrawalRejected = OfWithdrawals("withdrawal.rejected", "A withdrawal was rejected; its amount is free again.");
    private static readonly EventType<WithdrawalFact> s_withdrawalFailed = OfWithdrawals("withdrawal.failed", "The provider did not pay a withdrawal; its amount is free again.");

    private static readonly EventType<AdjustmentFact> s_adjustmentRequested = OfAdjustments("adjustment.requested", "An adjustment of points waits for a second person.");
    private static readonly EventType<AdjustmentFact> s_adjustmentApproved = OfAdjustments(
        "adjustment.approved", "A second person approved an adjustment of points; points.adjusted tells of the entry.");
    private static readonly EventType<AdjustmentFact> s_adjustmentRejected = OfAdjustments("adjustment.rejected", "An adjustment of points was rejected.");

    private static readonly EventType<BenefitUseFact> s_benefitUsed = OfUses("benefit.used", "A member used a benefit.");
    private static readonly EventType<BenefitUseFact> s_benefitReturned = OfUses("benefit.returned", "A use of a benefit was given back; its figures are those of the use.");
    private static readonly EventType<BenefitGrantFact> s_benefitGranted = OfGrants("benefit.granted", "A member was granted a benefit beside those of the level.");
    private static readonly EventType<BenefitGrantFact> s_benefitRevoked = OfGrants("benefit.revoked", "A grant of a benefit was taken back.");

    private static readonly EventType<HoldMove> s_held = OfHolds("points.held", "Points were set aside.");
    private static readonly EventType<HoldMove> s_captured = OfHolds("points.captured", "Points that were set aside were spent; points.spent tells of the entry.");
    private static readonly EventType<HoldMove> s_released = OfHolds("points.released", "Points that were set aside are free again.");

    private static readonly EventType<CouponStep> s_couponClaimed = OfCoupons("coupon.claimed", "A member took a coupon, by itself, by a code or as a gift; cause says how.");
    private static readonly EventType<CouponStep> s_couponIssued = OfCoupons("coupon.issued", "An operator gave a member a coupon.");
    private static readonly EventType<CouponStep> s_couponLocked = OfCoupons("coupon.locked", "A coupon was set aside for an order.");
    private static readonly EventType<CouponStep> s_couponReleased = OfCoupons("coupon.released", "A coupon that was set aside is free again.");
    private static readonly EventType<CouponStep> s_couponUsed = OfCoupons("coupon.used", "An order got its discount for a coupon.");
    private static readonly EventType<CouponStep> s_couponReturned = OfCoupons("coupon.returned", "A coupon of a refunded order was given back; coupon.expired follows where its time was over.");
    private static readonly EventType<CouponStep> s_couponExpired = OfCoupons("coupon.expired", "A coupon that was not used has come to its end.");
    private static readonly EventType<CouponStep> s_couponGiven = OfCoupons("coupon.given", "A member gave a coupon to another, who has it as a coupon of its own.");
    private static readonly EventType<CouponStep> s_couponRevoked = OfCoupons("coupon.revoked", "An operator took a coupon back.");

    private static readonly EventType<WatchFact> s_watchHit = OfWatch(
        "watch.hit",
        "A watch rule was hit; a case has it.",
        EventField<WatchFact>.Text("action", "What the hit did: flag, hold, refuse or freeze", f => WatchRules.NameOf(f.Case.Action)),
        EventField<WatchFact>.Text("measure", "What the rule measures", f => WatchRules.NameOf(f.Measure!.Value)),
        EventField<WatchFact>.Integer("value", "What it measured; of a ratio, times 10,000", f => f.Case.Value),
        EventField<WatchFact>.Integer("threshold", "What the value is above", f => f.Case.Threshold),
        EventField<WatchFact>.Integer("hits", "Hits of the case so far", f => f.Case.Hits),
        EventField<WatchFact>.Text("outcome", "done, or stopped where the call was not carried out", f => f.Stopped ? "stopped" : "done"));

    private static readonly EventType<WatchFact> s_watchDecided = OfWatch("watch.decided", "Somebody decided a watch case.");

    /// <summary>Every type of event there is, in the order in which the documentation lists them.</summary>
    public static IReadOnlyList<EventType> All { get; } =
    [
        s_registered, s_upgraded, s_downgraded, s_earned, s_spent, s_expired, s_adjusted, s_reversed, s_transferred, s_repaid, s_growth,
        s_held, s_captured, s_released, s_activated, s_cancelled, s_reinstated, s_returned, s_extended, s_expiring, s_balance, s_rechargePaid, s_rechargeRefunded,
        s_withdrawalApplied, s_withdrawalApproved, s_withdrawalPaid, s_withdrawalRejected, s_withdrawalFailed,
        s_benefitUsed, s_benefitReturned, s_benefitGranted, s_benefitRevoked,
        s_couponClaimed, s_couponIssued, s_couponLocked, s_couponReleased, s_couponUsed, s_couponReturned, s_couponExpired, s_couponGiven, s_couponRevoked,
        CheckoutEvents.Reserved, CheckoutEvents.Confirmed, CheckoutEvents.Cancelled, CheckoutEvents.Refunded,
        s_adjustmentRequested, s_adjustmentApproved, s_adjustmentRejected, s_exchanged,
        CardEvents.Started, CardEvents.Renewed, CardEvents.Refunded, CardEvents.Cancelled, CardEvents.Expired,
        s_merged, s_unmerged, s_moved, s_tagged, s_untagged, s_statusChanged,
        s_watchHit, s_watchDecided,
        UnitEvents.Changed,
    ];

    internal static EventType<WatchFact> WatchHit => s_watchHit;

    internal static EventType<WatchFact> WatchDecided => s_watchDecided;

    internal static EventType<Reminder> Expiring => s_expiring;

    internal static EventType<LotChange> Extended => s_extended;

    internal static EventType<RechargeFact> RechargePaid => s_rechargePaid;

    internal static EventType<RechargeFact> RechargeRefunded => s_rechargeRefunded;

    internal static EventType<WithdrawalFact> WithdrawalApplied => s_withdrawalApplied;

    internal static EventType<WithdrawalFact> WithdrawalApproved => s_withdrawalApproved;

    internal static EventType<WithdrawalFact> WithdrawalPaid => s_withdrawalPaid;

    internal static EventType<WithdrawalFact> WithdrawalRejected => s_withdrawalRejected;

    internal static EventType<WithdrawalFact> WithdrawalFailed => s_withdrawalFailed;

    internal static EventType<AdjustmentFact> AdjustmentRequested => s_adjustmentRequested;

    internal static EventType<AdjustmentFact> AdjustmentApproved => s_adjustmentApproved;

    internal static EventType<AdjustmentFact> AdjustmentRejected => s_adjustmentRejected;

    internal static EventType<BenefitUseFact> BenefitUsed => s_benefitUsed;

    internal static EventType<BenefitUseFact> BenefitReturned => s_benefitReturned;

    internal static EventType<BenefitGrantFact> BenefitGranted => s_benefitGranted;

    internal static EventType<BenefitGrantFact> BenefitRevoked => s_benefitRevoked;

    internal static EventType<MemberMerge> Merged => s_merged;

    internal static EventType<StatusChange> StatusChanged => s_statusChanged;

    internal static EventType<TagFact> Tagged => s_tagged;

    internal static EventType<TagFact> Untagged => s_untagged;

    internal static EventType<MemberMerge> Unmerged => s_unmerged;

    internal static EventType<Registration> Registered => s_registered;

    internal static EventType<LevelChange> Of(LevelChange change) => change.Rises ? s_upgraded : s_downgraded;

    internal static EventType<Entry> Of(Entry entry) => (entry.Unit, entry.Kind) switch
    {
        (EntryNames.Growth, _) => s_growth,
        (EntryNames.Balance, _) => s_balance,
        (not EntryNames.Points, _) => UnitEvents.Changed,
        (_, EntryNames.Earn) => s_earned,
        (_, EntryNames.Spend) => s_spent,
        (_, EntryNames.Expire) => s_expired,
        (_, EntryNames.Adjust) => s_adjusted,
        (_, EntryNames.Reverse) => s_reversed,
        (_, EntryNames.Transfer) => s_transferred,
        (_, EntryNames.Merge) => s_moved,
        (_, EntryNames.Repay) => s_repaid,
        (_, EntryNames.Activate) => s_activated,
        (_, EntryNames.Cancel) => s_cancelled,
        (_, EntryNames.Reinstate) => s_reinstated,
        (_, EntryNames.Refund) => s_returned,
        (_, EntryNames.Exchange) => s_exchanged,
        _ => throw new InvariantBrokenException("Every kind of entry has its event."),
    };

    internal static EventType<HoldMove> Of(HoldMove move) => move.Cause switch
    {
        "hold" => s_held,
        "capture" => s_captured,
        "release" or "expire" => s_released,
        _ => throw new InvariantBrokenException("Every change of a hold has its event."),
    };

    internal static EventType<CouponStep> Of(CouponStep step) => step.Change.Kind switch
    {
        CouponNames.Claim or CouponNames.Redeem or CouponNames.Receive => s_couponClaimed,
        CouponNames.Issue => s_couponIssued,
        CouponNames.Lock => s_couponLocked,
        CouponNames.Release => s_couponReleased,
        CouponNames.Use => s_couponUsed,
        CouponNames.Return => s_couponReturned,
        CouponNames.Expire => s_couponExpired,
        CouponNames.Give => s_couponGiven,
        CouponNames.Revoke => s_couponRevoked,
        _ => throw new InvariantBrokenException("Every step of a coupon has its event."),
    };

    private static IEnumerable<EventField<LevelChange>> LevelFields(string reason) =>
    [
        EventField<LevelChange>.Id("member_id", MemberMeaning, c => c.Member.Value),
        EventField<LevelChange>.Text("old_level", "The code of the level before", c => c.From!),
        EventField<LevelChange>.Text("new_level", "The code of the level now", c => c.To),
        EventField<LevelChange>.Text(reason, "Why, in words", c => c.Reason),
        EventField<LevelChange>.NullableText("track", "The code of the track that the level is of; null for the main levels", c => c.Track),
        EventField<LevelChange>.Integer("lifetime_points", "The sum that judged the level", c => c.Lifetime),
    ];

    private static EventType<Entry> OfPoints(string name, string meaning, params EventField<Entry>[] more) => new(name, meaning,
    [
        EventField<Entry>.Id("member_id", MemberMeaning, e => e.Member.Value),
        EventField<Entry>.Integer("points", "What the member gains; negative where points leave", e => e.Amount),
        EventField<Entry>.Text("event_type", "The record type, as in points records", e => EntryNames.TypeOf(e.Kind, e.Rule, e.ReferenceType)),
        EventField<Entry>.NullableText("related_order", OrderMeaning, e => e.OrderId),
        EventField<Entry>.Id("entry_id", "The entry's id", e => e.Id),
        EventField<Entry>.Integer("balance_after", "The sum of the member's points after it", e => e.BalanceAfter),
        EventField<Entry>.NullableTime("expires_at", "When what was granted lapses; null where nothing was, or never", e => e.ExpiresAt),
        EventField<Entry>.Text("rule", "The rule that made it", e => e.Rule),
        EventField<Entry>.Text("reference_type", "What kind of thing the caller named", e => e.ReferenceType),
        EventField<Entry>.Text("reference_id", "The caller's id of that thing", e => e.ReferenceId),
        .. more,
    ]);

    private static EventType<MemberMerge> OfMerges(string name, string meaning) => new(
        name,
        meaning,
        EventField<MemberMerge>.Id("member_id", "The id of the member who has it all, or had it until then", m => m.Survivor),
        EventField<MemberMerge>.Id("merged_member_id", "The id of the member who went, or is back", m => m.Source),
        EventField<MemberMerge>.Id("merge_id", "The merge's id", m => m.Id),
        EventField<MemberMerge>.Text("reference", "The caller's name of the merge", m => m.Reference),
        EventField<MemberMerge>.Text("level_before", "The survivor's level before the merge", m => m.LevelBefore),
        EventField<MemberMerge>.Text("level_after", "The survivor's level after the merge", m => m.LevelAfter));

    private static EventType<TagFact> OfTags(string name, string meaning) => new(
        name,
        meaning,
        EventField<TagFact>.Id("member_id", MemberMeaning, f => f.Member),
        EventField<TagFact>.Text("tag", "The code of the tag or the group", f => f.Tag));

    private static EventType<HoldMove> OfHolds(string name, string meaning) => new(
        name,
        meaning,
        EventField<HoldMove>.Id("member_id", MemberMeaning, m => m.Member),
        EventField<HoldMove>.Id("hold_id", "The hold's id", m => m.Hold),
        EventField<HoldMove>.Integer("points", "How many points, 1 or more", m => m.Points),
        EventField<HoldMove>.Text("cause", "hold, capture, release or expire", m => m.Cause),
        EventField<HoldMove>.Text("reference", "The caller's name for this step; empty where nobody called", m => m.Reference),
        EventField<HoldMove>.NullableTime("hold_expires_at", "When the hold ends by itself", m => m.ExpiresAt));

    private static EventType<RechargeFact> OfRecharges(string name, string meaning) => new(
        name,
        meaning,
        EventField<RechargeFact>.Id("member_id", MemberMeaning, f => f.Member),
        EventField<RechargeFact>.Text("recharge_id", "The recharge's id", f => f.Recharge.RechargeId),
        EventField<RechargeFact>.Integer("amount", "What moved, in minor units", f => f.Amount),
        EventField<RechargeFact>.Integer("refunded", "What of the recharge went back so far, in minor units", f => f.Recharge.Refunded),
        EventField<RechargeFact>.Text("status", "paid, or refunded once all of it went back", f => Recharge.NameOf(f.Recharge.Status)),
        EventField<RechargeFact>.NullableText("provider_reference", "The payment's id at whoever took it", f => f.Recharge.ProviderReference));

    private static EventType<BenefitUseFact> OfUses(string name, string meaning) => new(
        name,
        meaning,
        EventField<BenefitUseFact>.Id("member_id", MemberMeaning, f => f.Member),
        EventField<BenefitUseFact>.Text("benefit_id", "The benefit's code", f => f.Use.Benefit),
        EventField<BenefitUseFact>.Text("biz_no", "The caller's name of the use", f => f.Use.BizNo),
        EventField<BenefitUseFact>.Integer("quantity", "How many uses it took, 1 or more", f => f.Use.Quantity),
        EventField<BenefitUseFact>.Integer("discount_amount", "What it took off the price, in minor units", f => f.Use.DiscountAmount),
        EventField<BenefitUseFact>.NullableText("order_id", "The shop's id of the order it was used for; null where there is none", f => f.Use.OrderId),
        EventField<BenefitUseFact>.Text("source", "Where the member had it from: level, hand or rule", f => f.Use.Source));

    private static EventType<BenefitGrantFact> OfGrants(string name, string meaning) => new(
        name,
        meaning,
        EventField<BenefitGrantFact>.Id("member_id", MemberMeaning, f => f.Member),
        EventField<BenefitGrantFact>.Text("benefit_id", "The benefit's code", f => f.Grant.Benefit),
        EventField<BenefitGrantFact>.Text("reference", "The caller's name of the grant", f => f.Grant.Reference),
        EventField<BenefitGrantFact>.NullableTime("start_time", "From when on it counts", f => f.Grant.StartTime),
        EventField<BenefitGrantFact>.NullableTime("end_time", "Until when it counts, exclusive; null for ever", f => f.Grant.EndTime),
        EventField<BenefitGrantFact>.NullableTime("revoked_at", "From when on it is taken back; null where it is not", f => f.Grant.RevokedAt),
        EventField<BenefitGrantFact>.Text("source", "hand or rule", f => f.Grant.Source));

    private static EventType<WithdrawalFact> OfWithdrawals(string name, string meaning) => new(
        name,
        meaning,
        EventField<WithdrawalFact>.Id("member_id", MemberMeaning, f => f.Member),
        EventField<WithdrawalFact>.Text("withdrawal_id", "The withdrawal's id", f => f.Withdrawal.WithdrawalId),
        EventField<WithdrawalFact>.Integer("amount", "Minor units, 1 or more", f => f.Withdrawal.Amount),
        EventField<WithdrawalFact>.NullableText("provider_reference", "The payout's id at the provider", f => f.Withdrawal.ProviderReference),
        EventField<WithdrawalFact>.NullableText("reason", "Why it was rejected or failed, in words", f => f.Withdrawal.Reason));

    private static EventType<AdjustmentFact> OfAdjustments(string name, string meaning) => new(
        name,
        meaning,
        EventField<AdjustmentFact>.Id("member_id", MemberMeaning, f => f.Member),
        EventField<AdjustmentFact>.Id("request_id", "The request's id", f => f.Request.Id),
        EventField<AdjustmentFact>.Integer("points", "What the member is to gain; negative where points are to leave", f => f.Request.Asked.Points),
        EventField<AdjustmentFact>.Text("reference_type", "What kind of thing the caller named", f => f.Request.Asked.ReferenceType),
        EventField<AdjustmentFact>.Text("reference_id", "The caller's id of that thing", f => f.Request.Asked.ReferenceId),
        EventField<AdjustmentFact>.Text("status", "pending, approved or rejected", f => AdjustmentRequest.NameOf(f.Request.Status)));

    private static EventType<WatchFact> OfWatch(string name, string meaning, params EventField<WatchFact>[] more) => new(name, meaning,
    [
        EventField<WatchFact>.Id("member_id", MemberMeaning, f => f.Member),
        EventField<WatchFact>.Id("case_id", "The case's id", f => f.Case.Id),
        EventField<WatchFact>.Text("rule", "The watch rule's code", f => f.Case.Rule),
        EventField<WatchFact>.Text("status", "open, assigned, released or confirmed", f => WatchCase.NameOf(f.Case.Status)),
        .. more,
    ]);

    private static EventType<CouponStep> OfCoupons(string name, string meaning) => new(
        name,
        meaning,
        EventField<CouponStep>.Id("member_id", MemberMeaning, s => s.Member),
        EventField<CouponStep>.Id("coupon_id", "The coupon's id", s => s.After.Id),
        EventField<CouponStep>.Text("template", "The code of the template it was made of", s => s.After.Template),
        EventField<CouponStep>.Text("state", "Where the coupon stands after it: claimed, locked, used, expired, given or revoked", s => CouponNames.Of(s.After.State)),
        EventField<CouponStep>.Text("cause", "The kind of the step: claim, issue, redeem, receive, lock, release, use, return, expire, give or revoke", s => s.Change.Kind),
        EventField<CouponStep>.NullableText("related_order", "The shop's id of the order it is or was for; null where there is none", s => s.Change.OrderId),
        EventField<CouponStep>.Integer("discount", "What the order got for it, in minor units; 0 where it is no use", s => s.Change.Discount ?? 0),
        EventField<CouponStep>.Text("reference", "The caller's name for this step; empty where nobody called", s => s.Change.Reference),
        EventField<CouponStep>.NullableTime("expires_at", "When the coupon ends", s => s.After.ExpiresAt),
        EventField<CouponStep>.NullableId("other_member_id", "Of a gift: who gave it, or who has it now; null otherwise", s => s.After.OtherMember));
}
