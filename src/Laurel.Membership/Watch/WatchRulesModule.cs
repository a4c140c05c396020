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

namespace Laurel.Membership.Watch;

/// <summary>The doors of the watch rules. A change is a new version of the programme, in force at once.</summary>
internal static class WatchRulesModule
{
    private const int CursorLengthMax = 200;

    private static readonly BodyRules s_rules = new() { BytesMax = 64 * 1024 };

    /// <summary>What somebody sends, and why.</summary>
    private sealed record Sent<T>(WriteRequest<T> Request, string? Reason);

    private sealed record ReplayAsk(Instant From, Instant Until, string? Cursor, int Members);

    public static void MapWatchRules(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/watch/rules", ListAsync)
            .RequirePermission(Permission.WatchRead)
            .Produces<WatchRuleList>()
            .WithSummary("The watch rules of the programme; filter active.");
        routes.MapGet("/api/watch/rules/{code}", FindAsync)
            .RequirePermission(Permission.WatchRead)
            .Produces<WatchRuleReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One watch rule.");
        routes.MapGet("/api/watch/rules/{code}/history", HistoryAsync)
            .RequirePermission(Permission.WatchRead)
            .Produces<WatchRuleHistory>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How a watch rule came to be as it is, newest first.");
        Write<WatchRule>(routes.MapPost("/api/watch/rules", CreateAsync), StatusCodes.Status201Created, "Adds a watch rule after the others.");
        Write<WatchRule>(
            routes.MapPut("/api/watch/rules/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a watch rule in the place of the one of its code.");
        Write<RuleChangeBody>(
            routes.MapPost("/api/watch/rules/{code}/disable", DisableAsync), StatusCodes.Status200OK, "Makes a watch rule look at nothing from now on.");
        Write<RuleChangeBody>(
            routes.MapPost("/api/watch/rules/{code}/enable", EnableAsync), StatusCodes.Status200OK, "Makes a watch rule look from now on.");
        routes.MapPost("/api/watch/rules/{code}/replay", ReplayAsync)
            .RequirePermission(Permission.WatchRead)
            .Accepts<WatchReplayBody>("application/json")
            .Produces<WatchReplayReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("What a watch rule, active or not, would have hit between two dates, some members at a time. Changes nothing.");
    }

    private static void Write<TBody>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Accepts<TBody>("application/json")
        .Produces<WatchRuleReply>(status)
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
        var items = programme.Watch.Where(rule => active is null || rule.Active == active);
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, new WatchRuleList { Version = programme.Version, Items = [.. items] }, programme.Version);
    }

    private static async Task FindAsync(HttpContext context, string code, ProgrammeStore store)
    {
        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        await (programme.Watch.FirstOrDefault(rule => rule.Code == code) is null
            ? ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted)
            : ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, ReplyOf(programme, code), programme.Version));
    }

    private static async Task HistoryAsync(HttpContext context, string code, ProgrammeHistoryQueries queries)
    {
        var history = await queries.OfWatchAsync(context.Actor().Tenant, code, context.RequestAborted);
        await (history.Items.Count == 0
            ? ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted)
            : WriteResponse.WriteAsync(context, StatusCodes.Status200OK, history, ProgrammeDocument.TypeOf<WatchRuleHistory>()));
    }

    private static async Task CreateAsync(HttpContext context, ProgrammeChanges changes)
    {
        if (await ReadRuleAsync(context) is { } sent)
        {
            var rule = sent.Request.Body;
            await ChangeAsync(context, changes, sent, StatusCodes.Status201Created, rule.Code, programme => programme.Watch.Any(other => other.Code == rule.Code)
                ? new ProgrammeEdit.Refused(new Refusal(ErrorCode.WatchRuleExists, ("rule", rule.Code)))
                : new ProgrammeEdit.To(programme with { Watch = programme.Watch.Add(rule) }));
        }
    }

    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes)
    {
        // Cases and counters go by the code.
        if (await ReadRuleAsync(context) is { } sent && !await ProgrammeChanges.IsAnotherAsync(context, sent.Request.Body.Code, code))
        {
            await ChangeAsync(context, changes, sent, StatusCodes.Status200OK, code, programme => Replaced(programme, code, _ => sent.Request.Body));
        }
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes) => SwitchAsync(context, code, changes, active: false);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes) => SwitchAsync(context, code, changes, active: true);

    private static async Task SwitchAsync(HttpContext context, string code, ProgrammeChanges changes, bool active)
    {
        if (await WriteRequests.ReadAsync(context, RuleChange.ReadSwitch) is { } request)
        {
            var sent = new Sent<RuleChange>(request, request.Body.Reason);
            await ChangeAsync(
                context, changes, sent, StatusCodes.Status200OK, code, programme => Replaced(programme, code, rule => rule with { Active = active }));
        }
    }

    private static async Task<Sent<WatchRule>?> ReadRuleAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var reason = query.TextOrNull("reason", RuleChange.ReasonLengthMax);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return null;
        }

        var body = await WriteRequests.ReadDocumentAsync(context, s_rules, ProgrammeDocument.SentAs<WatchRule>());
        return body is { } request ? new Sent<WatchRule>(request, reason) : null;
    }

    private static async Task ChangeAsync<T>(
        HttpContext context, ProgrammeChanges changes, Sent<T> sent, int status, string code, Func<Programme, ProgrammeEdit> edit)
    {
        if (await changes.MakeAsync(context, sent.Request, sent.Reason, status, edit, programme => MistakesOf(programme, code)) is { } made)
        {
            await ProgrammeChanges.AnswerAsync(context, status, ReplyOf(made, code), made.Version);
        }
    }

    /// <summary>The mistakes of the rule that is sent, with pointers into it.</summary>
    private static IReadOnlyList<FieldError> MistakesOf(Programme programme, string code)
    {
        var index = programme.Watch.ToList().FindLastIndex(rule => rule.Code == code);
        return ProgrammeChanges.Within(WatchMistakes.Of(programme), $"/watch/{index.ToString(CultureInfo.InvariantCulture)}");
    }

    private static ProgrammeEdit Replaced(Programme programme, string code, Func<WatchRule, WatchRule> change)
    {
        for (var i = 0; i < programme.Watch.Length; i++)
        {
            if (programme.Watch[i].Code == code)
            {
                return new ProgrammeEdit.To(programme with { Watch = programme.Watch.SetItem(i, change(programme.Watch[i])) });
            }
        }

        return new ProgrammeEdit.Refused(NotFound(code));
    }

    private static async Task ReplayAsync(HttpContext context, string code, ReadRouter router, ProgrammeStore store)
    {
        var body = await JsonBody.ReadAsync(context, new BodyRules { Hashed = false }, ReadAsk, context.RequestAborted);
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var (tenant, ask) = (context.Actor().Tenant, body.Value);
        var active = await store.LatestAsync(tenant, context.RequestAborted);
        if (active.Programme.Watch.FirstOrDefault(rule => rule.Code == code) is not { } found)
        {
            await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
            return;
        }

        if (WatchRules.IsOfMarks(found.Measure))
        {
            var refusal = new Refusal(ErrorCode.WatchNotReplayable, ("rule", code), ("measure", WatchRules.NameOf(found.Measure)));
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return;
        }

        Span<long> after = [0];
        _ = ask.Cursor is null || Cursor.TryRead(ask.Cursor, after);
        var (rule, begin) = (new PreparedWatchRule(found, active.Calendar), after[0]);
        var page = await context.ReadAsync(
            router, from => new WatchReplay(from, tenant).RunAsync(rule, ask.From, ask.Until, begin, ask.Members, context.RequestAborted));
        var reply = WatchReplay.ReplyOf(code, active.Programme.Version, page);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.WatchReplayReply);
    }

    private static ReplayAsk ReadAsk(JsonFields fields)
    {
        var ask = new ReplayAsk(
            fields.TimeOrNull("from") ?? Instant.Earliest,
            fields.TimeOrNull("until") ?? Instant.Never,
            fields.TextOrNull("cursor", CursorLengthMax),
            (int)(fields.IntegerOrNull("members", 1, WatchReplay.MembersMax) ?? WatchReplay.MembersByDefault));
        if (ask.From >= ask.Until)
        {
            fields.Fail("until", FieldErrorCode.NothingBetween);
        }

        Span<long> values = [0];
        if (ask.Cursor is { } cursor && !Cursor.TryRead(cursor, values))
        {
            fields.Fail("cursor", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Cursor));
        }

        fields.RefuseUnknown();
        return ask;
    }

    private static WatchRuleReply ReplyOf(Programme programme, string code) =>
        new() { Version = programme.Version, Rule = programme.Watch.First(rule => rule.Code == code) };

    private static Refusal NotFound(string code) => new(ErrorCode.WatchRuleNotFound, ("rule", code));
}
