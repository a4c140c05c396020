using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.DataKeys;

/// <summary>The doors of this capability.</summary>
internal static class DataKeyModule
{
    public static void MapDataKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/members/{id}/data-key", RenewOneAsync)
            .RequirePermission(Permission.DataKeysRenew)
            .Produces<DataKeyReceipt>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Gives a member a new data key and seals everything personal anew.");
        routes.MapPost("/api/members/data-keys", RenewAllAsync)
            .RequirePermission(Permission.DataKeysRenew)
            .Produces<DataKeyRenewalReply>(StatusCodes.Status202Accepted)
            .WithSummary("Has all members given new data keys, bit by bit; one that is under way goes on.");
        routes.MapGet("/api/members/data-keys", ProgressAsync)
            .RequirePermission(Permission.DataKeysRenew)
            .Produces<DataKeyRenewalReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How far the last renewal of all data keys is.");
    }

    private static async Task RenewOneAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books)
    {
        if (!MemberId.TryParse(id, out var member))
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var outcome = await lanes.SubmitAsync(new RenewDataKey(context.Actor().Tenant, member, isAsked: true, books), context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.DataKeyReceipt);
    }

    private static async Task RenewAllAsync(HttpContext context, LaneSet lanes)
    {
        var outcome = await lanes.SubmitAsync(new AskDataKeyRenewal(context.Actor().Tenant), context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status202Accepted, MembershipJson.Default.DataKeyRenewalReply);
    }

    private static async Task ProgressAsync(HttpContext context, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        if (await router.ReadNewestAsync(from => DataKeyRenewals.FindAsync(from, tenant, context.RequestAborted)) is not { } renewal)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.NotFound), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, DataKeyRenewalReply.Of(renewal), MembershipJson.Default.DataKeyRenewalReply);
    }
}
