using System.Collections.Immutable;
using Laurel.Kernel;

namespace Laurel.Membership.Points;

/// <summary>An immutable movement of one unit between a named account and a member's wallet, as it is stored.</summary>
public sealed record Entry
{
    public required TenantId Tenant { get; init; }

    public required MemberId Member { get; init; }

    public required long Id { get; init; }

    /// <summary>The id of the first entry of the same command: entries of one posting belong together.</summary>
    public required long PostingId { get; init; }

    /// <summary><c>points</c>, <c>growth</c>, <c>balance</c>, or the code of a unit that the programme defines.</summary>
    public required string Unit { get; init; }

    public required string Kind { get; init; }

    /// <summary>Where the amount comes from or goes to: issuance, redemption, expiry, adjustment, transfer, receivable, cancellation, cash, payout, exchange.</summary>
    public required string Account { get; init; }

    /// <summary>Signed: what the wallet gains.</summary>
    public required long Amount { get; init; }

    public required long BalanceAfter { get; init; }

    public long DebtDelta { get; init; }

    public long LifetimeDelta { get; init; }

    /// <summary>Business time.</summary>
    public required Instant OccurredAt { get; init; }

    public required Instant RecordedAt { get; init; }

    /// <summary>Null where the movement grants nothing that lapses.</summary>
    public Instant? ExpiresAt { get; init; }

    public required string Rule { get; init; }

    public required int RuleVersion { get; init; }

    /// <summary>Base points before the multiplier; null where no rule computed any.</summary>
    public long? Base { get; init; }

    public int? MultiplierBasisPoints { get; init; }

    /// <summary>Points a cap cut off; null where none did.</summary>
    public long? Cut { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    public required string ReferenceId { get; init; }

    public string? OrderId { get; init; }

    /// <summary>The entry or hold this one answers.</summary>
    public long? RelatedId { get; init; }

    /// <summary>More of the explanation as a JSON object, or null.</summary>
    public string? Detail { get; init; }
}

/// <summary>The names of units, kinds, accounts and rules that entries carry.</summary>
public static class EntryNames
{
    public const string Points = "points";
    public const string Growth = "growth";

    /// <summary>Stored money in minor units.</summary>
    public const string Balance = "balance";

    public const string Earn = "earn";
    public const string Spend = "spend";
    public const string Expire = "expire";
    public const string Adjust = "adjust";
    public const string Reverse = "reverse";
    public const string Transfer = "transfer";

    /// <summary>What a merge of members, or its undoing, moves from one to the other.</summary>
    public const string Merge = "merge";
    public const string Repay = "repay";
    public const string Activate = "activate";
    public const string Cancel = "cancel";
    public const string Reinstate = "reinstate";

    /// <summary>Points for stored money or the other way round: an entry of each unit in one posting.</summary>
    public const string Exchange = "exchange";

    public const string Recharge = "recharge";
    public const string RechargeRefund = "recharge_refund";
    public const string Withdraw = "withdraw";

    /// <summary>Gives back what was spent, of points or of the balance.</summary>
    public const string Refund = "refund";

    public const string RuleManualEarn = "earn";
    public const string RuleSpend = "spend";
    public const string RuleCapture = "capture";
    public const string RuleExpiry = "expiry";
    public const string RuleAdjust = "adjust";
    public const string RuleRefund = "refund";
    public const string RuleTransfer = "transfer";
    public const string RuleMerge = "merge";
    public const string RuleReceivable = "receivable";
    public const string RuleBalanceAdjust = "balance_adjust";
    public const string RuleBalanceSpend = "balance_spend";
    public const string RuleBalanceRefund = "balance_refund";
    public const string RuleRecharge = "recharge";
    public const string RuleRechargeRefund = "recharge_refund";
    public const string RuleWithdrawal = "withdrawal";

    public const string RuleUnitEarn = "unit_earn";
    public const string RuleUnitSpend = "unit_spend";
    public const string RuleUnitAdjust = "unit_adjust";

    /// <summary>A pending lot became active by itself.</summary>
    public const string RuleActivation = "activation";

    /// <summary>A pending lot was activated by a call.</summary>
    public const string RuleActivate = "activate";

    /// <summary>A pending lot was activated with the event it waited for.</summary>
    public const string RuleActivationEvent = "activation_event";

