using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Checkouts;

/// <summary>The doors of prices and checkouts.</summary>
internal static class CheckoutsModule
{
    public static void MapCheckouts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/quote", QuoteAsync)
            .RequirePermission(Permission.CheckoutsRead)
            .Accepts<QuoteBody>("application/json")
            .Produces<QuoteReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("What a basket costs a member and why, and what it would earn. Changes nothing.");
        Write<ReserveBody>(routes.MapPost("/api/checkouts", ReserveAsync), "Keeps a price for a member: holds its points and locks its coupons until it is paid.");
        Write<CheckoutStepBody>(routes.MapPost("/api/checkouts/{id}/confirm", ConfirmAsync), "It was paid: spends the points and uses the coupons.");
        Write<CheckoutStepBody>(routes.MapPost("/api/checkouts/{id}/cancel", CancelAsync), "Gives it up: points and coupons are free again.");
        Write<CheckoutStepBody>(routes.MapPost("/api/checkouts/{id}/complete", CompleteAsync), "The order is completed: it earns.");
        Write<CheckoutRefundBody>(routes.MapPost("/api/checkouts/{id}/refund", RefundAsync), "Gives back what was given for a part of it, or for all.");
        routes.MapPost("/api/checkouts/{id}/refund/preview", PreviewAsync)
            .RequirePermission(Permission.CheckoutsRead)
            .Accepts<CheckoutRefundBody>("application/json")
            .Produces<RefundPreviewReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("What a refund would give back and take back. Changes nothing.");
        routes.MapGet("/api/checkouts/{id}", ReadAsync)
            .RequirePermission(Permission.CheckoutsRead)
            .Produces<CheckoutReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A checkout as it stands.");
    }

    private static void Write<TBody>(RouteHandlerBuilder route, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.CheckoutsWrite)
        .Accepts<TBody>("application/json")
        .Produces<CheckoutReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static async Task QuoteAsync(HttpContext context, QuestionSet questions, MemberBooks books, ProgrammeStore store)
    {
        var body = await JsonBody.ReadAsync(context, new BodyRules { Hashed = false }, ReadBasket.Quote, context.RequestAborted);
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var programme = books.Programmes.Latest(tenant) ?? new ActiveProgramme(await store.ReadAsync(tenant, context.RequestAborted));
        var question = new QuoteBasket(tenant, body.Value.Member.In(tenant), body.Value.Basket, programme, books) { Time = body.Value.Time };
        await AskAsync<QuoteReply>(context, questions, question);
    }

    private static async Task ReserveAsync(HttpContext context, LaneSet lanes, MemberBooks books, CheckoutQueries queries, TimeProvider clock)
    {
        if (await WriteRequests.ReadAsync(context, ReadBasket.Reservation) is { } request)
        {
            var (tenant, body) = (request.Actor.Tenant, request.Body);
            var command = new ReserveCheckout(tenant, body.Member.In(tenant), body.Reserve!, books) { Time = body.Time, Idempotency = request.Idempotency };
            await SubmitAsync(context, lanes, command, body.Reserve!.CheckoutId, queries, clock);
        }
    }

    private static async Task ConfirmAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, CheckoutQueries queries, TimeProvider clock)
    {
        if (await WriteRequests.ReadAsync(context, ReadTime) is { } request)
        {
            var command = new ConfirmCheckout(request.Actor.Tenant, id, books) { Time = request.Body, Idempotency = request.Idempotency };
            await SubmitAsync(context, lanes, command, id, queries, clock);
        }
    }

    private static async Task CancelAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, CheckoutQueries queries, TimeProvider clock)
    {
        if (await WriteRequests.ReadAsync(context, ReadTime) is { } request)
        {
            var command = new CancelCheckout(request.Actor.Tenant, id, books) { Time = request.Body, Idempotency = request.Idempotency };
            await SubmitAsync(context, lanes, command, id, queries, clock);
        }
    }

    private static async Task CompleteAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, CheckoutQueries queries, TimeProvider clock)
    {
        if (await WriteRequests.ReadAsync(context, ReadTime) is { } request && await FindAsync(context, id, queries) is { } order)
        {
            var command = new CompleteCheckout(request.Actor.Tenant, id, order, books) { Time = request.Body, Idempotency = request.Idempotency };
            await SubmitAsync(context, lanes, command, id, queries, clock);
        }
    }

    private static async Task RefundAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, CheckoutQueries queries, TimeProvider clock)
    {
        if (await WriteRequests.ReadAsync(context, ReadCheckoutRefund.Read) is { } request && await FindAsync(context, id, queries) is { } order)
        {
            var command = new RefundCheckout(request.Actor.Tenant, id, order, request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await SubmitAsync(context, lanes, command, id, queries, clock);
        }
    }

    private static async Task PreviewAsync(HttpContext context, string id, QuestionSet questions, MemberBooks books)
    {
        var body = await JsonBody.ReadAsync(context, new BodyRules { Hashed = false }, ReadCheckoutRefund.Read, context.RequestAborted);
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        await AskAsync<RefundPreviewReply>(context, questions, new PreviewRefund(context.Actor().Tenant, id, body.Value.Request, books) { Time = body.Value.Time });
    }

    private static async Task ReadAsync(HttpContext context, string id, CheckoutQueries queries, TimeProvider clock)
    {
        if (await queries.FindAsync(context.Actor().Tenant, id, context.RequestAborted) is { } found)
        {
            var reply = CheckoutReply.Of(found.Member, found.Checkout, Instant.Now(clock));
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, ProgrammeDocument.TypeOf<CheckoutReply>());
            return;
        }

        await ProblemResponse.WriteAsync(context, new Refusal("CHECKOUT_NOT_FOUND"), context.RequestAborted);
    }

    private static Instant? ReadTime(JsonFields fields)
    {
        var time = fields.TimeOrNull("time");
        fields.RefuseUnknown();
        return time;
    }

    /// <summary>The order of a checkout; when there is no such checkout the problem is answered already and the result is null.</summary>
    private static async Task<string?> FindAsync(HttpContext context, string id, CheckoutQueries queries)
    {
        if (await queries.FindAsync(context.Actor().Tenant, id, context.RequestAborted) is { } found)
        {
            return found.Checkout.OrderId;
        }

        await ProblemResponse.WriteAsync(context, new Refusal("CHECKOUT_NOT_FOUND"), context.RequestAborted);
        return null;
    }

    // A repeat is answered with how the checkout stands now.
    private static Task SubmitAsync(HttpContext context, LaneSet lanes, Command command, string id, CheckoutQueries queries, TimeProvider clock) =>
        CouponsModule.SubmitAsync(context, lanes, command, async _ =>
        {
            var (member, checkout) = (await queries.FindAsync(command.Tenant, id, context.RequestAborted))!.Value;
            return CheckoutReply.Of(member, checkout, Instant.Now(clock));
        });

    private static async Task AskAsync<TReply>(HttpContext context, QuestionSet questions, Command question) =>
        await WriteResponse.WriteAsync(
            context, await questions.AskAsync(question, context.RequestAborted), StatusCodes.Status200OK, ProgrammeDocument.TypeOf<TReply>());
}
