using System.Buffers;
using System.Text;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Finance;

/// <summary>The doors of this capability: reads only, under a permission of their own.</summary>
internal static class FinanceModule
{
    private const string Csv = "csv";

    private const string Json = "json";

    private const string Business = "business";

    /// <summary>Which report an operation tells.</summary>
    private sealed record Told(FinanceReportKind Kind);

    public static void MapFinance(this IEndpointRouteBuilder routes)
    {
        Read<RollForward>(routes.MapGet("/api/finance/days", AnswerAsync), FinanceReportKind.Days, "The roll-forward of a unit by recorded or business day.");
        Read<LiabilityReport>(routes.MapGet("/api/finance/liability", AnswerAsync), FinanceReportKind.Liability, "Outstanding points of closed days and what they are worth.");
        Read<ExpiringReport>(routes.MapGet("/api/finance/expiring", AnswerAsync), FinanceReportKind.Expiring, "Outstanding points by the month of their expiry, as they stand now.");
        Read<ExtensionReport>(routes.MapGet("/api/finance/extensions", AnswerAsync), FinanceReportKind.Extensions, "Lots that were given a longer life, by closed day.");
        Read<BreakageCurve>(routes.MapGet("/api/finance/cohorts", AnswerAsync), FinanceReportKind.Cohorts, "Points by the month that issued them and their age, with the estimate of breakage.");
        Read<DeferralReport>(routes.MapGet("/api/finance/deferrals", AnswerAsync), FinanceReportKind.Deferrals, "Revenue deferred for points by the month of the orders (IFRS 15).");
        Read<FinanceJournal>(routes.MapGet("/api/finance/journal", AnswerAsync), FinanceReportKind.Journal, "Daily double-entry postings of the liability.");
    }

    private static void Read<TReport>(RouteHandlerBuilder route, FinanceReportKind kind, string summary) => route
        .WithMetadata(new Told(kind))
        .RequirePermission(Permission.FinanceRead)
        .Produces<TReport>()
        .WithSummary(summary);

    private static async Task AnswerAsync(HttpContext context, ReadRouter router, FinanceReports reports, ProgrammeKind programmes)
    {
        var kind = context.GetEndpoint()!.Metadata.GetRequiredMetadata<Told>().Kind;
        var query = new QueryFields(context.Request);
        var language = RequestLanguage.Of(context.Request);
        var ask = Read(query, kind, FinanceNames.UnitsOf(programmes.Latest(context.Actor().Tenant)!.Programme)) with { Language = language };
        var format = query.ChoiceOrNull("format", Json, Csv) ?? Json;
        var withMark = query.Flag("bom", byDefault: false);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var document = await context.ReadAsync(router, from => reports.ReadAsync(from, tenant, kind, ask, context.RequestAborted));
        if (format == Json)
        {
            await document.AnswerAsync(context);
            return;
        }

        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{kind.ToString().ToLowerInvariant()}.csv\"";
        context.Response.BodyWriter.Write(Encoding.UTF8.GetBytes(document.ToCsv(language, withMark)));
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static FinanceAsk Read(QueryFields query, FinanceReportKind kind, IEnumerable<string> units) => kind switch
    {
        FinanceReportKind.Days => ReadDays(query, units),
        FinanceReportKind.Liability or FinanceReportKind.Extensions or FinanceReportKind.Journal => ReadRange(query),
        FinanceReportKind.Cohorts or FinanceReportKind.Deferrals => new FinanceAsk { KnownOn = query.DayOrNull("knownOn") },
        FinanceReportKind.Expiring => new FinanceAsk(),
    };

    private static FinanceAsk ReadDays(QueryFields query, IEnumerable<string> units)
    {
        var ask = ReadRange(query) with
        {
            Unit = query.ChoiceOrNull("unit", [.. units]) ?? EntryNames.Points,
            ByBusinessDay = query.ChoiceOrNull("by", "recorded", Business) == Business,
        };

        // What a recorded day has told is known for ever; only what happened may be told late.
        return ask.ByBusinessDay ? ask with { KnownOn = query.DayOrNull("knownOn") } : ask;
    }

    private static FinanceAsk ReadRange(QueryFields query)
    {
        var ask = new FinanceAsk { From = query.DayOrNull("from"), To = query.DayOrNull("to") };
        if (ask is { From: { } from, To: { } to } && (to < from || to.DayNumber - from.DayNumber >= RollForward.DaysMax))
        {
            query.Fail("to", FieldErrorCode.OutOfRange, ("min", TextOf(from)), ("max", TextOf(from.AddDays(RollForward.DaysMax - 1))));
        }

        return ask;
    }

    private static string TextOf(DateOnly day) => FinanceCalendar.TextOfDay(FinanceCalendar.NumberOf(day));
}
