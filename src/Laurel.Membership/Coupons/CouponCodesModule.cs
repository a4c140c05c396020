using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Coupons;

/// <summary>The doors of codes that lead to coupons.</summary>
internal static class CouponCodesModule
{
    public static void MapCouponCodes(this IEndpointRouteBuilder routes)
    {
        Write<CouponBatchBody, CouponBatchReply>(routes.MapPost("/api/coupons/templates/{code}/batches", CreateAsync), "Begins a batch of new codes.");
        Write<ImportCodesBody, CouponBatchReply>(routes.MapPost("/api/coupons/templates/{code}/codes", ImportAsync), "Adds codes that were printed elsewhere.");
        Write<RedeemCodeBody, CouponsReply>(routes.MapPost("/api/coupons/redeem", RedeemAsync), "A member takes the coupon of a code.");
        routes.MapGet("/api/coupons/templates/{code}/batches", ListAsync)
            .RequirePermission(Permission.CouponsRead)
            .Produces<CouponBatchList>()
            .WithSummary("The batches of a template, newest first.");
        routes.MapGet("/api/coupons/batches/{id}", FindAsync)
            .RequirePermission(Permission.CouponsRead)
            .Produces<CouponBatchReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One batch: how many of its codes are made.");
        routes.MapPost("/api/coupons/batches/{id}/codes", FetchAsync)
            .RequirePermission(Permission.CouponsWrite)
            .Produces<string>(StatusCodes.Status200OK, "text/csv")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Tells the codes of a batch as CSV, once: when the answer has gone out, nobody can be told them again.");
    }

    private static void Write<TBody, TReply>(RouteHandlerBuilder route, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.CouponsWrite)
        .Accepts<TBody>("application/json")
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static async Task CreateAsync(HttpContext context, string code, LaneSet lanes, MemberBooks books, SecretVault secrets, CouponBatchQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadBatch.Read) is { } request)
        {
            var (tenant, body) = (request.Actor.Tenant, request.Body);
            var command = new CreateCouponBatch(tenant, code, body.Count, body.Reference, request.Actor.Name, books, secrets) { Idempotency = request.Idempotency };
            await SubmitAsync(context, lanes, command, queries);
        }
    }

    private static async Task ImportAsync(HttpContext context, string code, LaneSet lanes, MemberBooks books, CouponBatchQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadImport.Read) is { } request)
        {
            var (tenant, body) = (request.Actor.Tenant, request.Body);
            var command = new ImportCouponCodes(tenant, code, body.Codes, body.Reference, request.Actor.Name, books) { Idempotency = request.Idempotency };
            await SubmitAsync(context, lanes, command, queries);
        }
    }

    private static Task SubmitAsync(HttpContext context, LaneSet lanes, AddCodes command, CouponBatchQueries queries) => CouponsModule.SubmitAsync(
        context,
        lanes,
        command,
        async earlier => CouponBatchReply.Of((await queries.FindAsync(command.Tenant, earlier.RootId, context.RequestAborted))!));

    private static async Task RedeemAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries, RateLimitGate limits)
    {
        if (await WriteRequests.ReadAsync(context, ReadRedemption.Read) is { } request)
        {
            var tenant = request.Actor.Tenant;
            var member = request.Body.Member.In(tenant);
            var command = new RedeemCode(tenant, member, request.Body.Code, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await limits.RunUnderAsync(
                context, RateLimits.Codes, member.SubjectIn(tenant), async _ => await CouponsModule.SubmitAsync(context, lanes, command, ReadEarlierAsync));

            Task<CouponsReply> ReadEarlierAsync(NaturalKey earlier) => queries.ReadAsync(tenant, earlier, [earlier.FirstId], context.RequestAborted);
        }
    }

    private static async Task ListAsync(HttpContext context, string code, CouponBatchQueries queries)
    {
        var list = await queries.ListAsync(context.Actor().Tenant, code, context.RequestAborted);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, ProgrammeDocument.TypeOf<CouponBatchList>());
    }

    private static async Task FindAsync(HttpContext context, string id, CouponBatchQueries queries)
    {
        if (await BatchAsync(context, id, queries) is { } batch)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, CouponBatchReply.Of(batch), ProgrammeDocument.TypeOf<CouponBatchReply>());
        }
    }

    /// <summary>What the codes are made from is forgotten only once all of them went out: a connection that broke costs nobody a code.</summary>
    private static async Task FetchAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, SecretVault secrets, CouponBatchQueries queries)
    {
        if (await BatchAsync(context, id, queries) is not { } batch)
        {
            return;
        }

        var state = CouponBatchReply.Of(batch).State;
        if (state != "ready")
        {
            await ProblemResponse.WriteAsync(context, new Refusal("COUPON_BATCH_NOT_READY", ("batch", id), ("state", state)), context.RequestAborted);
            return;
        }

        var seed = secrets.Open(batch.Tenant, CouponBatch.SeedPurpose, batch.Id, batch.Seed);
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"coupons-{id}.csv\"";
        context.Response.Headers.CacheControl = "no-store";
        await using (var writer = new StreamWriter(context.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true))
        {
            writer.NewLine = "\r\n";
            await writer.WriteLineAsync("code");
            for (var number = 0L; number < batch.Total; number++)
            {
                await writer.WriteLineAsync(CouponCode.Make(seed, number).AsMemory(), context.RequestAborted);
            }
        }

        await context.Response.CompleteAsync();
        await lanes.SubmitAsync(new CloseCouponBatch(batch.Tenant, batch.Id, books), CancellationToken.None);
    }

    private static async Task<CouponBatch?> BatchAsync(HttpContext context, string id, CouponBatchQueries queries)
    {
        var known = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (known && await queries.FindAsync(context.Actor().Tenant, number, context.RequestAborted) is { } batch)
        {
            return batch;
        }

        await ProblemResponse.WriteAsync(context, new Refusal("COUPON_BATCH_NOT_FOUND", ("batch", id)), context.RequestAborted);
        return null;
    }
}

