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

    /// <summary>What somebody sends, and why.</summary>
    private sealed record Sent<T>(WriteRequest<T> Request, string? Reason);

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
        Write<BenefitDefinition, BenefitReply>(
            routes.MapPost("/api/benefits", CreateAsync), StatusCodes.Status201Created, "Adds a benefit after the others.");
        Write<BenefitDefinition, BenefitReply>(
            routes.MapPut("/api/benefits/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a benefit in the place of the one of its code.");
        Switch(routes.MapPost("/api/benefits/{code}/disable", DisableAsync), "Nobody has the benefit from now on; grants stay.");
        Switch(routes.MapPost("/api/benefits/{code}/enable", EnableAsync), "Those who hold the benefit have it again.");
        routes.MapGet("/api/benefits/packages", PackagesAsync)
            .RequirePermission(Permission.BenefitsRead)
            .Produces<PackageList>()
            .WithSummary("The packages that levels give.");
        Write<BenefitPackage, PackageReply>(
            routes.MapPut("/api/benefits/packages/{code}", PutPackageAsync),
            StatusCodes.Status200OK,
            "Adds a package, or puts it in the place of the one of its code.");
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
        .Accepts<RuleChangeBody>("application/json")
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
        var list = new BenefitList { Version = programme.Version, Kinds = programmes.Benefits.Codes, Items = [.. items] };
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, list, programme.Version);
    }

    private static async Task FindAsync(HttpContext context, string code, ProgrammeStore store)
    {
        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        if (programme.Benefits.FirstOrDefault(benefit => benefit.Code == code) is { } found)
        {
            var reply = new BenefitReply { Version = programme.Version, Benefit = found };
            await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, reply, programme.Version);
            return;
        }

        await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
    }

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
        if (await ReadAsync<BenefitDefinition>(context) is not { } sent)
        {
            return;
        }

        var benefit = sent.Request.Body;
        await ChangeAsync(
            context,
            changes,
            sent,
            StatusCodes.Status201Created,
            programme => programme.Benefits.Any(other => other.Code == benefit.Code)
                ? new ProgrammeEdit.Refused(new Refusal("BENEFIT_EXISTS", ("benefit", benefit.Code)))
                : new ProgrammeEdit.To(programme with { Benefits = programme.Benefits.Add(benefit) }),
            programme => MistakesOf(programme, programmes, At("/benefits", programme.Benefits.Length - 1)),
            programme => ReplyOf(programme, benefit.Code));
    }

    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes)
    {
        // Grants, uses and counters go by the code.
        if (await ReadAsync<BenefitDefinition>(context) is not { } sent
            || await ProgrammeChanges.IsAnotherAsync(context, sent.Request.Body.Code, code))
        {
            return;
        }

        await ChangeAsync(
            context,
            changes,
            sent,
            StatusCodes.Status200OK,
            programme => Replaced(programme, code, _ => sent.Request.Body),
            programme => MistakesOf(programme, programmes, At("/benefits", programme.Benefits.IndexOf(sent.Request.Body))),
            programme => ReplyOf(programme, code));
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes) =>
        SwitchAsync(context, code, changes, programmes, BenefitStatus.Disabled);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes) =>
        SwitchAsync(context, code, changes, programmes, BenefitStatus.Active);

    private static async Task SwitchAsync(
        HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes, BenefitStatus status)
    {
        if (await WriteRequests.ReadAsync(context, RuleChange.ReadSwitch) is { } request)
        {
            await ChangeAsync(
                context,
                changes,
                new Sent<RuleChange>(request, request.Body.Reason),
                StatusCodes.Status200OK,
                programme => Replaced(programme, code, benefit => benefit with { Status = status }),
                programme => MistakesOf(programme, programmes, ""),
                programme => ReplyOf(programme, code));
        }
    }

    private static async Task PutPackageAsync(HttpContext context, string code, ProgrammeChanges changes, ProgrammeKind programmes)
    {
        // Levels go by the code.
        if (await ReadAsync<BenefitPackage>(context) is not { } sent
            || await ProgrammeChanges.IsAnotherAsync(context, sent.Request.Body.Code, code))
        {
            return;
        }

        await ChangeAsync(
            context,
            changes,
            sent,
            StatusCodes.Status200OK,
            programme => new ProgrammeEdit.To(programme with { Packages = With(programme.Packages, sent.Request.Body) }),
            programme => MistakesOf(programme, programmes, At("/packages", programme.Packages.IndexOf(sent.Request.Body))),
            programme => new PackageReply { Version = programme.Version, Package = programme.Packages.First(package => package.Code == code) });
    }

    /// <summary>Reads a benefit or a package and why it is sent; when it cannot be read, the problem is answered already and the result is
    /// null.</summary>
    private static async Task<Sent<T>?> ReadAsync<T>(HttpContext context)
        where T : class
    {
        var query = new QueryFields(context.Request);
        var reason = query.TextOrNull("reason", RuleChange.ReasonLengthMax);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return null;
        }

        var body = await WriteRequests.ReadDocumentAsync(context, s_rules, ProgrammeDocument.SentAs<T>());
        return body is { } request ? new Sent<T>(request, reason) : null;
    }

    private static async Task ChangeAsync<T, TReply>(
        HttpContext context,
        ProgrammeChanges changes,
        Sent<T> sent,
        int status,
        Func<Programme, ProgrammeEdit> edit,
        Func<Programme, IReadOnlyList<FieldError>> mistakesOf,
        Func<Programme, TReply> replyOf)
    {
        if (await changes.MakeAsync(context, sent.Request, sent.Reason, status, edit, mistakesOf) is { } programme)
        {
            await ProgrammeChanges.AnswerAsync(context, status, replyOf(programme), programme.Version);
        }
    }

    /// <summary>The mistakes of what is sent, with pointers into it; of the whole programme where the pointer is empty.</summary>
    private static IReadOnlyList<FieldError> MistakesOf(Programme programme, ProgrammeKind programmes, string at) =>
        ProgrammeChanges.Within(BenefitMistakes.Of(programme, programmes.Benefits), at);

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
}
