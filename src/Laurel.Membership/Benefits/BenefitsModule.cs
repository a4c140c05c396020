using Laurel.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Benefits;

/// <summary>The doors of this capability.</summary>
internal static class BenefitsModule
{
    public static void MapBenefits(this IEndpointRouteBuilder routes)
    {
        routes.MapBenefitDefinitions();
        MapUses(routes);
        MapReads(routes);
    }

    private static void MapUses(IEndpointRouteBuilder routes)
    {
        Write<ConsumeBody, BenefitUseReply>(
            routes.MapPost("/api/benefits/{code}/consume", (HttpContext context, string code, BenefitDoors doors) => doors.ConsumeAsync(context, code)),
            Permission.BenefitsWrite, "A member uses a benefit; bizNo names the use once and for all.");
        Write<ReturnUseBody, BenefitUseReply>(
            routes.MapPost("/api/benefits/{code}/return", (HttpContext context, string code, BenefitDoors doors) => doors.ReturnAsync(context, code)),
            Permission.BenefitsWrite, "Gives a use back, once.");
        Write<GrantBody, BenefitGrantReply>(
            routes.MapPost("/api/benefits/grants", (HttpContext context, BenefitDoors doors) => doors.GrantAsync(context)),
            Permission.BenefitsGrant, "Grants a benefit by hand, beside what the level gives.", StatusCodes.Status201Created);
        Write<RevokeBody, BenefitGrantReply>(
            routes.MapPost("/api/benefits/grants/revoke", (HttpContext context, BenefitDoors doors) => doors.RevokeAsync(context)),
            Permission.BenefitsGrant, "Takes a grant back.");
    }

    private static void MapReads(IEndpointRouteBuilder routes)
    {
        Read<MemberBenefits>(
            routes.MapGet("/api/members/{id}/benefits", (HttpContext context, string id, BenefitReads reads) => reads.AvailableAsync(context, id)),
            "The benefits that a member has, with what is left of their limits; time is a business time.")
            .OpenToOwner(Permission.ReadSelf);
        Read<BenefitEligibility>(
            routes.MapGet("/api/members/{id}/benefits/{code}/eligibility", (HttpContext context, string id, string code, BenefitReads reads) => reads.EligibilityAsync(context, id, code)),
            "Whether a member could use a benefit, and everything that stands against it.")
            .OpenToOwner(Permission.ReadSelf);
        Read<BenefitUsePage>(
            routes.MapGet("/api/members/{id}/benefits/uses", (HttpContext context, string id, BenefitReads reads) => reads.UsesAsync(context, id)),
            "What benefits a member has used, newest first; filter code.")
            .OpenToOwner(Permission.ReadSelf);
        Read<BenefitGrantPage>(
            routes.MapGet("/api/members/{id}/benefits/grants", (HttpContext context, string id, BenefitReads reads) => reads.GrantsAsync(context, id)),
            "What a member was granted by hand and by rules, newest first.");
        Read<FeatureAccess>(
            routes.MapGet("/api/members/{id}/can-access", (HttpContext context, string id, BenefitReads reads) => reads.AccessAsync(context, id)),
            "Whether a benefit of the member opens a feature.")
            .OpenToOwner(Permission.ReadSelf);
        Read<BenefitUsage>(
            routes.MapGet("/api/benefits/{code}/usage", (HttpContext context, string code, BenefitReads reads) => reads.UsageAsync(context, code)),
            "How a benefit is used, by business day; from and to are days, at most 366.");
        Read<MemberPriceReply>(
            routes.MapPost("/api/benefits/discount", (HttpContext context, BenefitReads reads) => reads.PriceAsync(context)).Accepts<PriceBody>("application/json"),
            "What a member pays for an amount or lines. Changes nothing.");
    }

    private static void Write<TBody, TReply>(RouteHandlerBuilder route, string permission, string summary, int status = StatusCodes.Status200OK)
        where TBody : notnull => route
        .RequirePermission(permission)
        .Accepts<TBody>("application/json")
        .Produces<TReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static RouteHandlerBuilder Read<TReply>(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.BenefitsRead)
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .WithSummary(summary);
}
