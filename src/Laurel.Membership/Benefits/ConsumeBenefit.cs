using System.Collections.Immutable;
using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Benefits;

/// <summary>What a caller says when a benefit is used.</summary>
public sealed record UseRequest
{
    /// <summary>Names the use once and for all: the same again is a duplicate, with other content a conflict.</summary>
    public required string BizNo { get; init; }

    /// <summary>Uses that it takes, 1 or more.</summary>
    public long Quantity { get; init; } = 1;

    public ImmutableArray<BenefitLine> Lines { get; init; } = [];

    public DateOnly? Birthday { get; init; }

    public string? OrderId { get; init; }

    /// <summary>All that must be the same for a repeat to be one.</summary>
    internal string Content => string.Create(
        CultureInfo.InvariantCulture, $"{Quantity}|{Birthday:yyyyMMdd}|{OrderId?.Length}:{OrderId}|{string.Join(';', Lines.Select(ContentOf))}");

    private static string ContentOf(BenefitLine line) => string.Create(
        CultureInfo.InvariantCulture,
        $"{line.Sku?.Length}:{line.Sku},{line.Category?.Length}:{line.Category},{line.UnitPrice},{line.Quantity},{line.Kind}");
}

/// <summary>A member uses a benefit: checked against what the member holds and against the limits, and recorded.</summary>
/// <remarks>Keeps I17. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, BENEFIT_NOT_FOUND, BENEFIT_NOT_IN_FORCE,
/// BENEFIT_NOT_HELD, BENEFIT_NOT_APPLICABLE, BENEFIT_LIMIT_REACHED.</remarks>
public sealed class ConsumeBenefit(TenantId tenant, MemberReference member, string benefit, UseRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    private readonly Hash128 _handle = BenefitUse.HandleOf(tenant, request.BizNo);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Member.Resolve(handles) is { } id)
        {
            // A return in the same batch finds its use before either is stored.
            handles.Provide(_handle, Books.EndOf(Tenant, id).Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        _handle, Hash128.Of(Tenant.Value, $"{Member.Resolve(handles)}|{Time?.UnixMicroseconds}", benefit, request.Content)));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.Benefits.HasGrants(book, benefit, plan);

    protected override Cause CauseOf() => new("Benefit used", "benefit", request.BizNo);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var (book, catalogue) = (posting.Book, posting.Programme.Benefits);
        if (catalogue.Find(benefit) is not { } held)
        {
            return Refuse("BENEFIT_NOT_FOUND", ("benefit", benefit));
        }

        var facts = catalogue.FactsOf(book.LevelCode, posting.Time, request.Lines, request.Birthday);
        if (!(Books.Benefits.HasGrants(book, benefit, plan) & Books.Benefits.HasStanding(book, benefit, facts.Day, posting.Time, plan)))
        {
            return Decision.NeedMore.Instance;
        }

        new BenefitDesk(posting).EndHeld();

        var grants = catalogue.GrantsOf(book);
        var against = catalogue.Against(held, facts, grants, request.Quantity, key => book.Limits.Find(key)!.Used);
        if (against.FirstOrDefault() is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var use = new BenefitUse
        {
            BizNo = request.BizNo,
            Id = posting.DrawId(),
            Benefit = benefit,
            Quantity = request.Quantity,
            Source = catalogue.HoldingOf(held, facts, grants)!.Source,
            Day = facts.Day,
            ConsumedAt = posting.Time,
            DiscountAmount = BenefitPrices.DiscountOf(held, facts),
            FreeShipping = facts.Amount is { } amount && held.Terms!.FreeShippingFrom(facts) is { } least && amount >= least,
            Gift = held.Terms!.Gift,
            OrderId = request.OrderId,
        };
        book.Benefits.Uses.Set(use.BizNo, use);
        Count(book, use, use.Quantity);
        posting.Raise(MemberEvents.BenefitUsed, new BenefitUseFact(book.Identity.Id.Value, use));
        return new Decision.Apply(BenefitUseReply.Of(book.Identity.Id.Value, use), book.Identity.Id.Value, 0, 0);
    }

    internal static void Count(MemberBook book, BenefitUse use, long change)
    {
        foreach (var key in BenefitCounters.Of(use.Benefit, use.Day))
        {
            book.Limits.Set(key, new LimitUse(key, checked(book.Limits.Find(key)!.Used + change)));
        }
    }
}

/// <summary>Gives a use back, once: it counts no longer.</summary>
/// <remarks>Keeps I17. The same again is a duplicate. Refusals, first match wins: TIME_IN_FUTURE, BENEFIT_USE_NOT_FOUND.</remarks>
public sealed class ReturnBenefit(TenantId tenant, string benefit, string bizNo, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(BenefitUse.HandleOf(tenant, bizNo), "BENEFIT_USE_NOT_FOUND"), books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "benefit-return", bizNo), Hash128.Of(Tenant.Value, "benefit-returned", benefit)));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.Benefits.HasUse(book, bizNo, plan);

    protected override Cause CauseOf() => new("Benefit given back", "benefit", bizNo);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!Books.Benefits.HasUse(book, bizNo, plan))
        {
            return Decision.NeedMore.Instance;
        }

        // In the same batch the use may have been refused after its handle was provided.
        if (book.Benefits.Uses.Find(bizNo) is not { } use || use.Benefit != benefit)
        {
            return new Decision.Refuse(new Refusal(Member.NotFound));
        }

        if (!Books.Benefits.HasCounters(book, benefit, use.Day, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var returned = use with { ReturnedAt = posting.Time };
        book.Benefits.Uses.Set(bizNo, returned);
        ConsumeBenefit.Count(book, use, -use.Quantity);
        posting.Raise(MemberEvents.BenefitReturned, new BenefitUseFact(book.Identity.Id.Value, returned));
        return new Decision.Apply(BenefitUseReply.Of(book.Identity.Id.Value, returned), book.Identity.Id.Value, 0, 0);
    }
}
