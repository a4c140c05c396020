using System.Globalization;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Coupons;

/// <summary>The coupon templates of the programme, in the order in which they stand.</summary>
public sealed record CouponTemplateList
{
    /// <summary>Of the programme they belong to.</summary>
    public required int Version { get; init; }

    public required IReadOnlyList<CouponTemplate> Items { get; init; }
}

/// <summary>A template and the version of the programme it belongs to.</summary>
public sealed record CouponTemplateReply
{
    public required int Version { get; init; }

    public required CouponTemplate Template { get; init; }

    /// <summary>How many coupons were made of it; null in the answer to a change.</summary>
    public CouponCounts? Counts { get; init; }
}

/// <summary>The doors of coupon templates. A change is a new version of the programme, in force at once; coupons keep the terms they were
/// made with.</summary>
internal static class CouponTemplatesModule
{
    public static void MapCouponTemplates(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/coupons/templates", ListAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Produces<CouponTemplateList>()
            .WithSummary("The coupon templates of the programme; filter active.");
        routes.MapGet("/api/coupons/templates/{code}", FindAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Produces<CouponTemplateReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One template, and how many coupons were made of it.");
        routes.MapGet("/api/coupons/templates/{code}/history", HistoryAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Produces<CouponTemplateHistory>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How a template came to be as it is, newest first.");
        Write<CouponTemplate>(routes.MapPost("/api/coupons/templates", CreateAsync), StatusCodes.Status201Created, "Adds a template.");
        Write<CouponTemplate>(
            routes.MapPut("/api/coupons/templates/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a template in the place of the one of its code.");
        Write<RuleChangeBody>(
            routes.MapPost("/api/coupons/templates/{code}/disable", DisableAsync), StatusCodes.Status200OK, "No coupon is made of a template from now on.");
        Write<RuleChangeBody>(
            routes.MapPost("/api/coupons/templates/{code}/enable", EnableAsync), StatusCodes.Status200OK, "Coupons are made of a template again.");
    }

    private static void Write<TBody>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Accepts<TBody>("application/json")
        .Produces<CouponTemplateReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static async Task ListAsync(HttpContext context, ProgrammeStore store)
    {
        var query = new QueryFields(context.Request);
        var active = query.ChoiceOrNull("active", "true", "false") is { } flag ? flag == "true" : (bool?)null;
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        var items = programme.Coupons.Where(template => active is null || template.Active == active);
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, new CouponTemplateList { Version = programme.Version, Items = [.. items] }, programme.Version);
    }

    private static async Task FindAsync(HttpContext context, string code, ProgrammeStore store, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        var programme = await store.ReadAsync(tenant, context.RequestAborted);
        if (programme.FindCoupon(code) is not { } found)
        {
            await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
            return;
        }

        var counts = await context.ReadAsync(router, from => CouponQueries.CountAsync(from, tenant, code, context.RequestAborted));
        var reply = new CouponTemplateReply { Version = programme.Version, Template = found, Counts = counts };
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, reply, programme.Version);
    }

    private static async Task HistoryAsync(HttpContext context, string code, ProgrammeHistoryQueries queries)
    {
        var history = await queries.OfCouponAsync(context.Actor().Tenant, code, context.RequestAborted);
        if (history.Items.Count == 0)
        {
            await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, history, ProgrammeDocument.TypeOf<CouponTemplateHistory>());
    }

    private static async Task CreateAsync(HttpContext context, ProgrammeChanges changes)
    {
        if (await WriteRequests.ReadAsync(context, CouponTemplateChange.ReadTemplate) is { } request)
        {
            var template = request.Body.Template!;
            await ChangeAsync(context, changes, request, StatusCodes.Status201Created, programme => programme.FindCoupon(template.Code) is not null
                ? new ProgrammeEdit.Refused(new Refusal("COUPON_TEMPLATE_EXISTS", ("template", template.Code)))
                : new ProgrammeEdit.To(programme with { Coupons = programme.Coupons.Add(template) }));
        }
    }

    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes)
    {
        if (await WriteRequests.ReadAsync(context, CouponTemplateChange.ReadTemplate) is { } request)
        {
            // Its coupons and its stock go by the code.
            if (await ProgrammeChanges.IsAnotherAsync(context, request.Body.Template!.Code, code))
            {
                return;
            }

            await ChangeAsync(context, changes, request, StatusCodes.Status200OK, programme => Replaced(programme, code, _ => request.Body.Template!));
        }
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes) =>
        SwitchAsync(context, code, changes, active: false);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes) =>
        SwitchAsync(context, code, changes, active: true);

    private static async Task SwitchAsync(HttpContext context, string code, ProgrammeChanges changes, bool active)
    {
        if (await WriteRequests.ReadAsync(context, CouponTemplateChange.ReadSwitch) is { } request)
        {
            await ChangeAsync(
                context, changes, request, StatusCodes.Status200OK, programme => Replaced(programme, code, template => template with { Active = active }));
        }
    }

    private static ProgrammeEdit Replaced(Programme programme, string code, Func<CouponTemplate, CouponTemplate> change)
    {
        for (var i = 0; i < programme.Coupons.Length; i++)
        {
            if (programme.Coupons[i].Code == code)
            {
                return new ProgrammeEdit.To(programme with { Coupons = programme.Coupons.SetItem(i, change(programme.Coupons[i])) });
            }
        }

        return new ProgrammeEdit.Refused(NotFound(code));
    }

    private static async Task ChangeAsync(
        HttpContext context, ProgrammeChanges changes, WriteRequest<CouponTemplateChange> request, int status, Func<Programme, ProgrammeEdit> edit)
    {
        var (sent, reason) = (request.Body.Template, request.Body.Reason);
        if (await changes.MakeAsync(context, request, reason, status, edit, wanted => MistakesOf(wanted, sent)) is { } programme)
        {
            var code = sent?.Code ?? (string)context.Request.RouteValues["code"]!;
            var reply = new CouponTemplateReply { Version = programme.Version, Template = programme.FindCoupon(code)! };
            await ProgrammeChanges.AnswerAsync(context, status, reply, programme.Version);
        }
    }

    /// <summary>The mistakes of the template that is sent, with pointers into it; of the whole programme where none is.</summary>
    private static IReadOnlyList<FieldError> MistakesOf(Programme programme, CouponTemplate? template)
    {
        var index = programme.Coupons.LastIndexOf(template!);
        return ProgrammeChanges.Within(CouponMistakes.Of(programme), index < 0 ? "" : $"/coupons/{index.ToString(CultureInfo.InvariantCulture)}");
    }

    private static Refusal NotFound(string code) => new("COUPON_TEMPLATE_NOT_FOUND", ("template", code));
}
