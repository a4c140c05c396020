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

namespace Laurel.Membership.Rules;

/// <summary>The rules of the programme, in the order in which they stand.</summary>
public sealed record RuleList
{
    /// <summary>Of the programme they belong to.</summary>
    public required int Version { get; init; }

    public required IReadOnlyList<Rule> Items { get; init; }
}

/// <summary>A rule and the version of the programme it belongs to.</summary>
public sealed record RuleReply
{
    public required int Version { get; init; }

    public required Rule Rule { get; init; }
}

/// <summary>The doors of the rules. A change is a new version of the programme, in force at once; entries know the version that made them.</summary>
internal static class RulesModule
{
    private static readonly PartDoors<Rule, RuleReply> s_doors = new()
    {
        Place = "/rules",
        PartsOf = programme => programme.Rules,
        With = (programme, rules) => programme with { Rules = rules },
        CodeOf = rule => rule.Code,
        IsActive = rule => rule.Active,
        Switched = (rule, active) => rule with { Active = active },
        MistakesOf = RuleMistakes.Of,
        ReplyOf = (programme, rule) => new RuleReply { Version = programme.Version, Rule = rule },
        NotFound = NotFound,
        Exists = code => new Refusal("RULE_EXISTS", ("rule", code)),
    };

    public static void MapRules(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/points/rules", ListAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Produces<RuleList>()
            .WithSummary("The rules of the programme; filters trigger, active.");
        routes.MapGet("/api/points/rules/{code}", FindAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Produces<RuleReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One rule.");
        routes.MapGet("/api/points/rules/{code}/history", HistoryAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Produces<RuleHistory>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How a rule came to be as it is, newest first.");
        PartDoors<Rule, RuleReply>.Write<Rule>(routes.MapPost("/api/points/rules", CreateAsync), StatusCodes.Status201Created, "Adds a rule after the others.");
        PartDoors<Rule, RuleReply>.Write<Rule>(routes.MapPut("/api/points/rules/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a rule in the place of the one of its code.");
        PartDoors<Rule, RuleReply>.Write<PartSwitch>(routes.MapPost("/api/points/rules/{code}/disable", DisableAsync), StatusCodes.Status200OK, "Makes a rule pay nothing from now on.");
        PartDoors<Rule, RuleReply>.Write<PartSwitch>(routes.MapPost("/api/points/rules/{code}/enable", EnableAsync), StatusCodes.Status200OK, "Makes a rule pay again.");
        routes.MapPost("/api/points/rules/preview", PreviewAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Accepts<PreviewBody>("application/json")
            .Produces<PreviewReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("What the rules would pay for an event, and why each does or does not. Changes nothing.");
    }

    private static async Task ListAsync(HttpContext context, ProgrammeStore store)
    {
        var query = new QueryFields(context.Request);
        var trigger = query.TextOrNull("trigger", 64);
        var active = query.ChoiceOrNull("active", "true", "false") is { } flag ? flag == "true" : (bool?)null;
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        var items = programme.Rules.Where(rule => (trigger is null || rule.Trigger == trigger) && (active is null || rule.Active == active));
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, new RuleList { Version = programme.Version, Items = [.. items] }, programme.Version);
    }

    private static Task FindAsync(HttpContext context, string code, ProgrammeStore store) => s_doors.FindAsync(context, code, store);

    private static async Task HistoryAsync(HttpContext context, string code, ProgrammeHistoryQueries queries)
    {
        var history = await queries.OfRuleAsync(context.Actor().Tenant, code, context.RequestAborted);
        if (history.Items.Count == 0)
        {
            await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, history, ProgrammeDocument.TypeOf<RuleHistory>());
    }

    private static async Task CreateAsync(HttpContext context, ProgrammeChanges changes)
    {
        if (await WriteRequests.ReadAsync(context, RuleChange.Read) is { } request)
        {
            await s_doors.CreateAsync(context, changes, new SentPart<RuleChange>(request, request.Body.Reason), request.Body.Rule);
        }
    }

    /// <summary>Entries, budgets and explanations go by the code.</summary>
    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes)
    {
        if (await WriteRequests.ReadAsync(context, RuleChange.Read) is { } request)
        {
            await s_doors.ReplaceAsync(context, code, changes, new SentPart<RuleChange>(request, request.Body.Reason), request.Body.Rule);
        }
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes) => s_doors.SwitchAsync(context, code, changes, active: false);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes) => s_doors.SwitchAsync(context, code, changes, active: true);

    private static async Task PreviewAsync(HttpContext context, RulePreview preview)
    {
        var body = await JsonBody.ReadAsync(context, new BodyRules { Hashed = false }, PreviewRequest.Read, context.RequestAborted);
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var answer = await preview.RunAsync(context.Actor().Tenant, body.Value, context.RequestAborted);
        if (answer.Mistakes is { Count: > 0 } mistakes)
        {
            await ProblemResponse.WriteAsync(context, mistakes, context.RequestAborted);
            return;
        }

        if (answer.Refusal is { } refusal)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, answer.Reply!.In(RequestLanguage.Of(context.Request)), ProgrammeDocument.TypeOf<PreviewReply>());
    }

    private static Refusal NotFound(string code) => new("RULE_NOT_FOUND", ("rule", code));
}
