using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Units;

namespace Laurel.Membership.Verification;

/// <summary>Looks up, a set at a time, the natural keys that stored facts must have: the first half of I4.</summary>
/// <remarks>A key leads to one range of entries. When every posting finds its own under its reference, no reference has two.</remarks>
internal sealed class KeyChecks(SqlSession session, Findings findings)
{
    /// <summary>Keys of one look-up.</summary>
    public const int KeysMax = 1_024;

    private static readonly SetStatement<Hash128> s_find = Statements.Find(
        "n.key_hash, n.root_id, n.first_id, n.last_id", "natural_keys n", "",
        Column<Hash128>.Hash("key_hash", key => key));

    private readonly List<Expected> _expected = [];

    private sealed record Expected(Hash128 Key, int Tenant, long Member, string Table, string Id, string What)
    {
        /// <summary>The first entry or the hold the key leads to; null where this fact does not tell.</summary>
        public long? First { get; init; }

        public long? Last { get; init; }

        /// <summary>Whether the key belongs to the other side: the one who received a transfer.</summary>
        public bool IsOfAnother { get; init; }
    }

    private readonly record struct Found(long Root, long First, long Last);

    public bool IsFull => _expected.Count >= KeysMax;

    public void ExpectMember(MemberRow member) => Expect(new Expected(
        MemberKind.HandleOf(new TenantId(member.Tenant), member.ExternalId), member.Tenant, member.Member, "members", Text(member.Member), "the key of its external id"));

    public void ExpectOrder(OrderRow order) => Expect(new Expected(
        CompleteOrder.HandleOf(new TenantId(order.Tenant), order.OrderId), order.Tenant, order.Member, "orders", order.OrderId, "the key of the order"));

    /// <param name="id">The recharge's or withdrawal's own.</param>
    public void ExpectHandle(Hash128 handle, MemberRow member, string table, string id) =>
        Expect(new Expected(handle, member.Tenant, member.Member, table, id, "the key of its id"));

    public void ExpectPosting(PostingSpan posting)
    {
        var entry = posting.Entry;
        if (KeyOf(entry) is { } key)
        {
            var incoming = entry is { Kind: "transfer", Amount: > 0 };

            // What was approved took its key when it was asked for, before there was an entry.
            var isBare = incoming || (entry.Rule == "adjust" && entry.Detail is not null);
            Expect(new Expected(key, entry.Tenant, entry.Member, "entries", entry.IdText, "the key of its reference")
            {
                First = isBare ? null : posting.First,
                Last = isBare ? null : posting.Last,
                IsOfAnother = incoming,
            });
        }
    }

    /// <param name="posting">The posting that captured, where the change is a capture; null where it lies below the cut.</param>
    public void ExpectHold(HoldChangeRow change, long? posting)
    {
        if (change.Hold is not { } hold)
        {
            return;
        }

        var (tenant, id) = (change.Tenant, Text(change.HoldId));
        switch (change.Kind)
        {
            // Its reference is the order, and the change's own the return. What ends it has keys of its own.
            case "hold" when hold.ReferenceType == ReturnFreeze.ReferenceType:
                Expect(new Expected(
                    ReturnFreeze.KeyOf(new TenantId(tenant), hold.ReferenceId, change.Reference), tenant, change.Member, "holds", id, "the key of its return"));
                break;
            case not "hold" when hold.ReferenceType == ReturnFreeze.ReferenceType:
                break;
            case "hold" when hold.ReferenceType == ReserveCheckout.ReferenceType:
                Expect(new Expected(Checkout.HandleOf(new TenantId(tenant), hold.ReferenceId), tenant, change.Member, "holds", id, "the key of its checkout"));
                break;
            case "capture" when hold.ReferenceType == ReserveCheckout.ReferenceType:
                Expect(new Expected(Hash128.Of(tenant, "checkout-confirm", hold.ReferenceId), tenant, change.Member, "hold_changes", Text(change.Id), "the key of the confirmation")
                {
                    First = posting,
                });
                break;
            case "release" when hold.ReferenceType == ReserveCheckout.ReferenceType:
                Expect(new Expected(Hash128.Of(tenant, "checkout-cancel", hold.ReferenceId), tenant, change.Member, "hold_changes", Text(change.Id), "the key of the cancellation"));
                break;
            case "hold":
                Expect(
                    new Expected(HoldPoints.HandleOf(new TenantId(tenant), change.HoldId), tenant, change.Member, "holds", id, "the handle of the hold") { First = change.HoldId });
                Expect(
                    new Expected(Hash128.Of(tenant, "hold", hold.ReferenceType, hold.ReferenceId), tenant, change.Member, "holds", id, "the key of its reference") { First = change.HoldId });
                break;
            case "capture":
                Expect(
                    new Expected(Hash128.Of(tenant, "capture", id, change.Reference), tenant, change.Member, "hold_changes", Text(change.Id), "the key of the capture") { First = posting });
                break;
            // What a capture leaves over is released under the capture's own key.
            case "release" when hold.Captured == 0:
                Expect(
                    new Expected(Hash128.Of(tenant, "release", id, change.Reference), tenant, change.Member, "hold_changes", Text(change.Id), "the key of the release"));
                break;
            default:
                break;
        }
    }

