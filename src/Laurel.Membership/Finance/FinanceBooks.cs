using System.Data.Common;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Finance;

/// <summary>How the books stand after the last closed day, while more are closed.</summary>
internal sealed class FinanceBooks
{
    private readonly Dictionary<string, FinanceClosing> _closings;
    private readonly Dictionary<(string Unit, string Account), long> _accounts;
    private readonly Dictionary<int, long> _lots;

    private FinanceBooks(
        TenantId tenant, FinanceDay? last, Dictionary<string, FinanceClosing> closings, Dictionary<(string, string), long> accounts, Dictionary<int, long> lots) =>
        (Tenant, Last, _closings, _accounts, _lots) = (tenant, last, closings, accounts, lots);

    public TenantId Tenant { get; }

    /// <summary>The last closed day; null before the first.</summary>
    public FinanceDay? Last { get; private set; }

    public bool ClosedInThisRun { get; private set; }

    public static async Task<FinanceBooks> ReadAsync(DbConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        if (await FinanceQueries.LastDayAsync(connection, tenant, cancellationToken) is not { } last)
        {
            return new FinanceBooks(tenant, null, [], [], []);
        }

        var closings = await FinanceQueries.ClosingsAsync(connection, tenant, last.Day, last.Day, cancellationToken);
        return new FinanceBooks(
            tenant,
            last,
            closings.ToDictionary(closing => closing.Unit),
            await FinanceQueries.AccountsAsync(connection, tenant, cancellationToken),
            await FinanceQueries.OpenByMonthAsync(connection, tenant, cancellationToken));
    }

    /// <summary>Books what opening balances say beyond what was booked, so that the books go on where entries begin.</summary>
    public void BringForward(DayReckoning reckoning, OpeningSums openings, int month)
    {
        var points = _closings.GetValueOrDefault(EntryNames.Points);
        foreach (var key in openings.Accounts.Keys.Concat(_accounts.Keys).Distinct())
        {
            reckoning.AddOpening(key.Unit, key.Account, openings.Accounts.GetValueOrDefault(key) - _accounts.GetValueOrDefault(key), 0, 0);
        }

        reckoning.AddOpening(
            EntryNames.Points,
            EntryNames.AccountOf(EntryNames.Earn),
            0,
            openings.Debt - (points?.Debt ?? 0),
            openings.Receivable - (points?.Receivable ?? 0));
        foreach (var issued in openings.Lots.Keys.Concat(_lots.Keys).Distinct())
        {
            reckoning.AddOpening(
                issued, FinanceCalendar.AgeOf(issued, month), openings.Lots.GetValueOrDefault(issued) - _lots.GetValueOrDefault(issued));
        }
    }

    /// <summary>How each unit stands after these movements.</summary>
    public IReadOnlyList<FinanceClosing> Close(int day, IReadOnlyList<FinanceMovement> movements)
    {
        var moved = movements.Where(movement => movement.Unit is not (FinanceNames.Sales or FinanceNames.Extended)).ToLookup(movement => movement.Unit);
        return
        [
            .. _closings.Keys.Union(moved.Select(unit => unit.Key)).Order(StringComparer.Ordinal).Select(unit =>
            {
                var before = _closings.GetValueOrDefault(unit);
                return new FinanceClosing
                {
                    Day = day,
                    Unit = unit,
                    Opening = before?.Closing ?? 0,
                    Closing = (before?.Closing ?? 0) + moved[unit].Sum(movement => movement.Amount),
                    Debt = (before?.Debt ?? 0) + moved[unit].Sum(movement => movement.Debt),
                    Receivable = (before?.Receivable ?? 0) + moved[unit].Sum(movement => movement.Receivable),
                };
            }),
        ];
    }

    /// <summary>Goes on from a day that was stored.</summary>
    public void Take(ClosedDay closed)
    {
        (Last, ClosedInThisRun) = (closed.Day, true);
        foreach (var closing in closed.Closings)
        {
            _closings[closing.Unit] = closing;
        }
    }
}
