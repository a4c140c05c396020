using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Exports;

/// <summary>The doors for lists as CSV, with the filters of these lists. Written page by page as they are read.</summary>
internal static class ExportModule
{
    private const int RowsOfPage = 200;

    private const string Members = "member_id,member_code,external_id,nickname,phone,email,status,registered_at,level,available,pending,held,debt,growth,balance,"
        + "lifetime_points,total_orders,total_amount";

    private const string Records = "id,member_id,unit,kind,type,amount,balance_after,reason,reference_type,reference_id,order_id,expires_at,time,recorded_at";

    public static void MapExports(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/members/export", MembersAsync)
            .RequirePermission(Permission.MembersBulk)
            .RequirePermission(Permission.MembersRead)
            .Produces<string>(StatusCodes.Status200OK, "text/csv")
            .WithSummary("Members as CSV, masked as the list has them, with the filters of the list.");
        routes.MapGet("/api/points/records/export", RecordsAsync)
            .RequirePermission(Permission.MembersBulk)
            .RequirePermission(Permission.PointsRead)
            .Produces<string>(StatusCodes.Status200OK, "text/csv")
            .WithSummary("Movements of the tenant as CSV, newest first; filters memberId, kind, unit, orderId, from, to.");
    }

    private static async Task MembersAsync(HttpContext context, MemberSearch search, MemberReader reader, ProgrammeKind programmes, ReadRouter router)
    {
        var query = new QueryFields(context.Request);
        var filter = MemberFilter.Read(query);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var (tenant, cancellation) = (context.Actor().Tenant, context.RequestAborted);
        var programme = programmes.Latest(tenant)!.Programme;
        async Task<(FoundMembers Found, MemberReply[] Members)> ReadAsync(Database from, SearchPlace? after)
        {
            var found = await search.FindAsync(from, tenant, programme, filter, after, RowsOfPage, cancellation);
            var views = await Task.WhenAll(found.Ids.Select(id => reader.FindViewAsync(from, tenant, new MemberId(id))));
            var named = views.OfType<MemberView>().Where(view => search.IsFound(found, view));
            return (found, [.. named.Select(view => reader.ReplyOf(view))]);
        }

        var demand = context.Demand();
        var page = await context.ReadAsync(router, from => ReadAsync(from, null));
        if (page.Found.Refusal is { } refusal)
        {
            await ProblemResponse.WriteAsync(context, refusal, cancellation);
            return;
        }

        await using var csv = await CsvAnswer.BeginAsync(context, "members.csv", Members);
        while (true)
        {
            foreach (var member in page.Members)
            {
                await WriteAsync(csv, member, cancellation);
            }

            if (page.Found.Next is not { } next)
            {
                return;
            }

            page = (await router.ReadAsync(demand, chosen => ReadAsync(chosen.Database, next))).Value;
            if (page.Found.Refusal is not null)
            {
                // Others came to fit meanwhile. A list that ends in good order would be taken for the whole of it.
                context.Abort();
                return;
            }
        }
    }

    private static Task WriteAsync(CsvAnswer csv, MemberReply member, CancellationToken cancellationToken) => csv
        .Text(member.Id).Text(member.MemberCode).Text(member.ExternalId).Text(member.Nickname).Text(member.Phone).Text(member.Email).Text(member.Status)
        .Time(member.RegisteredAt).Text(member.Level.Code)
        .Number(member.Points.Available).Number(member.Points.Pending).Number(member.Points.Held).Number(member.Points.Debt)
        .Number(member.Growth).Number(member.Balance).Number(member.LifetimePoints).Number(member.TotalOrders).Number(member.TotalAmount)
        .EndRowAsync(cancellationToken);

    private static async Task RecordsAsync(HttpContext context, ReadRouter router, ProgrammeKind programmes)
    {
        var (tenant, cancellation) = (context.Actor().Tenant, context.RequestAborted);
        var query = new QueryFields(context.Request);
        var units = programmes.Latest(tenant)!.Programme.Units.Select(unit => unit.Code);
        var filter = RecordFilter.Read(query, query.MemberIdOrNull("memberId"), units) with { Before = long.MaxValue, Limit = RowsOfPage };
        foreach (var name in (string[])["cursor", "limit"])
        {
            if (context.Request.Query.ContainsKey(name))
            {
                query.Fail(name, FieldErrorCode.UnknownField);
            }
        }

        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, cancellation);
            return;
        }

        var demand = context.Demand();
        var page = await context.ReadAsync(router, from => PointsQueries.RecordsAsync(from, tenant, filter, cancellation));
        await using var csv = await CsvAnswer.BeginAsync(context, "points.csv", Records);
        while (true)
        {
            foreach (var record in page.Items)
            {
                await WriteAsync(csv, record, cancellation);
            }

            if (page.NextCursor is not { } cursor)
            {
                return;
            }

            var before = BeforeOf(cursor);
            page = (await router.ReadAsync(demand, chosen => PointsQueries.RecordsAsync(chosen.Database, tenant, filter with { Before = before }, cancellation))).Value;
        }
    }

    private static long BeforeOf(string cursor)
    {
        Span<long> place = stackalloc long[1];
        Invariant.Require(Cursor.TryRead(cursor, place), "A cursor of ours can be read.");
        return place[0];
    }

    private static Task WriteAsync(CsvAnswer csv, PointsRecord record, CancellationToken cancellationToken) => csv
        .Text(record.Id).Text(record.MemberId).Text(record.Unit).Text(record.Kind).Text(record.Type).Number(record.Points).Number(record.BalanceAfter)
        .Text(record.Reason).Text(record.ReferenceType).Text(record.ReferenceId).Text(record.OrderId)
        .Time(record.ExpireTime).Time(record.Time).Time(record.RecordedAt)
        .EndRowAsync(cancellationToken);
}
