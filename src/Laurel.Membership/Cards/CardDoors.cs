using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Cards;

/// <summary>Answers calls about the memberships of members.</summary>
internal sealed class CardDoors(LaneSet lanes, MemberBooks books, Database database, ReadRouter router, ProgrammeStore programmes, TimeProvider clock)
{
    /// <summary>Days of one look at what was sold.</summary>
    private const int DaysMax = 366;

    public async Task BuyAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ReadPurchase.Read) is { } request && await MemberAsync(context, id) is { } member)
        {
            var (tenant, body) = (request.Actor.Tenant, request.Body);
            var command = new BuyMembership(tenant, MemberReference.ById(member), body.Request, books) { Time = body.Time, Idempotency = request.Idempotency };
            await SubmitAsync(context, command, body.Request.Reference, StatusCodes.Status201Created);
        }
    }

    public async Task RefundAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ReadCardRefund.Read) is { } request && await MemberAsync(context, id) is { } member)
        {
            var (tenant, body) = (request.Actor.Tenant, request.Body);
            var command = new RefundMembership(tenant, body.Reference, body.Reason, books)
            {
                Owner = member,
                Time = body.Time,
                Idempotency = request.Idempotency,
            };
            await SubmitAsync(context, command, body.Reference, StatusCodes.Status200OK);
        }
    }

    public async Task CancelAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ReadCancellation.Read) is { } request && await MemberAsync(context, id) is { } member)
        {
            var (actor, body) = (request.Actor, request.Body);
            var command = new CancelMembership(actor.Tenant, MemberReference.ById(member), body.Card, body.Reason, actor.Name, books)
            {
                Time = body.Time,
                Idempotency = request.Idempotency,
            };
            var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
            WriteResponse.TellVersion(context, outcome);
            await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.MembershipReply);
        }
    }

    public async Task ListAsync(HttpContext context, string id)
    {
        var query = new QueryFields(context.Request);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        if (await MemberAsync(context, id) is not { } member)
        {
            return;
        }

        var (tenant, now) = (context.Actor().Tenant, Instant.Now(clock));
        var found = await context.ReadAsync(router, from => CardQueries.OfMemberAsync(from, tenant, member, now, context.RequestAborted));
        if (found is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, found, MembershipJson.Default.MemberCards);
    }

    public async Task StatisticsAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var tenant = context.Actor().Tenant;
        var active = await programmes.LatestAsync(tenant, context.RequestAborted);
        var now = Instant.Now(clock);
        var to = query.DayOrNull("to") ?? active.Calendar.DayOf(now);
        var from = query.DayOrNull("from") ?? to.AddDays(-29);
        if (from > to || to.DayNumber - from.DayNumber >= DaysMax)
        {
            query.Fail("from", FieldErrorCode.OutOfRange, ("min", Text(to.AddDays(1 - DaysMax))), ("max", Text(to)));
        }

        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var (since, until) = (active.Calendar.StartOf(from), active.Calendar.StartOf(to.AddDays(1)));
        var known = active.Programme.Cards.Select(card => card.Code);
        var items = await context.ReadAsync(
            router, source => CardQueries.StatisticsAsync(source, tenant, known, now, since, until, context.RequestAborted));
        var reply = new CardStatistics { AsOf = now.ToDateTimeOffset(), From = from, To = to, Items = items };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.CardStatistics);
    }

    // A repeat is answered with how the membership stands now.
    private Task SubmitAsync(HttpContext context, Command command, string reference, int status) => MoneyAnswer.SubmitAsync(
        context,
        lanes,
        command,
        status,
        earlier => CardQueries.PurchaseAsync(database, command.Tenant, new MemberId(earlier.RootId), reference, context.RequestAborted),
        MembershipJson.Default.CardPurchaseReply);

    private static async Task<MemberId?> MemberAsync(HttpContext context, string id)
    {
        if (MemberId.TryParse(id, out var member))
        {
            return member;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
        return null;
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
