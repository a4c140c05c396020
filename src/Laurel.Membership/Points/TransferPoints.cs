using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Points;

/// <summary>What a caller says when points go from one member to another.</summary>
public sealed record TransferRequest
{
    /// <summary>Whole points, 1 or more.</summary>
    public required long Points { get; init; }

    public required string Reason { get; init; }

    /// <summary>Names this transfer once and for all.</summary>
    public required string Reference { get; init; }
}

/// <summary>Gives points of one member to another. They keep the dates on which they lapse, so nothing is gained by it.</summary>
/// <remarks>Both rows are locked in one order with the whole batch. Refusals, first match wins: TIME_IN_FUTURE,
/// MEMBER_NOT_FOUND, MEMBER_INACTIVE, TRANSFER_TO_SELF, MEMBER_MERGED, POINTS_INSUFFICIENT.</remarks>
public sealed class TransferPoints(TenantId tenant, MemberReference from, MemberReference to, TransferRequest request, MemberBooks books)
    : MemberCommand(tenant, from, books)
{
    private protected override WatchTrigger? Moves => WatchTrigger.TransferOut;

    public override void NameHandles(HandleResolution handles)
    {
        base.NameHandles(handles);
        to.Name(handles);
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (to.Resolve(handles) is { } id)
        {
            Books.NameMember(Tenant, id, roots);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "transfer", request.Reference),
        Hash128.Of(Tenant.Value, $"{Member.Resolve(handles)}|{to.Resolve(handles)}|{request.Points}|{Time?.UnixMicroseconds}", request.Reason)));

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        base.Plan(set, plan);
        if (to.Resolve(set.Handles) is { } id && set.Find<MemberBook>(Books.Members.RootOf(Tenant, id)) is { } receiver)
        {
            Books.HasDue(receiver, Time ?? set.Now, plan);
            Books.Watch.Plan(receiver, WatchTrigger.TransferIn, Time ?? set.Now, plan);
        }
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasCover(book, request.Points, time, plan);

    private protected override IReadOnlyList<MemberBook> Moved(Posting posting) =>
        [posting.Book, posting.Draft.Edit<MemberBook>(Books.Members.RootOf(Tenant, to.Resolve(posting.Draft.Handles)!.Value))!];

    protected override Cause CauseOf() => new(request.Reason, "transfer", request.Reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var draft = posting.Draft;
        if (to.Resolve(draft.Handles) is not { } toId || draft.Edit<MemberBook>(Books.Members.RootOf(Tenant, toId)) is not { } receiver)
        {
            return Refuse(to.NotFound);
        }

        if (ReferenceEquals(receiver, posting.Book))
        {
            return Refuse("TRANSFER_TO_SELF");
        }

        if (receiver.IsMerged)
        {
            return new Decision.Refuse(MergeMembers.Gone(receiver, "/to"));
        }

        if (receiver.Status != MemberStatus.Active)
        {
            return Refuse("MEMBER_INACTIVE", ("status", MemberKind.NameOf(receiver.Status)));
        }

        if (!Books.HasDue(receiver, posting.Time, plan, posting.Programme) | !Books.HasCover(posting.Book, request.Points, posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var available = posting.Book.Points.AvailableAt(posting.Time, request.Points) ?? 0;
        if (available < request.Points)
        {
            return Refuse("POINTS_INSUFFICIENT", ("required", request.Points), ("available", available));
        }

        var takes = posting.Book.Points.Take(request.Points, posting.Time);
        var outgoing = posting.Take(request.Points, EntryNames.Transfer, EntryNames.RuleTransfer, takes, new TakeTerms { RelatedId = toId.Value });
        var incoming = new Posting(draft, receiver, posting.Programme, posting.Time, CauseOf());
        incoming.Settle();
        foreach (var group in takes.GroupBy(take => posting.Book.Points.FindLot(take.LotId)!.ExpiresAt).OrderBy(g => g.Key))
        {
            incoming.Grant(group.Sum(take => take.Points), EntryNames.Transfer, EntryNames.RuleTransfer, new GrantTerms(
                group.Key, CountsForLevel: false, RepaysReceivable: false)
            {
                Detail = string.Create(CultureInfo.InvariantCulture, $$"""{"from":"{{posting.Book.Identity.Id}}","entry":"{{outgoing}}"}"""),
            });
        }

        var reply = new TransferReply
        {
            From = posting.Book.Identity.Id.ToString(),
            To = receiver.Identity.Id.ToString(),
            Points = request.Points,
            Entries = [.. posting.Entries, .. incoming.Entries],
        };
        return new Decision.Apply(reply, posting.Book.Identity.Id.Value, posting.FirstId, posting.LastId);
    }
}
