using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Membership.Openings;

namespace Laurel.Membership.Verification;

/// <summary>Walks over all members and hands each the rows that are its own, in the order in which they were written.</summary>
/// <param name="ordersByTenant">Whether the pages come by tenant and member; otherwise by member alone.</param>
/// <param name="cut">Where entries begin; null at the first.</param>
/// <param name="writer">Given the opening of each member at a later cut; null takes none.</param>
internal sealed class MemberWalk(
    SqlSession session,
    Findings findings,
    TrialBalance totals,
    ProgrammeHistory programmes,
    EventChecks events,
    AdjustmentChecks adjustments,
    MergeChecks merges,
    WatchChecks watch,
    bool ordersByTenant,
    OpeningCut? cut,
    OpeningWriter? writer)
{
    /// <summary>Members between two reports of progress.</summary>
    private const int ReportEvery = 256;

    private readonly RowStream<MemberRow> _members = new(session, VerificationPages.Members, VerificationPages.ReadMember);
    private readonly RowStream<EntryRow> _entries = new(session, VerificationPages.Entries, VerificationPages.ReadEntry);
    private readonly RowStream<TakeRow> _takes = new(session, VerificationPages.Takes, VerificationPages.ReadTake);
    private readonly RowStream<HoldChangeRow> _changes = new(session, VerificationPages.HoldChanges, VerificationPages.ReadHoldChange);
    private readonly RowStream<LotChangeRow> _lotChanges = new(session, LotLifePages.LotChanges, LotLifePages.ReadLotChange);
    private readonly RowStream<PendingRow> _pending = new(session, LotLifePages.Pending, LotLifePages.ReadPending);
    private readonly RowStream<PinRow> _pins = new(session, VerificationPages.Pins, VerificationPages.ReadPin);
    private readonly RowStream<OrderRow> _orders = new(session, VerificationPages.Orders, VerificationPages.ReadOrder);
    private readonly RowStream<LevelChangeRow> _levels = new(session, LevelChangeRow.Pages, LevelChangeRow.Read);
    private readonly BalanceStreams _money = new(session);
    private readonly RowStream<UnitRow> _units = new(session, UnitRow.Pages, UnitRow.Read);
    private readonly OpeningStreams? _openings = cut is null ? null : new OpeningStreams(session);
    private readonly KeyChecks _keys = new(session, findings);

    /// <summary>Members seen so far.</summary>
    public long Members { get; private set; }

    /// <summary>Entries seen so far.</summary>
    public long Entries { get; private set; }

    /// <summary>Members seen so far that have opening balances.</summary>
    public long Openings { get; private set; }

    private long Cut => cut?.Id ?? 0;

    public async Task RunAsync(Action<long> progress, CancellationToken cancellationToken)
    {
        while (await _members.PeekAsync(cancellationToken) is { } member)
        {
            _members.Advance();
            await ReplayAsync(member, cancellationToken);
            Members++;
            if (Members % ReportEvery == 0)
            {
                progress(Members);
            }
        }

        await DropStraysAsync(null, cancellationToken);
        await _keys.FlushAsync(cancellationToken);
        progress(Members);
    }

    private async Task ReplayAsync(MemberRow member, CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I9);
        await DropStraysAsync(member, cancellationToken);
        var opening = await OpeningOfAsync(member, cancellationToken);
        var replay = new MemberReplay(findings, member, totals, _keys, Cut, opening, merges.Of(member.Tenant, member.Member), programmes);
        await PassBelowAsync(_entries, "entries", member, cancellationToken);
        await PassBelowAsync(_takes, "lot_takes", member, cancellationToken);
        await ReplayHistoryAsync(replay, member, cancellationToken);
        while (await NextOfAsync(_takes, member, "lot_takes", cancellationToken) is { } take)
        {
            ReportStray(take, "lot_takes", string.Create(CultureInfo.InvariantCulture, $"{take.Entry}/{take.Lot}"), "an entry that took it");
        }

        while (await NextOfAsync(_orders, member, "orders", cancellationToken) is { } order)
        {
            replay.Apply(order);
        }

        while (await NextOfAsync(_levels, member, "level_changes", cancellationToken) is { } change)
        {
            replay.Levels.Apply(change, programmes);
        }

        await ReplayMoneyAsync(replay.Money, member, cancellationToken);
        while (await NextOfAsync(_units, member, "member_units", cancellationToken) is { } wallet)
        {
            replay.Units.Apply(wallet);
        }

        var pins = await AllOfAsync(_pins, member, "hold_pins", cancellationToken);
        replay.Close(pins, await AllOfAsync(_pending, member, "pending_lots", cancellationToken));
        await watch.CloseAsync(member, ordersByTenant, cancellationToken);
        if (_keys.IsFull)
        {
            await _keys.FlushAsync(cancellationToken);
        }
    }

    private async Task ReplayMoneyAsync(BalanceReplay money, MemberRow member, CancellationToken cancellationToken)
    {
        while (await NextOfAsync(_money.Recharges, member, "balance_recharges", cancellationToken) is { } recharge)
        {
            money.Apply(recharge);
        }

        while (await NextOfAsync(_money.Refunds, member, "balance_recharge_refunds", cancellationToken) is { } refund)
        {
            money.Apply(refund);
        }

        while (await NextOfAsync(_money.Withdrawals, member, "balance_withdrawals", cancellationToken) is { } withdrawal)
        {
            money.Apply(withdrawal);
        }

        while (await NextOfAsync(_money.Spends, member, "balance_spends", cancellationToken) is { } spend)
        {
            money.Apply(spend);
        }
    }

    /// <summary>Entries, changes of holds and changes of lots draw their ids from one sequence of the member: their order is the order of decisions.</summary>
    private async Task ReplayHistoryAsync(MemberReplay replay, MemberRow member, CancellationToken cancellationToken)
    {
        var isTaken = writer is null;
        while (true)
        {
            var entry = await PeekOfAsync(_entries, member, "entries", cancellationToken);
            var change = await PeekOfAsync(_changes, member, "hold_changes", cancellationToken);
            var move = await PeekOfAsync(_lotChanges, member, "lot_changes", cancellationToken);
            var next = Math.Min(entry?.Id ?? long.MaxValue, Math.Min(change?.Id ?? long.MaxValue, move?.Id ?? long.MaxValue));
            if (!isTaken && next >= writer!.Cut)
            {
                isTaken = true;
                await TakeOpeningAsync(replay, writer, cancellationToken);
            }

            if (entry?.Id == next)
            {
                _entries.Advance();
                Entries++;
                writer?.Count("entries", entry.Id);
                events.See(entry);
                adjustments.See(entry);
                watch.See(entry);
                replay.Apply(entry, await TakesOfAsync(entry, member, cancellationToken));
            }
            else if (change?.Id == next)
            {
                _changes.Advance();
                replay.Apply(change);
            }
            else if (move?.Id == next)
            {
                _lotChanges.Advance();
                replay.Apply(move);
            }
            else
            {
                return;
            }

            if (_keys.IsFull)
            {
                await _keys.FlushAsync(cancellationToken);
            }
        }
    }

    private async ValueTask<IReadOnlyList<TakeRow>> TakesOfAsync(EntryRow entry, MemberRow member, CancellationToken cancellationToken)
    {
        List<TakeRow>? takes = null;
        while (await PeekOfAsync(_takes, member, "lot_takes", cancellationToken) is { } take && take.Entry <= entry.Id)
        {
            _takes.Advance();
            if (take.Entry == entry.Id)
            {
                writer?.Count("lot_takes", take.Entry);
                (takes ??= []).Add(take);
            }
            else
            {
                ReportStray(take, "lot_takes", string.Create(CultureInfo.InvariantCulture, $"{take.Entry}/{take.Lot}"), "an entry that took it");
            }
        }

        return takes ?? (IReadOnlyList<TakeRow>)[];
    }

    private static async ValueTask TakeOpeningAsync(MemberReplay replay, OpeningWriter writer, CancellationToken cancellationToken)
    {
        MemberOpening? opening;
        try
        {
            opening = replay.OpeningAt(writer.Cut);
        }
        catch (OverflowException)
        {
            // No stored figure is that large, so the end of the replay finds the difference, and nothing is put in force.
            return;
        }

        if (opening is not null)
        {
            await writer.AddAsync(opening, cancellationToken);
        }
    }

    /// <summary>What stands for the member's entries below the cut; null where nothing does.</summary>
    private async Task<MemberOpening?> OpeningOfAsync(MemberRow member, CancellationToken cancellationToken)
    {
        if (_openings is null)
        {
            return null;
        }

        var figures = await AllOfAsync(_openings.Figures, member, "opening_members", cancellationToken);
        var units = await AllOfAsync(_openings.Units, member, "opening_balances", cancellationToken);
        var lots = await AllOfAsync(_openings.Lots, member, "opening_lots", cancellationToken);
        var orders = await AllOfAsync(_openings.Orders, member, "opening_orders", cancellationToken);

        // Rows of another cut are of one that is being taken, or was given up.
        if (figures.FirstOrDefault(row => row.Cut == Cut) is not { } own)
        {
            IEnumerable<IMemberRow> stray = [.. units.Where(row => row.Cut == Cut), .. lots.Where(row => row.Cut == Cut), .. orders.Where(row => row.Cut == Cut)];
            foreach (var row in stray.Take(1))
            {
                findings.Report(InvariantCode.I13, OffenceOf(row, "opening_members", IdOf(row), "the figures that belong to its opening rows", "none"));
            }

            return null;
        }

        var opening = new MemberOpening
        {
            Figures = own,
            Units = units.FindAll(row => row.Cut == Cut),
            Lots = lots.FindAll(row => row.Cut == Cut),
            Orders = orders.FindAll(row => row.Cut == Cut),
        };
        Openings++;
        findings.Look(InvariantCode.I13);
        if (opening.Seal() != own.Seal)
        {
            findings.Report(InvariantCode.I13, OffenceOf(own, "opening_members", IdOf(own), "opening rows as they were sealed", "others"));
        }

        return opening;
    }

    private async ValueTask<List<TRow>> AllOfAsync<TRow>(RowStream<TRow> rows, MemberRow member, string table, CancellationToken cancellationToken)
        where TRow : class, IMemberRow
    {
        var all = new List<TRow>();
        while (await NextOfAsync(rows, member, table, cancellationToken) is { } row)
        {
            all.Add(row);
        }

        return all;
    }

    /// <summary>Passes over what is below the cut and has not been moved away yet.</summary>
    private async ValueTask PassBelowAsync<TRow>(RowStream<TRow> rows, string table, MemberRow member, CancellationToken cancellationToken)
        where TRow : class, IMemberRow
    {
        while (await rows.PeekAsync(cancellationToken) is { } row && Compare(row, member) == 0 && row.Key.First < Cut)
        {
            rows.Advance();
            if (cut!.MonthsAttached == 0)
            {
                findings.Report(InvariantCode.I13, OffenceOf(row, table, IdOf(row), $"nothing before {cut.Month}: its months were detached", "a row"));
            }
        }
    }

    private async ValueTask<TRow?> NextOfAsync<TRow>(RowStream<TRow> rows, MemberRow member, string table, CancellationToken cancellationToken)
        where TRow : class, IMemberRow
    {
        var row = await PeekOfAsync(rows, member, table, cancellationToken);
        if (row is not null)
        {
            rows.Advance();
        }

        return row;
    }

    /// <summary>The next row of the member; rows of the same member under another tenant are told and passed over.</summary>
    private async ValueTask<TRow?> PeekOfAsync<TRow>(RowStream<TRow> rows, MemberRow member, string table, CancellationToken cancellationToken)
        where TRow : class, IMemberRow
    {
        while (await rows.PeekAsync(cancellationToken) is { } row && Compare(row, member) == 0)
        {
            if (row.Tenant == member.Tenant)
            {
                return row;
            }

            rows.Advance();
            ReportForeign(row, table);
        }

        return null;
    }

    /// <summary>Passes over rows that stand before a member and so belong to none; null is after the last member.</summary>
    private async Task DropStraysAsync(MemberRow? member, CancellationToken cancellationToken)
    {
        await DropStraysAsync(_entries, "entries", member, cancellationToken);
        await DropStraysAsync(_takes, "lot_takes", member, cancellationToken);
        await DropStraysAsync(_changes, "hold_changes", member, cancellationToken);
        await DropStraysAsync(_lotChanges, "lot_changes", member, cancellationToken);
        await DropStraysAsync(_pending, "pending_lots", member, cancellationToken);
        await DropStraysAsync(_pins, "hold_pins", member, cancellationToken);
        await DropStraysAsync(_orders, "orders", member, cancellationToken);
        await DropStraysAsync(_levels, "level_changes", member, cancellationToken);
        await DropStraysAsync(_money.Recharges, "balance_recharges", member, cancellationToken);
        await DropStraysAsync(_money.Refunds, "balance_recharge_refunds", member, cancellationToken);
        await DropStraysAsync(_money.Withdrawals, "balance_withdrawals", member, cancellationToken);
        await DropStraysAsync(_money.Spends, "balance_spends", member, cancellationToken);
        await DropStraysAsync(_units, "member_units", member, cancellationToken);
        if (_openings is not null)
        {
            await DropStraysAsync(_openings.Figures, "opening_members", member, cancellationToken);
            await DropStraysAsync(_openings.Units, "opening_balances", member, cancellationToken);
            await DropStraysAsync(_openings.Lots, "opening_lots", member, cancellationToken);
            await DropStraysAsync(_openings.Orders, "opening_orders", member, cancellationToken);
        }
    }

    private async Task DropStraysAsync<TRow>(RowStream<TRow> rows, string table, MemberRow? member, CancellationToken cancellationToken)
        where TRow : class, IMemberRow
    {
        while (await rows.PeekAsync(cancellationToken) is { } row && (member is null || Compare(row, member) < 0))
        {
            rows.Advance();
            if (row is EntryRow entry)
            {
                // Its amount counts in the trial balance, where no wallet stands against it.
                totals.AddEntry(entry);
                Entries++;
            }

            ReportForeign(row, table);
        }
    }

    private int Compare(IMemberRow row, MemberRow member)
    {
        var byTenant = ordersByTenant ? row.Tenant.CompareTo(member.Tenant) : 0;
        return byTenant != 0 ? byTenant : row.Member.CompareTo(member.Member);
    }

    private void ReportForeign(IMemberRow row, string table) =>
        findings.Report(InvariantCode.I9, OffenceOf(row, table, IdOf(row), "a member of the row's tenant", "no such member"));

    private static string IdOf(IMemberRow row) => row.Key.Text.Length > 0 ? row.Key.Text : row.Key.First.ToString(CultureInfo.InvariantCulture);

    private void ReportStray(IMemberRow row, string table, string id, string expected) =>
        findings.Report(InvariantCode.I3, OffenceOf(row, table, id, expected, "none"));

    private static Offence OffenceOf(IMemberRow row, string table, string id, string expected, string found) => new()
    {
        Tenant = row.Tenant,
        Member = row.Member,
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    };
}
