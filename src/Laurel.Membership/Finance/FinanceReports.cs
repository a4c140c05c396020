using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Finance;

/// <summary>The reports there are.</summary>
public enum FinanceReportKind
{
    Days,
    Liability,
    Expiring,
    Extensions,
    Cohorts,
    Deferrals,
    Journal,
}

/// <summary>What of a report is wanted. Days are numbers such as 20260131.</summary>
public sealed record FinanceAsk
{
    /// <summary>The first day; null is thirty days before the last.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last day; null is the last that is closed.</summary>
    public DateOnly? To { get; init; }

    /// <summary>What was known when this recorded day was closed; null is the last that is closed.</summary>
    public DateOnly? KnownOn { get; init; }

    public string Unit { get; init; } = EntryNames.Points;

    public bool ByBusinessDay { get; init; }

    public Language Language { get; init; } = Language.English;
}

/// <summary>A report in every form in which it leaves.</summary>
public abstract record FinanceDocument
{
    public abstract string ToCsv(Language language, bool withMark);

    public abstract string ToJson();

    public abstract Task AnswerAsync(HttpContext context);
}

/// <inheritdoc />
public sealed record FinanceDocument<TReport, TRow>(
    TReport Report, JsonTypeInfo<TReport> Type, FinanceTable<TRow> Table, IEnumerable<TRow> Rows) : FinanceDocument
{
    public override string ToCsv(Language language, bool withMark) => Table.Write(Rows, language, withMark);

    public override string ToJson() => JsonSerializer.Serialize(Report, Type);

    public override Task AnswerAsync(HttpContext context) => WriteResponse.WriteAsync(context, StatusCodes.Status200OK, Report, Type);
}

/// <summary>Makes the reports, for the API and the command line alike.</summary>
public sealed class FinanceReports(ProgrammeKind programmes, FinanceAccounts accounts, TimeProvider clock)
{
    private const int DaysByDefault = 31;

    public async Task<FinanceDocument> ReadAsync(
        Database from, TenantId tenant, FinanceReportKind kind, FinanceAsk ask, CancellationToken cancellationToken)
    {
        var programme = programmes.Latest(tenant)!;
        var currency = programme.Programme.Currency;
        var knownOn = ask.KnownOn is { } day ? FinanceCalendar.NumberOf(day) : int.MaxValue;
        var known = await FinanceQueries.LastDayAsync(from, tenant, knownOn, cancellationToken);
        var (first, last) = RangeOf(ask, known);
        var json = MembershipJson.Default;
        switch (kind)
        {
            case FinanceReportKind.Days:
                var days = ask.ByBusinessDay
                    ? await RollForward.ByBusinessDayAsync(from, tenant, ask.Unit, first, last, knownOn, cancellationToken)
                    : await RollForward.ByRecordedDayAsync(from, tenant, ask.Unit, first, last, cancellationToken);
                return new FinanceDocument<RollForward, RollForwardDay>(days, json.RollForward, FinanceTables.RollForward, days.Items);
            case FinanceReportKind.Liability:
                var liability = await LiabilityReport.ReadAsync(from, tenant, currency, first, last, cancellationToken);
                return new FinanceDocument<LiabilityReport, LiabilityDay>(liability, json.LiabilityReport, FinanceTables.Liability, liability.Items);
            case FinanceReportKind.Expiring:
                var expiring = await ExpiringPoints.ReadAsync(from, tenant, programme.Calendar, Instant.Now(clock), cancellationToken);
                return new FinanceDocument<ExpiringReport, ExpiringMonth>(expiring, json.ExpiringReport, FinanceTables.Expiring, expiring.Items);
            case FinanceReportKind.Extensions:
                var extensions = await ExtensionReport.ReadAsync(from, tenant, first, last, cancellationToken);
                return new FinanceDocument<ExtensionReport, ExtensionRow>(extensions, json.ExtensionReport, FinanceTables.Extensions, extensions.Items);
            case FinanceReportKind.Cohorts:
                var cells = known is null ? [] : await FinanceQueries.CohortsAsync(from, tenant, known.Day, cancellationToken);
                var month = known is null ? FinanceCalendar.NumberOf(programme.Calendar, Instant.Now(clock)) : DayAfter(known.Day);
                var curve = BreakageCurve.Of(cells, FinanceCalendar.MonthOf(month));
                return new FinanceDocument<BreakageCurve, (Cohort Cohort, CohortAge Age)>(
                    curve, json.BreakageCurve, FinanceTables.Cohorts, curve.Cohorts.SelectMany(cohort => cohort.Ages.Select(age => (cohort, age))));
            case FinanceReportKind.Deferrals:
                var deferrals = await DeferralReport.ReadAsync(from, tenant, currency, knownOn, cancellationToken);
                return new FinanceDocument<DeferralReport, DeferralMonth>(deferrals, json.DeferralReport, FinanceTables.Deferrals, deferrals.Items);
            case FinanceReportKind.Journal:
                var journal = await FinanceJournal.ReadAsync(from, tenant, currency, accounts, ask.Language, first, last, cancellationToken);
                return new FinanceDocument<FinanceJournal, JournalLine>(journal, json.FinanceJournal, FinanceTables.Journal, journal.Items);
            default:
                throw new InvariantBrokenException("Every report is made.");
        }
    }

    // With the last day of a month closed, the month is whole.
    private static int DayAfter(int day) => FinanceCalendar.NumberOf(FinanceCalendar.DayOf(day).AddDays(1));

    private static (int First, int Last) RangeOf(FinanceAsk ask, FinanceDay? known)
    {
        var last = ask.To ?? (known is null ? ask.From : FinanceCalendar.DayOf(known.Day));
        if (last is not { } end)
        {
            return (1, 0);
        }

        var first = ask.From ?? end.AddDays(1 - DaysByDefault);
        end = ask.To is null && end.DayNumber - first.DayNumber >= RollForward.DaysMax ? first.AddDays(RollForward.DaysMax - 1) : end;
        return (FinanceCalendar.NumberOf(first), FinanceCalendar.NumberOf(end));
    }
}