    /// <summary>Looks up what has gathered.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<Hash128, Found>();
        for (var start = 0; start < _expected.Count; start += KeysMax)
        {
            var keys = _expected.Skip(start).Take(KeysMax).Select(expected => expected.Key).Distinct().ToList();
            var script = new SqlScript();
            script.Add(s_find, keys, row => found[row.Hash(0)] = new Found(row.Int64(1), row.Int64(2), row.Int64(3)));
            await session.RunAsync(script, cancellationToken);
        }

        foreach (var expected in _expected)
        {
            Compare(expected, found.TryGetValue(expected.Key, out var key) ? key : null);
        }

        _expected.Clear();
    }

    private static Hash128? KeyOf(EntryRow entry) => entry.Rule switch
    {
        "refund" or "checkout_refund" => Hash128.Of(entry.Tenant, "refund", entry.OrderId ?? "", entry.ReferenceId),
        "earn" or "spend" or "adjust" or "activate" or "cancel" or "reinstate" or "points_to_balance" or "points_from_balance" => Hash128.Of(entry.Tenant, entry.Rule, entry.ReferenceType, entry.ReferenceId),
        "unit_earn" or "unit_spend" or "unit_adjust" => UnitRequest.KeyOf(new TenantId(entry.Tenant), entry.Rule, entry.Unit, entry.ReferenceType, entry.ReferenceId),
        "transfer" => Hash128.Of(entry.Tenant, "transfer", entry.ReferenceId),
        "balance_adjust" or "balance_spend" or "balance_refund" => Hash128.Of(entry.Tenant, entry.Rule, entry.ReferenceType, entry.ReferenceId),
        "recharge" => Hash128.Of(entry.Tenant, "recharge_paid", entry.ReferenceId),
        "recharge_refund" => Hash128.Of(entry.Tenant, "recharge_refund", entry.ReferenceId),
        "withdrawal" => Hash128.Of(entry.Tenant, "withdrawal_end", entry.ReferenceId),
        _ when EntryNames.IsOrderEarning(entry.Kind, entry.Rule, entry.OrderId) => CompleteOrder.HandleOf(new TenantId(entry.Tenant), entry.OrderId!),
        _ when entry.ReferenceType == "registration" => MemberKind.HandleOf(new TenantId(entry.Tenant), entry.ReferenceId),
        // An expiry has no reference of its own, the key of a capture is told by the changes of its hold, and that of any other event is
        // made of its source, which no entry tells.
        _ => null,
    };

    private void Expect(Expected expected)
    {
        findings.Look(InvariantCode.I4);
        _expected.Add(expected);
    }

    private void Compare(Expected expected, Found? found)
    {
        if (found is not { } key)
        {
            Report(expected, expected.What, "no such key");
            return;
        }

        if ((key.Root == expected.Member) == expected.IsOfAnother)
        {
            Report(expected, $"{expected.What}, {(expected.IsOfAnother ? "another member's than" : "of")} member {expected.Member}", $"it leads to {key.Root}");
        }

        if ((expected.First is { } first && first != key.First) || (expected.Last is { } last && last != key.Last))
        {
            var range = expected.Last is null ? Text(expected.First ?? 0) : $"{expected.First} to {expected.Last}";
            Report(expected, $"{expected.What}, leading to {range}", $"it leads to {key.First} to {key.Last}");
        }
    }

    private void Report(Expected expected, string wanted, string found) => findings.Report(InvariantCode.I4, new Offence
    {
        Tenant = expected.Tenant,
        Member = expected.Member,
        Table = expected.Table,
        Id = expected.Id,
        Expected = wanted,
        Found = found,
    });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
