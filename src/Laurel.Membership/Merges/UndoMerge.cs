using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Statuses;
using System.Text.Json;

namespace Laurel.Membership.Merges;

/// <summary>What a caller says when a merge was a mistake.</summary>
public sealed record UndoRequest(string Reason, string Operator)
{
    /// <summary>Whether it is only told what would come back.</summary>
    public bool IsPreview { get; init; }
}

/// <summary>Undoes a merge: what it moved and is still there goes back, lot by lot and coupon by coupon; what came since stays with the survivor.</summary>
/// <remarks>Refusals, first match wins: MERGE_NOT_FOUND, MERGE_UNDONE, MERGE_UNDO_ORDER.</remarks>
/// <param name="merge">Its id.</param>
public sealed class UndoMerge(TenantId tenant, long merge, UndoRequest request, MemberBooks books) : Command(tenant)
{
    private readonly MemberReference _source = MemberReference.ByHandle(MemberMerge.HandleOf(tenant, merge), "MERGE_NOT_FOUND");

    public override long FairnessKey => _source.FairnessKey;

    public override void NameHandles(HandleResolution handles) => _source.Name(handles);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(books.Programmes.RootOf(Tenant));
        if (_source.Resolve(handles) is { } id)
        {
            books.NameMember(Tenant, id, roots);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // It is undone once: who asks again is told so.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        if (Find(set.Handles, set.Find<MemberBook>) is { } source && books.Programmes.Latest(Tenant) is { } programme && books.HasMerges(source, plan)
            && source.Merges.All.Find(merge) is { UndoneAt: null } made
            && set.Find<MemberBook>(books.Members.RootOf(Tenant, new MemberId(made.Survivor))) is { } survivor)
        {
            IsLoaded(made, source, survivor, set.Now, plan, programme);
        }
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var programme = draft.Find<ActiveProgramme>(books.Programmes.RootOf(Tenant));
        Invariant.Require(programme is not null, "Every tenant has a programme.");
        if (Find(draft.Handles, draft.Find<MemberBook>) is not { } source)
        {
            return new Decision.Refuse(new Refusal(_source.NotFound));
        }

