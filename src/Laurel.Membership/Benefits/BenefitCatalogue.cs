using System.Collections.Frozen;
using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Benefits;

/// <summary>A benefit with its settings read.</summary>
internal sealed class PreparedBenefit(BenefitDefinition definition, BenefitTerms? terms)
{
    private readonly Instant _from = definition.StartTime is { } from ? Instant.From(from) : Instant.Earliest;
    private readonly Instant _until = definition.EndTime is { } until ? Instant.From(until) : Instant.Never;

    public BenefitDefinition Definition { get; } = definition;

    /// <summary>Null when this process does not know the kind: nobody has the benefit here.</summary>
    public BenefitTerms? Terms { get; } = terms;

    public bool IsInForce(Instant time) => Terms is not null && Definition.Status == BenefitStatus.Active && time >= _from && time < _until;

    /// <summary>Whether it is what access is asked for.</summary>
    public bool Opens(string feature) => Definition.Code == feature || Definition.Kind == feature || Terms!.Opens.Contains(feature);
}

/// <summary>Where a member has a benefit from.</summary>
/// <param name="Source"><c>level</c>, <c>track</c>, <c>card</c>, <c>rule</c> or <c>hand</c>.</param>
/// <param name="From">Since when, where a grant says it; null where it is the level's.</param>
/// <param name="Until">Until when, exclusive; null is as long as the level or for ever.</param>
/// <param name="Reference">What the grant was named by; null where it is the level's.</param>
internal sealed record BenefitHolding(string Source, Instant? From, Instant? Until, string? Reference)
{
    public static readonly BenefitHolding OfLevel = new("level", null, null, null);
}

/// <summary>The benefits of one version of a programme, ready to be asked.</summary>
internal sealed class BenefitCatalogue
{
    private readonly Programme _programme;
    private readonly BusinessCalendar _calendar;
    private readonly FrozenDictionary<string, PreparedBenefit> _byCode;
    private readonly FrozenDictionary<string, FrozenSet<string>> _ofPackage;
    private readonly FrozenDictionary<string, ImmutableArray<PreparedBenefit>> _multipliers;
    private readonly FrozenDictionary<string, ImmutableArray<PreparedBenefit>> _ofCard;
    private readonly FrozenDictionary<(string Track, string Level), ImmutableArray<PreparedBenefit>> _ofTrack;

    public BenefitCatalogue(Programme programme, BusinessCalendar calendar, BenefitKinds kinds)
    {
        (_programme, _calendar) = (programme, calendar);
        All = [.. programme.Benefits.Select(definition => new PreparedBenefit(definition, TermsOf(definition, kinds)))];
        _byCode = All.ToFrozenDictionary(benefit => benefit.Definition.Code);
        _ofPackage = programme.Packages
            .Where(package => package.Status == BenefitStatus.Active)
            .ToFrozenDictionary(package => package.Code, package => package.Benefits.ToFrozenSet());
        _multipliers = programme.Levels.ToFrozenDictionary(
            level => level.Code,
            level => All.Where(benefit => benefit.Terms?.Multiplier is not null && IsOfLevel(benefit, level)).ToImmutableArray());
        _ofCard = programme.Cards.ToFrozenDictionary(
            card => card.Code, card => All.Where(benefit => IsOf(card.Package, benefit)).ToImmutableArray());
        _ofTrack = programme.Tracks.SelectMany(track => track.Levels.Select(level => (Track: track.Code, Level: level))).ToFrozenDictionary(
            place => (place.Track, place.Level.Code), place => All.Where(benefit => IsOfLevel(benefit, place.Level)).ToImmutableArray());
    }

    /// <summary>In the order of the programme.</summary>
    public ImmutableArray<PreparedBenefit> All { get; }

    public PreparedBenefit? Find(string code) => _byCode.GetValueOrDefault(code);

    /// <summary>What points for purchases are multiplied by on a level: its own figure, or more where a benefit of its package gives
    /// more.</summary>
    public int MultiplierOf(string levelCode, Instant time)
    {
        var level = _programme.LevelOf(levelCode);
        var multiplier = level.MultiplierBasisPoints;
        foreach (var benefit in _multipliers[level.Code])
        {
            if (benefit.IsInForce(time))
            {
                multiplier = Math.Max(multiplier, benefit.Terms!.Multiplier!.Value);
            }
        }

        return multiplier;
    }

