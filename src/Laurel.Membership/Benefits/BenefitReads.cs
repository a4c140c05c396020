using System.Collections.Immutable;
using System.Globalization;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Benefits;

/// <summary>Answers questions about the benefits of members.</summary>
internal sealed class BenefitReads(ReadRouter router, ProgrammeStore programmes, TimeProvider clock)
{
    public async Task AvailableAsync(HttpContext context, string id)
    {
        var query = new QueryFields(context.Request);
        var time = query.TimeOrNull("time") ?? Instant.Now(clock);
        if (!await IsReadAsync(context, query))
        {
            return;
        }

        var active = await ProgrammeAsync(context);
        if (await StandingAsync(context, active, id, time) is not { } standing)
        {
            return;
        }

        var language = RequestLanguage.Of(context.Request);
        var facts = active.Benefits.FactsOf(standing.LevelCode, time);
        var reply = new MemberBenefits
        {
            MemberId = standing.Member.ToString(),
            Level = standing.LevelCode,
            AsOf = time.ToDateTimeOffset(),
            Items =
            [
                .. from benefit in HeldBy(active, standing, facts)
                   select Held(benefit, active.Benefits.HoldingOf(benefit, facts, standing.Grants)!, standing, facts.Day, language),
            ],
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.MemberBenefits);
    }

    public async Task EligibilityAsync(HttpContext context, string id, string code)
    {
        var query = new QueryFields(context.Request);
        var time = query.TimeOrNull("time") ?? Instant.Now(clock);
        var amount = query.IntegerOrNull("amount", 0, BenefitLimits.AmountMax);
        var quantity = query.IntegerOrNull("quantity", 1, BenefitLimits.QuantityMax) ?? 1;
        var birthday = query.DayOrNull("birthday");
        if (!await IsReadAsync(context, query))
        {
            return;
        }

        var active = await ProgrammeAsync(context);
        if (active.Benefits.Find(code) is not { } benefit)
        {
            await ProblemResponse.WriteAsync(context, BenefitDefinitions.NotFound(code), context.RequestAborted);
            return;
        }

        if (await StandingAsync(context, active, id, time) is not { } standing)
        {
            return;
        }

        ImmutableArray<BenefitLine> lines = amount is { } whole ? [new BenefitLine(null, null, whole, 1)] : [];
        var facts = active.Benefits.FactsOf(standing.LevelCode, time, lines, birthday);
        List<Refusal> against =
        [
            .. standing.IsActive ? (Refusal[])[] : [standing.Inactive],
            .. active.Benefits.Against(benefit, facts, standing.Grants, quantity, standing.Used),
        ];
        var language = RequestLanguage.Of(context.Request);
        var reply = new BenefitEligibility
        {
            MemberId = standing.Member.ToString(),
            Code = code,
            AsOf = time.ToDateTimeOffset(),
            Eligible = against.Count == 0,
            Reasons = [.. against.Select(refusal => ReasonOf(refusal, language))],
            Remaining = BenefitCatalogue.Remaining(benefit, facts.Day, standing.Used),
            DiscountAmount = against.Count == 0 ? BenefitPrices.DiscountOf(benefit, facts) : 0,
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.BenefitEligibility);
    }

    public async Task AccessAsync(HttpContext context, string id)
    {
        var query = new QueryFields(context.Request);
        var feature = query.IdentifierOrNull("feature", BenefitLimits.FeatureLengthMax);
        if (feature is null && !context.Request.Query.ContainsKey("feature"))
        {
            query.Fail("feature", FieldErrorCode.Required);
        }

        var time = Instant.Now(clock);
        if (!await IsReadAsync(context, query))
        {
            return;
        }

        var active = await ProgrammeAsync(context);
        if (await StandingAsync(context, active, id, time) is not { } standing)
        {
            return;
        }

        var facts = active.Benefits.FactsOf(standing.LevelCode, time);
        var held = HeldBy(active, standing, facts).FirstOrDefault(benefit => benefit.Opens(feature!));
        var reply = new FeatureAccess
        {
            MemberId = standing.Member.ToString(),
            Feature = feature!,
            Allowed = held is not null,
            Benefit = held?.Definition.Code,
            Level = standing.LevelCode,
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.FeatureAccess);
    }

