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
    private static readonly PartDoors<CouponTemplate, CouponTemplateReply> s_doors = new()
    {
        Place = "/coupons",
        PartsOf = programme => programme.Coupons,
        With = (programme, templates) => programme with { Coupons = templates },
        CodeOf = template => template.Code,
        IsActive = template => template.Active,
        Switched = (template, active) => template with { Active = active },
        MistakesOf = CouponMistakes.Of,
        ReplyOf = (programme, template) => new CouponTemplateReply { Version = programme.Version, Template = template },
        NotFound = NotFound,
        Exists = code => new Refusal("COUPON_TEMPLATE_EXISTS", ("template", code)),
    };

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
        PartDoors<CouponTemplate, CouponTemplateReply>.Write<CouponTemplate>(routes.MapPost("/api/coupons/templates", CreateAsync), StatusCodes.Status201Created, "Adds a template.");
        PartDoors<CouponTemplate, CouponTemplateReply>.Write<CouponTemplate>(
            routes.MapPut("/api/coupons/templates/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a template in the place of the one of its code.");
        PartDoors<CouponTemplate, CouponTemplateReply>.Write<PartSwitch>(
            routes.MapPost("/api/coupons/templates/{code}/disable", DisableAsync), StatusCodes.Status200OK, "No coupon is made of a template from now on.");
        PartDoors<CouponTemplate, CouponTemplateReply>.Write<PartSwitch>(
            routes.MapPost("/api/coupons/templates/{code}/enable", EnableAsync), StatusCodes.Status200OK, "Coupons are made of a template again.");
    }

    private static Task ListAsync(HttpContext context, ProgrammeStore store) =>
        s_doors.ListAsync(context, store, (version, templates) => new CouponTemplateList { Version = version, Items = templates });

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
        if (await WriteRequests.ReadAsync(context, CouponTemplateChange.Read) is { } request)
        {
            await s_doors.CreateAsync(context, changes, new SentPart<CouponTemplateChange>(request, request.Body.Reason), request.Body.Template);
        }
    }

    /// <summary>Coupons and the stock go by the code.</summary>
    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes)
    {
        if (await WriteRequests.ReadAsync(context, CouponTemplateChange.Read) is { } request)
        {
            await s_doors.ReplaceAsync(context, code, changes, new SentPart<CouponTemplateChange>(request, request.Body.Reason), request.Body.Template);
        }
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes) => s_doors.SwitchAsync(context, code, changes, active: false);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes) => s_doors.SwitchAsync(context, code, changes, active: true);

    private static Refusal NotFound(string code) => new("COUPON_TEMPLATE_NOT_FOUND", ("template", code));
}