    /// <summary>The same for a member: more where a benefit of a card or of a track gives more.</summary>
    public int MultiplierOf(MemberBook book, Instant time)
    {
        var multiplier = MultiplierOf(book.LevelCode, time);
        if (_programme.Tracks.IsEmpty && book.LevelState.Cards is null)
        {
            return multiplier;
        }

        foreach (var grant in GrantsOf(book.LevelState))
        {
            var benefit = grant.IsInForce(time) ? Find(grant.Benefit) : null;
            multiplier = benefit?.IsInForce(time) is true ? Math.Max(multiplier, benefit.Terms!.Multiplier ?? 0) : multiplier;
        }

        return multiplier;
    }

    /// <summary>The grants of a member that are here, and what the cards and the tracks of the member give.</summary>
    public IEnumerable<BenefitGrant> GrantsOf(MemberBook book) => book.Benefits.Grants.Values.Concat(GrantsOf(book.LevelState));

    /// <summary>What cards and tracks give, as grants that are written nowhere: it ends with them.</summary>
    public IEnumerable<BenefitGrant> GrantsOf(LevelState state) => GrantsOf(state.Cards ?? []).Concat(GrantsOfTracks(state));

    private IEnumerable<BenefitGrant> GrantsOfTracks(LevelState state) =>
        from track in _programme.Tracks
        from benefit in _ofTrack[(track.Code, LevelIn(track, state))]
        select new BenefitGrant
        {
            Reference = $"{BenefitGrant.OfTrack}:{track.Code}",
            Id = 0,
            Benefit = benefit.Definition.Code,
            Source = BenefitGrant.OfTrack,
            StartTime = Instant.Earliest,
            EndTime = Instant.Never,
            Reason = track.Code,
            GrantedAt = Instant.Earliest,
        };

    /// <summary>The code of the level held in a track: the lowest where a later version has dropped it.</summary>
    private static string LevelIn(LevelTrack track, LevelState state) =>
        state.InTrack(track.Code) is { } standing && track.Levels.Any(level => level.Code == standing.Level) ? standing.Level : track.Levels[0].Code;

    private IEnumerable<BenefitGrant> GrantsOf(IReadOnlyList<HeldCard> cards) =>
        from card in cards
        from benefit in _ofCard.GetValueOrDefault(card.Code, [])
        select new BenefitGrant
        {
            Reference = $"{BenefitGrant.OfCard}:{card.Code}",
            Id = 0,
            Benefit = benefit.Definition.Code,
            Source = BenefitGrant.OfCard,
            StartTime = new Instant(card.From),
            EndTime = new Instant(card.Until),
            Reason = card.Code,
            GrantedAt = new Instant(card.From),
        };

    public BenefitFacts FactsOf(string levelCode, Instant time, ImmutableArray<BenefitLine> lines = default, DateOnly? birthday = null) => new()
    {
        Level = _programme.LevelOf(levelCode),
        Time = time,
        Day = _calendar.DayOf(time),
        Lines = lines.IsDefault ? [] : lines,
        Birthday = birthday,
    };

    /// <summary>The benefits in force that a member has, in the order of the programme.</summary>
    public IEnumerable<PreparedBenefit> HeldBy(BenefitFacts facts, IEnumerable<BenefitGrant> grants) =>
        All.Where(benefit => benefit.IsInForce(facts.Time) && HoldingOf(benefit, facts, grants) is not null);

    /// <summary>Where a member has a benefit from at the time of the facts: the level before grants, and of grants the one that lasts
    /// longest. Null when the member does not have it.</summary>
    public BenefitHolding? HoldingOf(PreparedBenefit benefit, BenefitFacts facts, IEnumerable<BenefitGrant> grants)
    {
        if (IsOfLevel(benefit, facts.Level))
        {
            return BenefitHolding.OfLevel;
        }

        var best = InForce(benefit, facts, grants).MaxBy(grant => (grant.EndTime, grant.StartTime.UnixMicroseconds));
        return best is null ? null : best.Source == BenefitGrant.OfTrack
            ? new BenefitHolding(best.Source, null, null, best.Reference)
            : new BenefitHolding(best.Source, best.StartTime, best.EndTime.IsNever ? null : best.EndTime, best.Reference);
    }

