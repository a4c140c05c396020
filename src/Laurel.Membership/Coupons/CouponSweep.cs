using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Coupons;

/// <summary>Ends locks and coupons whose time has come, as any command on them would before it acts. What the sweep sends.</summary>
public sealed class SettleCoupons(TenantId tenant, MemberId member, IReadOnlyList<long> coupons, MemberBooks books) : MemberJob(tenant, member, books)
{
    public override bool IsJob => true;

    // What is set aside of a merged member ends where it is.
    protected override bool ActsWhereItIs => true;

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => CouponDesk.Has(Books, book, coupons, plan);

    protected override Cause CauseOf() => new("Coupons expired", "expiry", "sweep");

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        if (!CouponDesk.Has(Books, posting.Book, coupons, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var desk = new CouponDesk(posting, "", null);
        foreach (var coupon in coupons)
        {
            desk.Find(coupon);
        }

        return Done(posting);
    }
}

/// <summary>Finds locks and coupons whose time has come and ends them by commands.</summary>
public sealed class CouponSweep(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    /// <summary>Coupons of one round: few enough to leave the queue to callers.</summary>
    public const int CouponsOfRound = 256;

    /// <summary>Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</summary>
    public LeaseFence? Fence { get; init; }

    private const string FindDue = """
        SELECT tenant_id AS Tenant, member_id AS Member, id AS Id FROM coupons
        WHERE due_at <= @Now AND due_at < 9223372036854775807
        ORDER BY due_at LIMIT @Limit
        """;

    private sealed class Due
    {
        public int Tenant { get; init; }

        public long Member { get; init; }

        public long Id { get; init; }
    }

    /// <summary>Runs until nothing is due.</summary>
    /// <returns>Coupons settled.</returns>
    /// <exception cref="ReadUnavailableException">When a round settled nothing: the database refuses.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long settled = 0;
        while (true)
        {
            var due = await FindAsync(cancellationToken);
            if (due.Count == 0)
            {
                return settled;
            }

            var members = due.GroupBy(coupon => (coupon.Tenant, coupon.Member)).ToList();
            var outcomes = await Task.WhenAll(members.Select(member => lanes.SubmitAsync(
                new SettleCoupons(new TenantId(member.Key.Tenant), new MemberId(member.Key.Member), [.. member.Select(coupon => coupon.Id)], books) { Fence = Fence },
                cancellationToken)));
            var applied = members.Zip(outcomes, (member, outcome) => outcome is Outcome.Applied ? member.LongCount() : 0).Sum();
            if (applied == 0)
            {
                throw new ReadUnavailableException("No coupon that is due could be settled.", null);
            }

            settled += applied;
        }
    }

    private async Task<IReadOnlyList<Due>> FindAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("coupons.due");
        var arguments = new { Now = Instant.Now(clock).UnixMicroseconds, Limit = CouponsOfRound };
        return [.. await session.Connection.QueryAsync<Due>(new CommandDefinition(FindDue, arguments, cancellationToken: cancellationToken))];
    }
}
