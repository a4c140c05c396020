using System.Net;
using System.Text.Json;
using Laurel.Engine.Audit;
using Laurel.Platform.Access;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Audit;

/// <summary>What each call of <c>/api/audit</c> does. Callers see the records of their own tenant.</summary>
internal sealed class AuditDoors(AuditStore store, AuditKey key, ReadRecorder reads)
{
    public const string LinesType = "application/x-ndjson";

    private const string Acts = "acts";
    private const string All = "all";
    private const int AddressLengthMax = 64;
    private const int OperationLengthMax = 64;

    private static readonly byte[] s_lineEnd = "\n"u8.ToArray();

    public async Task ListAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var tenant = context.Actor().Tenant;
        var wanted = new AuditQuery(tenant)
        {
            Operator = query.TextOrNull("operator", Origin.OperatorLengthMax),
            Operation = query.TextOrNull("operation", OperationLengthMax),
            Member = query.MemberIdOrNull("memberId")?.Value,
            Request = query.TextOrNull("requestId", Origin.RequestLengthMax),
            All = query.ChoiceOrNull("scope", Acts, All) == All,
        };
        if (query.TextOrNull("address", AddressLengthMax) is { } address)
        {
            var spelt = SpeltAsStored(address);
            wanted = wanted with { Address = (spelt, key.HideAddress(tenant, spelt)) };
        }

        wanted = Between(query, wanted);
        var (limit, cursor) = (query.Limit(), query.CursorOrNull(2));
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        (long, int)? after = cursor is null ? null : (cursor[0], (int)Math.Clamp(cursor[1], 0, int.MaxValue));
        var page = await store.PageAsync(wanted, after, limit, context.RequestAborted);
        var next = page.Next is { } end ? Cursor.Write(end.BatchId, end.Place) : null;
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, new AuditItems([.. page.Records.Select(AuditItem.Of)], next), AuditJson.Default.AuditItems);
    }

    // One address has several spellings, and ClientAddresses tells one of them.
    private static string SpeltAsStored(string address) => IPAddress.TryParse(address, out var parsed)
        ? (parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed).ToString()
        : address;

    public async Task ExportAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var wanted = Between(query, new AuditQuery(context.Actor().Tenant) { All = true });
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        if (!await reads.RecordAsync(context, member: null, "audit", reason: null))
        {
            return;
        }

        context.Response.ContentType = LinesType;
        await foreach (var record in store.ReadAllAsync(wanted, context.RequestAborted))
        {
            await JsonSerializer.SerializeAsync(context.Response.Body, AuditItem.Of(record), AuditJson.Default.AuditItem, context.RequestAborted);
            await context.Response.Body.WriteAsync(s_lineEnd, context.RequestAborted);
        }
    }

    private static AuditQuery Between(QueryFields query, AuditQuery wanted) =>
        wanted with { From = query.TimeOrNull("from") ?? wanted.From, To = query.TimeOrNull("to") };
}
