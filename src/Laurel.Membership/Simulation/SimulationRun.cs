using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Simulation;

/// <summary>What the orders of some members came to.</summary>
internal sealed class SimulationRun
{
    private static readonly TenantId s_tenant = ProgrammeSimulation.Tenant;

    private readonly ProgrammeKind _programmes;
    private readonly MemberBooks _books;
    private readonly MemoryLane _lane;
    private readonly Dictionary<string, MemberId> _members = [];
    private readonly Dictionary<string, long> _paid = [];
    private readonly Dictionary<string, long> _money = [];
    private readonly Dictionary<string, long> _refused = [];

    private SimulationRun(ProgrammeKind programmes, TimeProvider clock)
    {
        _programmes = programmes;
        _books = new MemberBooks(programmes);
        _lane = new MemoryLane(new IdGenerator(clock, node: 0), Missing);
        _lane.Load(programmes.RootOf(s_tenant), programmes.Latest(s_tenant)!);
    }

    /// <summary>Runs orders, of which those of a member are in order of time; where members share something, all are.</summary>
    /// <param name="end">At which what is due has lapsed.</param>
    /// <returns>What they came to, the members in the order in which they first appear.</returns>
    public static SimulationOutcome Of(
        IReadOnlyList<SimulatedOrder> orders, Instant end, ProgrammeKind programmes, TimeProvider clock, CancellationToken cancellationToken)
    {
        var run = new SimulationRun(programmes, clock);
        foreach (var order in orders)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Take(order);
        }

        return new SimulationOutcome
        {
            Members = [.. run._members.Values.Select(id => run.MemberAt(id, end))],
            Orders = orders.Count,
            Refused = run._refused,
            PaidByRule = run._paid,
            MoneyByRule = run._money,
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
        var decision = _lane.Decide(command, order.Time);
        CountMoney(decision);
        if (decision is Decision.Refuse { Refusal.Code: var code })
        {
            _refused[code] = _refused.GetValueOrDefault(code) + 1;
        }
    }

    private void CountMoney(Decision decision)
    {
        if (decision is Decision.Apply { Reply: PostingReply { Entries: var entries } })
        {
            foreach (var entry in entries.Where(entry => entry.Unit == EntryNames.Balance))
            {
                _money[entry.Rule] = _money.GetValueOrDefault(entry.Rule) + entry.Amount;
            }
        }
    }

    private void Register(SimulatedOrder order)
    {
        var request = new RegisterRequest { ExternalId = order.Customer, Nickname = null, Phone = null, Email = null, RegisteredAt = order.Time };
        if (_lane.Decide(new RegisterMember(s_tenant, request, _books, vault: null), order.Time) is not Decision.Apply { RootId: var id })
        {
            throw new InvariantBrokenException("A member that is registered once is registered.");
        }

        // A registration tells no entries: what is there is what it paid.
        if (_lane.Find<MemberBook>(_books.Members.RootOf(s_tenant, new MemberId(id)))!.Balance is > 0 and var paid)
        {
            _money[StandardRules.Registration] = _money.GetValueOrDefault(StandardRules.Registration) + paid;
        }

        _members.Add(order.Customer, new MemberId(id));
    }

    private SimulatedMember MemberAt(MemberId id, Instant end)
    {
        var root = _books.Members.RootOf(s_tenant, id);
        if (_lane.Find<MemberBook>(root)!.LevelDueAt <= end)
        {
            CountMoney(_lane.Decide(new SettleMember(s_tenant, id, _books) { Time = end }, end));
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
            Money = book.Balance,
            Level = book.LevelCode,
            Tracks = _programmes.Latest(s_tenant)!.TracksOf(book),
            Units = book.Units.Wallets.Values.ToDictionary(wallet => wallet.Unit, wallet => wallet.Amount),
        };
    }

    private Aggregate? Missing(RootRef root) => root.Kind switch
    {
        MemberCodeKind => new MemberCodeCounter((int)root.Id, 0),
        BudgetKind => new BudgetCounter(0),
        _ => null,
    };
}
