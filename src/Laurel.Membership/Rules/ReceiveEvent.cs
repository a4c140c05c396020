using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Rules;

/// <summary>A member did something that is no order, and rules may pay for it.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, EVENT_TYPE_UNKNOWN. The same event again is a
/// duplicate; with another content, a CONFLICT.</remarks>
public sealed class ReceiveEvent(TenantId tenant, MemberReference member, EventFacts facts, MemberBooks books) : MemberCommand(tenant, member, books)
{
    protected override bool IsEarning => true;

    private readonly EventOrigin _origin = new(facts.Source, facts.Type, facts.Id);

    private WatchSigns? _signs;

    private protected override WatchTrigger? Moves => WatchTrigger.Earn;

    private protected override WatchSigns? Signs => _signs ??= WatchSigns.Of(Tenant, facts, Books.Vault);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        Books.Rules.NameRoots(Tenant, facts.Type, Time ?? handles.Now, roots);
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = new StringBuilder();
        content.Append(CultureInfo.InvariantCulture, $"{Member.Resolve(handles)}");
        Append(content, facts.Data);
        claims.Add(EventClaim.Of(Tenant, EventClaim.KeyOf(Tenant, _origin), facts.Type, Hash128.Of(Tenant.Value, "event-data", content.ToString())));
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        if (Books.Programmes.Latest(Tenant) is { } programme)
        {
            Books.Rules.HasCounters(book, programme, facts.Type, time, plan);
        }
    }

    protected override Cause CauseOf() => new(EventTypes.ReasonOf(facts.Type), EventTypes.ReferenceTypeOf(facts.Type), facts.Id);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var rules = posting.Programme.Programme.Rules;
        var isTrigger = EventTypes.IsStandard(facts.Type) || rules.Any(rule => rule.Trigger == facts.Type);
        var isAwaited = rules.Any(rule => rule.Pending?.Event == facts.Type);

        // Points may wait for any event, so a type that nothing else knows is looked for among them before it is refused.
        var reference = isAwaited || !isTrigger ? facts.Reference : null;
        if (reference is not null && !Books.HasPending(posting.Book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (Books.Rules.Missing(posting, facts.Type, plan) is { } missing)
        {
            return missing;
        }

        var activated = reference is null ? 0 : posting.ActivateFor(facts.Type, reference);
        if (!isTrigger && !isAwaited && activated == 0)
        {
            return Refuse("EVENT_TYPE_UNKNOWN", ("type", facts.Type));
        }

        Books.Rules.Pay(posting, new RuleFacts { Member = posting.Book, Event = facts, Time = posting.Time });
        posting.JudgeLevel(mayFall: false, facts.Type);
        return Done(posting);
    }

    /// <summary>Writes data so that the same content gives the same text, in whatever order its fields came.</summary>
    private static void Append(StringBuilder text, object? value)
    {
        switch (value)
        {
            case IReadOnlyDictionary<string, object?> fields:
                foreach (var field in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    text.Append(CultureInfo.InvariantCulture, $"|{field.Key.Length}:{field.Key}=");
                    Append(text, field.Value);
                }

                break;
            case IReadOnlyDictionary<object, object?> fields:
                Append(text, fields.ToDictionary(field => (string)field.Key, field => field.Value));
                break;
            case IReadOnlyList<object?> items:
                text.Append(CultureInfo.InvariantCulture, $"[{items.Count}");
                foreach (var item in items)
                {
                    text.Append(',');
                    Append(text, item);
                }

                break;
            case string word:
                text.Append(CultureInfo.InvariantCulture, $"{word.Length}:{word}");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
        }
    }
}
