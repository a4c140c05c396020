using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Finance;

/// <summary>Closes recorded days: each once, in order, for ever.</summary>
/// <remarks>
/// <para>A recorded day is a range of ids, because ids are drawn in time and entries are found by them. It is closed <see cref="Grace"/> after it
/// ended, when whoever drew an id before midnight has long committed or failed. What is committed later still is booked by the next day, under
/// the day it belongs to: a closed day is never changed.</para>
/// <para>What one run has not done the next one does; running again changes nothing.</para>
/// </remarks>
public sealed class FinanceClosingRun(Database database, LaneSet lanes, ProgrammeKind programmes, TimeProvider clock)
{
    /// <summary>How long after its end a day is closed at the earliest.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</summary>
    public LeaseFence? Fence { get; init; }

    /// <summary>Closes every day that can be closed.</summary>
    /// <param name="progress">Told each day that was closed; null tells nobody.</param>
    /// <returns>Days closed.</returns>
    /// <exception cref="IOException">When the database does not take it, or the lease is lost.</exception>
    public async Task<int> RunAsync(TenantId tenant, IProgress<DateOnly>? progress, CancellationToken cancellationToken)
    {
        await new ProgrammeStore(database, programmes, clock).ReadAsync(tenant, cancellationToken);
        var programme = programmes.Latest(tenant)!;
        await using var reading = await DayReading.OpenAsync(database, tenant, cancellationToken);
        var books = await FinanceBooks.ReadAsync(reading.Connection, tenant, cancellationToken);
        if (await NextDayAsync(reading, books, programme.Calendar, cancellationToken) is not { } day)
        {
            return 0;
        }

        var closed = 0;
        var now = Instant.Now(clock);
        while (programme.Calendar.StartOf(day.AddDays(1)).Plus(Grace) <= now)
        {
            var next = await ReckonAsync(reading, books, programme, day, cancellationToken);
            if (!await WriteAsync(tenant, next, cancellationToken))
            {
                // Another one closed it, from what it had read; the next run goes on from there.
                return closed;
            }

            books.Take(next);
            progress?.Report(day);
            closed++;
            day = day.AddDays(1);
        }

        return closed;
    }

    private static async Task<DateOnly?> NextDayAsync(
        DayReading reading, FinanceBooks books, BusinessCalendar calendar, CancellationToken cancellationToken)
    {
        if (books.Last is { } last)
        {
            // What lies between the last day and the cut is told by the openings alone.
            var next = FinanceCalendar.DayOf(last.Day).AddDays(1);
            var atCut = last.EndId < reading.Cut ? calendar.DayOf(IdGenerator.TimeOf(reading.Cut)) : next;
            return atCut > next ? atCut : next;
        }

        var first = reading.Cut > 0 ? reading.Cut : await reading.FirstEntryAsync(cancellationToken);
        return first is { } id ? calendar.DayOf(IdGenerator.TimeOf(id)) : null;
    }

    private async Task<ClosedDay> ReckonAsync(
        DayReading reading, FinanceBooks books, ActiveProgramme programme, DateOnly date, CancellationToken cancellationToken)
    {
        var begin = books.Last?.EndId ?? 0;
        var end = Math.Max(begin, IdGenerator.FirstOf(programme.Calendar.StartOf(date.AddDays(1))));
        var day = FinanceCalendar.NumberOf(date);
        var reckoning = new DayReckoning(day, programme.Calendar);
        await reading.AddAsync(reckoning, begin, end, cancellationToken);
        if (begin < reading.Cut)
        {
            books.BringForward(reckoning, await reading.OpeningsAsync(programme.Calendar, cancellationToken), FinanceCalendar.MonthOf(day));
        }

        var late = await LateAsync(reading, books, programme.Calendar, cancellationToken);
        IReadOnlyList<FinanceMovement> movements = [.. late?.Movements ?? [], .. reckoning.Movements];
        var (share, source) = await RedemptionAsync(programme.Programme.Finance, books.Tenant, day, cancellationToken);
        return new ClosedDay
        {
            Day = new FinanceDay
            {
                Tenant = books.Tenant.Value,
                Day = day,
                BeginId = begin,
                EndId = end,
                ClosedAt = 0,
                ClosingId = 0,
                ProgrammeVersion = programme.Programme.Version,
                ValuePoints = programme.Programme.Finance.ValuePoints,
                ValueMinorUnits = programme.Programme.Finance.ValueMinorUnits,
                RedemptionBasisPoints = share,
                RedemptionSource = source,
            },
            Closings = books.Close(day, movements),
            Movements = movements,
            Cohorts = [.. late?.Cohorts ?? [], .. reckoning.Cohorts],
        };
    }

    /// <summary>What was committed with ids of the last closed day after it was closed; null where that was looked for already, or cannot be.</summary>
    private static async Task<DayReckoning?> LateAsync(
        DayReading reading, FinanceBooks books, BusinessCalendar calendar, CancellationToken cancellationToken)
    {
        if (books.Last is not { } last || books.ClosedInThisRun || last.BeginId < reading.Cut)
        {
            return null;
        }

        var late = new DayReckoning(last.Day, calendar);
        await reading.AddAsync(late, last.BeginId, last.EndId, cancellationToken);
        late.Less(
            await FinanceQueries.MovementsOfAsync(reading.Connection, books.Tenant, last.Day, cancellationToken),
            await FinanceQueries.CohortsOfAsync(reading.Connection, books.Tenant, last.Day, cancellationToken));
        return late;
    }

    private async Task<(int BasisPoints, string Source)> RedemptionAsync(
        FinanceRules rules, TenantId tenant, int day, CancellationToken cancellationToken)
    {
        if (rules.RedemptionFromCurve)
        {
            var cells = await FinanceQueries.CohortsAsync(database, tenant, day, cancellationToken);
            if (BreakageCurve.Of(cells, FinanceCalendar.MonthOf(day)).RedemptionBasisPoints is { } estimated)
            {
                return (estimated, "curve");
            }
        }

        return (rules.RedemptionBasisPoints, "fixed");
    }

    /// <summary>Returns whether the day is stored as it was reckoned here.</summary>
    private async Task<bool> WriteAsync(TenantId tenant, ClosedDay closed, CancellationToken cancellationToken) =>
        await lanes.SubmitAsync(new CloseDay(tenant, closed) { Fence = Fence }, cancellationToken) switch
        {
            Outcome.Applied { Reply: long closing } =>
                await FinanceQueries.ClosingIdAsync(database, tenant, closed.Day.Day, cancellationToken) == closing,
            Outcome.Refused refused => throw new IOException($"A day could not be closed: {refused.Refusal.Code}."),
            Outcome.Failed failed => throw new IOException($"A day could not be closed: {failed.Refusal.Code}."),
            var other => throw new InvariantBrokenException($"The close of a day ends in no {other.GetType().Name}."),
        };
}
