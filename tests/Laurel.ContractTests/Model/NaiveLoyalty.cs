using System.Collections.Immutable;

namespace Laurel.ContractTests.Model;

/// <summary>
/// The oracle: the default programme's arithmetic in plain lists, written from its text and sharing nothing with the
/// product.
/// </summary>
/// <param name="policy">Where a refund's shortfall goes.</param>
/// <param name="cooldownHours">How long after a change the level is not changed again; a day is the default programme's.</param>
/// <param name="inactivity">How points lapse by inactivity; null where none do, as in the default programme.</param>
public sealed partial class NaiveLoyalty(ShortfallPolicy policy, int cooldownHours = 24, NaiveInactivity? inactivity = null) : ILoyalty
{
    private static readonly Outcome.Refused MemberNotFound = new(Codes.MemberNotFound, null, null);

    private readonly Dictionary<string, NaiveMember> members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NaiveOrder> orders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NaiveHold> holds = new(StringComparer.Ordinal);
    private readonly HashSet<string> refunds = new(StringComparer.Ordinal);

    public Task<Outcome> RegisterAsync(Operation.Register operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            var member = new NaiveMember(operation.Member, operation.Time, TimeSpan.FromHours(cooldownHours), inactivity);
            members.Add(operation.Member, member);
            return Change(
                member,
                operation,
                () => Earned(member, NaiveArithmetic.RegistrationPoints, operation.Time, ExpiryOf(operation.Time), []));
        });

    public Task<Outcome> CompleteOrderAsync(Operation.Order operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (operation.Lines?.Sum(line => line.Amount) > operation.Amount)
            {
                return new Outcome.Refused(Codes.OrderLinesExceedAmount, null, null);
            }

            if (orders.ContainsKey(operation.OrderId))
            {
                return new Outcome.Duplicate();
            }

            return members.TryGetValue(operation.Member, out var member)
                ? Change(member, operation, () => CompleteOrder(member, operation))
                : MemberNotFound;
        });

    public Task<Outcome> RefundAsync(Operation.Refund operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (refunds.Contains(operation.RefundId))
            {
                return new Outcome.Duplicate();
            }

            if (!orders.TryGetValue(operation.OrderId, out var order))
            {
                return new Outcome.Refused(Codes.OrderNotFound, null, null);
            }

            return order.RefusalOf(operation) is { } refusal
                ? refusal
                : Change(order.Owner, operation, () => Refund(order, operation));
        });

    public Task<Outcome> EarnAsync(Operation.Earn operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (!members.TryGetValue(operation.Member, out var member))
            {
                return MemberNotFound;
            }

            return Change(member, operation, () =>
            {
                var points = operation.ApplyMultiplier
                    ? NaiveArithmetic.Multiply(operation.Points, member.Level)
                    : operation.Points;
                var movements = EarnedAndRepaid(member, points, operation.Time, []);
                member.Act(operation.Time);
                return movements;
            });
        });

    public Task<Outcome> AdjustAsync(Operation.Adjust operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (!members.TryGetValue(operation.Member, out var member))
            {
                return MemberNotFound;
            }

            if (operation.Points < 0)
            {
                return Take(member, -operation.Points, operation, isActivity: false);
            }

            return Change(member, operation, () =>
            {
                member.Credit(operation.Points, operation.Time, ExpiryOf(operation.Time));
                return [Points(member, operation.Points)];
            });
        });

    public Task<Outcome> SpendAsync(Operation.Spend operation, CancellationToken cancellationToken) =>
        Answer(operation, () => members.TryGetValue(operation.Member, out var member)
            ? Take(member, operation.Points, operation, isActivity: true)
            : MemberNotFound);

    public Task<Outcome> HoldAsync(Operation.Hold operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (!members.TryGetValue(operation.Member, out var member))
            {
                return MemberNotFound;
            }

            return Insufficient(member, operation.Points, operation.Time) ?? Change(member, operation, () =>
            {
                var expiresAt = operation.ExpiresAt ?? operation.Time + NaiveArithmetic.HoldDuration;
                holds.Add(operation.Reference, member.Pin(operation.Points, operation.Time, expiresAt));
                return [];
            });
        });

    public Task<Outcome> CaptureAsync(Operation.Capture operation, CancellationToken cancellationToken) =>
        Answer(operation, () => HoldRefusal(operation.HoldReference, operation.Points, operation.Time) ?? Change(
            holds[operation.HoldReference].Owner,
            operation,
            () =>
            {
                var hold = holds[operation.HoldReference];
                var points = operation.Points ?? hold.Points;
                hold.Owner.Capture(hold, points, operation.Time);
                hold.Owner.Act(operation.Time);
                return [Points(hold.Owner, -points)];
            }));

    public Task<Outcome> ReleaseAsync(Operation.Release operation, CancellationToken cancellationToken) =>
        Answer(operation, () => HoldRefusal(operation.HoldReference, operation.Points, operation.Time) ?? Change(
            holds[operation.HoldReference].Owner,
            operation,
            () =>
            {
                var hold = holds[operation.HoldReference];
                hold.Owner.Release(hold, operation.Points ?? hold.Points, operation.Time);
                return [];
            }));

    public Task<Outcome> TransferAsync(Operation.Transfer operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (!members.TryGetValue(operation.From, out var from) || !members.TryGetValue(operation.To, out var to))
            {
                return MemberNotFound;
            }

            return Insufficient(from, operation.Points, operation.Time) ?? Change(from, operation, () =>
            {
                to.Settle(operation.Time);
                foreach (var part in from.Take(operation.Points, operation.Time).GroupBy(taken => taken.Lot.ExpiresAt))
                {
                    to.Credit(part.Sum(taken => taken.Points), operation.Time, part.Key);
                }

                return [Points(from, -operation.Points), Points(to, operation.Points)];
            });
        });

    public Task<Outcome> SweepAsync(Operation.Sweep operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            foreach (var member in members.Values)
            {
                member.Settle(operation.Time);
            }

            return new Outcome.Applied([], null);
        });

    public Task<MemberState?> StateAtAsync(
        string member,
        DateTimeOffset instant,
        CancellationToken cancellationToken) =>
        Task.FromResult(members.GetValueOrDefault(member)?.StateAt(instant));

    public Task<MemberState?> StateAsOfAsync(
        string member,
        DateTimeOffset instant,
        CancellationToken cancellationToken) =>
        Task.FromResult(members.GetValueOrDefault(member)?.StateAsOf(instant));

    /// <summary>Whose points the model let lapse by inactivity, or saved from it.</summary>
    internal (int Lapsed, int Saved) UndatedMet => (members.Values.Sum(member => member.UndatedMet.Lapsed), members.Values.Sum(member => member.UndatedMet.Saved));

    internal NaiveMember? FindMember(string member) => members.GetValueOrDefault(member);

    internal NaiveOrder? FindOrder(string orderId) => orders.GetValueOrDefault(orderId);

    internal NaiveHold? FindHold(string reference) => holds.GetValueOrDefault(reference);

    private static Task<Outcome> Answer(Operation operation, Func<Outcome> decide) =>
        Task.FromResult(operation.Time > operation.Clock + NaiveArithmetic.ClockAheadMax
            ? new Outcome.Refused(Codes.TimeInFuture, null, null)
            : decide());

    /// <summary>
    /// Settles the member and applies the change: everything that could refuse has been asked before.
    /// </summary>
    private static Outcome Change(NaiveMember member, Operation operation, Func<ImmutableList<Movement>> change)
    {
        member.Settle(operation.Time);
        var before = member.Level;
        var movements = change();
        member.Judge(operation.Time);
        var after = member.Level;
        return new Outcome.Applied(movements, before == after ? null : new LevelChange(before, after));
    }

    private static Outcome.Refused? Insufficient(NaiveMember member, long points, DateTimeOffset time)
    {
        var available = member.AvailableAt(time);
        return available < points ? new Outcome.Refused(Codes.PointsInsufficient, points, available) : null;
    }

    private static Outcome Take(NaiveMember member, long points, Operation operation, bool isActivity) =>
        Insufficient(member, points, operation.Time) is { } refusal
            ? refusal
            : Change(member, operation, () =>
            {
                member.Take(points, operation.Time);
                if (isActivity)
                {
                    member.Act(operation.Time);
                }

                return [Points(member, -points)];
            });

    private static Movement Points(NaiveMember member, long amount) => new(member.Name, Units.Points, amount);

    private static ImmutableList<Movement> Earned(
        NaiveMember member,
        long points,
        DateTimeOffset time,
        DateTimeOffset expiresAt,
        List<NaiveLot> made)
    {
        if (points == 0)
        {
            return [];
        }

        made.Add(member.Credit(points, time, expiresAt));
        member.Record(new NaiveChange(time) { Lifetime = points });
        return [Points(member, points)];
    }

    private ImmutableList<Movement> EarnedAndRepaid(NaiveMember member, long points, DateTimeOffset time, List<NaiveLot> made) =>
        EarnedAndRepaid(member, points, time, ExpiryOf(time), made);

    private static ImmutableList<Movement> EarnedAndRepaid(
        NaiveMember member,
        long points,
        DateTimeOffset time,
        DateTimeOffset expiresAt,
        List<NaiveLot> made)
    {
        var movements = Earned(member, points, time, expiresAt, made);
        var repaid = movements.IsEmpty || made.Count == 0 ? 0 : member.RepayReceivable(made[^1], time);
        return repaid == 0 ? movements : movements.Add(Points(member, -repaid));
    }

    private ImmutableList<Movement> CompleteOrder(NaiveMember member, Operation.Order operation)
    {
        var growth = NaiveOrder.EligibleOf(operation) / 100;
        var earned = Math.Min(NaiveArithmetic.Multiply(growth, member.Level), NaiveArithmetic.PointsPerOrderMax);
        var isFirst = operation.Amount > 0 && !member.HasUsedFirstOrderBonus;
        member.HasUsedFirstOrderBonus |= isFirst;
        var points = member.TakeRoomOfDay(operation.Time, earned);
        var bonus = member.TakeRoomOfDay(operation.Time, isFirst ? NaiveArithmetic.FirstOrderBonus : 0);

        var order = new NaiveOrder(member, operation, points, growth, bonus);
        orders.Add(operation.OrderId, order);
        var movements = EarnedAndRepaid(member, points, operation.Time, inactivity is null ? ExpiryOf(operation.Time) : NaiveLot.Undated, order.Lots)
            .AddRange(EarnedAndRepaid(member, bonus, operation.Time, order.Lots));
        member.Record(new NaiveChange(operation.Time) { Growth = growth, Orders = 1, Amount = operation.Amount });
        if (growth > 0 || isFirst)
        {
            member.Act(operation.Time);
        }

        return movements.Add(new Movement(member.Name, Units.Growth, growth));
    }

    /// <summary>What the programme says of points of which no rule says otherwise.</summary>
    private DateTimeOffset ExpiryOf(DateTimeOffset time) => inactivity is { AllPoints: true } ? NaiveLot.Undated : NaiveArithmetic.ExpiryOf(time);

    private ImmutableList<Movement> Refund(NaiveOrder order, Operation.Refund operation)
    {
        refunds.Add(operation.RefundId);
        var member = order.Owner;
        var (amount, points, growth, bonus) = order.Refund(operation);
        member.FreeFor(order, operation, points + bonus);
        var takenOfPoints = member.TakeBack(order, points, operation.Time, policy);
        var takenOfBonus = member.TakeBack(order, bonus, operation.Time, policy);
        member.Record(new NaiveChange(operation.Time)
        {
            Lifetime = -points - bonus,
            Growth = -growth,
            Orders = order.IsRefundedWhole ? -1 : 0,
            Amount = -amount,
        });
        return
        [
            Points(member, -takenOfPoints),
            Points(member, -takenOfBonus),
            new Movement(member.Name, Units.Growth, -growth),
        ];
    }

    private Outcome.Refused? HoldRefusal(string reference, long? points, DateTimeOffset time)
    {
        if (!holds.TryGetValue(reference, out var hold))
        {
            return new Outcome.Refused(Codes.HoldNotFound, null, null);
        }

        if (!hold.IsOpenAt(time))
        {
            return new Outcome.Refused(Codes.HoldClosed, null, null);
        }

        return points > hold.Points ? new Outcome.Refused(Codes.HoldExceeded, null, null) : null;
    }
}
