using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Benefits;

/// <summary>Answers calls that grant and use benefits.</summary>
internal sealed class BenefitDoors(LaneSet lanes, MemberBooks books, Database database)
{
    public async Task ConsumeAsync(HttpContext context, string code)
    {
        if (await WriteRequests.ReadAsync(context, ReadUse.Consumption) is { Actor.Tenant: var tenant } request)
        {
            var command = new ConsumeBenefit(tenant, request.Body.Member.In(tenant), code, request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await SubmitUseAsync(context, command, request.Body.Request.BizNo);
        }
    }

    public async Task ReturnAsync(HttpContext context, string code)
    {
        if (await WriteRequests.ReadAsync(context, ReadReturn.Read) is { Actor.Tenant: var tenant } request)
        {
            var (bizNo, time) = (request.Body.BizNo, request.Body.Time);
            var command = new ReturnBenefit(tenant, code, bizNo, books) { Time = time, Idempotency = request.Idempotency };
            await SubmitUseAsync(context, command, bizNo);
        }
    }

    public async Task GrantAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, ReadGrant.Read) is { Actor.Tenant: var tenant } request)
        {
            var (member, grant) = request.Body;
            var command = new GrantBenefit(tenant, member.In(tenant), grant, books) { Idempotency = request.Idempotency };
            await SubmitGrantAsync(context, command, grant.Reference, StatusCodes.Status201Created);
        }
    }

    public async Task RevokeAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, ReadRevocation.Read) is { Actor.Tenant: var tenant } request)
        {
            var revocation = request.Body;
            var command = new RevokeBenefit(tenant, revocation.Member?.In(tenant), revocation.Code, revocation.Reference, books)
            {
                Time = revocation.Time,
                Idempotency = request.Idempotency,
            };
            await SubmitGrantAsync(context, command, revocation.Reference, StatusCodes.Status200OK);
        }
    }

    // A repeat is answered with how the use stands now.
    private Task SubmitUseAsync(HttpContext context, Command command, string bizNo) => MoneyAnswer.SubmitAsync(
        context,
        lanes,
        command,
        StatusCodes.Status200OK,
        earlier => BenefitQueries.UseAsync(database, command.Tenant, new MemberId(earlier.RootId), bizNo, context.RequestAborted),
        MembershipJson.Default.BenefitUseReply);

    private Task SubmitGrantAsync(HttpContext context, Command command, string reference, int status) => MoneyAnswer.SubmitAsync(
        context,
        lanes,
        command,
        status,
        earlier => BenefitQueries.GrantAsync(database, command.Tenant, new MemberId(earlier.RootId), reference, context.RequestAborted),
        MembershipJson.Default.BenefitGrantReply);
}
