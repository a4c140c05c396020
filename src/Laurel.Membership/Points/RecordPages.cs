using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.GraphQL;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Points;

/// <summary>Reads lists of movements as a call asks for them.</summary>
internal sealed class RecordPages(ReadRouter router, ProgrammeKind programmes)
{
    /// <summary>The page that a call asks for; null where its problem is answered already.</summary>
    public async Task<PointsRecordPage?> FindAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var filter = FilterOf(context, query);
        return await FindAsync(context, query, filter);
    }

    /// <summary>A page by its number, the first is 1, and the filter to count by; null where the call's problem is answered already.</summary>
    public async Task<(PointsRecordPage Page, RecordFilter Filter)?> FindNumberedAsync(HttpContext context, int page, int pageSize)
    {
        var query = new QueryFields(context.Request);
        var filter = FilterOf(context, query);
        var wanted = NumberedPage.Read(query, page, pageSize);
        return await FindAsync(context, query, filter with { Limit = wanted.Size, Skip = wanted.Skip }) is { } found ? (found, filter) : null;
    }

    /// <summary>How many there are, at most <see cref="NumberedPage.ReachMax"/>.</summary>
    public Task<int> CountAsync(HttpContext context, RecordFilter filter, CancellationToken cancellationToken)
    {
        var tenant = context.Actor().Tenant;
        return context.ReadAsync(router, from => PointsQueries.CountAsync(from, tenant, filter with { Limit = NumberedPage.ReachMax }, cancellationToken));
    }

    private async Task<PointsRecordPage?> FindAsync(HttpContext context, QueryFields query, RecordFilter filter)
    {
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return null;
        }

        var tenant = context.Actor().Tenant;
        return await context.ReadAsync(router, from => PointsQueries.RecordsAsync(from, tenant, filter, context.RequestAborted));
    }

    private RecordFilter FilterOf(HttpContext context, QueryFields query)
    {
        var units = programmes.Latest(context.Actor().Tenant)!.Programme.Units.Select(unit => unit.Code);
        return RecordFilter.Read(query, query.MemberIdOrNull("memberId"), units);
    }
}
