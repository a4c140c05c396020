using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Balance;

/// <summary>The limits of the balance API, each by the name its errors state. Those of the programme are in <see cref="BalanceRules"/>.</summary>
public static class BalanceLimits
{
    /// <summary>Minor units of one call at the most: the largest integer every JSON reader keeps exact, 2^53 − 1.</summary>
    public const long AmountMax = 9_007_199_254_740_991;

    public const int IdLengthMax = 128;

    public const int OperatorLengthMax = 64;
}

/// <summary>What <c>adjust</c> and <c>spend</c> ask for.</summary>
public record MoveBalanceBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Minor units, 1 or more; for <c>adjust</c> any number but 0.</summary>
    public required long Amount { get; init; }

    /// <summary>Why, for the member and the auditor.</summary>
    public required string Reason { get; init; }

    /// <summary>What kind of thing this is for: <c>order</c>, <c>ticket</c> …</summary>
    public required string ReferenceType { get; init; }

    /// <summary>Which one. With the type it names the movement once and for all: the same again is not done twice.</summary>
    public required string ReferenceId { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>adjust</c> asks for.</summary>
public sealed record AdjustBalanceBody : MoveBalanceBody
{
    /// <summary>Who does it.</summary>
    public required string Operator { get; init; }
}

/// <summary>What <c>refund</c> asks for.</summary>
public sealed record RefundSpendBody
{
    /// <summary>What the spend was named by.</summary>
    public required string SpendReferenceType { get; init; }

    public required string SpendReferenceId { get; init; }

    /// <summary>Minor units, 1 or more.</summary>
    public required long Amount { get; init; }

    public required string Reason { get; init; }

    /// <summary>Names the refund, with its id, once and for all.</summary>
    public required string ReferenceType { get; init; }

    public required string ReferenceId { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What opening a recharge asks for.</summary>
public sealed record CreateRechargeBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Minor units, within the programme's limits.</summary>
    public required long Amount { get; init; }

    /// <summary>The caller's name of it, unique for ever; drawn when absent.</summary>
    public string? RechargeId { get; init; }
}

/// <summary>What a payment provider says.</summary>
public sealed record PaymentBody
{
    /// <summary>What was paid, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>ISO 4217; the programme's when absent.</summary>
    public string? Currency { get; init; }

    /// <summary>The payment's id at the provider.</summary>
    public required string ProviderReference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What giving a recharge back asks for.</summary>
public sealed record RefundRechargeBody
{
    /// <summary>Names the refund once and for all.</summary>
    public required string RefundId { get; init; }

    /// <summary>Minor units, 1 or more.</summary>
    public required long Amount { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who does it.</summary>
    public required string Operator { get; init; }

    /// <summary>The refund's id at the payment provider.</summary>
    public string? ProviderReference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What applying for a withdrawal asks for.</summary>
public sealed record ApplyWithdrawalBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Minor units, within the programme's limits.</summary>
    public required long Amount { get; init; }

    /// <summary>The payout provider's own token of the account to pay to; never an account number.</summary>
    public required string Destination { get; init; }

    /// <summary>The caller's name of it, unique for ever; drawn when absent.</summary>
    public string? WithdrawalId { get; init; }
}

/// <summary>What rejecting a withdrawal asks for.</summary>
public sealed record RejectWithdrawalBody
{
    public required string Reason { get; init; }
}

/// <summary>What saying by hand that a withdrawal was paid asks for.</summary>
public sealed record PaidByHandBody
{
    /// <summary>The transfer's id at the bank.</summary>
    public required string ProviderReference { get; init; }
}

/// <summary>What saying by hand that a withdrawal failed asks for.</summary>
public sealed record FailedByHandBody
{
    public required string Reason { get; init; }
}

/// <summary>What a payout provider says.</summary>
public sealed record PayoutResultBody
{
    /// <summary><c>paid</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The payout's id at the provider.</summary>
    public string? ProviderReference { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Reason { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>A movement of stored money as it was read.</summary>
internal sealed record ReadMoney(MemberName Member, SpendReference Spend, BalanceRequest Request, Instant? Time)
{
    public static ReadMoney Adjustment(JsonFields fields)
    {
        var member = MemberName.Read(fields);
        var amount = fields.Integer("amount", -BalanceLimits.AmountMax, BalanceLimits.AmountMax);
        if (amount == 0 && fields.Has("amount") && !fields.HasFaults)
        {
            fields.Fail("amount", FieldErrorCode.OutOfRange, ("min", 1L), ("max", BalanceLimits.AmountMax));
        }

        return Read(fields, member, default, amount, fields.Identifier("operator", BalanceLimits.OperatorLengthMax));
    }

    public static ReadMoney Spending(JsonFields fields)
    {
        var member = MemberName.Read(fields);
        return Read(fields, member, default, fields.Integer("amount", 1, BalanceLimits.AmountMax), null);
    }

    public static ReadMoney Refund(JsonFields fields)
    {
        var spend = new SpendReference(
            fields.Identifier("spendReferenceType", PointsLimits.ReferenceTypeLengthMax),
            fields.Identifier("spendReferenceId", PointsLimits.ReferenceIdLengthMax));
        return Read(fields, default, spend, fields.Integer("amount", 1, BalanceLimits.AmountMax), null);
    }

    private static ReadMoney Read(JsonFields fields, MemberName member, SpendReference spend, long amount, string? by)
    {
        var request = new BalanceRequest
        {
            Amount = amount,
            Reason = fields.Text("reason", PointsLimits.ReasonLengthMax),
            ReferenceType = fields.Identifier("referenceType", PointsLimits.ReferenceTypeLengthMax),
            ReferenceId = fields.Identifier("referenceId", PointsLimits.ReferenceIdLengthMax),
            Operator = by,
        };
        var read = new ReadMoney(member, spend, request, fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}

/// <summary>An application for a recharge or a withdrawal as it was read.</summary>
/// <param name="Id">The caller's name of it; null has one drawn.</param>
/// <param name="Destination">Null for a recharge.</param>
internal sealed record ReadOrder(MemberName Member, long Amount, string? Id, string? Destination)
{
    public static ReadOrder OfRecharge(JsonFields fields) => Read(fields, "rechargeId", isWithdrawal: false);

    public static ReadOrder OfWithdrawal(JsonFields fields) => Read(fields, "withdrawalId", isWithdrawal: true);

    private static ReadOrder Read(JsonFields fields, string id, bool isWithdrawal)
    {
        var order = new ReadOrder(
            MemberName.Read(fields),
            fields.Integer("amount", 1, BalanceLimits.AmountMax),
            fields.IdentifierOrNull(id, BalanceLimits.IdLengthMax),
            isWithdrawal ? fields.Identifier("destination", BalanceLimits.IdLengthMax) : null);
        fields.RefuseUnknown();
        return order;
    }
}

/// <summary>A payment as it was read.</summary>
internal sealed record ReadPayment(Payment Payment, Instant? Time)
{
    private const int CurrencyLength = 3;

    public static ReadPayment Read(JsonFields fields)
    {
        var payment = new ReadPayment(
            new Payment(
                fields.Integer("amount", 1, BalanceLimits.AmountMax),
                fields.IdentifierOrNull("currency", CurrencyLength),
                fields.Identifier("providerReference", BalanceLimits.IdLengthMax)),
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return payment;
    }
}

/// <summary>A refund of a recharge as it was read.</summary>
internal sealed record ReadRechargeRefund(RechargeRefund Refund, Instant? Time)
{
    public static ReadRechargeRefund Read(JsonFields fields)
    {
        var refund = new ReadRechargeRefund(
            new RechargeRefund(
                fields.Identifier("refundId", BalanceLimits.IdLengthMax),
                fields.Integer("amount", 1, BalanceLimits.AmountMax),
                fields.Text("reason", PointsLimits.ReasonLengthMax),
                fields.Identifier("operator", BalanceLimits.OperatorLengthMax),
                fields.IdentifierOrNull("providerReference", BalanceLimits.IdLengthMax)),
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return refund;
    }
}

/// <summary>The end of a payout as it was read.</summary>
internal sealed record ReadPayoutEnd(PayoutEnd End, Instant? Time)
{
    public static ReadPayoutEnd Paid(JsonFields fields) =>
        Finish(fields, new ReadPayoutEnd(new PayoutEnd(true, fields.Identifier("providerReference", BalanceLimits.IdLengthMax), null), null));

    public static ReadPayoutEnd Failed(JsonFields fields) =>
        Finish(fields, new ReadPayoutEnd(new PayoutEnd(false, null, fields.Text("reason", PointsLimits.ReasonLengthMax)), null));

    public static ReadPayoutEnd Result(JsonFields fields)
    {
        var isPaid = fields.ChoiceOrNull("status", "paid", "failed") == "paid";
        if (!fields.Has("status"))
        {
            fields.Fail("status", FieldErrorCode.Required);
        }

        var reference = fields.IdentifierOrNull("providerReference", BalanceLimits.IdLengthMax);
        var reason = fields.TextOrNull("reason", PointsLimits.ReasonLengthMax);
        return Finish(fields, new ReadPayoutEnd(
            new PayoutEnd(isPaid, reference, isPaid ? null : reason ?? "The provider gave no reason."), fields.TimeOrNull("time")));
    }

    private static ReadPayoutEnd Finish(JsonFields fields, ReadPayoutEnd end)
    {
        fields.RefuseUnknown();
        return end;
    }
}
