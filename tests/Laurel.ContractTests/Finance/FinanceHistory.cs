using Laurel.ContractTests.Openings;
using Laurel.Kernel;
using Laurel.Membership.Finance;
using Laurel.Platform.Errors;
using Laurel.Server.Hosting;
using Xunit;

namespace Laurel.ContractTests.Finance;

/// <summary>Closes days of a database whose clock the test sets, and reads what they say.</summary>
internal static class FinanceHistory
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Closes everything that is over at noon of a day, UTC.</summary>
    public static Task<int> CloseAsync(this DetachableDatabase database, string day)
    {
        database.At(day);
        return RunOf(database).RunAsync(s_tenant, null, Cancellation);
    }

    public static FinanceClosingRun RunOf(DetachableDatabase database) => new(database.Database, database.Lanes, database.Books.Programmes, database.Clock);

    public static Task<RollForward> RecordedAsync(this DetachableDatabase database, string from, string to, string unit = "points") =>
        RollForward.ByRecordedDayAsync(database.Database, s_tenant, unit, Day(from), Day(to), Cancellation);

    public static Task<RollForward> BusinessAsync(this DetachableDatabase database, string from, string to, string knownOn = "2999-01-01") =>
        RollForward.ByBusinessDayAsync(database.Database, s_tenant, "points", Day(from), Day(to), Day(knownOn), Cancellation);

    public static Task<LiabilityReport> LiabilityAsync(this DetachableDatabase database, string from, string to) =>
        LiabilityReport.ReadAsync(database.Database, s_tenant, "CNY", Day(from), Day(to), Cancellation);

    public static Task<DeferralReport> DeferralsAsync(this DetachableDatabase database) =>
        DeferralReport.ReadAsync(database.Database, s_tenant, "CNY", int.MaxValue, Cancellation);

    public static Task<FinanceJournal> JournalAsync(this DetachableDatabase database, string from, string to) =>
        FinanceJournal.ReadAsync(database.Database, s_tenant, "CNY", FinanceAccounts.Default, Language.English, Day(from), Day(to), Cancellation);

    public static Task<ExtensionReport> ExtensionsAsync(this DetachableDatabase database, string from, string to) =>
        ExtensionReport.ReadAsync(database.Database, s_tenant, Day(from), Day(to), Cancellation);

    public static Task<ExpiringReport> ExpiringAsync(this DetachableDatabase database, string day) => ExpiringPoints.ReadAsync(
        database.Database, s_tenant, database.Books.Programmes.Latest(s_tenant)!.Calendar, DetachableDatabase.NoonOf(day), Cancellation);

    public static async Task<BreakageCurve> CurveAsync(this DetachableDatabase database, int month) =>
        BreakageCurve.Of(await FinanceQueries.CohortsAsync(database.Database, s_tenant, int.MaxValue, Cancellation), month);

    /// <summary>Opening, what moved, closing: the figures of a day as a golden table writes them.</summary>
    public static string Line(this RollForwardDay day) =>
        $"{day.Day} {day.Opening} issued {day.Issued} redeemed {day.Redeemed} expired {day.Expired} clawed {day.ClawedBack} "
        + $"adjusted {day.Adjusted} transferred {day.Transferred} repaid {day.Repaid} forward {day.BroughtForward} other {day.Other} "
        + $"= {day.Closing} late {day.Late} committed {day.CommittedLate}";

    public static int Day(string text) => FinanceCalendar.ParseDay(text)!.Value;
}
