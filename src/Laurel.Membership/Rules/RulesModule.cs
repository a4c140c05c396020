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
        Write<Rule>(routes.MapPost("/api/points/rules", CreateAsync), StatusCodes.Status201Created, "Adds a rule after the others.");
        Write<Rule>(routes.MapPut("/api/points/rules/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a rule in the place of the one of its code.");
        Write<RuleChangeBody>(routes.MapPost("/api/points/rules/{code}/disable", DisableAsync), StatusCodes.Status200OK, "Makes a rule pay nothing from now on.");
        Write<RuleChangeBody>(routes.MapPost("/api/points/rules/{code}/enable", EnableAsync), StatusCodes.Status200OK, "Makes a rule pay again.");
        routes.MapPost("/api/points/rules/preview", PreviewAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Accepts<PreviewBody>("application/json")
            .Produces<PreviewReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("What the rules would pay for an event, and why each does or does not. Changes nothing.");
    }

    private static void Write<TBody>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Accepts<TBody>("application/json")
        .Produces<RuleReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

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

    private static async Task FindAsync(HttpContext context, string code, ProgrammeStore store)
    {
        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        if (programme.Rules.FirstOrDefault(rule => rule.Code == code) is { } found)
        {
            await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, new RuleReply { Version = programme.Version, Rule = found }, programme.Version);
            return;
        }

        await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
    }

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
        if (await WriteRequests.ReadAsync(context, RuleChange.ReadRule) is { } request)
        {
            await ChangeAsync(context, changes, request, StatusCodes.Status201Created, programme => programme.Rules.Any(rule => rule.Code == request.Body.Rule!.Code)
                ? new ProgrammeEdit.Refused(new Refusal("RULE_EXISTS", ("rule", request.Body.Rule!.Code)))
                : new ProgrammeEdit.To(programme with { Rules = programme.Rules.Add(request.Body.Rule!) }));
        }
    }

    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes)
    {
        if (await WriteRequests.ReadAsync(context, RuleChange.ReadRule) is { } request)
        {
            // Entries, budgets and explanations go by the code.
            if (await ProgrammeChanges.IsAnotherAsync(context, request.Body.Rule!.Code, code))
            {
                return;
            }

            await ChangeAsync(context, changes, request, StatusCodes.Status200OK, programme => Replaced(programme, code, _ => request.Body.Rule!));
        }
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes) =>
        SwitchAsync(context, code, changes, active: false);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes) =>
        SwitchAsync(context, code, changes, active: true);

    private static async Task SwitchAsync(HttpContext context, string code, ProgrammeChanges changes, bool active)
    {
        if (await WriteRequests.ReadAsync(context, RuleChange.ReadSwitch) is { } request)
        {
            await ChangeAsync(context, changes, request, StatusCodes.Status200OK, programme => Replaced(programme, code, rule => rule with { Active = active }));
        }
    }

    private static ProgrammeEdit Replaced(Programme programme, string code, Func<Rule, Rule> change)
    {
        for (var i = 0; i < programme.Rules.Length; i++)
        {
            if (programme.Rules[i].Code == code)
            {
                return new ProgrammeEdit.To(programme with { Rules = programme.Rules.SetItem(i, change(programme.Rules[i])) });
            }
        }

        return new ProgrammeEdit.Refused(NotFound(code));
    }

    private static async Task ChangeAsync(
        HttpContext context, ProgrammeChanges changes, WriteRequest<RuleChange> request, int status, Func<Programme, ProgrammeEdit> edit)
    {
        var (sent, reason) = (request.Body.Rule, request.Body.Reason);
        if (await changes.MakeAsync(context, request, reason, status, edit, wanted => MistakesOf(wanted, sent)) is { } programme)
        {
            var code = sent?.Code ?? (string)context.Request.RouteValues["code"]!;
            var reply = new RuleReply { Version = programme.Version, Rule = programme.Rules.First(rule => rule.Code == code) };
            await ProgrammeChanges.AnswerAsync(context, status, reply, programme.Version);
        }
    }

    /// <summary>The mistakes of the rule that is sent, with pointers into it; of the whole programme where none is.</summary>
    private static IReadOnlyList<FieldError> MistakesOf(Programme programme, Rule? rule)
    {
        var index = programme.Rules.LastIndexOf(rule!);
        return ProgrammeChanges.Within(RuleMistakes.Of(programme), index < 0 ? "" : $"/rules/{index.ToString(CultureInfo.InvariantCulture)}");
    }

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
