using System.Globalization;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Events;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Points;

/// <summary>What every entry of a command says about where it comes from.</summary>
public sealed record Cause(string Reason, string ReferenceType, string ReferenceId)
{
    public string? OrderId { get; init; }
}

/// <summary>Writes the entries of one command for one member: draws ids, keeps balances, and judges the level at the end.</summary>
internal sealed partial class Posting(Draft draft, MemberBook book, ActiveProgramme programme, Instant time, Cause cause)
{
    private readonly List<EntryReply> _replies = [];

    public MemberBook Book { get; } = Kept(book, programme);

    public ActiveProgramme Programme { get; } = programme;

    /// <summary>Business time of the command.</summary>
    public Instant Time { get; } = time;

    public Draft Draft { get; } = draft;

    /// <summary>What its entries say about where they come from.</summary>
    public Cause Cause => cause;

    /// <summary>Id of the first entry; 0 while there is none.</summary>
    public long FirstId { get; private set; }

    public long LastId { get; private set; }

    public LevelMove? LevelMove { get; private set; }

    public IReadOnlyList<EntryReply> Entries => _replies;

    public PostingReply Reply => new() { MemberId = Book.Identity.Id.ToString(), Entries = _replies, Level = LevelMove };

    // Whatever changes a figure comes by here, so the index of figures misses none.
    private static MemberBook Kept(MemberBook book, ActiveProgramme programme)
    {
        book.KeepsFigures = programme.Programme.Search.Figures;
        return book;
    }

    /// <summary>Makes what is due at the business time, as postings of their own: points that lapse, and what time makes of the level.</summary>
    public void Settle()
    {
        // Points that become active may change the level, and with it when it is judged next.
        do
        {
            while (Book.LevelDueAt is { } due && due <= Time)
            {
                SettlePoints(LevelJudge.Before(due));
                SettleLevelThrough(due);
            }

            SettlePoints(Time);
        }
        while (Book.LevelDueAt <= Time);
    }

    private void SettlePoints(Instant at)
    {
        var changes = Book.Points.Settle(at);
        foreach (var change in changes)
        {
            SettleLevelThrough(change.At);
            WriteDue(change);
        }

        if (changes.Exists(change => change.Activated is not null || change.Cancelled is not null))
        {
            LowerActivation();
        }
    }

    /// <summary>Grants points as a lot of its own. Returns the id of the entry, which is the id of the lot; 0 for no points and no cut.</summary>
    public long Grant(long points, string kind, string rule, GrantTerms terms)
    {
        if (points == 0 && terms.Cut is null)
        {
            return 0;
        }

        if (points > 0 && (terms.Waits ?? WaitsForCase(kind, terms)) is { } waiting)
        {
            return GrantPending(points, kind, rule, terms, waiting);
        }

        var id = NextId();
        var withheld = 0L;
        var repaid = 0L;
        if (points > 0)
        {
            withheld = terms.RepaysReceivable
                ? Math.Min(Book.Points.Receivable, (long)((Int128)points * Programme.Programme.ReceivableRepaymentPercent / 100))
                : 0;
            repaid = Book.Points.Grant(new LotPosition(terms.ExpiresAt, Time, id), points, withheld);
        }

        var lifetime = terms.CountsForLevel ? points : 0;
        Book.Lifetime += lifetime;
        Add(id, new Movement(EntryNames.Points, kind, rule, points, Book.Points.Balance + withheld)
        {
            DebtDelta = -repaid,
            LifetimeDelta = lifetime,
            ExpiresAt = points > 0 ? terms.ExpiresAt : null,
            Base = terms.Base,
            MultiplierBasisPoints = terms.MultiplierBasisPoints,
            Cut = terms.Cut,
            RelatedId = terms.RelatedId,
            Detail = terms.Detail,
        });
        if (withheld > 0)
        {
            Add(NextId(), new Movement(EntryNames.Points, EntryNames.Repay, EntryNames.RuleReceivable, -withheld, Book.Points.Balance) { RelatedId = id });
        }

        return id;
    }

