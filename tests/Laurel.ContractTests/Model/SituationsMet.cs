using System.Reflection;

namespace Laurel.ContractTests.Model;

/// <summary>Counts how often a script brings about each situation the arithmetic has a sentence for.</summary>
internal sealed class SituationsMet(NaiveLoyalty loyalty)
{
    private static readonly string[] Named =
    [
        "day cap cuts", "bonus cut", "order of zero", "order under one yuan", "order has a rest", "late order",
        "order born expired", "late refund", "refund whole", "refund by lines", "bonus back", "refund makes debt",
        "refund takes others' points", "expired counts as taken", "refund after first partial", "level up",
        "level down", "change of level waits", "change of level had waited", "debt repaid", "adjusted up", "adjusted down", "multiplied", "transfer of several lots",
        "hold crosses expiry",
        "captured a part", "captured all", "released a part", "released all", "lots expired", "order refunded early",
        "diamond", "freed points lapse", "exactly five minutes ahead",
    ];

    private MemberState? before;
    private NaiveMember? subject;
    private long expiredCounted;
    private long ownPoints;
    private (int Waited, int Made) cooldowns;
    private List<NaiveLot> pinnedBeyondExpiry = [];
    private long lapsed;

    /// <summary>By situation: every refusal code, the duplicate, and what <see cref="Named"/> lists.</summary>
    public SortedDictionary<string, int> Counts { get; } = new(
        Named.Concat(RefusalCodes).Append("duplicate").ToDictionary(name => name, _ => 0, StringComparer.Ordinal),
        StringComparer.Ordinal);

    private static IEnumerable<string> RefusalCodes =>
        typeof(Codes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(code => (string)code.GetValue(null)!);

    public override string ToString() =>
        string.Join('\n', Counts.Select(situation => $"{situation.Key}: {situation.Value}"));

    public void Before(Operation operation)
    {
        var order = operation is Operation.Refund refund ? loyalty.FindOrder(refund.OrderId) : null;
        subject = order?.Owner ?? HolderOf(operation) ?? loyalty.FindMember(operation.Subject ?? "");
        before = subject?.StateAt(operation.Time);
        cooldowns = subject?.Cooldowns ?? default;
        expiredCounted = order?.ExpiredCounted ?? 0;
        ownPoints = order is null ? 0 : NotTakenOf(order);
        pinnedBeyondExpiry = subject is null
            ? []
            : [.. subject.Lots.Where(lot => lot.Pinned > 0 && lot.ExpiresAt <= operation.Time)];
        lapsed = pinnedBeyondExpiry.Sum(lot => lot.Expired);
        if (order is { IsRefundedWhole: false } && order.Unrefunded < order.Amount)
        {
            Count("refund after first partial", true);
        }
    }

    public void After(Operation operation, Outcome outcome)
    {
        switch (outcome)
        {
            case Outcome.Refused refused:
                Count(refused.Code, true);
                break;
            case Outcome.Duplicate:
                Count("duplicate", true);
                break;
            case Outcome.Applied applied:
                After(operation, applied);
                break;
        }
    }

    private void After(Operation operation, Outcome.Applied applied)
    {
        Count("exactly five minutes ahead", operation.Time == operation.Clock + TimeSpan.FromMinutes(5));
        Count("debt repaid", before?.Debt > 0 && applied.Net(Units.Points) > 0);
        Count("level up", applied.Level is { } up && IsRise(up));
        Count("level down", applied.Level is { } down && !IsRise(down));
        Count("diamond", applied.Level?.To == "diamond");
        Count("change of level waits", subject?.Cooldowns.Waited > cooldowns.Waited);
        Count("change of level had waited", subject?.Cooldowns.Made > cooldowns.Made);
        switch (operation)
        {
            case Operation.Order order:
                AfterOrder(order, applied);
                break;
            case Operation.Refund refund:
                AfterRefund(refund, applied);
                break;
            case Operation.Adjust adjust:
                Count("adjusted up", adjust.Points > 0);
                Count("adjusted down", adjust.Points < 0);
                break;
            case Operation.Earn earn:
                Count("multiplied", earn.ApplyMultiplier && applied.Net(Units.Points) > earn.Points);
                break;
            case Operation.Transfer transfer:
                var made = loyalty.FindMember(transfer.To)!.Lots.Where(lot => lot.ActiveAt == transfer.Time);
                Count("transfer of several lots", made.Count() > 1);
                break;
            case Operation.Hold hold:
                var end = hold.ExpiresAt ?? hold.Time.AddDays(7);
                Count("hold crosses expiry", subject!.Lots.Any(lot => lot.Pinned > 0 && lot.ExpiresAt < end));
                break;
            case Operation.Capture capture:
                Count("captured a part", capture.Points is not null);
                Count("captured all", capture.Points is null);
                break;
            case Operation.Release release:
                Count("released a part", release.Points is not null);
                Count("released all", release.Points is null);
                break;
            default:
                // Registrations, spends and sweeps bring about nothing that is not counted for all.
                break;
        }

        Count("freed points lapse", pinnedBeyondExpiry.Sum(lot => lot.Expired) > lapsed);
        Count("lots expired", subject is not null && subject.Lots.Any(lot => lot.Expired > 0));
    }

    private void AfterOrder(Operation.Order order, Outcome.Applied applied)
    {
        var known = loyalty.FindOrder(order.OrderId)!;
        var full = NaiveArithmetic.Multiply(applied.Net(Units.Growth), before!.Level);
        Count("day cap cuts", applied.Net(Units.Points) < full);
        Count("bonus cut", known.Bonus is > 0 and < 200);
        Count("order of zero", order.Amount == 0);
        Count("order under one yuan", order.Amount is > 0 and < 100);
        Count("order has a rest", order.Lines?.Sum(line => line.Amount) < order.Amount);
        Count("late order", order.Time < order.Clock);
        Count("order born expired", known.Lots.Exists(lot => lot.ExpiresAt <= order.Clock));
    }

    private void AfterRefund(Operation.Refund refund, Outcome.Applied applied)
    {
        var known = loyalty.FindOrder(refund.OrderId)!;
        var state = subject!.StateAt(refund.Time);
        Count("late refund", refund.Time < refund.Clock);
        Count("refund whole", known.IsRefundedWhole);
        Count("refund by lines", refund.Lines is not null);
        Count("bonus back", known is { IsRefundedWhole: true, Bonus: > 0 });
        Count("refund makes debt", state.Debt > before!.Debt);
        Count("expired counts as taken", known.ExpiredCounted > expiredCounted);
        Count("order refunded early", known.Lots.Exists(lot => lot.Remaining > 0));
        var fallen = -applied.Net(Units.Points) - (state.Debt - before.Debt);
        Count("refund takes others' points", fallen > ownPoints - NotTakenOf(known));
    }

    private static long NotTakenOf(NaiveOrder order) => order.Lots.Sum(lot => lot.Remaining + lot.Expired);

    private static bool IsRise(LevelChange change) => Rank(change.To) > Rank(change.From);

    private static int Rank(string level) =>
        Array.IndexOf(["bronze", "silver", "gold", "platinum", "diamond"], level);

    private NaiveMember? HolderOf(Operation operation) => operation switch
    {
        Operation.Capture capture => loyalty.FindHold(capture.HoldReference)?.Owner,
        Operation.Release release => loyalty.FindHold(release.HoldReference)?.Owner,
        _ => null,
    };

    private void Count(string situation, bool happened) => Counts[situation] += happened ? 1 : 0;
}