/// <summary>What a new batch asks for.</summary>
public sealed record CouponBatchBody
{
    /// <summary>Codes, 1 to 1,000,000.</summary>
    public required long Count { get; init; }

    /// <summary>With the template, names this batch once and for all.</summary>
    public required string Reference { get; init; }
}

/// <summary>What an import asks for.</summary>
public sealed record ImportCodesBody
{
    /// <summary>1 to 1,000 codes of 8 to 64 characters each.</summary>
    public required IReadOnlyList<string> Codes { get; init; }

    /// <summary>With the template, names this import once and for all.</summary>
    public required string Reference { get; init; }
}

/// <summary>What <c>redeem</c> asks for.</summary>
public sealed record RedeemCodeBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>In any case, with or without hyphens.</summary>
    public required string Code { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

internal sealed record ReadBatch(long Count, string Reference)
{
    public static ReadBatch Read(JsonFields fields)
    {
        var batch = new ReadBatch(
            fields.Integer("count", 1, CreateCouponBatch.TotalMax), fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax));
        fields.RefuseUnknown();
        return batch;
    }
}

internal sealed record ReadImport(IReadOnlyList<string> Codes, string Reference)
{
    private static readonly Wording s_code = new("8 to 64 visible ASCII characters beside hyphens and spaces", "除连字符与空格外 8 到 64 个可见 ASCII 字符");

    public static ReadImport Read(JsonFields fields)
    {
        var codes = fields.TextsOrNull("codes", ImportCouponCodes.CodesMax, CouponCode.LengthMax) ?? [];
        if (codes.Count == 0)
        {
            fields.Fail("codes", FieldErrorCode.Required);
        }

        var normal = codes.Select(CouponCode.Normalize).ToList();
        if (normal.Exists(code => code.Length < CouponCode.LengthMin || code.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            fields.Fail("codes", FieldErrorCode.InvalidFormat, ("expected", s_code));
        }

        if (normal.Distinct().Count() < normal.Count)
        {
            fields.Fail("codes", FieldErrorCode.DuplicateField);
        }

        var import = new ReadImport(codes, fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax));
        fields.RefuseUnknown();
        return import;
    }
}

internal sealed record ReadRedemption(MemberName Member, string Code, Instant? Time)
{
    public static ReadRedemption Read(JsonFields fields)
    {
        var redemption = new ReadRedemption(MemberName.Read(fields), fields.Identifier("code", CouponCode.LengthMax), fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return redemption;
    }
}
