using Laurel.Membership.Points;
using Laurel.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Balance;

/// <summary>The doors of this capability.</summary>
internal static class BalanceModule
{
    public static void MapBalance(this IEndpointRouteBuilder routes)
    {
        MapMovements(routes);
        MapRecharges(routes);
        MapWithdrawals(routes);
        MapReads(routes);
    }

    private static void MapMovements(IEndpointRouteBuilder routes)
    {
        Write<AdjustBalanceBody, PostingReply>(
            routes.MapPost("/api/balance/adjust", (HttpContext context, BalanceDoors doors) => doors.AdjustAsync(context)),
            Permission.BalanceAdjust, "Corrects stored money by hand, up or down.");
        Write<MoveBalanceBody, PostingReply>(
            routes.MapPost("/api/balance/spend", (HttpContext context, BalanceDoors doors) => doors.SpendAsync(context)),
            Permission.BalanceWrite, "Spends stored money.");
        Write<RefundSpendBody, PostingReply>(
            routes.MapPost("/api/balance/refund", (HttpContext context, BalanceDoors doors) => doors.RefundSpendAsync(context)),
            Permission.BalanceWrite, "Gives back what was spent, whole or in parts.");
    }

    private static void MapRecharges(IEndpointRouteBuilder routes)
    {
        Write<CreateRechargeBody, RechargeReply>(
            routes.MapPost("/api/balance/recharges", (HttpContext context, RechargeDoors doors) => doors.CreateAsync(context)),
            Permission.BalanceWrite, "Opens a recharge that waits to be paid.", StatusCodes.Status201Created);
        Signed<PaymentBody, RechargeReply>(
            routes.MapPost("/api/balance/recharges/{id}/paid", (HttpContext context, string id, RechargeDoors doors) => doors.PaidAsync(context, id)),
            "Takes the signed message that a recharge was paid, and credits it once.");
        Write<RefundRechargeBody, RechargeReply>(
            routes.MapPost("/api/balance/recharges/{id}/refund", (HttpContext context, string id, RechargeDoors doors) => doors.RefundAsync(context, id)),
            Permission.RechargesRefund, "Gives a paid recharge back, whole or in parts.");
    }

    private static void MapWithdrawals(IEndpointRouteBuilder routes)
    {
        Write<ApplyWithdrawalBody, WithdrawalReply>(
            routes.MapPost("/api/balance/withdrawals", (HttpContext context, WithdrawalDoors doors) => doors.ApplyAsync(context)),
            Permission.WithdrawalsWrite, "Applies for a withdrawal; its amount is held.", StatusCodes.Status201Created);
        routes.MapPost("/api/balance/withdrawals/{id}/approve", (HttpContext context, string id, WithdrawalDoors doors) => doors.ApproveAsync(context, id))
            .RequirePermission(Permission.WithdrawalsApprove)
            .Produces<WithdrawalReply>()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Approves a withdrawal; above a threshold it takes two persons.");
        Write<RejectWithdrawalBody, WithdrawalReply>(
            routes.MapPost("/api/balance/withdrawals/{id}/reject", (HttpContext context, string id, WithdrawalDoors doors) => doors.RejectAsync(context, id)),
            Permission.WithdrawalsApprove, "Rejects a withdrawal; its amount is free again.");
        Write<PaidByHandBody, WithdrawalReply>(
            routes.MapPost("/api/balance/withdrawals/{id}/paid", (HttpContext context, string id, WithdrawalDoors doors) => doors.EndAsync(context, id, ReadPayoutEnd.Paid)),
            Permission.WithdrawalsPay, "Says by hand that a withdrawal was paid.");
        Write<FailedByHandBody, WithdrawalReply>(
            routes.MapPost("/api/balance/withdrawals/{id}/failed", (HttpContext context, string id, WithdrawalDoors doors) => doors.EndAsync(context, id, ReadPayoutEnd.Failed)),
            Permission.WithdrawalsPay, "Says by hand that a withdrawal was not paid; its amount is free again.");
        Signed<PayoutResultBody, WithdrawalReply>(
            routes.MapPost("/api/balance/withdrawals/{id}/result", (HttpContext context, string id, WithdrawalDoors doors) => doors.ResultAsync(context, id)),
            "Takes the signed message of what became of a payout.");
    }

    private static void MapReads(IEndpointRouteBuilder routes)
    {
        Read<BalanceReply>(
            routes.MapGet("/api/balance/{member}", (HttpContext context, string member, BalanceReads reads) => reads.BalanceAsync(context, member)),
            "A member's stored money; with asOf, as it stood at an instant.")
            .OpenToOwner(Permission.ReadSelf, "member");
        Read<BalanceStatement>(
            routes.MapGet("/api/balance/{member}/statement", (HttpContext context, string member, BalanceReads reads) => reads.StatementAsync(context, member)),
            "Movements of a member's stored money, newest first; filters from, to.")
            .OpenToOwner(Permission.ReadSelf, "member");
        Read<RechargePage>(
            routes.MapGet("/api/balance/recharges", (HttpContext context, BalanceReads reads) => reads.RechargesAsync(context)),
            "Recharges, newest first; filters memberId, status, from, to.");
        Read<RechargeReply>(
            routes.MapGet("/api/balance/recharges/{id}", (HttpContext context, string id, BalanceReads reads) => reads.RechargeAsync(context, id)), "One recharge.");
        Read<WithdrawalPage>(
            routes.MapGet("/api/balance/withdrawals", (HttpContext context, BalanceReads reads) => reads.WithdrawalsAsync(context)),
            "Withdrawals, newest first; filters memberId, status, from, to.");
        Read<WithdrawalReply>(
            routes.MapGet("/api/balance/withdrawals/{id}", (HttpContext context, string id, BalanceReads reads) => reads.WithdrawalAsync(context, id)), "One withdrawal.");
        routes.MapGet("/api/balance/reconciliation", (HttpContext context, BalanceReads reads) => reads.ReconciliationAsync(context))
            .RequirePermission(Permission.BalanceRead)
            .Produces<string>(StatusCodes.Status200OK, "text/csv")
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("What moved between the outside and stored money on a business day, as CSV; date is YYYY-MM-DD.");
    }

    private static void Write<TBody, TReply>(RouteHandlerBuilder route, string permission, string summary, int status = StatusCodes.Status200OK)
        where TBody : notnull => Describe<TBody, TReply>(route.RequirePermission(permission), summary, status);

    // Whoever takes payments or pays has no key of ours: it signs.
    private static void Signed<TBody, TReply>(RouteHandlerBuilder route, string summary)
        where TBody : notnull => Describe<TBody, TReply>(route.AllowSignedAccess(), summary, StatusCodes.Status200OK)
        .ProducesProblem(StatusCodes.Status401Unauthorized);

    private static RouteHandlerBuilder Describe<TBody, TReply>(RouteHandlerBuilder route, string summary, int status)
        where TBody : notnull => route
        .Accepts<TBody>("application/json")
        .Produces<TReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static RouteHandlerBuilder Read<TReply>(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.BalanceRead)
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .WithSummary(summary);
}