    public async Task PriceAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context, new BodyRules { Hashed = false }, ReadUse.Price, context.RequestAborted);
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var (tenant, read) = (context.Actor().Tenant, body.Value);
        var time = read.Time ?? Instant.Now(clock);
        var member = read.Member.Id ?? await context.ReadAsync(
            router, from => BenefitQueries.MemberAsync(from, tenant, MemberKind.HandleOf(tenant, read.Member.ExternalId ?? ""), context.RequestAborted));
        var active = await ProgrammeAsync(context);
        if (await StandingAsync(context, active, member?.ToString() ?? "", time) is not { } standing)
        {
            return;
        }

        if (!standing.IsActive)
        {
            await ProblemResponse.WriteAsync(context, standing.Inactive, context.RequestAborted);
            return;
        }

        var usedUp = active.Benefits.UsedUp(time, standing.Used);
        var prices = BenefitPrices.Of(active, standing.LevelCode, time, read.Request.Lines, standing.Grants, usedUp);
        var reply = new MemberPriceReply
        {
            MemberId = standing.Member.ToString(),
            Level = standing.LevelCode,
            Currency = active.Programme.Currency,
            Amount = prices.Amount,
            Payable = prices.Payable,
            DiscountAmount = prices.DiscountAmount,
            FreeShipping = prices.FreeShipping,
            FreeShippingFrom = prices.FreeShippingFrom,
            Lines = [.. prices.Lines.Select(PricedLineReply.Of)],
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.MemberPriceReply);
    }

    public async Task UsesAsync(HttpContext context, string id)
    {
        var query = new QueryFields(context.Request);
        var code = query.IdentifierOrNull("code", BenefitLimits.FeatureLengthMax);
        var (before, limit) = (query.CursorOrNull(1)?[0] ?? long.MaxValue, query.Limit());
        if (!await IsReadAsync(context, query)
            || await StandingAsync(context, await ProgrammeAsync(context), id, Instant.Now(clock)) is not { } standing)
        {
            return;
        }

        var tenant = context.Actor().Tenant;
        var page = await context.ReadAsync(
            router, from => BenefitQueries.UsesAsync(from, tenant, standing.Member, code, before, limit, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.BenefitUsePage);
    }

    public async Task GrantsAsync(HttpContext context, string id)
    {
        var query = new QueryFields(context.Request);
        var (before, limit) = (query.CursorOrNull(1)?[0] ?? long.MaxValue, query.Limit());
        if (!await IsReadAsync(context, query)
            || await StandingAsync(context, await ProgrammeAsync(context), id, Instant.Now(clock)) is not { } standing)
        {
            return;
        }

        var tenant = context.Actor().Tenant;
        var page = await context.ReadAsync(
            router, from => BenefitQueries.GrantsAsync(from, tenant, standing.Member, before, limit, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.BenefitGrantPage);
    }

    public async Task UsageAsync(HttpContext context, string code)
    {
        var query = new QueryFields(context.Request);
        var active = await ProgrammeAsync(context);
        var today = active.Calendar.DayOf(Instant.Now(clock));
        var to = query.DayOrNull("to") ?? today;
        var from = query.DayOrNull("from") ?? to.AddDays(-29);
        if (from > to || to.DayNumber - from.DayNumber >= BenefitLimits.UsageDaysMax)
        {
            query.Fail("from", FieldErrorCode.OutOfRange, ("min", Text(to.AddDays(1 - BenefitLimits.UsageDaysMax))), ("max", Text(to)));
        }

        if (!await IsReadAsync(context, query))
        {
            return;
        }

        if (active.Benefits.Find(code) is null)
        {
            await ProblemResponse.WriteAsync(context, BenefitDefinitions.NotFound(code), context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var usage = await context.ReadAsync(
            router, database => BenefitQueries.UsageAsync(database, tenant, code, from, to, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, usage, MembershipJson.Default.BenefitUsage);
    }

    private static IEnumerable<PreparedBenefit> HeldBy(ActiveProgramme active, BenefitStanding standing, BenefitFacts facts) =>
        standing.IsActive ? active.Benefits.HeldBy(facts, standing.Grants) : [];

    private static HeldBenefit Held(PreparedBenefit benefit, BenefitHolding holding, BenefitStanding standing, DateOnly day, Language language)
    {
        var definition = benefit.Definition;
        return new HeldBenefit
        {
            Code = definition.Code,
            Name = language switch
            {
                Language.English => definition.NameEnglish,
                Language.Chinese => definition.NameChinese,
            },
            Kind = definition.Kind,
            Source = holding.Source,
            StartTime = Later(holding.From?.ToDateTimeOffset(), definition.StartTime),
            EndTime = Earlier(holding.Until?.ToDateTimeOffset(), definition.EndTime),
            Remaining = BenefitCatalogue.Remaining(benefit, day, standing.Used),
            Limits =
            [
                .. definition.Limits.Select(limit => new LimitStanding
                {
                    Period = CapPeriods.NameOf(limit.Period),
                    UsesMax = limit.UsesMax,
                    Used = standing.Used(BenefitCounters.KeyOf(definition.Code, limit.Period, day)),
                }),
            ],
        };
    }

    private static EligibilityReason ReasonOf(Refusal refusal, Language language) => new()
    {
        Code = refusal.Code,
        Detail = ErrorCatalog.Get(refusal.Code).Detail(language, refusal.Values),
        Values = refusal.Values
            .Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key, pair => Convert.ToString(pair.Value, CultureInfo.InvariantCulture)!),
    };

    private async Task<BenefitStanding?> StandingAsync(HttpContext context, ActiveProgramme active, string id, Instant time)
    {
        var (tenant, day) = (context.Actor().Tenant, active.Calendar.DayOf(time));
        var standing = MemberId.TryParse(id, out var member)
            ? await context.ReadAsync(router, from => BenefitQueries.StandingAsync(from, tenant, member, time, day, context.RequestAborted))
            : null;
        if (standing is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return null;
        }

        return standing.LevelState.Cards is null && active.Programme.Tracks.IsEmpty ? standing : standing with
        {
            LevelCode = active.Cards.LevelAt(standing.LevelCode, standing.LevelState, time),
            Grants = [.. standing.Grants, .. active.Benefits.GrantsOf(standing.LevelState)],
        };
    }

    /// <summary>The newest programme: a change of a benefit, a package or a level holds for the next question, on whichever node.</summary>
    private Task<ActiveProgramme> ProgrammeAsync(HttpContext context) => programmes.LatestAsync(context.Actor().Tenant, context.RequestAborted);

    private static async Task<bool> IsReadAsync(HttpContext context, QueryFields query)
    {
        query.RefuseUnknown();
        if (query.Failure is not { } failure)
        {
            return true;
        }

        await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
        return false;
    }

    private static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) => left is null || right > left ? right ?? left : left;

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) => left is null || right < left ? right ?? left : left;

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
