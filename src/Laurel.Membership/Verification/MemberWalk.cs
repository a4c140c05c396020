using System.Globalization;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Walks over all members and hands each the rows that are its own, in the order in which they were written.</summary>
/// <param name="ordersByTenant">Whether the pages come by tenant and member; otherwise by member alone.</param>
internal sealed class MemberWalk(SqlSession session, Findings findings, TrialBalance totals, ProgrammeHistory programmes, EventChecks events, bool ordersByTenant)
{
    /// <summary>Members between two reports of progress.</summary>
    private const int ReportEvery = 256;

    private readonly RowStream<MemberRow> _members = new(session, VerificationPages.Members, VerificationPages.ReadMember);
    private readonly RowStream<EntryRow> _entries = new(session, VerificationPages.Entries, VerificationPages.ReadEntry);
    private readonly RowStream<TakeRow> _takes = new(session, VerificationPages.Takes, VerificationPages.ReadTake);
    private readonly RowStream<HoldChangeRow> _changes = new(session, VerificationPages.HoldChanges, VerificationPages.ReadHoldChange);
    private readonly RowStream<PinRow> _pins = new(session, VerificationPages.Pins, VerificationPages.ReadPin);
    private readonly RowStream<OrderRow> _orders = new(session, VerificationPages.Orders, VerificationPages.ReadOrder);
    private readonly KeyChecks _keys = new(session, findings);

    /// <summary>Members seen so far.</summary>
    public long Members { get; private set; }

    /// <summary>Entries seen so far.</summary>
    public long Entries { get; private set; }

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
        var replay = new MemberReplay(findings, member, totals, _keys);
        await ReplayHistoryAsync(replay, member, cancellationToken);
        while (await NextOfAsync(_takes, member, "lot_takes", cancellationToken) is { } take)
        {
            ReportStray(take, "lot_takes", string.Create(CultureInfo.InvariantCulture, $"{take.Entry}/{take.Lot}"), "an entry that took it");
        }

        while (await NextOfAsync(_orders, member, "orders", cancellationToken) is { } order)
        {
            replay.Apply(order);
        }

        var pins = new List<PinRow>();
        while (await NextOfAsync(_pins, member, "hold_pins", cancellationToken) is { } pin)
        {
            pins.Add(pin);
        }

        replay.Close(pins, programmes);
        if (_keys.IsFull)
        {
            await _keys.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Entries and changes of holds draw their ids from one sequence of the member: their order is the order of decisions.</summary>
    private async Task ReplayHistoryAsync(MemberReplay replay, MemberRow member, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entry = await PeekOfAsync(_entries, member, "entries", cancellationToken);
            var change = await PeekOfAsync(_changes, member, "hold_changes", cancellationToken);
            if (entry is not null && (change is null || entry.Id < change.Id))
            {
                _entries.Advance();
                Entries++;
                events.See(entry);
                replay.Apply(entry, await TakesOfAsync(entry, member, cancellationToken));
            }
            else if (change is not null)
            {
                _changes.Advance();
                replay.Apply(change);
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
                (takes ??= []).Add(take);
            }
            else
            {
                ReportStray(take, "lot_takes", string.Create(CultureInfo.InvariantCulture, $"{take.Entry}/{take.Lot}"), "an entry that took it");
            }
        }

        return takes ?? (IReadOnlyList<TakeRow>)[];
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
        await DropStraysAsync(_pins, "hold_pins", member, cancellationToken);
        await DropStraysAsync(_orders, "orders", member, cancellationToken);
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

    private void ReportForeign(IMemberRow row, string table)
    {
        var key = row.Key;
        var id = key.Text.Length > 0 ? key.Text : key.First.ToString(CultureInfo.InvariantCulture);
        findings.Report(InvariantCode.I9, OffenceOf(row, table, id, "a member of the row's tenant", "no such member"));
    }

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
