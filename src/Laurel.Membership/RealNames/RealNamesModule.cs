using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.RealNames;

/// <summary>What <c>POST /api/members/{id}/real-name/verify</c> asks for.</summary>
public sealed record VerifyRealNameBody
{
    public required string RealName { get; init; }

    /// <summary>18 characters of GB 11643.</summary>
    public required string IdentityCard { get; init; }

    /// <summary>8 to 19 digits; asked about and not kept.</summary>
    public string? BankCard { get; init; }

    /// <summary>Needed where the card says that the member is younger than the programme's <c>guardianAge</c>.</summary>
    public GuardianConsentBody? GuardianConsent { get; init; }

    private static readonly Wording s_card = new("the 18 characters of an identity card with a right check character", "18 位身份证号码，校验位须正确");

    private static readonly Wording s_bankCard = new("8 to 19 digits of a bank card with a right check digit", "8 至 19 位银行卡号，校验位须正确");

    /// <param name="today">In China.</param>
    /// <param name="actor">Who tells it.</param>
    internal static Func<JsonFields, (RealNameQuestion Question, GuardianConsent? Guardian)> Reader(DateOnly today, string actor) => fields =>
    {
        var name = fields.Identifier("realName", ProfileBody.RealNameLengthMax);
        var text = fields.Identifier("identityCard", 32);
        var card = Platform.Identifiers.IdentityCard.Read(text, today);
        if (card is null && text.Length > 0)
        {
            fields.Fail("identityCard", FieldErrorCode.InvalidFormat, ("expected", s_card));
        }

        var bankCard = fields.IdentifierOrNull("bankCard", 32);
        if (bankCard is not null && !Platform.Identifiers.BankCard.HasLuhnDigit(bankCard))
        {
            fields.Fail("bankCard", FieldErrorCode.InvalidFormat, ("expected", s_bankCard));
        }

        var guardian = Profiles.GuardianConsent.ReadOrNull(fields, actor);
        fields.RefuseUnknown();
        return (new RealNameQuestion(name, card!, bankCard), guardian);
    };
}

/// <summary>The doors of this capability.</summary>
internal static class RealNamesModule
{
    public static void MapRealNames(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/members/{id}/real-name/verify", VerifyAsync)
            .RequirePermission(Permission.MembersWrite)
            .OpenToOwner(Permission.UpdateSelf)
            .LimitRate(RateLimits.Members)
            .Accepts<VerifyRealNameBody>("application/json")
            .Produces<RealNameStanding>()
            .Produces<RealNameStanding>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Has a member's real name checked by its identity card.");
        routes.MapGet("/api/members/{id}/real-name", StandingAsync)
            .RequirePermission(Permission.MembersRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<RealNameStanding>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Whether a member's real name is verified, and what was told.");
    }

    // It takes no idempotency key: a hash of the request would be kept, and numbers are soon tried through.
    private static async Task VerifyAsync(
        HttpContext context,
        string id,
        LaneSet lanes,
        MemberBooks books,
        RealNameQueries queries,
        IRealNameProvider provider,
        RealNameLimits limits,
        ProgrammeStore programmes,
        TimeProvider clock)
    {
        var tenant = context.Actor().Tenant;
        var programme = await programmes.LatestAsync(tenant, context.RequestAborted);
        var read = VerifyRealNameBody.Reader(programme.Calendar.DayOf(Instant.Now(clock)), context.Actor().Name);
        var body = await JsonBody.ReadAsync(context, BodyRules.Default, read, context.RequestAborted);
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        if (!MemberId.TryParse(id, out var member))
        {
            await NotFoundAsync(context);
            return;
        }

        var (question, guardian) = body.Value;
        var outcome = await lanes.SubmitAsync(new BeginRealName(tenant, member, question, guardian, provider.Name, limits, books), context.RequestAborted);
        if (outcome is not Outcome.Applied { Reply: BegunRealName begun })
        {
            await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.RealNameStanding);
            return;
        }

        // Whoever goes away meanwhile has paid for the answer: it is written down all the same.
        var answer = await provider.AskAsync(question, CancellationToken.None);
        var ended = await lanes.SubmitAsync(new EndRealName(tenant, begun, answer, limits, books), CancellationToken.None);
        if (ended is not Outcome.Applied { Reply: RealNameReason reason })
        {
            await WriteResponse.WriteAsync(context, ended, StatusCodes.Status200OK, MembershipJson.Default.RealNameStanding);
            return;
        }

        WriteResponse.TellVersion(context, ended);
        var standing = await queries.StandingAsync(tenant, begun.Member, context.RequestAborted);
        var status = standing?.State == RealName.NameOf(RealNameState.Pending) ? StatusCodes.Status202Accepted : StatusCodes.Status200OK;
        await WriteResponse.WriteAsync(context, status, standing! with { Reason = NameOf(reason) }, MembershipJson.Default.RealNameStanding);
    }

    private static async Task StandingAsync(HttpContext context, string id, RealNameQueries queries)
    {
        if (MemberId.TryParse(id, out var member) && await queries.StandingAsync(context.Actor().Tenant, member, context.RequestAborted) is { } standing)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, standing, MembershipJson.Default.RealNameStanding);
            return;
        }

        await NotFoundAsync(context);
    }

    private static string? NameOf(RealNameReason reason) => reason switch
    {
        RealNameReason.None => null,
        RealNameReason.Mismatch => "mismatch",
        RealNameReason.CardUsed => "card_used",
    };

    private static Task NotFoundAsync(HttpContext context) =>
        ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
}