    /// <summary>A pending lot was cancelled by itself.</summary>
    public const string RuleCancellation = "cancellation";

    /// <summary>A pending lot was cancelled by a call.</summary>
    public const string RuleCancel = "cancel";

    /// <summary>A pending lot was cancelled with the watch case it waited for.</summary>
    public const string RuleWatchConfirmed = "watch_confirmed";

    /// <summary>Points that a member left behind who has left for good.</summary>
    public const string RuleMemberCancelled = "member_cancelled";

    public const string RuleReinstate = "reinstate";
    public const string RuleToBalance = "points_to_balance";
    public const string RuleFromBalance = "points_from_balance";

    /// <summary>Points that were spent on an order came back with its refund.</summary>
    public const string RuleCheckoutRefund = "checkout_refund";

    /// <summary>The account against which a kind moves.</summary>
    public static string AccountOf(string kind) => kind switch
    {
        Earn or Reverse or Activate => "issuance",
        Spend => "redemption",
        Expire or Reinstate => "expiry",
        Cancel => "cancellation",
        Adjust => "adjustment",
        Transfer or Merge => "transfer",
        Repay => "receivable",
        Recharge or RechargeRefund => "cash",
        Withdraw => "payout",
        Refund => "redemption",
        Exchange => "exchange",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Every kind has an account."),
    };

    /// <summary>The record type of the seeds; types of ours are added, none is renamed.</summary>
    public static string TypeOf(string kind, string rule, string referenceType) => (kind, rule) switch
    {
        (Earn, RuleManualEarn or RuleUnitEarn) => EarnedTypeOf(referenceType, "earned_admin"),
        (Earn, _) => EarnedTypeOf(referenceType, "earned_activity"),
        (Spend, _) => referenceType == "order" ? "spent_order" : "spent_exchange",
        (Expire, _) => "expired",
        (Adjust, _) => "admin_adjust",
        (Reverse, _) => "reversed_order",
        (Transfer, _) => "transferred",
        (Merge, _) => "merged",
        (Repay, _) => "repaid_receivable",
        (Activate, _) => "activated",
        (Cancel, _) => "cancelled",
        (Reinstate, _) => "reinstated",
        (Refund, _) => "returned",
        (Exchange, _) => "exchanged",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Every kind has a type."),
    };

    /// <summary>The names that entries of no rule of the programme carry: no such rule may take one.</summary>
    public static readonly ImmutableArray<string> Reserved =
    [
        RuleManualEarn, RuleSpend, RuleCapture, RuleExpiry, RuleAdjust, RuleRefund, RuleTransfer, RuleReceivable, RuleBalanceAdjust, RuleBalanceSpend,
        RuleBalanceRefund, RuleRecharge, RuleRechargeRefund, RuleWithdrawal, RuleActivation, RuleActivate, RuleActivationEvent, RuleCancellation, RuleCancel,
        RuleReinstate, RuleCheckoutRefund, RuleToBalance, RuleFromBalance, RuleMerge, RuleWatchConfirmed, RuleUnitEarn, RuleUnitSpend, RuleUnitAdjust,
        RuleMemberCancelled,
    ];

    /// <summary>Whether a rule of the programme paid it for an order, so that a refund of the order takes it back.</summary>
    public static bool IsOrderEarning(string kind, string rule, string? orderId) => kind == Earn && orderId is not null && rule is not (RuleManualEarn or RuleUnitEarn);

    /// <summary>Whether a unit is one of the house, and not one that a programme defines.</summary>
    public static bool IsOfHouse(string unit) => unit is Points or Growth or Balance;

    private static string EarnedTypeOf(string referenceType, string otherwise) => referenceType switch
    {
        "registration" => "earned_registration",
        "login" => "earned_login",
        "review" => "earned_review",
        "referral" => "earned_referral",
        "activity" => "earned_activity",
        "order" => "earned_order",
        _ => otherwise,
    };
}

/// <summary>One limit of one member in one period: <c>order_points_day</c>, 20260131.</summary>
public readonly record struct LimitKey(string Code, int Period)
{
    public const string WithdrawalAmountDay = "withdrawal_amount_day";
    public const string WithdrawalCountDay = "withdrawal_count_day";
}

/// <summary>How much of a limit is used. Given back only with a benefit that is.</summary>
public sealed record LimitUse(LimitKey Key, long Used);
