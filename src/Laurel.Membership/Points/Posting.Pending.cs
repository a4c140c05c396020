using System.Globalization;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Points;

/// <summary>Points that wait before they are active, and the longer life of lots.</summary>
internal sealed partial class Posting
{
    // No business time lies further ahead of the clock, whatever the programme says.
    private static readonly TimeSpan s_timeAheadMax = TimeSpan.FromDays(1);

    /// <summary>Lets a pending lot that is loaded come to life now. The level is judged by the caller.</summary>
    /// <param name="rule"><see cref="EntryNames.RuleActivate"/>, or that of an event.</param>
    public void Activate(long lotId, string rule)
    {
        var pending = Book.Points.FindPending(lotId);
        Invariant.Require(pending is not null, "I3: what is activated is pending.");
        var activation = Book.Points.Activate(lotId, Time, Programme.ExpiryOf(Time, ValidityOf(pending)));
        WriteActivation(activation, partOfPosting: true, Time, Book.Points.Balance, rule, cause);
        LowerActivation();
    }

    /// <summary>Lets every lot come to life that waits for this event. The pending lots are loaded; the level is judged by the caller.</summary>
    /// <returns>How many did.</returns>
    public int ActivateFor(string eventName, string reference)
    {
        var waiting = Book.Points.Pending.Values.Where(lot => !lot.Ended && lot.Event == eventName && lot.Reference == reference).Select(lot => lot.LotId).Order().ToList();
        foreach (var lot in waiting)
        {
            Activate(lot, EntryNames.RuleActivationEvent);
        }

        return waiting.Count;
    }

    /// <summary>Takes a pending lot away for good.</summary>
    /// <param name="rule">That of its entry.</param>
    public void Cancel(long lotId, string rule = EntryNames.RuleCancel)
    {
        var cancellation = Book.Points.Cancel(lotId);
        var id = NextId();
        WriteCancellation(cancellation, id, FirstId, Time, Book.Points.Balance, rule, cause);
        LowerActivation();
    }

    /// <summary>Lets a live lot lapse later; false where that would not be later.</summary>
    public bool Extend(long lotId, Instant expiresAt, LotReason words)
    {
        if (Book.Points.Extend(lotId, Time, expiresAt) is not { } extension)
        {
            return false;
        }

        WriteLotChange(LotChange.Extend, extension.Lot.Remaining, extension.From, extension.Lot.Position, Time, words);
        return true;
    }

    private long GrantPending(long points, string kind, string rule, GrantTerms terms, Waiting waits)
    {
        var id = NextId();
        var pending = new PendingLot
        {
            LotId = id,
            ActivatesAt = waits is Waiting.ForTime { ActiveAt: var activeAt } ? activeAt : Instant.Never,
            CancelsAt = waits is Waiting.ForEvent { CancelsAt: var cancelsAt } ? cancelsAt : Instant.Never,
            Event = (waits as Waiting.ForEvent)?.Event,
            Reference = (waits as Waiting.ForEvent)?.Reference,
            ValidityDays = waits.ValidityDays,
            Lifetime = terms.CountsForLevel ? points : 0,
            RepaysPercent = terms.RepaysReceivable ? Programme.Programme.ReceivableRepaymentPercent : 0,
        };
        var position = new LotPosition(pending.Event is null ? terms.ExpiresAt : Instant.Never, pending.ActivatesAt, id);
        Book.Points.GrantPending(position, points, pending);
        Add(id, new Movement(EntryNames.Points, kind, rule, points, Book.Points.Balance)
        {
            ExpiresAt = position.ExpiresAt,
            Base = terms.Base,
            MultiplierBasisPoints = terms.MultiplierBasisPoints,
            Cut = terms.Cut,
            Detail = terms.Detail,
        });
        var words = new LotReason(cause.Reason, null, cause.ReferenceId);
        WriteLotChange(LotChange.Pend, points, position with { ActiveAt = Time }, position, Time, words);
        return id;
    }

    /// <summary>Writes that a lot came to life by itself, as a posting of its own, and judges the level by it.</summary>
    private void WriteActivation(Activation activation, DueChange change)
    {
        var from = CauseOf("Points became active", activation.Pending);
        var id = WriteActivation(activation, partOfPosting: false, change.At, change.BalanceAfter, EntryNames.RuleActivation, from);
        CountForLevel(change.At);
        Judge(mayFall: false, "points became active", id, change.At);
    }

    private long WriteActivation(Activation activation, bool partOfPosting, Instant at, long balanceAfter, string rule, Cause from)
    {
        var lot = activation.Pending.LotId;
        if (activation.From != activation.To)
        {
            WriteLotChange(LotChange.Activate, activation.Points, activation.From, activation.To, at, new LotReason(from.Reason, null, from.ReferenceId));
        }

        Book.Lifetime += activation.Lifetime;
        var id = partOfPosting ? NextId() : DrawId();
        var posting = partOfPosting ? FirstId : id;
        var movement = new Movement(EntryNames.Points, EntryNames.Activate, rule, 0, balanceAfter + activation.Withheld)
        {
            DebtDelta = -activation.Repaid,
            LifetimeDelta = activation.Lifetime,
            ExpiresAt = activation.To.ExpiresAt,
            Base = activation.Points,
            RelatedId = lot,
        };
        WritePart(posting, ToEntry(id, posting, movement, at, from));
        if (activation.Repaid > 0)
        {
            WriteTakes(id, [new LotTake(lot, activation.Repaid)], at);
        }

        if (activation.Withheld > 0)
        {
            var repayment = new Movement(EntryNames.Points, EntryNames.Repay, EntryNames.RuleReceivable, -activation.Withheld, balanceAfter) { RelatedId = lot };
            WritePart(posting, ToEntry(partOfPosting ? NextId() : DrawId(), posting, repayment, at, from));
        }

        return id;
    }

    private void WriteCancellation(Cancellation cancellation, DueChange change)
    {
        var id = DrawId();
        var from = CauseOf("What the points waited for did not come", cancellation.Pending);
        WriteCancellation(cancellation, id, id, change.At, change.BalanceAfter, EntryNames.RuleCancellation, from);
    }

    private void WriteCancellation(Cancellation cancellation, long id, long posting, Instant at, long balanceAfter, string rule, Cause from)
    {
        var lot = cancellation.Pending.LotId;
        var movement = new Movement(EntryNames.Points, EntryNames.Cancel, rule, -cancellation.Points, balanceAfter) { RelatedId = lot };
        WritePart(posting, ToEntry(id, posting, movement, at, from));
        WriteTakes(id, [new LotTake(lot, cancellation.Points)], at);
    }

    // What a caller asked for is in the answer; what was due anyway is not.
    private void WritePart(long posting, Entry entry)
    {
        Write(entry);
        if (posting == FirstId)
        {
            _replies.Add(ReplyOf(entry));
        }
    }

    private static LotValidity? ValidityOf(PendingLot pending) => pending.ValidityDays switch
    {
        null => null,
        PendingLot.UntilInactive => new LotValidity { Inactivity = true },
        { } days => new LotValidity { Days = days },
    };

    private void LowerActivation() => Book.Points.LowerActivation(Draft.Now.Plus(s_timeAheadMax));

    private static Cause CauseOf(string reason, PendingLot pending) => new(reason, "lot", pending.LotId.ToString(CultureInfo.InvariantCulture));
}
