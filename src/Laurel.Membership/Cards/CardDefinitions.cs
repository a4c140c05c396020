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

    private static readonly PartDoors<MembershipCard, CardReply> s_doors = new()
    {
        Place = "/cards",
        PartsOf = programme => programme.Cards,
        With = (programme, cards) => programme with { Cards = cards },
        CodeOf = card => card.Code,
        IsActive = card => card.Active,
        Switched = (card, active) => card with { Active = active },
        MistakesOf = CardMistakes.Of,
        ReplyOf = (programme, card) => new CardReply { Version = programme.Version, Card = card },
        NotFound = NotFound,
        Exists = code => new Refusal("CARD_EXISTS", ("card", code)),
    };

    public static void MapCardDefinitions(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/cards", ListAsync)
            .RequirePermission(Permission.MembershipsRead)
            .OpenToCaller(Permission.ReadSelf)
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
        PartDoors<MembershipCard, CardReply>.Write<MembershipCard>(routes.MapPost("/api/cards", CreateAsync), StatusCodes.Status201Created, "Adds a card after the others.");
        PartDoors<MembershipCard, CardReply>.Write<MembershipCard>(routes.MapPut("/api/cards/{code}", ReplaceAsync), StatusCodes.Status200OK, "Puts a card in the place of the one of its code.");
        PartDoors<MembershipCard, CardReply>.Write<PartSwitch>(
            routes.MapPost("/api/cards/{code}/disable", DisableAsync), StatusCodes.Status200OK, "A card is not sold any more; whoever holds it keeps it to its end.");
        PartDoors<MembershipCard, CardReply>.Write<PartSwitch>(routes.MapPost("/api/cards/{code}/enable", EnableAsync), StatusCodes.Status200OK, "A card is sold again.");
    }

    private static Task ListAsync(HttpContext context, ProgrammeStore store) =>
        s_doors.ListAsync(context, store, (version, cards) => new CardList { Version = version, Items = cards });

    private static Task FindAsync(HttpContext context, string code, ProgrammeStore store) => s_doors.FindAsync(context, code, store);

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
        if (await SentPart<MembershipCard>.ReadAsync(context, s_rules) is { } sent)
        {
            await s_doors.CreateAsync(context, changes, sent, sent.Request.Body);
        }
    }

    /// <summary>Memberships go by the code.</summary>
    private static async Task ReplaceAsync(HttpContext context, string code, ProgrammeChanges changes)
    {
        if (await SentPart<MembershipCard>.ReadAsync(context, s_rules) is { } sent)
        {
            await s_doors.ReplaceAsync(context, code, changes, sent, sent.Request.Body);
        }
    }

    private static Task DisableAsync(HttpContext context, string code, ProgrammeChanges changes) => s_doors.SwitchAsync(context, code, changes, active: false);

    private static Task EnableAsync(HttpContext context, string code, ProgrammeChanges changes) => s_doors.SwitchAsync(context, code, changes, active: true);

    private static Refusal NotFound(string code) => new("CARD_NOT_FOUND", ("card", code));
}
