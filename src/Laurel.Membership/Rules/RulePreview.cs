using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Rules;

/// <summary>An example event, and a rule to try with it.</summary>
internal sealed record PreviewRequest(ShopEvent? Event, Rule? Rule)
{
    public static PreviewRequest Read(JsonFields fields)
    {
        var request = new PreviewRequest(
            fields.Object("event") is { } happened ? ShopEvent.Read(happened) : null,
            fields.ObjectOrNull("rule") is { } rule ? ReadRule(rule) : null);
        fields.RefuseUnknown();
        return request;
    }

    private static Rule ReadRule(JsonFields fields)
    {
        var rule = RuleBody.ReadRule(fields);
        fields.RefuseUnknown();
        return rule;
    }
}

/// <summary>The body of a preview, for the documentation of the API.</summary>
public sealed record PreviewBody
{
    /// <summary>As <c>POST /api/events</c> takes it; its member exists.</summary>
    public required EventBody Event { get; init; }

    /// <summary>Takes the place of the rule of its code, or comes after the others; null tries the rules as they are.</summary>
    public Rule? Rule { get; init; }
}

/// <summary>What one rule would do.</summary>
public sealed record PreviewItem
{
    public required string Rule { get; init; }

    public required string Name { get; init; }

    /// <summary><c>paid</c>, <c>outsideWindow</c>, <c>conditionFalse</c>, <c>anotherOfItsGroup</c>, <c>usedUp</c>, <c>nothing</c> or
    /// <c>failed</c>.</summary>
    public required string Verdict { get; init; }

    public string? Unit { get; init; }

    /// <summary>The code of the benefit that would be granted; null unless the unit is <c>benefit</c>.</summary>
    public string? Benefit { get; init; }

    /// <summary>The amount it was reckoned from, in minor units; null where it was reckoned from none.</summary>
    public long? Eligible { get; init; }

    /// <summary>Before multipliers.</summary>
    public long? Base { get; init; }

    public decimal? LevelMultiplier { get; init; }

    public decimal? CampaignMultiplier { get; init; }

    public string? Campaign { get; init; }

    /// <summary>After multipliers.</summary>
    public long? Earned { get; init; }

    /// <summary>After caps: what would be paid.</summary>
    public long? Granted { get; init; }

    /// <summary>The cap that cut something off; null when none did.</summary>
    public string? CutBy { get; init; }

    /// <summary>Of <c>failed</c>: what went wrong in the expression.</summary>
    public string? Error { get; init; }
}

/// <summary>What the rules would pay for an event.</summary>
public sealed record PreviewReply
{
    /// <summary>Of the programme that was tried.</summary>
    public required int Version { get; init; }

    public required string MemberId { get; init; }

    public required IReadOnlyList<PreviewItem> Items { get; init; }
}

/// <summary>The rules that were run, to be told in a language.</summary>
internal sealed record PreviewedRun(int Version, string MemberId, IReadOnlyList<RuleTrace> Trace)
{
    public PreviewReply In(Language language) => new() { Version = Version, MemberId = MemberId, Items = [.. Trace.Select(trace => Of(trace, language))] };

    private static PreviewItem Of(RuleTrace trace, Language language) => new()
    {
        Rule = trace.Rule.Code,
        Name = trace.Rule.NameIn(language),
        Verdict = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(trace.Verdict.ToString()),
        Unit = trace.Award is null ? null : trace.Rule.Unit,
        Benefit = trace.Award is null ? null : trace.Rule.Benefit,
        Eligible = trace.Award?.Eligible,
        Base = trace.Award?.Base,
        LevelMultiplier = trace.Award?.LevelBasisPoints / 10_000m,
        CampaignMultiplier = trace.Award?.CampaignBasisPoints / 10_000m,
        Campaign = trace.Award?.Campaign,
        Earned = trace.Award?.Earned,
        Granted = trace.Award?.Granted,
        CutBy = trace.Award?.CutBy,
        Error = trace.Error is null ? null : language switch
        {
            Language.English => trace.Error.Message,
            Language.Chinese => trace.Error.MessageZh,
        },
    };
}