    /// <summary>Everything that stands against a use, in the order in which it is refused; empty when nothing does.</summary>
    /// <param name="quantity">Uses that are asked for.</param>
    /// <param name="used">How much of a counter is used.</param>
    public IEnumerable<Refusal> Against(
        PreparedBenefit benefit, BenefitFacts facts, IEnumerable<BenefitGrant> grants, long quantity, Func<LimitKey, long> used)
    {
        var code = benefit.Definition.Code;
        if (!benefit.IsInForce(facts.Time))
        {
            yield return new Refusal("BENEFIT_NOT_IN_FORCE", ("benefit", code));
            yield break;
        }

        if (HoldingOf(benefit, facts, grants) is null)
        {
            yield return new Refusal("BENEFIT_NOT_HELD", ("benefit", code), ("level", facts.Level.Code));
        }

        var isGranted = InForce(benefit, facts, grants).Any(grant => grant.Source is not (BenefitGrant.OfCard or BenefitGrant.OfTrack));
        if (benefit.Terms!.WhyNot(facts with { IsGranted = isGranted }) is { } reason)
        {
            yield return new Refusal(
                "BENEFIT_NOT_APPLICABLE", ("benefit", code), ("reason", reason.Code), ("expected", reason.Expected), ("actual", reason.Actual));
        }

        foreach (var limit in benefit.Definition.Limits)
        {
            var count = used(BenefitCounters.KeyOf(code, limit.Period, facts.Day));
            if (quantity > limit.UsesMax - count)
            {
                yield return new Refusal(
                    "BENEFIT_LIMIT_REACHED", ("benefit", code), ("period", CapPeriods.NameOf(limit.Period)), ("usesMax", limit.UsesMax), ("used", count));
            }
        }
    }

    /// <summary>The benefits that checkouts use, while they are in force, in the order of the programme.</summary>
    public IEnumerable<PreparedBenefit> UsedByCheckouts(Instant time) =>
        All.Where(benefit => benefit.Definition.UsedBy == BenefitUser.Checkout && benefit.IsInForce(time));

    /// <summary>The codes of those of them that have no use left.</summary>
    /// <param name="used">How much of a counter is used.</param>
    public ImmutableArray<string> UsedUp(Instant time, Func<LimitKey, long> used) =>
        [.. UsedByCheckouts(time).Where(benefit => Remaining(benefit, _calendar.DayOf(time), used) < 1).Select(benefit => benefit.Definition.Code)];

    /// <summary>How many uses are left before the first limit; null where there is none.</summary>
    public static long? Remaining(PreparedBenefit benefit, DateOnly day, Func<LimitKey, long> used)
    {
        long? left = null;
        foreach (var limit in benefit.Definition.Limits)
        {
            var here = Math.Max(0, limit.UsesMax - used(BenefitCounters.KeyOf(benefit.Definition.Code, limit.Period, day)));
            left = Math.Min(left ?? here, here);
        }

        return left;
    }

    private static IEnumerable<BenefitGrant> InForce(PreparedBenefit benefit, BenefitFacts facts, IEnumerable<BenefitGrant> grants) =>
        grants.Where(grant => grant.Benefit == benefit.Definition.Code && grant.IsInForce(facts.Time));

    private bool IsOfLevel(PreparedBenefit benefit, Level level) => IsOf(level.Package, benefit);

    private bool IsOf(string? package, PreparedBenefit benefit) =>
        package is not null && _ofPackage.TryGetValue(package, out var codes) && codes.Contains(benefit.Definition.Code);

    // A programme is stored only when its settings are right; one of another process may have kinds that are not known here.
    private static BenefitTerms? TermsOf(BenefitDefinition definition, BenefitKinds kinds)
    {
        List<Platform.Errors.FieldError> mistakes = [];
        var terms = kinds.Find(definition.Kind)?.Prepare(new BenefitSettings(definition.Settings, "", mistakes));
        return mistakes.Count == 0 ? terms : null;
    }
}
