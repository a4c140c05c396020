using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Simulation;

/// <summary>One order of a history.</summary>
/// <param name="Customer">The host's own id of the member.</param>
public readonly record struct SimulatedOrder(string Customer, Instant Time, string OrderId, long Amount);

/// <summary>What one member came to.</summary>
public sealed record SimulatedMember
{
    public required string ExternalId { get; init; }

    public required long Issued { get; init; }

    public required long Expired { get; init; }

    /// <summary>At the end of the history.</summary>
    public required long Outstanding { get; init; }

    public required long Growth { get; init; }

    public required string Level { get; init; }
}

/// <summary>What a history comes to under one programme.</summary>
public sealed record SimulationOutcome
{
    public required IReadOnlyList<SimulatedMember> Members { get; init; }

    public required long Orders { get; init; }

    /// <summary>Orders that the programme refuses, by code.</summary>
    public required IReadOnlyDictionary<string, long> Refused { get; init; }

    /// <summary>Points that each rule paid, by its code.</summary>
    public required IReadOnlyDictionary<string, long> PaidByRule { get; init; }

    /// <summary>The last instant of the history, at which what is due has lapsed.</summary>
    public required Instant End { get; init; }
}

/// <summary>Runs a history of orders through a programme: the commands of the product, on books in memory.</summary>
public sealed class ProgrammeSimulation
{
    private static readonly TenantId s_tenant = new(1);

    private readonly ProgrammeKind _programmes;
    private readonly MemberBooks _books;
    private readonly MemoryLane _lane;
    private readonly Dictionary<string, MemberId> _members = [];
    private readonly Dictionary<string, long> _paid = [];
    private readonly Dictionary<string, long> _refused = [];

    /// <param name="kinds">The kinds of benefits there are; null is those of the house.</param>
    public ProgrammeSimulation(Programme programme, TimeProvider clock, BenefitKinds? kinds = null)
    {
        _programmes = new ProgrammeKind { Benefits = kinds ?? BenefitKinds.OfTheHouse };
        // Nobody decides cases in a simulation, so nothing is stopped or held in it.
        _programmes.Learn(s_tenant, programme with { Watch = [] });
        _books = new MemberBooks(_programmes);
        _lane = new MemoryLane(new IdGenerator(clock, node: 0), Missing);
        _lane.Load(_programmes.RootOf(s_tenant), _programmes.Latest(s_tenant)!);
    }

    /// <summary>Runs the orders.</summary>
    /// <param name="orders">In order of time.</param>
    /// <param name="progress">Told the orders done so far.</param>
    public SimulationOutcome Run(IReadOnlyList<SimulatedOrder> orders, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < orders.Count; i++)
        {
            if (i % 4_096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(i);
            }

            Take(orders[i]);
        }

        progress?.Report(orders.Count);
        var end = orders.Count == 0 ? Instant.Earliest : orders[^1].Time;
        return new SimulationOutcome
        {
            Members = [.. _members.Values.Select(id => MemberAt(id, end))],
            Orders = orders.Count,
            Refused = _refused,
            PaidByRule = _paid,
            End = end,
        };
    }

    private void Take(SimulatedOrder order)
    {
        if (!_members.ContainsKey(order.Customer))
        {
            Register(order);
        }

        var request = new OrderRequest { OrderId = order.OrderId, Currency = _programmes.Latest(s_tenant)!.Programme.Currency, Amount = order.Amount, Lines = [] };
        var origin = new EventOrigin("simulation", EventTypes.OrderCompleted, order.OrderId);
        var command = new CompleteOrder(s_tenant, MemberReference.ById(_members[order.Customer]), request, origin, _books) { Time = order.Time };
        if (_lane.Decide(command, order.Time) is Decision.Refuse { Refusal.Code: var code })
        {
            _refused[code] = _refused.GetValueOrDefault(code) + 1;
        }
    }

    private void Register(SimulatedOrder order)
    {
        var request = new RegisterRequest { ExternalId = order.Customer, Nickname = null, Phone = null, Email = null, RegisteredAt = order.Time };
        if (_lane.Decide(new RegisterMember(s_tenant, request, _books, vault: null), order.Time) is not Decision.Apply { RootId: var id })
        {
            throw new InvariantBrokenException("A member that is registered once is registered.");
        }

        _members.Add(order.Customer, new MemberId(id));
    }

    private SimulatedMember MemberAt(MemberId id, Instant end)
    {
        var root = _books.Members.RootOf(s_tenant, id);
        if (_lane.Find<MemberBook>(root)!.LevelDueAt <= end)
        {
            _lane.Decide(new SettleMember(s_tenant, id, _books) { Time = end }, end);
        }

        var book = (MemberBook)_lane.Find<MemberBook>(root)!.Copy();
        book.Points.Settle(end);
        long issued = 0;
        long expired = 0;
        foreach (var lot in book.Points.Lots.Values)
        {
            issued += lot.Granted;
            expired += lot.Expired;
        }

        long byOrders = 0;
        foreach (var earning in book.Orders.Values.SelectMany(order => order.Earnings).Where(earning => earning.Unit == EntryNames.Points))
        {
            byOrders += earning.Granted;
            _paid[earning.Rule] = _paid.GetValueOrDefault(earning.Rule) + earning.Granted;
        }

        _paid[StandardRules.Registration] = _paid.GetValueOrDefault(StandardRules.Registration) + issued - byOrders;
        return new SimulatedMember
        {
            ExternalId = book.Identity.ExternalId,
            Issued = issued,
            Expired = expired,
            Outstanding = book.Points.Balance,
            Growth = book.Growth,
            Level = book.LevelCode,
        };
    }

    private Aggregate? Missing(RootRef root) => root.Kind switch
    {
        MemberCodeKind => new MemberCodeCounter((int)root.Id, 0),
        BudgetKind => new BudgetCounter(0),
        _ => null,
    };
}
