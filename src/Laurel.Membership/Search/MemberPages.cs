using System.Text.Json.Serialization;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Search;

/// <summary>A page of members.</summary>
public sealed record MemberPage
{
    /// <summary>May be fewer than asked for, and none, while there is a next page.</summary>
    public required IReadOnlyList<MemberReply> Items { get; init; }

    /// <summary>Give it back as <c>cursor</c>, with the same question, for the next page; null on the last.</summary>
    public required string? NextCursor { get; init; }

    /// <summary>Whether the page ended because as many members were looked at as one call may; the next goes on from there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Truncated { get; init; }

    /// <summary>Whether members who were there before the index of names are still being brought into it, so that some may be missing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Indexing { get; init; }
}

/// <summary>Answers lists of members, masked as everywhere.</summary>
internal sealed class MemberPages(MemberSearch search, MemberCache cache, MemberReader reader, ProgrammeKind programmes, ReadRouter router)
{
    private const int CursorValues = 4;

    /// <param name="query">Of which limit and cursor are read, and nothing else is left.</param>
    public async Task AnswerAsync(HttpContext context, QueryFields query, MemberFilter filter)
    {
        var tenant = context.Actor().Tenant;
        var limit = query.Limit();
        var cursor = query.CursorOrNull(CursorValues);
        query.RefuseUnknown();
        var question = filter.HashFor(tenant);
        if (cursor is not null && cursor[0] != question)
        {
            query.Fail(QueryFields.CursorName, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Cursor));
        }

        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var demand = context.Demand();
        var programme = programmes.Latest(tenant)!.Programme;
        SearchPlace? after = cursor is null ? null : new SearchPlace(cursor[1], cursor[2], (int)Math.Clamp(cursor[3], 0, int.MaxValue));
        MemberSource? source = null;
        var (found, views) = (await router.ReadAsync(demand, async chosen =>
        {
            source = cache.From(chosen, demand);
            var ids = await search.FindAsync(source.Database, tenant, programme, filter, after, limit, context.RequestAborted);
            return (ids, await Task.WhenAll(ids.Ids.Select(id => source.ViewAsync(tenant, new MemberId(id)))));
        })).Value;
        context.TellSource(router, source!.Asked);
        if (found.Refusal is { } refusal)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return;
        }

        var language = RequestLanguage.Of(context.Request);
        var page = new MemberPage
        {
            Items =
            [
                .. views.OfType<MemberView>().Where(view => search.IsFound(found, view))
                    .Select(view => reader.ReplyOf(view, programme).Named(programme, language)),
            ],
            NextCursor = found.Next is { } next ? Cursor.Write(question, next.At, next.Id, next.Stage) : null,
            Truncated = found.IsCut,
            Indexing = found.IsFilling,
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.MemberPage);
    }
}
