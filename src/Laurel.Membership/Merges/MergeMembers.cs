using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Coupons;
using Laurel.Membership.Events;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Statuses;
using System.Text.Json;

namespace Laurel.Membership.Merges;

/// <summary>What a caller says when two members are one person.</summary>
public sealed record MergeRequest(string Reference, string Reason, string Operator)
{
    /// <summary>Whether it is only told what would move.</summary>
    public bool IsPreview { get; init; }
}

/// <summary>Lets a member go into another: everything that is free moves in one commit, and each move is kept so that it can be undone.</summary>
/// <remarks>Both rows are locked in one order with the whole batch. Refusals, first match wins: MEMBER_NOT_FOUND, MERGE_WITH_SELF, MEMBER_MERGED,
/// MEMBER_INACTIVE, MERGE_MEMBERSHIP.</remarks>
public sealed class MergeMembers(TenantId tenant, MemberReference from, MemberReference into, MergeRequest request, MemberBooks books) : Command(tenant)
{
    public override long FairnessKey => from.FairnessKey;

    public override void NameHandles(HandleResolution handles)
    {
        from.Name(handles);
        into.Name(handles);
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(books.Programmes.RootOf(Tenant));
        foreach (var side in (ReadOnlySpan<MemberReference>)[from, into])
        {
            if (side.Resolve(handles) is { } id)
            {
                roots.Add(books.Members.RootOf(Tenant, id));
            }
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        if (!request.IsPreview)
        {
            claims.Add(new Claim(
                Hash128.Of(Tenant.Value, "member-merge-reference", request.Reference),
                Hash128.Of(Tenant.Value, $"{from.Resolve(handles)}|{into.Resolve(handles)}", request.Reason)));
        }
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        if (Find(from, set.Handles, set.Find<MemberBook>) is { } source && Find(into, set.Handles, set.Find<MemberBook>) is { } survivor
            && books.Programmes.Latest(Tenant) is { } programme)
        {
            IsLoaded(source, survivor, set.Now, plan, programme);
        }
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var programme = draft.Find<ActiveProgramme>(books.Programmes.RootOf(Tenant));
        Invariant.Require(programme is not null, "Every tenant has a programme.");
        if (Find(from, draft.Handles, draft.Find<MemberBook>) is not { } source)
        {
            return Refuse(new Refusal(from.NotFound) { Pointer = "/from" });
        }

        if (Find(into, draft.Handles, draft.Find<MemberBook>) is not { } survivor)
        {
            return Refuse(new Refusal(into.NotFound) { Pointer = "/into" });
        }

        if (RefusalOf(source, survivor, draft.Now) is { } refusal)
        {
            return Refuse(refusal);
        }

        if (!IsLoaded(source, survivor, draft.Now, plan, programme))
        {
            return Decision.NeedMore.Instance;
        }

        if (request.IsPreview)
        {
            var would = MergePlan.Of(source, survivor, draft.Now, MergePlan.LimitsOf(source), MergePlan.CapsOf(source));
            return new Decision.Apply(ReplyOf(source, survivor, would, draft.Now, ConflictsOf(source, survivor, programme)), 0, 0, 0);
        }

        return Merge(draft, draft.Edit<MemberBook>(RootOf(source))!, draft.Edit<MemberBook>(RootOf(survivor))!, programme);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (JsonSerializer.SerializeToUtf8Bytes(reply, reply.GetType(), MembershipJson.Default), 0);

    private Decision.Apply Merge(Draft draft, MemberBook source, MemberBook survivor, ActiveProgramme programme)
    {
        var id = source.LastId = draft.NextId(source.LastId);
        var cause = new Cause(request.Reason, "merge", MergeRecord.Text(id));
        var (limits, caps) = (MergePlan.LimitsOf(source), MergePlan.CapsOf(source));
        new Posting(draft, source, programme, draft.Now, cause).Settle();
        new Posting(draft, survivor, programme, draft.Now, cause).Settle();
        var moved = MergePlan.Of(source, survivor, draft.Now, limits, caps);
        var reply = ReplyOf(source, survivor, moved, draft.Now, []);
        var before = survivor.LevelCode;
        var (outgoing, incoming) = (new Posting(draft, source, programme, draft.Now, cause), new Posting(draft, survivor, programme, draft.Now, cause));
        var transfer = new MergeTransfer(outgoing, incoming, source, id);
        transfer.Move(moved);
        transfer.TakeCards(moved);
        transfer.CopyAddresses(books.Vault);
        transfer.CopyTags();
        outgoing.SetStatus(MemberStatus.Merged, new StatusCause(request.Reason, "merge"));
        (source.CancelDueAt, source.CancelAskedBy) = (null, null);
        source.MergedInto = survivor.Identity.Id.Value;
        source.LevelDueAt = null;
        source.Merges.IsLoaded = true;
        survivor.MergedInto ??= 0;
        var tracks = incoming.JoinLevels(source);
        var merge = new MemberMerge
        {
            Id = id,
            Source = source.Identity.Id.Value,
            Survivor = survivor.Identity.Id.Value,
            Reference = request.Reference,
            Reason = request.Reason,
            Operator = request.Operator,
            MergedAt = draft.Now,
            SourceLevel = source.LevelCode,
            LevelBefore = before,
            LevelAfter = survivor.LevelCode,
            Tracks = tracks.Count > 0 ? tracks : null,
        };
        source.Merges.All.Set(id, merge);
        transfer.GiveCards(moved);
        incoming.Raise(MemberEvents.Merged, merge);
        return new Decision.Apply(reply with { MergeId = MergeRecord.Text(id), Status = "merged", LevelAfter = survivor.LevelCode }, source.Identity.Id.Value, 0, 0)
        {
            Handles = [new NaturalKey(MemberMerge.HandleOf(Tenant, id), default, source.Identity.Id.Value, 0, 0)],
        };
    }

    private MergeReply ReplyOf(MemberBook source, MemberBook survivor, MergePlan moved, Instant at, IReadOnlyList<MergeConflict> conflicts) => new()
    {
        MergeId = null,
        Status = "preview",
        From = source.IdText,
        Into = survivor.IdText,
        Moved = MergeFigures.Of(moved, at),
        Left = new MergeLeft(
            source.Points.Held, source.BalanceHeld, source.HasCoupons ? source.Coupons.All.Values.Count(coupon => coupon.State == CouponState.Locked) : 0),
        LevelBefore = survivor.LevelCode,
        LevelAfter = null,
        Conflicts = conflicts,
    };

    private static List<MergeConflict> ConflictsOf(MemberBook source, MemberBook survivor, ActiveProgramme programme)
    {
        var conflicts = new List<MergeConflict>();
        if (source.LevelCode != survivor.LevelCode)
        {
            conflicts.Add(new MergeConflict("level", source.LevelCode, survivor.LevelCode));
        }

        foreach (var ladder in programme.Ladders.Where(ladder => ladder.Track is not null))
        {
            var (theirs, mine) = (LevelFigures.Of(source, ladder).HeldCode, LevelFigures.Of(survivor, ladder).HeldCode);
            if (theirs != mine)
            {
                conflicts.Add(new MergeConflict("track:" + ladder.Track, theirs, mine));
            }
        }

        if (source.RealNameVerified != survivor.RealNameVerified)
        {
            conflicts.Add(new MergeConflict("realName", source.RealNameVerified ? "verified" : null, survivor.RealNameVerified ? "verified" : null));
        }

        foreach (var got in MergePlan.LimitsOf(source).Where(use => use.Key.Code.StartsWith(MoveKinds.CouponsGot, StringComparison.Ordinal)))
        {
            var template = got.Key.Code[MoveKinds.CouponsGot.Length..];
            var other = (survivor.Coupons.Counts.Find(template)?.Got ?? 0) + (survivor.Limits.Find(got.Key)?.Used ?? 0);
            if (programme.Programme.FindCoupon(template) is { } known && got.Used + other > known.PerMember)
            {
                conflicts.Add(new MergeConflict("coupons:" + template, MergeRecord.Text(got.Used), MergeRecord.Text(other)));
            }
        }

        return conflicts;
    }

    private static Refusal? RefusalOf(MemberBook source, MemberBook survivor, Instant at)
    {
        if (source.Identity.Id == survivor.Identity.Id)
        {
            return new Refusal("MERGE_WITH_SELF") { Pointer = "/into" };
        }

        foreach (var (book, pointer) in (ReadOnlySpan<(MemberBook, string)>)[(source, "/from"), (survivor, "/into")])
        {
            if (book.IsMerged)
            {
                return Gone(book, pointer);
            }

            if (book.Status != MemberStatus.Active)
            {
                return new Refusal("MEMBER_INACTIVE", ("status", MemberKind.NameOf(book.Status))) { Pointer = pointer };
            }
        }

        // No two memberships become one: of a card that both hold, one ends, or is refunded, first.
        HeldCard[] InForce(MemberBook book) => [.. (book.LevelState.Cards ?? []).Where(card => card.Until > at.UnixMicroseconds)];
        return InForce(source).FirstOrDefault(card => Array.Exists(InForce(survivor), other => other.Code == card.Code)) is { } held
            ? new Refusal("MERGE_MEMBERSHIP", ("card", held.Code)) { Pointer = "/from", Definitive = false }
            : null;
    }

    /// <summary>The refusal that says where a member has gone.</summary>
    internal static Refusal Gone(MemberBook book, string? pointer) =>
        new("MEMBER_MERGED", ("memberId", book.IdText), ("mergedInto", MergeRecord.Text(book.MergedInto!.Value))) { Pointer = pointer };

    private bool IsLoaded(MemberBook source, MemberBook survivor, Instant at, LoadPlan plan, ActiveProgramme programme)
    {
        if (source.Identity.Id == survivor.Identity.Id || source.IsMerged || survivor.IsMerged)
        {
            return false;
        }

        if (!books.HasDue(source, at, plan, programme) | !books.HasDue(survivor, at, plan, programme) | !books.HasAllLots(source, plan)
            | !books.HasHoldings(source, plan) | !books.HasMerges(source, plan))
        {
            return false;
        }

        var all = CouponDesk.Has(books, survivor, source.Coupons.All.Values.Select(coupon => coupon.Id), plan);
        foreach (var use in MergePlan.LimitsOf(source))
        {
            all &= books.HasLimit(survivor, use.Key, plan);
        }

        foreach (var use in source.Caps.Values)
        {
            all &= books.Rules.HasCounters(survivor, use.Period, plan);
        }

        foreach (var template in source.Coupons.All.Values.Select(coupon => coupon.Template).Distinct())
        {
            all &= CouponDesk.HasCount(books, survivor, template, plan);
        }

        foreach (var benefit in source.Benefits.Grants.Values.Select(grant => grant.Benefit).Distinct())
        {
            all &= books.Benefits.HasGrants(survivor, benefit, plan);
        }

        all &= books.HasAddresses(source, plan)
            && (source.Addresses.Count == 0 || (books.HasAddresses(survivor, plan) & books.HasPersonal(source, plan) & books.HasPersonal(survivor, plan)));
        all &= source.Units.Wallets.Values.All(wallet => wallet.Amount == 0) || books.HasUnits(survivor, plan);
        return all && (source.Points.Debt == 0 || books.CanOwe(survivor, source.Points.Debt, at, plan));
    }

    private MemberBook? Find(MemberReference side, HandleResolution handles, Func<RootRef, MemberBook?> find) =>
        side.Resolve(handles) is { } id ? find(books.Members.RootOf(Tenant, id)) : null;

    private RootRef RootOf(MemberBook book) => books.Members.RootOf(Tenant, book.Identity.Id);

    private static Decision.Refuse Refuse(Refusal refusal) => new(refusal);
}