    /// <summary>Writes points that left the wallet, with the lots they left.</summary>
    public long Take(long points, string kind, string rule, IReadOnlyList<LotTake> takes, TakeTerms terms)
    {
        var id = NextId();
        Add(id, new Movement(EntryNames.Points, kind, rule, -points, terms.BalanceAfter ?? Book.Points.Balance)
        {
            DebtDelta = terms.DebtDelta,
            LifetimeDelta = terms.LifetimeDelta,
            Base = terms.Base,
            RelatedId = terms.RelatedId,
            Detail = terms.Detail,
        });
        WriteTakes(id, takes, Time);
        return id;
    }

    /// <summary>Moves the qualifying unit. Returns the id of the entry; 0 where nothing moves.</summary>
    public long MoveGrowth(long growth, string kind, string rule, GrowthTerms? terms = null)
    {
        if (growth == 0 && terms?.Cut is null)
        {
            return 0;
        }

        var id = NextId();
        Book.Growth = checked(Book.Growth + growth);
        Add(id, new Movement(EntryNames.Growth, kind, rule, growth, Book.Growth)
        {
            Base = terms?.Base,
            MultiplierBasisPoints = terms?.MultiplierBasisPoints,
            Cut = terms?.Cut,
            Detail = terms?.Detail,
        });
        return id;
    }

    /// <summary>Says that something happened to the member that is no entry.</summary>
    public void Raise<TFact>(EventType<TFact> type, TFact fact) => Draft.Raise(type, SubjectOf(DrawId(), Time), fact);

    /// <summary>Writes what of a hold was pinned, captured or freed, lot by lot.</summary>
    public void WriteHoldChanges(long hold, string kind, IReadOnlyList<LotTake> pins, string reference) =>
        WriteHoldChanges(hold, kind, pins, Time, reference);

    /// <summary>Writes what lapsed as part of this command, at its time.</summary>
    public void WriteLapsed(DueChange change)
    {
        if (change.Lapsed.Count > 0)
        {
            WriteExpiry(change, NextId(), partOfPosting: true);
        }
    }

    /// <summary>Says that the member was enrolled. The first event of a member: its sequence is the member's own id.</summary>
    public void RaiseRegistered(string initialLevel)
    {
        var identity = Book.Identity;
        var registration = new Registration(identity.Id.Value, identity.ExternalId, identity.Code, initialLevel);
        Draft.Raise(MemberEvents.Registered, SubjectOf(identity.Id.Value, Time), registration);
    }

    /// <summary>An id that is not an entry's: of a hold, or a change.</summary>
    public long DrawId() => Book.LastId = Draft.NextId(Book.LastId);

    private long NextId()
    {
        LastId = DrawId();
        FirstId = FirstId == 0 ? LastId : FirstId;
        return LastId;
    }

    private void WriteDue(DueChange change)
    {
        if (change.EndedHold is { } hold)
        {
            WriteHoldChanges(hold.Id, "expire", change.Freed, change.At, "");
        }

        WriteEnded(change);
        if (change.Lapsed.Count > 0)
        {
            WriteExpiry(change, DrawId(), partOfPosting: false);
        }

        if (change.Activated is { } activation)
        {
            WriteActivation(activation, change);
        }

        if (change.Cancelled is { } cancellation)
        {
            WriteCancellation(cancellation, change);
        }
    }

    private void WriteExpiry(DueChange change, long id, bool partOfPosting)
    {
        var points = change.Lapsed.Sum(take => take.Points);
        var movement = new Movement(EntryNames.Points, EntryNames.Expire, EntryNames.RuleExpiry, -points, change.BalanceAfter);
        var entry = ToEntry(id, partOfPosting ? FirstId : id, movement, change.At, new Cause(change.Ended.Count > 0 ? "No activity" : "Points expired", "expiry", change.At.ToString()));
        Write(entry);
        WriteTakes(id, change.Lapsed, change.At);
        if (partOfPosting)
        {
            _replies.Add(ReplyOf(entry));
        }
    }

    private void Add(long id, Movement movement)
    {
        var entry = ToEntry(id, FirstId, movement, Time, cause);
        Write(entry);
        _replies.Add(ReplyOf(entry));
    }

    private void Write(Entry entry)
    {
        Draft.Insert(EntryStatements.InsertEntries, entry);
        FollowActivity(entry);
        if (!Programme.Watch.IsEmpty && WatchMovement.Of(entry) is { } movement)
        {
            Book.Move(movement);
        }

        Draft.Raise(MemberEvents.Of(entry), SubjectOf(entry.Id, entry.OccurredAt), entry);
    }

