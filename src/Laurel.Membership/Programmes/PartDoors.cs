using System.Collections.Immutable;
using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Rules;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Programmes;

/// <summary>A part of the programme as somebody sends it, and why.</summary>
internal sealed record SentPart<T>(WriteRequest<T> Request, string? Reason)
    where T : class
{
    /// <summary>Reads a part whose reason stands in the address; when it cannot be read, the problem is answered already and the result is null.</summary>
    public static async Task<SentPart<T>?> ReadAsync(HttpContext context, BodyRules rules)
    {
        var query = new QueryFields(context.Request);
        var reason = query.TextOrNull("reason", PartSwitch.ReasonLengthMax);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return null;
        }

        var body = await WriteRequests.ReadDocumentAsync(context, rules, ProgrammeDocument.SentAs<T>());
        return body is { } request ? new SentPart<T>(request, reason) : null;
    }
}

/// <summary>What the doors of every list of named parts of the programme do in the same way: rules, coupon templates, benefits, cards, watch
/// rules. A change is a new version of the programme, in force at once. Whatever goes by a part goes by its code, which never changes.</summary>
internal sealed record PartDoors<TPart, TReply>
    where TPart : class
{
    /// <summary>Where the list stands in the programme: <c>/rules</c>.</summary>
    public required string Place { get; init; }

    public required Func<Programme, ImmutableArray<TPart>> PartsOf { get; init; }

    public required Func<Programme, ImmutableArray<TPart>, Programme> With { get; init; }

    public required Func<TPart, string> CodeOf { get; init; }

    public required Func<TPart, bool> IsActive { get; init; }

    /// <summary>The part, on or off.</summary>
    public required Func<TPart, bool, TPart> Switched { get; init; }

    /// <summary>Every mistake of the list, with pointers into the programme.</summary>
    public required Func<Programme, IReadOnlyList<FieldError>> MistakesOf { get; init; }

    public required Func<Programme, TPart, TReply> ReplyOf { get; init; }

    public required Func<string, Refusal> NotFound { get; init; }

    public required Func<string, Refusal> Exists { get; init; }

    /// <summary>Says of the route of a change what is the same for all of them.</summary>
    public static void Write<TBody>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Accepts<TBody>("application/json")
        .Produces<TReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    /// <summary>Answers with the parts, in the order in which they stand; filter <c>active</c>.</summary>
    public async Task ListAsync<TList>(HttpContext context, ProgrammeStore store, Func<int, IReadOnlyList<TPart>, TList> list)
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
        var parts = PartsOf(programme).Where(part => active is null || IsActive(part) == active);
        await ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, list(programme.Version, [.. parts]), programme.Version);
    }

    public async Task FindAsync(HttpContext context, string code, ProgrammeStore store)
    {
        var programme = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
        await (Find(programme, code) is { } found
            ? ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, ReplyOf(programme, found), programme.Version)
            : ProblemResponse.WriteAsync(context, NotFound(code), context.RequestAborted));
    }

    /// <summary>Adds a part after the others.</summary>
    public Task CreateAsync<T>(HttpContext context, ProgrammeChanges changes, SentPart<T> sent, TPart part)
        where T : class
    {
        var code = CodeOf(part);
        var edit = ProgrammeEdit (Programme programme) => Find(programme, code) is not null
            ? new ProgrammeEdit.Refused(Exists(code))
            : new ProgrammeEdit.To(With(programme, PartsOf(programme).Add(part)));
        return ChangeAsync(context, changes, sent, code, StatusCodes.Status201Created, edit, programme => MistakesWithin(programme, code));
    }

    /// <summary>Puts a part in the place of the one of its code.</summary>
    public async Task ReplaceAsync<T>(HttpContext context, string code, ProgrammeChanges changes, SentPart<T> sent, TPart part)
        where T : class
    {
        if (!await ProgrammeChanges.IsAnotherAsync(context, CodeOf(part), code))
        {
            await ChangeAsync(
                context, changes, sent, code, StatusCodes.Status200OK, programme => Replaced(programme, code, _ => part), programme => MistakesWithin(programme, code));
        }
    }

    public async Task SwitchAsync(HttpContext context, string code, ProgrammeChanges changes, bool active)
    {
        if (await WriteRequests.ReadAsync(context, PartSwitch.Read) is { } request)
        {
            var sent = new SentPart<PartSwitch>(request, request.Body.Reason);
            var edit = ProgrammeEdit (Programme programme) => Replaced(programme, code, part => Switched(part, active));
            await ChangeAsync(context, changes, sent, code, StatusCodes.Status200OK, edit, MistakesOf);
        }
    }

    private async Task ChangeAsync<T>(
        HttpContext context,
        ProgrammeChanges changes,
        SentPart<T> sent,
        string code,
        int status,
        Func<Programme, ProgrammeEdit> edit,
        Func<Programme, IReadOnlyList<FieldError>> mistakesOf)
        where T : class
    {
        if (await changes.MakeAsync(context, sent.Request, sent.Reason, status, edit, mistakesOf) is { } programme)
        {
            await ProgrammeChanges.AnswerAsync(context, status, ReplyOf(programme, Find(programme, code)!), programme.Version);
        }
    }

    /// <summary>The mistakes of the part that is sent, with pointers into it.</summary>
    private IReadOnlyList<FieldError> MistakesWithin(Programme programme, string code)
    {
        var index = PartsOf(programme).ToList().FindLastIndex(part => CodeOf(part) == code);
        return ProgrammeChanges.Within(MistakesOf(programme), $"{Place}/{index.ToString(CultureInfo.InvariantCulture)}");
    }

    private ProgrammeEdit Replaced(Programme programme, string code, Func<TPart, TPart> change)
    {
        var parts = PartsOf(programme);
        var index = parts.ToList().FindIndex(part => CodeOf(part) == code);
        return index < 0 ? new ProgrammeEdit.Refused(NotFound(code)) : new ProgrammeEdit.To(With(programme, parts.SetItem(index, change(parts[index]))));
    }

    private TPart? Find(Programme programme, string code) => PartsOf(programme).FirstOrDefault(part => CodeOf(part) == code);
}
