using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Benefits;

/// <summary>Gives back what is held by checkouts that were not paid in time, as any command that counts uses would before it acts. What the sweep
/// sends.</summary>
public sealed class SettleBenefits(TenantId tenant, MemberId member, MemberBooks books) : MemberJob(tenant, member, books)
{
    public override bool IsJob => true;

    // What is set aside of a merged member ends where it is.
    protected override bool ActsWhereItIs => true;

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.Benefits.HasHeldUses(book, time, plan);

    protected override Cause CauseOf() => new("Benefits expired", "expiry", "sweep");

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        if (!Books.Benefits.HasHeldUses(posting.Book, posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        new BenefitDesk(posting).EndHeld();
        return Done(posting);
    }
}

/// <summary>Finds members with uses that checkouts hold which were not paid in time, and ends them by commands.</summary>
public sealed class BenefitSweep(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    /// <summary>Uses of one round: few enough to leave the queue to callers.</summary>
    public const int UsesOfRound = 256;

    /// <summary>Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</summary>
    public LeaseFence? Fence { get; init; }

    private const string FindOver = """
        SELECT tenant_id AS Tenant, member_id AS Member FROM benefit_uses
        WHERE held_until <= @Now ORDER BY held_until LIMIT @Limit
        """;

    private sealed class Over
    {
        public int Tenant { get; init; }

        public long Member { get; init; }
    }

    /// <summary>Runs until nothing is over.</summary>
    /// <returns>Uses given back.</returns>
    /// <exception cref="ReadUnavailableException">When a round settled nothing: the database refuses.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long settled = 0;
        while (true)
        {
            var over = await FindAsync(cancellationToken);
            if (over.Count == 0)
            {
                return settled;
            }

            var members = over.GroupBy(use => (use.Tenant, use.Member)).ToList();
            var outcomes = await Task.WhenAll(members.Select(member => lanes.SubmitAsync(
                new SettleBenefits(new TenantId(member.Key.Tenant), new MemberId(member.Key.Member), books) { Fence = Fence }, cancellationToken)));
            var applied = members.Zip(outcomes, (member, outcome) => outcome is Outcome.Applied ? member.LongCount() : 0).Sum();
            if (applied == 0)
            {
                throw new ReadUnavailableException("No use that is over could be given back.", null);
            }

            settled += applied;
        }
    }

    private async Task<IReadOnlyList<Over>> FindAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("benefits.over");
        var arguments = new { Now = Instant.Now(clock).UnixMicroseconds, Limit = UsesOfRound };
        return [.. await session.Connection.QueryAsync<Over>(new CommandDefinition(FindOver, arguments, cancellationToken: cancellationToken))];
    }
}
