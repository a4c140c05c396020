using System.Globalization;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Balance;

/// <summary>Answers reads of stored money.</summary>
internal sealed class BalanceReads(ReadRouter router, ProgrammeKind programmes, BalancesAsOf balances, Reconciliation reconciliation)
{
    private static readonly string[] s_rechargeStates = ["created", "paid", "refunded", "closed"];

    private static readonly string[] s_withdrawalStates = ["applied", "approved", "sending", "paid", "rejected", "failed"];

    private static readonly Wording s_date = new("a date such as 2026-01-31", "形如 2026-01-31 的日期");

    public async Task BalanceAsync(HttpContext context, string member)
    {
        var query = new QueryFields(context.Request);
        var asOf = query.TimeOrNull("asOf");
        if (!await IsReadAsync(context, query))
        {
            return;
        }

        var (tenant, currency) = (context.Actor().Tenant, CurrencyOf(context));
        var known = MemberId.TryParse(member, out var id);
        var (reply, earliest) = !known ? default : await context.ReadAsync(router, from => ReadAsync(from, tenant, id, currency, asOf, context.RequestAborted));
        if (earliest is { } instant && asOf < instant)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.AsOfTooEarly, ("earliest", instant.ToString())), context.RequestAborted);
            return;
        }

        await AnswerAsync(context, reply, ErrorCode.MemberNotFound, MembershipJson.Default.BalanceReply);
    }

    public async Task StatementAsync(HttpContext context, string member)
    {
        var query = new QueryFields(context.Request);
        var known = MemberId.TryParse(member, out var id);
        var filter = new StatementFilter(id, query.TimeOrNull("from"), query.TimeOrNull("to"), query.CursorOrNull(1)?[0] ?? long.MaxValue, query.Limit());
        if (!await IsReadAsync(context, query))
        {
            return;
        }

        var (tenant, currency) = (context.Actor().Tenant, CurrencyOf(context));
        var page = !known ? null : await context.ReadAsync(router, async from =>
            await BalanceQueries.FindAsync(from, tenant, id, currency, context.RequestAborted) is null
                ? null
                : await BalanceQueries.StatementAsync(from, tenant, filter, context.RequestAborted));
        await AnswerAsync(context, page, ErrorCode.MemberNotFound, MembershipJson.Default.BalanceStatement);
    }

    public async Task RechargesAsync(HttpContext context)
    {
        if (await FilterAsync(context, s_rechargeStates) is { } filter)
        {
            var tenant = context.Actor().Tenant;
            var page = await context.ReadAsync(router, from => BalanceQueries.RechargesAsync(from, tenant, filter, context.RequestAborted));
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.RechargePage);
        }
    }

    public async Task RechargeAsync(HttpContext context, string id)
    {
        if (await IsReadAsync(context, new QueryFields(context.Request)))
        {
            var tenant = context.Actor().Tenant;
            var recharge = await context.ReadAsync(router, from => BalanceQueries.RechargeAsync(from, tenant, id, context.RequestAborted));
            await AnswerAsync(context, recharge, ErrorCode.RechargeNotFound, MembershipJson.Default.RechargeReply);
        }
    }

    public async Task WithdrawalsAsync(HttpContext context)
    {
        if (await FilterAsync(context, s_withdrawalStates) is { } filter)
        {
            var tenant = context.Actor().Tenant;
            var page = await context.ReadAsync(router, from => BalanceQueries.WithdrawalsAsync(from, tenant, filter, context.RequestAborted));
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.WithdrawalPage);
        }
    }

    public async Task WithdrawalAsync(HttpContext context, string id)
    {
        if (await IsReadAsync(context, new QueryFields(context.Request)))
        {
            var tenant = context.Actor().Tenant;
            var withdrawal = await context.ReadAsync(router, from => BalanceQueries.WithdrawalAsync(from, tenant, id, context.RequestAborted));
            await AnswerAsync(context, withdrawal, ErrorCode.WithdrawalNotFound, MembershipJson.Default.WithdrawalReply);
        }
    }

    // From the primary: what a replica does not show yet would be missing for ever in somebody's books.
    public async Task ReconciliationAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var text = query.TextOrNull("date", 10);
        var isDate = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        if (!isDate)
        {
            query.Fail("date", text is null ? FieldErrorCode.Required : FieldErrorCode.InvalidFormat, ("expected", s_date));
        }
        else if (day.Year is < 1900 or > 2999)
        {
            query.Fail("date", FieldErrorCode.OutOfRange, ("min", "1900-01-01"), ("max", "2999-12-31"));
        }

        if (!await IsReadAsync(context, query))
        {
            return;
        }

        context.Response.ContentType = "text/csv; charset=utf-8";
        var earliest = await reconciliation.WriteAsync(context.Actor().Tenant, day, context.Response.Body, context.RequestAborted);
        if (earliest is { } instant)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.AsOfTooEarly, ("earliest", instant.ToString())), context.RequestAborted);
        }
    }

    private async Task<(BalanceReply? Reply, Instant? Earliest)> ReadAsync(
        Database from, TenantId tenant, MemberId member, string currency, Instant? asOf, CancellationToken cancellationToken)
    {
        var now = await BalanceQueries.FindAsync(from, tenant, member, currency, cancellationToken);
        if (now is null || asOf is not { } instant)
        {
            return (now, null);
        }

        var then = await balances.ReadAsync(from, tenant, member, instant, cancellationToken);
        var held = await BalanceQueries.HeldAsOfAsync(from, tenant, member, instant, cancellationToken);
        var reply = now with
        {
            AsOf = instant.ToDateTimeOffset(),
            Balance = then.Balance,
            Held = held,
            Available = then.Balance - held,
            RealNameVerified = null,
        };
        return (reply, then.EarliestAt is { } earliest ? new Instant(earliest) : null);
    }

    private static async Task<MoneyFilter?> FilterAsync(HttpContext context, string[] states)
    {
        var query = new QueryFields(context.Request);
        var filter = new MoneyFilter(
            query.MemberIdOrNull("memberId"),
            query.ChoiceOrNull("status", states),
            query.TimeOrNull("from"),
            query.TimeOrNull("to"),
            query.CursorOrNull(1)?[0] ?? long.MaxValue,
            query.Limit());
        return await IsReadAsync(context, query) ? filter : null;
    }

    /// <summary>Whether the query has no fault; otherwise the problem is answered.</summary>
    private static async Task<bool> IsReadAsync(HttpContext context, QueryFields query)
    {
        query.RefuseUnknown();
        if (query.Failure is not { } failure)
        {
            return true;
        }

        await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
        return false;
    }

    private static Task AnswerAsync<TReply>(
        HttpContext context, TReply? reply, string notFound, System.Text.Json.Serialization.Metadata.JsonTypeInfo<TReply> type)
        where TReply : class => reply is null
        ? ProblemResponse.WriteAsync(context, new Refusal(notFound), context.RequestAborted)
        : WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, type);

    private string CurrencyOf(HttpContext context) => programmes.Latest(context.Actor().Tenant)!.Programme.Currency;
}