        if (!books.HasMerges(source, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var made = source.Merges.All.Find(merge);
        if (made is not { UndoneAt: null })
        {
            return new Decision.Refuse(made is null ? new Refusal(_source.NotFound) : new Refusal("MERGE_UNDONE", ("mergeId", MergeRecord.Text(merge))));
        }

        if (books.ChainOf(source, draft.Find<MemberBook>) is not { } chain)
        {
            return Decision.NeedRoots.Instance;
        }

        var survivor = chain[1];
        if (survivor.IsMerged)
        {
            return new Decision.Refuse(new Refusal("MERGE_UNDO_ORDER", ("memberId", survivor.IdText), ("mergedInto", MergeRecord.Text(survivor.MergedInto!.Value))));
        }

        if (source.ErasedAt is not null)
        {
            return new Decision.Refuse(new Refusal("MEMBER_INACTIVE", ("status", MemberKind.NameOf(survivor.Status))));
        }

        if (!IsLoaded(made, source, survivor, draft.Now, plan, programme))
        {
            return Decision.NeedMore.Instance;
        }

        if (request.IsPreview)
        {
            var back = MergePlan.BackOf(made, source, survivor, draft.Now);
            return new Decision.Apply(ReplyOf(made, source, survivor, back, draft.Now), 0, 0, 0);
        }

        return Undo(draft, made, draft.Edit<MemberBook>(RootOf(source))!, draft.Edit<MemberBook>(RootOf(survivor))!, programme);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (JsonSerializer.SerializeToUtf8Bytes(reply, reply.GetType(), MembershipJson.Default), 0);

    private Decision.Apply Undo(Draft draft, MemberMerge made, MemberBook source, MemberBook survivor, ActiveProgramme programme)
    {
        var cause = new Cause(request.Reason, "merge", MergeRecord.Text(merge));
        new Posting(draft, source, programme, draft.Now, cause).Settle();
        new Posting(draft, survivor, programme, draft.Now, cause).Settle();
        var back = MergePlan.BackOf(made, source, survivor, draft.Now);
        var reply = ReplyOf(made, source, survivor, back, draft.Now);
        var (outgoing, incoming) = (new Posting(draft, survivor, programme, draft.Now, cause), new Posting(draft, source, programme, draft.Now, cause));
        var transfer = new MergeTransfer(outgoing, incoming, source, merge);
        transfer.Move(back);
        transfer.TakeCards(back);
        transfer.DropAddresses();
        transfer.DropTags();
        // What came to its end at the survivor has come to it by this id, and is not missed here.
        source.LastId = draft.NextId(source.LastId);
        incoming.SetStatus(MemberStatus.Active, new StatusCause(request.Reason, "merge"));
        source.MergedInto = 0;
        books.Merged.Forget(Tenant, made.Source);
        outgoing.PartLevels(incoming, made);
        transfer.GiveCards(back);
        var undone = made with { UndoneAt = draft.Now, UndoReason = request.Reason, UndoOperator = request.Operator };
        source.Merges.All.Set(merge, undone);
        outgoing.Raise(MemberEvents.Unmerged, undone);
        return new Decision.Apply(reply with { Status = "undone", LevelAfter = survivor.LevelCode }, source.Identity.Id.Value, 0, 0);
    }

    private MergeReply ReplyOf(MemberMerge made, MemberBook source, MemberBook survivor, MergePlan back, Instant at)
    {
        var moved = MergeFigures.Of(back, at);
        return new MergeReply
        {
            MergeId = MergeRecord.Text(merge),
            Status = "preview",
            From = source.IdText,
            Into = survivor.IdText,
            Moved = moved,
            Missing = MissingOf(made, source, moved),
            LevelBefore = survivor.LevelCode,
            LevelAfter = null,
            Conflicts = [],
        };
    }

    private static MergeFigures MissingOf(MemberMerge made, MemberBook source, MergeFigures back)
    {
        var moves = source.Merges.Moves.Values.Where(move => move.Merge == made.Id).ToList();
        long Net(string kind) => MergeFigures.NetOf(moves.Where(move => move.Kind == kind), made.Survivor);
        int Count(string kind) => moves.Where(move => move.Kind == kind && move.To == made.Survivor).Select(move => (move.ToRef, move.Code)).Distinct().Count();
        var units = moves.Where(move => move.Kind == MoveKinds.Unit).GroupBy(move => move.Code)
            .ToDictionary(of => of.Key, of => MergeFigures.NetOf(of, made.Survivor) - (back.Units?.GetValueOrDefault(of.Key) ?? 0));
        return new MergeFigures
        {
            Points = Net(MoveKinds.Lot) - back.Points,
            Pending = 0,
            Lots = Count(MoveKinds.Lot) - back.Lots,
            Growth = Net(MoveKinds.Growth) - back.Growth,
            Balance = Net(MoveKinds.Balance) - back.Balance,
            Debt = Net(MoveKinds.Debt) - back.Debt,
            Receivable = Net(MoveKinds.Receivable) - back.Receivable,
            LifetimePoints = 0,
            TotalOrders = 0,
            TotalAmount = 0,
            Coupons = Count(MoveKinds.Coupon) - back.Coupons,
            Benefits = Count(MoveKinds.Benefit) - back.Benefits,
            Cards = Count(MoveKinds.Card) - back.Cards,
            Units = units.Count == 0 ? null : units,
        };
    }

    private bool IsLoaded(MemberMerge made, MemberBook source, MemberBook survivor, Instant at, LoadPlan plan, ActiveProgramme programme)
    {
        if (!books.HasDue(source, at, plan, programme) | !books.HasDue(survivor, at, plan, programme) | !books.HasHoldings(source, plan) | !books.HasPending(survivor, plan))
        {
            return false;
        }

        var moves = source.Merges.Moves.Values.Where(move => move.Merge == made.Id && move.To == made.Survivor).ToLookup(move => move.Kind);
        var all = books.HasLots(survivor, [.. moves[MoveKinds.Lot].Select(move => move.ToRef)], plan);
        all &= CouponDesk.Has(books, survivor, moves[MoveKinds.Coupon].Select(move => move.ToRef), plan);
        foreach (var move in moves[MoveKinds.Limit])
        {
            all &= books.HasLimit(survivor, new LimitKey(move.Code, move.Period), plan);
        }

        foreach (var move in moves[MoveKinds.Cap])
        {
            all &= books.Rules.HasCounters(survivor, move.Period, plan);
        }

        foreach (var benefit in source.Benefits.Grants.Values.Select(grant => grant.Benefit).Distinct())
        {
            all &= books.Benefits.HasGrants(survivor, benefit, plan);
        }

        return all & (!moves.Contains(MoveKinds.Unit) || books.HasUnits(survivor, plan))
            & (!moves.Contains(MoveKinds.Address) || books.HasAddresses(survivor, plan));
    }

    private MemberBook? Find(HandleResolution handles, Func<RootRef, MemberBook?> find) =>
        _source.Resolve(handles) is { } id ? find(books.Members.RootOf(Tenant, id)) : null;

    private RootRef RootOf(MemberBook book) => books.Members.RootOf(Tenant, book.Identity.Id);
}