    /// <param name="sequence">An id drawn for this member: those of its events rise.</param>
    private EventSubject SubjectOf(long sequence, Instant at) => new(Book.Identity.Tenant, Book.Identity.Id.Value, sequence, at);

    private void WriteLotChange(string kind, long points, LotPosition from, LotPosition to, Instant at, LotReason words)
    {
        var change = new LotChange
        {
            Tenant = Book.Identity.Tenant.Value,
            Member = Book.Identity.Id.Value,
            Id = DrawId(),
            Kind = kind,
            Points = points,
            From = from,
            To = to,
            OccurredAt = at,
            RecordedAt = Draft.Now,
            Reason = words.Reason,
            Operator = words.Operator,
            Reference = words.Reference,
        };
        Draft.Insert(PendingStatements.InsertChanges, change);
        if (kind == LotChange.Pend)
        {
            FollowActivity(to);
        }

        if (kind == LotChange.Extend)
        {
            Draft.Raise(MemberEvents.Extended, SubjectOf(change.Id, at), change);
        }
    }

    private void WriteTakes(long entry, IReadOnlyList<LotTake> takes, Instant at)
    {
        foreach (var take in takes)
        {
            Draft.Insert(EntryStatements.InsertTakes, new TakeRow(Book.Identity.Tenant.Value, Book.Identity.Id.Value, entry, take, at));
        }
    }

    private void WriteHoldChanges(long hold, string kind, IReadOnlyList<LotTake> pins, Instant at, string reference)
    {
        if (pins.Count == 0)
        {
            return;
        }

        var (tenant, member) = (Book.Identity.Tenant.Value, Book.Identity.Id.Value);
        foreach (var pin in pins)
        {
            Draft.Insert(EntryStatements.InsertHoldChanges, new HoldChange(tenant, member, DrawId(), hold, pin, kind, at, Draft.Now, reference));
        }

        var move = new HoldMove(member, hold, pins.Sum(pin => pin.Points), kind, reference, Book.Points.Holds.Find(hold)!.ExpiresAt);
        Draft.Raise(MemberEvents.Of(move), SubjectOf(Book.LastId, at), move);
    }

    private Entry ToEntry(long id, long postingId, Movement movement, Instant at, Cause from) => new()
    {
        Tenant = Book.Identity.Tenant,
        Member = Book.Identity.Id,
        Id = id,
        PostingId = postingId,
        Unit = movement.Unit,
        Kind = movement.Kind,
        Account = EntryNames.AccountOf(movement.Kind),
        Amount = movement.Amount,
        BalanceAfter = movement.BalanceAfter,
        DebtDelta = movement.DebtDelta,
        LifetimeDelta = movement.LifetimeDelta,
        OccurredAt = at,
        RecordedAt = Draft.Now,
        ExpiresAt = movement.ExpiresAt,
        Rule = movement.Rule,
        RuleVersion = Programme.Programme.Version,
        Base = movement.Base,
        MultiplierBasisPoints = movement.MultiplierBasisPoints,
        Cut = movement.Cut,
        Reason = from.Reason,
        ReferenceType = from.ReferenceType,
        ReferenceId = from.ReferenceId,
        OrderId = from.OrderId,
        RelatedId = movement.RelatedId,
        Detail = movement.Detail,
    };

    private static EntryReply ReplyOf(Entry entry) => new()
    {
        Id = entry.Id.ToString(CultureInfo.InvariantCulture),
        Unit = entry.Unit,
        Amount = entry.Amount,
        BalanceAfter = entry.BalanceAfter,
        Kind = entry.Kind,
        Rule = entry.Rule,
        ExpiresAt = entry.ExpiresAt?.ToNullable(),
        Cut = entry.Cut,
    };

    private sealed record Movement(string Unit, string Kind, string Rule, long Amount, long BalanceAfter)
    {
        public long DebtDelta { get; init; }

        public long LifetimeDelta { get; init; }

        public Instant? ExpiresAt { get; init; }

        public long? Base { get; init; }

        public int? MultiplierBasisPoints { get; init; }

        public long? Cut { get; init; }

        public long? RelatedId { get; init; }

        public string? Detail { get; init; }
    }
}
