using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Finance;

/// <summary>One line of a day's voucher, in minor units. Either side is 0.</summary>
public sealed record JournalLine
{
    /// <summary>2026-01-31.</summary>
    public required string Day { get; init; }

    /// <summary>From 1 in each day. An odd line and the one after it are one posting.</summary>
    public required int Line { get; init; }

    public required string Account { get; init; }

    public required string AccountName { get; init; }

    public required long Debit { get; init; }

    public required long Credit { get; init; }

    /// <summary>What moved: a column of the roll-forward in camel case, or <c>remeasured</c>.</summary>
    public required string Memo { get; init; }

    /// <summary>What lots gained by it; 0 where only the value changed.</summary>
    public required long Points { get; init; }
}

/// <summary>The change of the liability, day by day, as double-entry postings.</summary>
/// <remarks>Debits are credits in each posting, so in each day. Rounding telescopes: within a day the postings are differences of one running,
/// rounded value, so the account of the liability ends each day with exactly what <see cref="LiabilityDay"/> says, and no cent gathers anywhere. What a new
/// value or a new estimate makes of the points that were there is a posting of its own, before the others.</remarks>
public sealed record FinanceJournal
{
    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    public required IReadOnlyList<JournalLine> Items { get; init; }

    public static async Task<FinanceJournal> ReadAsync(
        Database from, TenantId tenant, string currency, FinanceAccounts accounts, Language language, int first, int last, CancellationToken cancellationToken)
    {
        var before = await FinanceQueries.LastDayAsync(from, tenant, first - 1, cancellationToken);
        var days = await FinanceQueries.DaysAsync(from, tenant, first, last, cancellationToken);
        var closings = (await FinanceQueries.ClosingsAsync(from, tenant, first, last, cancellationToken))
            .Where(closing => closing.Unit == EntryNames.Points)
            .ToDictionary(closing => closing.Day);
        var moved = (await FinanceQueries.ByRecordedDayAsync(from, tenant, EntryNames.Points, first, last, cancellationToken))
            .ToLookup(sum => sum.Day);
        var lines = new List<JournalLine>();
        foreach (var day in days)
        {
            if (closings.TryGetValue(day.Day, out var closing))
            {
                var sums = moved[day.Day].ToList();
                var opening = closing.Closing + closing.Debt - sums.Sum(sum => sum.Lots);
                lines.AddRange(LinesOf(day, before, opening, sums, accounts, language));
            }

            before = day;
        }

        return new FinanceJournal { Currency = currency, Items = lines };
    }

    /// <summary>The voucher of one day.</summary>
    /// <param name="before">The day closed before it; null for the first.</param>
    /// <param name="opening">What lots had left when it began.</param>
    public static IReadOnlyList<JournalLine> LinesOf(
        FinanceDay day, FinanceDay? before, long opening, IReadOnlyList<MovementSum> moved, FinanceAccounts accounts, Language language)
    {
        var lines = new List<JournalLine>();
        void Post(long amount, FinanceAccount against, string memo, long points)
        {
            if (amount == 0)
            {
                return;
            }

            var (debit, credit) = amount > 0 ? (against, accounts.Liability) : (accounts.Liability, against);
            lines.Add(LineOf(debit, Math.Abs(amount), 0));
            lines.Add(LineOf(credit, 0, Math.Abs(amount)));

            JournalLine LineOf(FinanceAccount account, long onDebit, long onCredit) => new()
            {
                Day = FinanceCalendar.TextOfDay(day.Day),
                Line = lines.Count + 1,
                Account = account.Code,
                AccountName = language switch
                {
                    Language.English => account.Name,
                    Language.Chinese => account.NameChinese,
                },
                Debit = onDebit,
                Credit = onCredit,
                Memo = memo,
                Points = points,
            };
        }

        Post(day.Value.Of(opening) - (before?.Value.Of(opening) ?? 0), accounts.Remeasured, "remeasured", 0);
        var running = opening;
        foreach (var column in moved.GroupBy(sum => MovementColumns.Of(sum.Kind)).OrderBy(column => column.Key))
        {
            var points = column.Sum(sum => sum.Lots);
            var name = column.Key.ToString();
            var memo = char.ToLowerInvariant(name[0]) + name[1..];
            Post(day.Value.Of(running + points) - day.Value.Of(running), accounts.Against(column.Key), memo, points);
            running += points;
        }

        return lines;
    }
}
