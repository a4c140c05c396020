using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Members;
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

    /// <summary>Stored money that rules paid, in minor units. Nobody spends it in a simulation.</summary>
    public required long Money { get; init; }

    public required string Level { get; init; }

    /// <summary>The code of the level in each track of the programme, by the track's.</summary>
    public required IReadOnlyDictionary<string, string> Tracks { get; init; }

    /// <summary>What the member has at the end of the units that the programme defines, by code.</summary>
    public required IReadOnlyDictionary<string, long> Units { get; init; }
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

    /// <summary>Stored money that each rule paid, in minor units, by its code; rules that paid none are left out.</summary>
    public required IReadOnlyDictionary<string, long> MoneyByRule { get; init; }

    /// <summary>The last instant of the history, at which what is due has lapsed.</summary>
    public required Instant End { get; init; }
}

/// <summary>Runs a history of orders through a programme: the commands of the product, on books in memory.</summary>
public sealed class ProgrammeSimulation
{
    internal static readonly TenantId Tenant = new(1);

    /// <summary>Customers that are run one after the other: their books are forgotten with the last of them.</summary>
    private const int CustomersTogether = 256;

    private readonly ProgrammeKind _programmes;
    private readonly TimeProvider _clock;

    /// <param name="kinds">The kinds of benefits there are; null is those of the house.</param>
    public ProgrammeSimulation(Programme programme, TimeProvider clock, BenefitKinds? kinds = null)
    {
        _clock = clock;
        _programmes = new ProgrammeKind { Benefits = kinds ?? BenefitKinds.OfTheHouse };
        // Nobody decides cases in a simulation, so nothing is stopped or held in it.
        _programmes.Learn(Tenant, programme with { Watch = [] });
    }

    /// <summary>Runs the orders. Members share nothing but budgets: where no rule has one, each member's orders are run for themselves, on all
    /// cores there are.</summary>
    /// <param name="orders">In order of time.</param>
    /// <param name="progress">Told the orders done so far.</param>
    public SimulationOutcome Run(IReadOnlyList<SimulatedOrder> orders, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var end = orders.Count == 0 ? Instant.Earliest : orders[^1].Time;
        var histories = HasBudgets ? [orders] : ByCustomers(orders);
        var runs = new SimulationOutcome[histories.Count];
        long done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, runs.Length, options, i =>
        {
            runs[i] = SimulationRun.Of(histories[i], end, _programmes, _clock, cancellationToken);
            progress?.Report(Interlocked.Add(ref done, histories[i].Count));
        });
        return new SimulationOutcome
        {
            Members = [.. runs.SelectMany(run => run.Members)],
            Orders = orders.Count,
            Refused = Sum(runs, run => run.Refused),
            PaidByRule = Sum(runs, run => run.PaidByRule),
            MoneyByRule = Sum(runs, run => run.MoneyByRule),
            End = end,
        };
    }

    private bool HasBudgets => _programmes.Latest(Tenant)!.Programme.Rules
        .Any(rule => rule.Active && rule.Caps.Any(cap => cap.Scope == CapScope.Programme));

    /// <summary>The orders of some customers at a time, in the order in which customers first appear.</summary>
    private static List<IReadOnlyList<SimulatedOrder>> ByCustomers(IReadOnlyList<SimulatedOrder> orders) =>
    [
        .. orders.GroupBy(order => order.Customer).Chunk(CustomersTogether).Select(customers => customers.SelectMany(customer => customer).ToList()),
    ];

    private static Dictionary<string, long> Sum(IEnumerable<SimulationOutcome> runs, Func<SimulationOutcome, IReadOnlyDictionary<string, long>> counts)
    {
        var sums = new Dictionary<string, long>();
        foreach (var (name, count) in runs.SelectMany(counts))
        {
            sums[name] = sums.GetValueOrDefault(name) + count;
        }

        return sums;
    }
}
