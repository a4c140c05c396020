using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Finance;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Finance;

/// <summary>A day's sums over random histories: nothing is lost between movements and cohorts, and what came late is exactly what was missing.</summary>
public sealed class ReckoningADayTests
{
    private static readonly BusinessCalendar s_calendar = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));

    [Fact]
    public void SumsAreThoseOfTheEntries_When_HistoriesAreRandom()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var rows = Rows(random, 300);
            var reckoning = new DayReckoning(20260131, s_calendar);
            rows.ForEach(row => row.AddTo(reckoning));

            var points = reckoning.Movements.Where(movement => movement.Unit == "points").ToList();
            points.Sum(movement => movement.Amount).ShouldBe(rows.Sum(row => row.Entry.Amount));
            points.Sum(movement => movement.Debt).ShouldBe(rows.Sum(row => row.Entry.DebtDelta));
            points.Sum(movement => movement.Entries).ShouldBe(rows.Count);
            reckoning.Cohorts.Sum(cell => cell.Granted).ShouldBe(rows.Sum(row => Math.Max(row.Entry.Amount, 0)));
            reckoning.Cohorts.Sum(cell => cell.Granted - cell.Taken).ShouldBe(points.Sum(movement => movement.Lots));
            reckoning.Cohorts.ShouldAllBe(cell => cell.Age >= 0 && cell.Granted >= 0 && cell.Taken >= 0);
        }
    }

    [Fact]
    public void WhatIsLeftIsWhatCameLate_When_TheBookedIsTakenAway()
    {
        var random = new Random(11);
        for (var round = 0; round < 100; round++)
        {
            var rows = Rows(random, 80);
            var late = rows.Where(_ => random.Next(10) == 0).ToList();
            var (booked, expected, all) = (Of(rows.Except(late)), Of(late), Of(rows));

            all.Less(booked.Movements, booked.Cohorts);

            all.Movements.ShouldBe(expected.Movements, ignoreOrder: true);
            all.Cohorts.ShouldBe(expected.Cohorts, ignoreOrder: true);
        }
    }

    [Theory]
    [InlineData("""{"of":"order","takenBack":60,"lapsed":0,"shortfall":25,"policy":"receivable"}""", 25)]
    [InlineData("""{"of":"order","takenBack":60,"lapsed":0,"shortfall":25,"policy":"negative"}""", 0)]
    [InlineData("""{"rule":"other"}""", 0)]
    [InlineData(null, 0)]
    public void TheShortfallIsOwed_When_ThePolicySaysSo(string? detail, long owed)
    {
        var reckoning = new DayReckoning(20260131, s_calendar);
        reckoning.Add(new DayEntry("points", "reverse", "issuance", -35, 0, At("2026-01-31T04:00:00Z"), detail));
        reckoning.Add(new DayEntry("points", "repay", "receivable", -10, 0, At("2026-01-31T04:00:00Z"), null));

        reckoning.Movements.Single(movement => movement.Kind == "reverse").Receivable.ShouldBe(owed);
        reckoning.Movements.Single(movement => movement.Kind == "repay").Receivable.ShouldBe(-10);
    }

    [Theory]
    [InlineData("2026-01-31T15:59:59.999999Z", 20260131)]
    [InlineData("2026-01-31T16:00:00Z", 20260201)]
    public void TheBusinessDayIsTheTenants_When_MidnightIsNear(string time, int day)
    {
        var reckoning = new DayReckoning(20260131, s_calendar);
        reckoning.Add(new DayEntry("growth", "earn", "issuance", 1, 0, At(time), null));

        reckoning.Movements.ShouldHaveSingleItem().BusinessDay.ShouldBe(day);
        reckoning.Cohorts.ShouldBeEmpty("growth has no lots");
    }

    private sealed record Row(DayEntry Entry, IReadOnlyList<DayTake> Takes)
    {
        public void AddTo(DayReckoning reckoning)
        {
            reckoning.Add(Entry);
            foreach (var take in Takes)
            {
                reckoning.Add(take);
            }
        }
    }

    private static DayReckoning Of(IEnumerable<Row> rows)
    {
        var reckoning = new DayReckoning(20260131, s_calendar);
        foreach (var row in rows)
        {
            row.AddTo(reckoning);
        }

        return reckoning;
    }

    /// <summary>Entries as the ledger writes them: what leaves is taken from lots, less what becomes a debt.</summary>
    private static List<Row> Rows(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var time = At("2025-06-01T00:00:00Z").Plus(TimeSpan.FromHours(random.Next(6_000)));
        var amount = random.Next(1, 500);
        switch (random.Next(7))
        {
            case 0 or 1:
                return new Row(new DayEntry("points", "earn", "issuance", amount, -random.Next(amount + 1), time, null), []);
            case 2:
                return new Row(new DayEntry("points", "repay", "receivable", -amount, 0, time, null), []);
            case 3:
                var debt = random.Next(amount + 1);
                return new Row(new DayEntry("points", "reverse", "issuance", -amount, debt, time, null), Takes(random, "reverse", amount - debt, time));
            case 4:
                return new Row(new DayEntry("points", "expire", "expiry", -amount, 0, time, null), Takes(random, "expire", amount, time));
            default:
                return new Row(new DayEntry("points", "spend", "redemption", -amount, 0, time, null), Takes(random, "spend", amount, time));
        }
    })];

    private static List<DayTake> Takes(Random random, string kind, long points, Instant time)
    {
        var takes = new List<DayTake>();
        while (points > 0)
        {
            var part = random.NextInt64(1, points + 1);
            takes.Add(new DayTake(kind, time, time.Plus(-TimeSpan.FromHours(random.Next(9_000))), part));
            points -= part;
        }

        return takes;
    }

    private static Instant At(string time) => Instant.From(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture));
}