/// <summary>What a preview came to: a run, or why there is none.</summary>
internal sealed record PreviewAnswer
{
    public IReadOnlyList<FieldError> Mistakes { get; init; } = [];

    public Refusal? Refusal { get; init; }

    public PreviewedRun? Reply { get; init; }
}

/// <summary>Runs the rules for an example event on the member and the counters as they are.</summary>
internal sealed class RulePreview(QuestionSet questions, MemberBooks books, ProgrammeStore store)
{
    public async Task<PreviewAnswer> RunAsync(TenantId tenant, PreviewRequest request, CancellationToken cancellationToken)
    {
        var programme = With(await store.ReadAsync(tenant, cancellationToken), request.Rule);
        if (RuleMistakes.Of(programme) is { Count: > 0 } mistakes)
        {
            // What is stored is right, so they are all of the rule that is tried.
            var at = $"/rules/{programme.Rules.IndexOf(request.Rule!).ToString(CultureInfo.InvariantCulture)}";
            return new PreviewAnswer { Mistakes = [.. mistakes.Select(mistake => mistake with { Location = $"/rule{mistake.Location[at.Length..]}" })] };
        }

        var happened = request.Event!;
        var (member, order, data) = happened switch
        {
            { Completed: { } completed } => (completed.Member, completed.Request, EventFacts.NoData),
            { Other: { } other } => (other.Member, null, other.Data),
            _ => (default, null, EventFacts.NoData),
        };
        if (member == default)
        {
            return new PreviewAnswer { Refusal = new Refusal("EVENT_TYPE_UNKNOWN", ("type", happened.Type)) };
        }

        var facts = new EventFacts(happened.Type, happened.Source, happened.Id, data);
        var tried = new ActiveProgramme(programme, books.Programmes.Benefits);
        var outcome = await questions.AskAsync(
            new PreviewEvent(tenant, member.In(tenant), facts, order, tried, books) { Time = happened.Time }, cancellationToken);
        return outcome switch
        {
            Outcome.Applied { Reply: PreviewedRun run } => new PreviewAnswer { Reply = run },
            Outcome.Refused { Refusal: var refusal } => new PreviewAnswer { Refusal = refusal },
            Outcome.Failed { Refusal: var refusal } => new PreviewAnswer { Refusal = refusal },
            _ => throw new InvariantBrokenException("A preview claims nothing, so nothing repeats it."),
        };
    }

    private static Programme With(Programme programme, Rule? rule)
    {
        if (rule is null)
        {
            return programme;
        }

        var index = programme.Rules.Select(other => other.Code).ToList().IndexOf(rule.Code);
        return programme with { Rules = index < 0 ? programme.Rules.Add(rule) : programme.Rules.SetItem(index, rule) };
    }
}

/// <summary>Runs rules on a member's book and leaves it as it is.</summary>
internal sealed class PreviewEvent(TenantId tenant, MemberReference member, EventFacts facts, OrderRequest? order, ActiveProgramme programme, MemberBooks books)
    : MemberQuestion(tenant, member, books)
{
    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        Books.Rules.NameRoots(Tenant, programme, facts.Type, Time ?? handles.Now, roots);
    }

    protected override bool IsLoaded(MemberBook book, Instant time, LoadPlan plan) => Books.Rules.HasCounters(book, programme, facts.Type, time, plan);

    protected override Decision Answer(Draft draft, MemberBook book, Instant time)
    {
        var trace = Books.Rules.Try(draft, programme, new RuleFacts { Member = book, Event = facts, Time = time, Order = order });
        return new Decision.Apply(new PreviewedRun(programme.Programme.Version, book.Identity.Id.ToString(), trace), 0, 0, 0);
    }
}
