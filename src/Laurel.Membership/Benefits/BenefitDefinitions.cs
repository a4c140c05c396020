using System.Collections.Immutable;
using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Benefits;

/// <summary>The benefits of the programme, in the order in which they stand.</summary>
public sealed record BenefitList
{
    /// <summary>Of the programme they belong to.</summary>
    public required int Version { get; init; }

    /// <summary>The kinds that there are.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    public required IReadOnlyList<BenefitDefinition> Items { get; init; }
}

/// <summary>A benefit and the version of the programme it belongs to.</summary>
public sealed record BenefitReply
{
    public required int Version { get; init; }

    public required BenefitDefinition Benefit { get; init; }
}

/// <summary>The packages of the programme.</summary>
public sealed record PackageList
{
    public required int Version { get; init; }

    public required IReadOnlyList<BenefitPackage> Items { get; init; }
}

/// <summary>A package and the version of the programme it belongs to.</summary>
public sealed record PackageReply
{
    public required int Version { get; init; }

    public required BenefitPackage Package { get; init; }
}

/// <summary>The doors of what the programme says of benefits.</summary>
internal static class BenefitDefinitions
{
    public static void MapBenefitDefinitions(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/benefits", ListAsync)
            .RequirePermission(Permission.BenefitsRead)
            .Produces<BenefitList>()
            .WithSummary("The benefits of the programme; filters kind, status.");
        routes.MapGet("/api/benefits/{code}", FindAsync)
            .RequirePermission(Permission.BenefitsRead)
            .Produces<BenefitReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One benefit.");
        Write<BenefitDefinition, BenefitReply>(routes.MapPost("/api/benefits", CreateAsync), StatusCodes.Status201Created, "Adds a benefit after the others.");
        Write<BenefitDefinition, BenefitReply>(routes.MapPut("/api/benefits/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a benefit in the place of the one of its code.");
        Switch(routes.MapPost("/api/benefits/{code}/disable", DisableAsync), "Nobody has the benefit from now on; grants stay.");
        Switch(routes.MapPost("/api/benefits/{code}/enable", EnableAsync), "Those who hold the benefit have it again.");
        routes.MapGet("/api/benefits/packages", PackagesAsync)
            .RequirePermission(Permission.BenefitsRead)
            .Produces<PackageList>()
            .WithSummary("The packages that levels give.");
        Write<BenefitPackage, PackageReply>(
            routes.MapPut("/api/benefits/packages/{code}", PutPackageAsync), StatusCodes.Status200OK, "Adds a package, or puts it in the place of the one of its code.");
    }

    private static void Write<TBody, TReply>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Accepts<TBody>("application/json")
        .Produces<TReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static void Switch(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Produces<BenefitReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .WithSummary(summary);

    private static async Task ListAsync(HttpContext context, ProgrammeStore store, ProgrammeKind programmes)
    {
        var query = new QueryFields(context.Request);
        var kind = query.TextOrNull("kind", BenefitLimits.FeatureLengthMax);
        BenefitStatus? status = query.ChoiceOrNull("status", "active", "disabled") is { } name
            ? name == "active" ? BenefitStatus.Active : BenefitStatus.Disabled
            : null;
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        var items = programme.Benefits.Where(benefit => (kind is null || benefit.Kind == kind) && (status is null || benefit.Status == status));
        await AnswerAsync(context, new BenefitList { Version = programme.Version, Kinds = programmes.Benefits.Codes, Items = [.. items] }, programme.Version);
    }

    private static async Task FindAsync(HttpContext context, string code, ProgrammeStore store)
    {
        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        if (programme.Benefits.FirstOrDefault(benefit => benefit.Code == code) is { } found)
        {
            await AnswerAsync(context, new BenefitReply { Version = programme.Version, Benefit = found }, programme.Version);
            return;
        }

        await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
    }

    private static async Task PackagesAsync(HttpContext context, ProgrammeStore store)
    {
        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        await AnswerAsync(context, new PackageList { Version = programme.Version, Items = programme.Packages }, programme.Version);
    }

    private static async Task CreateAsync(HttpContext context, BenefitChange change)
    {
        if (await BenefitChange.ReadAsync<BenefitDefinition>(context) is not { Body: var sent } request)
        {
            return;
        }

        await change.MakeAsync(
            context,
            request.Idempotency,
            StatusCodes.Status201Created,
            programme => programme.Benefits.Any(benefit => benefit.Code == sent.Code)
                ? new ProgrammeEdit.Refused(new Refusal("BENEFIT_EXISTS", ("benefit", sent.Code)))
                : new ProgrammeEdit.To(programme with { Benefits = programme.Benefits.Add(sent) }),
            programme => At("/benefits", programme.Benefits.Length - 1),
            programme => ReplyOf(programme, sent.Code));
    }

    private static async Task ReplaceAsync(HttpContext context, string code, BenefitChange change)
    {
        if (await BenefitChange.ReadAsync<BenefitDefinition>(context) is not { Body: var sent } request)
        {
            return;
        }

        await change.MakeAsync(
            context,
            request.Idempotency,
            StatusCodes.Status200OK,
            programme => Replaced(programme, code, _ => sent),
            programme => At("/benefits", programme.Benefits.IndexOf(sent)),
            programme => ReplyOf(programme, sent.Code));
    }

    private static Task DisableAsync(HttpContext context, string code, BenefitChange change) => SwitchAsync(context, code, change, BenefitStatus.Disabled);

    private static Task EnableAsync(HttpContext context, string code, BenefitChange change) => SwitchAsync(context, code, change, BenefitStatus.Active);

    private static Task SwitchAsync(HttpContext context, string code, BenefitChange change, BenefitStatus status) => change.MakeAsync(
        context,
        null,
        StatusCodes.Status200OK,
        programme => Replaced(programme, code, benefit => benefit with { Status = status }),
        _ => null,
        programme => ReplyOf(programme, code));

    private static async Task PutPackageAsync(HttpContext context, string code, BenefitChange change)
    {
        if (await BenefitChange.ReadAsync<BenefitPackage>(context) is not { Body: var sent } request)
        {
            return;
        }

        if (sent.Code != code)
        {
            var error = new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Body, "/code", ("expected", new Wording("the code of the path", "路径中的编码")));
            await ProblemResponse.WriteAsync(context, [error], context.RequestAborted);
            return;
        }

        await change.MakeAsync(
            context,
            request.Idempotency,
            StatusCodes.Status200OK,
            programme => new ProgrammeEdit.To(programme with { Packages = With(programme.Packages, sent) }),
            programme => At("/packages", programme.Packages.IndexOf(sent)),
            programme => new PackageReply { Version = programme.Version, Package = programme.Packages.First(package => package.Code == code) });
    }

    private static ImmutableArray<BenefitPackage> With(ImmutableArray<BenefitPackage> packages, BenefitPackage sent)
    {
        for (var i = 0; i < packages.Length; i++)
        {
            if (packages[i].Code == sent.Code)
            {
                return packages.SetItem(i, sent);
            }
        }

        return packages.Add(sent);
    }

    private static ProgrammeEdit Replaced(Programme programme, string code, Func<BenefitDefinition, BenefitDefinition> change)
    {
        for (var i = 0; i < programme.Benefits.Length; i++)
        {
            if (programme.Benefits[i].Code == code)
            {
                return new ProgrammeEdit.To(programme with { Benefits = programme.Benefits.SetItem(i, change(programme.Benefits[i])) });
            }
        }

        return new ProgrammeEdit.Refused(NotFound(code));
    }

    private static BenefitReply ReplyOf(Programme programme, string code) =>
        new() { Version = programme.Version, Benefit = programme.Benefits.First(benefit => benefit.Code == code) };

    private static string At(string list, int index) => $"{list}/{index.ToString(CultureInfo.InvariantCulture)}";

    internal static Refusal NotFound(string code) => new("BENEFIT_NOT_FOUND", ("benefit", code));

    private static Task AnswerAsync<T>(HttpContext context, T reply, int version)
    {
        context.Response.Headers.ETag = ProgrammeModule.ETagOf(version);
        return WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, ProgrammeDocument.TypeOf<T>());
    }
}
