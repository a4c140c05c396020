using System.Text.Json.Serialization.Metadata;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Access;
using Laurel.Platform.Webhooks;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Balance;

/// <summary>Answers calls that move stored money.</summary>
internal sealed class BalanceDoors(LaneSet lanes, MemberBooks books, PointsQueries queries)
{
    public async Task AdjustAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, ReadMoney.Adjustment) is { Actor.Tenant: var tenant } request)
        {
            await MoveAsync(context, new AdjustBalance(tenant, request.Body.Member.In(tenant), request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            });
        }
    }

    public async Task SpendAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, ReadMoney.Spending) is { Actor.Tenant: var tenant } request)
        {
            await MoveAsync(context, new SpendBalance(tenant, request.Body.Member.In(tenant), request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            });
        }
    }

    public async Task RefundSpendAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, ReadMoney.Refund) is { Actor.Tenant: var tenant } request)
        {
            await MoveAsync(context, new RefundSpend(tenant, request.Body.Spend, request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            });
        }
    }

    private Task MoveAsync(HttpContext context, Command command) => MoneyAnswer.SubmitAsync(
        context,
        lanes,
        command,
        StatusCodes.Status200OK,
        earlier => queries.ReadPostingAsync(command.Tenant, earlier, context.RequestAborted),
        MembershipJson.Default.PostingReply);
}

/// <summary>Answers calls that take recharges further.</summary>
internal sealed class RechargeDoors(LaneSet lanes, MemberBooks books, Database database, BalanceOptions options, TimeProvider clock)
{
    public async Task CreateAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, ReadOrder.OfRecharge) is { Actor.Tenant: var tenant } request)
        {
            var body = request.Body;
            var command = new CreateRecharge(tenant, body.Member.In(tenant), body.Amount, body.Id, books) { Idempotency = request.Idempotency };
            await SubmitAsync(context, command, body.Id, StatusCodes.Status201Created);
        }
    }

    public async Task PaidAsync(HttpContext context, string id)
    {
        if (await SignedRequests.AdmitAsync(context, options.PaymentSecrets, "payment", clock)
            && await WriteRequests.ReadAsync(context, ReadPayment.Read) is { Actor.Tenant: var tenant } request)
        {
            var command = new PayRecharge(tenant, id, request.Body.Payment, books) { Time = request.Body.Time, Idempotency = request.Idempotency };
            await SubmitAsync(context, command, id, StatusCodes.Status200OK);
        }
    }

    public async Task RefundAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ReadRechargeRefund.Read) is { Actor.Tenant: var tenant } request)
        {
            var command = new RefundRecharge(tenant, id, request.Body.Refund, books) { Time = request.Body.Time, Idempotency = request.Idempotency };
            await SubmitAsync(context, command, id, StatusCodes.Status200OK);
        }
    }

    // A repeat is answered with how the recharge stands now.
    private Task SubmitAsync(HttpContext context, Command command, string? id, int status) => MoneyAnswer.SubmitAsync(
        context,
        lanes,
        command,
        status,
        async _ => (await BalanceQueries.RechargeAsync(database, command.Tenant, id ?? "", context.RequestAborted))!,
        MembershipJson.Default.RechargeReply);
}

/// <summary>Answers calls that take withdrawals further.</summary>
internal sealed class WithdrawalDoors(LaneSet lanes, MemberBooks books, Database database, BalanceOptions options, TimeProvider clock)
{
    public async Task ApplyAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, ReadOrder.OfWithdrawal) is { Actor: var actor } request)
        {
            var body = request.Body;
            var withdrawal = new WithdrawalRequest
            {
                Amount = body.Amount,
                Destination = body.Destination!,
                WithdrawalId = body.Id,
                AppliedBy = new Signatory(actor.Hands, actor.Name),
            };
            var command = new ApplyWithdrawal(actor.Tenant, body.Member.In(actor.Tenant), withdrawal, books) { Idempotency = request.Idempotency };
            await SubmitAsync(context, command, body.Id, StatusCodes.Status201Created);
        }
    }

    public Task ApproveAsync(HttpContext context, string id)
    {
        var actor = context.Actor();
        return SubmitAsync(context, new ApproveWithdrawal(actor.Tenant, id, new Signatory(actor.Hands, actor.Name), books), id, StatusCodes.Status200OK);
    }

    public async Task RejectAsync(HttpContext context, string id)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var reason = fields.Text("reason", PointsLimits.ReasonLengthMax);
            fields.RefuseUnknown();
            return reason;
        });
        if (read is { Actor.Tenant: var tenant } request)
        {
            await SubmitAsync(context, new RejectWithdrawal(tenant, id, request.Body, books) { Idempotency = request.Idempotency }, id, StatusCodes.Status200OK);
        }
    }

    public async Task EndAsync(HttpContext context, string id, Func<Platform.Http.JsonFields, ReadPayoutEnd> read)
    {
        if (await WriteRequests.ReadAsync(context, read) is { Actor.Tenant: var tenant } request)
        {
            var command = new EndPayout(tenant, id, request.Body.End, books) { Time = request.Body.Time, Idempotency = request.Idempotency };
            await SubmitAsync(context, command, id, StatusCodes.Status200OK);
        }
    }

    public async Task ResultAsync(HttpContext context, string id)
    {
        if (await SignedRequests.AdmitAsync(context, options.PayoutSecrets, "payout", clock))
        {
            await EndAsync(context, id, ReadPayoutEnd.Result);
        }
    }

    private Task SubmitAsync(HttpContext context, Command command, string? id, int status) => MoneyAnswer.SubmitAsync(
        context,
        lanes,
        command,
        status,
        async _ => (await BalanceQueries.WithdrawalAsync(database, command.Tenant, id ?? "", context.RequestAborted))!,
        MembershipJson.Default.WithdrawalReply);
}

/// <summary>Sends a command and answers what became of it.</summary>
internal static class MoneyAnswer
{
    /// <param name="readEarlier">Tells again what an earlier call of the same name did.</param>
    public static async Task SubmitAsync<TReply>(
        HttpContext context, LaneSet lanes, Command command, int status, Func<NaturalKey, Task<TReply>> readEarlier, JsonTypeInfo<TReply> type)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is Outcome.Duplicate { Earlier: var earlier })
        {
            await WriteResponse.WriteDuplicateAsync(context, status, await readEarlier(earlier), type);
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, status, type);
    }
}
