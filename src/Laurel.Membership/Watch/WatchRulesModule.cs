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

    private static readonly PartDoors<WatchRule, WatchRuleReply> s_doors = new()
    {
        Place = "/watch",
        PartsOf = programme => programme.Watch,
        With = (programme, rules) => programme with { Watch = rules },
        CodeOf = rule => rule.Code,
        IsActive = rule => rule.Active,
        Switched = (rule, active) => rule with { Active = active },
        MistakesOf = WatchMistakes.Of,
        ReplyOf = (programme, rule) => new WatchRuleReply { Version = programme.Version, Rule = rule },
        NotFound = NotFound,
        Exists = code => new Refusal(ErrorCode.WatchRuleExists, ("rule", code)),
    };

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
        PartDoors<WatchRule, WatchRuleReply>.Write<WatchRule>(routes.MapPost("/api/watch/rules", CreateAsync), StatusCodes.Status201Created, "Adds a watch rule after the others.");
        PartDoors<WatchRule, WatchRuleReply>.Write<WatchRule>(
            routes.MapPut("/api/watch/rules/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a watch rule in the place of the one of its code.");
        PartDoors<WatchRule, WatchRuleReply>.Write<PartSwitch>(
            routes.MapPost("/api/watch/rules/{code}/disable", DisableAsync), StatusCodes.Status200OK, "Makes a watch rule look at nothing from now on.");
        PartDoors<WatchRule, WatchRuleReply>.Write<PartSwitch>(
            routes.MapPost("/api/watch/rules/{code}/enable", EnableAsync), StatusCodes.Status200OK, "Makes a watch rule look from now on.");
        routes.MapPost("/api/watch/rules/{code}/replay", ReplayAsync)
            .RequirePermission(Permission.WatchRead)
            .Accepts<WatchReplayBody>("application/json")
            .Produces<WatchReplayReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("What a watch rule, active or not, would have hit between two dates, some members at a time. Changes nothing.");
    }

    private static Task ListAsync(HttpContext context, ProgrammeStore store) =>
        s_doors.ListAsync(context, store, (version, rules) => new WatchRuleList { Version = version, Items = rules });

    private static Task FindAsync(HttpContext context, string code, ProgrammeStore store) => s_doors.FindAsync(context, code, store);

    private static async Task HistoryAsync(HttpContext context, string code, ProgrammeHistoryQueries queries)
    {
        var history = await queries.OfWatchAsync(context.Actor().Tenant, code, context.RequestAborted);
        await (history.Items.Count == 0
            ? ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted)
            : WriteResponse.WriteAsync(context, StatusCodes.Status200OK, history, ProgrammeDocument.TypeOf<WatchRuleHistory>()));
    }

    private static async Task CreateAsync(HttpContext context, ProgrammeChanges changes)
    {
        if (await SentPart<WatchRule>.ReadAsync(context, s_rules) is { } sent)
        {
            await s_doors.CreateAsync(context, changes, sent, sent.Request.Body);
        }
    }

    /// <summary>Cases and counters go by the code.</summary>
    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes)
    {
        if (await SentPart<WatchRule>.ReadAsync(context, s_rules) is { } sent)
        {
            await s_doors.ReplaceAsync(context, code, changes, sent, sent.Request.Body);
        }
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes) => s_doors.SwitchAsync(context, code, changes, active: false);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes) => s_doors.SwitchAsync(context, code, changes, active: true);

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

    private static Refusal NotFound(string code) => new(ErrorCode.WatchRuleNotFound, ("rule", code));
}
