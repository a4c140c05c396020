namespace Laurel.ContractTests.Model;

/// <content>What moves the life of points.</content>
public sealed partial class NaiveLoyalty
{
    private readonly Dictionary<string, NaiveLot> lots = new(StringComparer.Ordinal);

    public Task<Outcome> EarnLaterAsync(Operation.EarnLater operation, CancellationToken cancellationToken) =>
        Answer(operation, () => members.TryGetValue(operation.Member, out var member)
            ? Change(member, operation, () =>
            {
                if (operation.ActiveAt <= operation.Time)
                {
                    List<NaiveLot> made = [];
                    var movements = EarnedAndRepaid(member, operation.Points, operation.Time, made);
                    lots.Add(operation.Lot, made[0]);
                    member.Act(operation.Time);
                    return movements;
                }

                lots.Add(operation.Lot, member.CreditLater(operation, ExpiryOf));
                member.Act(operation.Time);
                return [Points(member, operation.Points)];
            })
            : MemberNotFound);

    public Task<Outcome> EndWaitingAsync(Operation.EndWaiting operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (!members.TryGetValue(operation.Member, out var member))
            {
                return MemberNotFound;
            }

            if (!lots.TryGetValue(operation.Lot, out var lot))
            {
                return new Outcome.Refused(LifeCodes.LotNotFound, null, null);
            }

            if (lot.EndedBy is { } ended)
            {
                return ended == operation.Activates ? new Outcome.Duplicate() : new Outcome.Refused(LifeCodes.LotNotPending, null, null);
            }

            return lot.IsWaitingAt(operation.Time)
                ? Change(member, operation, () =>
                {
                    lot.EndedBy = operation.Activates;
                    return operation.Activates
                        ? [Points(member, -member.Activate(lot, operation.Time, ExpiryOf(operation.Time)))]
                        : [Points(member, -member.Cancel(lot, operation.Time))];
                })
                : new Outcome.Refused(LifeCodes.LotNotPending, null, null);
        });

    public Task<Outcome> ExtendAsync(Operation.Extend operation, CancellationToken cancellationToken) =>
        Answer(operation, () => members.TryGetValue(operation.Member, out var member)
            ? Change(member, operation, () =>
            {
                member.Extend(operation);
                return [];
            })
            : MemberNotFound);

    public Task<Outcome> ReinstateAsync(Operation.Reinstate operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (!members.TryGetValue(operation.Member, out var member))
            {
                return MemberNotFound;
            }

            return member.LapsedSince(operation).Count == 0
                ? new Outcome.Refused(LifeCodes.NothingToReinstate, null, null)
                : Change(member, operation, () => [Points(member, member.Reinstate(operation, ExpiryOf(operation.Time)))]);
        });

    public Task<Outcome> RequestReturnAsync(Operation.RequestReturn operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (!orders.TryGetValue(operation.Part.OrderId, out var order))
            {
                return new Outcome.Refused(Codes.OrderNotFound, null, null);
            }

            if (order.Returns.Exists(known => known.Id == operation.Part.RefundId))
            {
                return new Outcome.Duplicate();
            }

            return order.RefusalOf(operation.Part) is { } refusal ? refusal : Change(order.Owner, operation, () =>
            {
                order.Owner.Freeze(order, operation);
                return [];
            });
        });

    public Task<Outcome> RejectReturnAsync(Operation.RejectReturn operation, CancellationToken cancellationToken) =>
        Answer(operation, () =>
        {
            if (!orders.TryGetValue(operation.OrderId, out var order))
            {
                return new Outcome.Refused(Codes.OrderNotFound, null, null);
            }

            if (order.Returns.Find(known => known.Id == operation.ReturnId) is not { } found)
            {
                return new Outcome.Refused(LifeCodes.ReturnNotFound, null, null);
            }

            return found.Status switch
            {
                "rejected" => new Outcome.Duplicate(),
                "refunded" => new Outcome.Refused(LifeCodes.ReturnClosed, null, null),
                _ => Change(order.Owner, operation, () =>
                {
                    found.Status = "rejected";
                    found.Free(order.Owner, found.Hold?.Points ?? 0, operation.Time);
                    return [];
                }),
            };
        });

    internal NaiveLot? FindLot(string name) => lots.GetValueOrDefault(name);
}

/// <summary>The refusals of the life of lots that both sides must agree on.</summary>
public static class LifeCodes
{
    public const string LotNotFound = "LOT_NOT_FOUND";
    public const string LotNotPending = "LOT_NOT_PENDING";
    public const string NothingToReinstate = "NOTHING_TO_REINSTATE";
    public const string ReturnNotFound = "RETURN_NOT_FOUND";
    public const string ReturnClosed = "RETURN_CLOSED";
}
