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

namespace Laurel.Membership.Cards;

/// <summary>The cards of the programme, in the order in which they stand.</summary>
public sealed record CardList
{
    /// <summary>Of the programme they belong to.</summary>
    public required int Version { get; init; }

    public required IReadOnlyList<MembershipCard> Items { get; init; }
}

/// <summary>A card and the version of the programme it belongs to.</summary>
public sealed record CardReply
{
    public required int Version { get; init; }

    public required MembershipCard Card { get; init; }
}

/// <summary>The doors of what the programme says of cards.</summary>
internal static class CardDefinitions
{
    private static readonly BodyRules s_rules = new() { BytesMax = 64 * 1024 };

    /// <summary>What somebody sends, and why.</summary>
    private sealed record Sent<T>(WriteRequest<T> Request, string? Reason);

    public static void MapCardDefinitions(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/cards", ListAsync)
            .RequirePermission(Permission.MembershipsRead)
            .Produces<CardList>()
            .WithSummary("The cards of the programme; filter active.");
        routes.MapGet("/api/cards/{code}", FindAsync)
            .RequirePermission(Permission.MembershipsRead)
            .Produces<CardReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One card.");
        routes.MapGet("/api/cards/{code}/history", HistoryAsync)
            .RequirePermission(Permission.MembershipsRead)
            .Produces<CardHistory>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How a card came to be as it is, newest first.");
        Write<MembershipCard>(routes.MapPost("/api/cards", CreateAsync), StatusCodes.Status201Created, "Adds a card after the others.");
        Write<MembershipCard>(routes.MapPut("/api/cards/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a card in the place of the one of its code.");
        Write<RuleChangeBody>(
            routes.MapPost("/api/cards/{code}/disable", DisableAsync), StatusCodes.Status200OK, "A card is not sold any more; whoever holds it keeps it to its end.");
        Write<RuleChangeBody>(routes.MapPost("/api/cards/{code}/enable", EnableAsync), StatusCodes.Status200OK, "A card is sold again.");
    }

    private static void Write<TBody>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Accepts<TBody>("application/json")
        .Produces<CardReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
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
        var items = programme.Cards.Where(card => active is null || card.Active == active);
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, new CardList { Version = programme.Version, Items = [.. items] }, programme.Version);
    }

    private static async Task FindAsync(HttpContext context, string code, ProgrammeStore store)
    {
        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        if (programme.Cards.FirstOrDefault(card => card.Code == code) is null)
        {
            await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
            return;
        }

        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, ReplyOf(programme, code), programme.Version);
    }

    private static async Task HistoryAsync(HttpContext context, string code, ProgrammeHistoryQueries queries)
    {
        var history = await queries.OfCardAsync(context.Actor().Tenant, code, context.RequestAborted);
        if (history.Items.Count == 0)
        {
            await ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, history, ProgrammeDocument.TypeOf<CardHistory>());
    }

    private static async Task CreateAsync(HttpContext context, ProgrammeChanges changes)
    {
        if (await ReadAsync(context) is { } sent)
        {
            var card = sent.Request.Body;
            await ChangeAsync(context, changes, sent, card.Code, StatusCodes.Status201Created, programme => programme.Cards.Any(other => other.Code == card.Code)
                ? new ProgrammeEdit.Refused(new Refusal("CARD_EXISTS", ("card", card.Code)))
                : new ProgrammeEdit.To(programme with { Cards = programme.Cards.Add(card) }));
        }
    }

    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes)
    {
        // Memberships go by the code.
        if (await ReadAsync(context) is { } sent && !await ProgrammeChanges.IsAnotherAsync(context, sent.Request.Body.Code, code))
        {
            await ChangeAsync(context, changes, sent, code, StatusCodes.Status200OK, programme => Replaced(programme, code, _ => sent.Request.Body));
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
                context, changes, sent, code, StatusCodes.Status200OK, programme => Replaced(programme, code, card => card with { Active = active }));
        }
    }

    /// <summary>Reads a card and why it is sent; when it cannot be read, the problem is answered already and the result is null.</summary>
    private static async Task<Sent<MembershipCard>?> ReadAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var reason = query.TextOrNull("reason", RuleChange.ReasonLengthMax);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return null;
        }

        var body = await WriteRequests.ReadDocumentAsync(context, s_rules, ProgrammeDocument.SentAs<MembershipCard>());
        return body is { } request ? new Sent<MembershipCard>(request, reason) : null;
    }

    private static async Task ChangeAsync<T>(
        HttpContext context, ProgrammeChanges changes, Sent<T> sent, string code, int status, Func<Programme, ProgrammeEdit> edit)
    {
        if (await changes.MakeAsync(context, sent.Request, sent.Reason, status, edit, programme => MistakesOf(programme, code)) is { } programme)
        {
            await ProgrammeChanges.AnswerAsync(context, status, ReplyOf(programme, code), programme.Version);
        }
    }

    /// <summary>The mistakes of the card that is changed, with pointers into it.</summary>
    private static IReadOnlyList<FieldError> MistakesOf(Programme programme, string code)
    {
        var index = programme.Cards.Select(card => card.Code).ToList().LastIndexOf(code);
        return ProgrammeChanges.Within(CardMistakes.Of(programme), $"/cards/{index.ToString(CultureInfo.InvariantCulture)}");
    }

    private static ProgrammeEdit Replaced(Programme programme, string code, Func<MembershipCard, MembershipCard> change)
    {
        for (var i = 0; i < programme.Cards.Length; i++)
        {
            if (programme.Cards[i].Code == code)
            {
                return new ProgrammeEdit.To(programme with { Cards = programme.Cards.SetItem(i, change(programme.Cards[i])) });
            }
        }

        return new ProgrammeEdit.Refused(NotFound(code));
    }

    private static CardReply ReplyOf(Programme programme, string code) =>
        new() { Version = programme.Version, Card = programme.Cards.First(card => card.Code == code) };

    private static Refusal NotFound(string code) => new("CARD_NOT_FOUND", ("card", code));
}
