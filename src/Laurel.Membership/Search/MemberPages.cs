using System.Text.Json.Serialization;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.GraphQL;
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
        if (await FindAsync(context, query, filter) is { } page)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.MemberPage);
        }
    }

    /// <summary>The page that a call asks for; null where its problem is answered already.</summary>
    /// <param name="query">Of which limit and cursor are read, and nothing else is left.</param>
    public async Task<MemberPage?> FindAsync(HttpContext context, QueryFields query, MemberFilter filter)
    {
        var limit = query.Limit();
        var cursor = query.CursorOrNull(CursorValues);
        query.RefuseUnknown();
        var question = filter.HashFor(context.Actor().Tenant);
        if (cursor is not null && cursor[0] != question)
        {
            query.Fail(QueryFields.CursorName, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Cursor));
        }

        SearchPlace? after = cursor is null ? null : new SearchPlace(cursor[1], cursor[2], (int)Math.Clamp(cursor[3], 0, int.MaxValue));
        return await FindAsync(context, query, filter, new Stretch(after, 0, limit), question);
    }

    /// <summary>A page by its number, the first is 1; null where the call's problem is answered already. Costs as much as all pages up to it.</summary>
    /// <param name="query">Of which nothing is left.</param>
    public Task<MemberPage?> FindNumberedAsync(HttpContext context, QueryFields query, MemberFilter filter, int page, int pageSize)
    {
        query.RefuseUnknown();
        var wanted = NumberedPage.Read(query, page, pageSize);
        return FindAsync(context, query, filter, new Stretch(null, wanted.Skip, wanted.Size), question: 0);
    }

    /// <summary>How many there are, at most <see cref="NumberedPage.ReachMax"/>.</summary>
    public async Task<int> CountAsync(HttpContext context, MemberFilter filter, CancellationToken cancellationToken)
    {
        var tenant = context.Actor().Tenant;
        var programme = programmes.Latest(tenant)!.Programme;
        var unsorted = filter with { Sort = null };
        return await context.ReadAsync(router, async from =>
            (await search.FindAsync(from, tenant, programme, unsorted, null, NumberedPage.ReachMax, cancellationToken)).Ids.Count);
    }

    private async Task<MemberPage?> FindAsync(HttpContext context, QueryFields query, MemberFilter filter, Stretch stretch, long question)
    {
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return null;
        }

        var (tenant, demand) = (context.Actor().Tenant, context.Demand());
        var programme = programmes.Latest(tenant)!.Programme;
        MemberSource? source = null;
        var (found, views) = (await router.ReadAsync(demand, async chosen =>
        {
            source = cache.From(chosen, demand);
            var ids = await search.FindAsync(
                source.Database, tenant, programme, filter, stretch.After, stretch.Skip + stretch.Take, context.RequestAborted);
            return (ids, await Task.WhenAll(ids.Ids.Skip(stretch.Skip).Select(id => source.ViewAsync(tenant, new MemberId(id)))));
        })).Value;
        context.TellSource(router, source!.Asked);
        if (found.Refusal is { } refusal)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return null;
        }

        var language = RequestLanguage.Of(context.Request);
        return new MemberPage
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
    }

    /// <summary>Which of those who are found are wanted.</summary>
    private readonly record struct Stretch(SearchPlace? After, int Skip, int Take);
}
