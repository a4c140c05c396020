using System.Collections.Immutable;
using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
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
    /// <summary>Bytes of a benefit or package at the most.</summary>
    private static readonly BodyRules s_rules = new() { BytesMax = 512 * 1024 };

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
        routes.MapGet("/api/benefits/{code}/history", HistoryAsync)
            .RequirePermission(Permission.BenefitsRead)
            .Produces<BenefitDefinitionHistory>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How a benefit came to be as it is, newest first.");
        PartDoors<BenefitDefinition, BenefitReply>.Write<BenefitDefinition>(
            routes.MapPost("/api/benefits", CreateAsync), StatusCodes.Status201Created, "Adds a benefit after the others.");
        PartDoors<BenefitDefinition, BenefitReply>.Write<BenefitDefinition>(
            routes.MapPut("/api/benefits/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a benefit in the place of the one of its code.");
        PartDoors<BenefitDefinition, BenefitReply>.Write<PartSwitch>(
            routes.MapPost("/api/benefits/{code}/disable", DisableAsync), StatusCodes.Status200OK, "Nobody has the benefit from now on; grants stay.");
        PartDoors<BenefitDefinition, BenefitReply>.Write<PartSwitch>(
            routes.MapPost("/api/benefits/{code}/enable", EnableAsync), StatusCodes.Status200OK, "Those who hold the benefit have it again.");
        routes.MapGet("/api/benefits/packages", PackagesAsync)
            .RequirePermission(Permission.BenefitsRead)
            .Produces<PackageList>()
            .WithSummary("The packages that levels give.");
        PartDoors<BenefitPackage, PackageReply>.Write<BenefitPackage>(
            routes.MapPut("/api/benefits/packages/{code}", PutPackageAsync),
            StatusCodes.Status200OK,
            "Adds a package, or puts it in the place of the one of its code.");
    }

    /// <summary>What is wrong with a benefit depends on the kinds that this installation knows.</summary>
    private static PartDoors<BenefitDefinition, BenefitReply> DoorsOf(ProgrammeKind programmes) => new()
    {
        Place = "/benefits",
        PartsOf = programme => programme.Benefits,
        With = (programme, benefits) => programme with { Benefits = benefits },
        CodeOf = benefit => benefit.Code,
        IsActive = benefit => benefit.Status == BenefitStatus.Active,
        Switched = (benefit, active) => benefit with { Status = active ? BenefitStatus.Active : BenefitStatus.Disabled },
        MistakesOf = programme => BenefitMistakes.Of(programme, programmes.Benefits),
        ReplyOf = (programme, benefit) => new BenefitReply { Version = programme.Version, Benefit = benefit },
        NotFound = NotFound,
        Exists = code => new Refusal("BENEFIT_EXISTS", ("benefit", code)),
    };

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
        var list = new BenefitList { Version = programme.Version, Kinds = programmes.Benefits.Codes, Items = [.. items] };
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, list, programme.Version);
    }

    private static Task FindAsync(HttpContext context, string code, ProgrammeStore store, ProgrammeKind programmes) =>
        DoorsOf(programmes).FindAsync(context, code, store);

    private static async Task HistoryAsync(HttpContext context, string code, ProgrammeHistoryQueries queries)
    {
        var history = await queries.OfBenefitAsync(context.Actor().Tenant, code, context.RequestAborted);
        if (history.Items.Count == 0)
        {
            await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, history, ProgrammeDocument.TypeOf<BenefitDefinitionHistory>());
    }

    private static async Task PackagesAsync(HttpContext context, ProgrammeStore store)
    {
        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        var list = new PackageList { Version = programme.Version, Items = programme.Packages };
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, list, programme.Version);
    }

    private static async Task CreateAsync(HttpContext context, ProgrammeChanges changes, ProgrammeKind programmes)
    {
        if (await SentPart<BenefitDefinition>.ReadAsync(context, s_rules) is { } sent)
        {
            await DoorsOf(programmes).CreateAsync(context, changes, sent, sent.Request.Body);
        }
    }

    /// <summary>Grants, uses and counters go by the code.</summary>
    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes)
    {
        if (await SentPart<BenefitDefinition>.ReadAsync(context, s_rules) is { } sent)
        {
            await DoorsOf(programmes).ReplaceAsync(context, code, changes, sent, sent.Request.Body);
        }
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes) =>
        DoorsOf(programmes).SwitchAsync(context, code, changes, active: false);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes) =>
        DoorsOf(programmes).SwitchAsync(context, code, changes, active: true);

    /// <summary>Levels go by the code.</summary>
    private static async Task PutPackageAsync(HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes)
    {
        if (await SentPart<BenefitPackage>.ReadAsync(context, s_rules) is not { } sent
            || await ProgrammeChanges.IsAnotherAsync(context, sent.Request.Body.Code, code))
        {
            return;
        }

        var made = await changes.MakeAsync(
            context,
            sent.Request,
            sent.Reason,
            StatusCodes.Status200OK,
            programme => new ProgrammeEdit.To(programme with { Packages = With(programme.Packages, sent.Request.Body) }),
            programme => ProgrammeChanges.Within(
                BenefitMistakes.Of(programme, programmes.Benefits), $"/packages/{Index(programme.Packages, code).ToString(CultureInfo.InvariantCulture)}"));
        if (made is { } inForce)
        {
            var reply = new PackageReply { Version = inForce.Version, Package = inForce.Packages[Index(inForce.Packages, code)] };
            await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, reply, inForce.Version);
        }
    }

    private static ImmutableArray<BenefitPackage> With(ImmutableArray<BenefitPackage> packages, BenefitPackage sent) =>
        Index(packages, sent.Code) is var index and >= 0 ? packages.SetItem(index, sent) : packages.Add(sent);

    private static int Index(ImmutableArray<BenefitPackage> packages, string code) => packages.ToList().FindIndex(package => package.Code == code);

    internal static Refusal NotFound(string code) => new("BENEFIT_NOT_FOUND", ("benefit", code));
}
