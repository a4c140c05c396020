using Laurel.ContractTests.Product;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Partitions;

/// <summary>B3 and B4 at the worst moment: two nodes, one on each side of a month's edge, are asked under the same key for different
/// things, and no lock of a member is in common.</summary>
public sealed class RepliesAtAMonthsEdgeTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const int Keys = 200;

    private static readonly DateTimeOffset s_edge = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    // Its key is drawn by the test, so it never collides.
    private static readonly SetStatement<(long Day, int Tenant)> s_mark = Statements.Insert(
        "member_code_counters",
        Column<(long Day, int Tenant)>.Int32("tenant_id", r => r.Tenant),
        Column<(long Day, int Tenant)>.Int64("day", r => r.Day),
        Column<(long Day, int Tenant)>.Int64("last", r => r.Day));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task CarriesOutOne_When_TwoNodesOnBothSidesAreAskedUnderOneKey(DatabaseUnderTest kind)
    {
        await using var database = await PartitionedDatabase.OpenAsync(kind, databases, "edge");
        await database.NewKeeper().RunAsync(Cancellation);
        await using var before = LanesAt(database.Database, s_edge.AddSeconds(-1), node: 1);
        await using var after = LanesAt(database.Database, s_edge.AddSeconds(1), node: 2);

        for (var key = 0; key < Keys; key++)
        {
            var outcomes = await Task.WhenAll(
                before.SubmitAsync(new Marking(key, tenant: 1), Cancellation),
                after.SubmitAsync(new Marking(key, tenant: 2), Cancellation));

            outcomes.Count(outcome => outcome is Outcome.Applied).ShouldBe(1, $"key {key}: {outcomes[0]}, {outcomes[1]}");
            outcomes.Count(outcome => outcome is Outcome.Refused { Refusal.Code: "IDEMPOTENCY_KEY_REUSED" }).ShouldBe(1, $"key {key}");
        }

        (await database.ScalarAsync("SELECT COUNT(*) FROM member_code_counters")).ShouldBe(Keys);
        (await database.ScalarAsync("SELECT COUNT(DISTINCT key_hash) FROM replies")).ShouldBe(Keys);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsTheFirstOutcome_When_AskedAgainInTheNextMonth(DatabaseUnderTest kind)
    {
        await using var database = await PartitionedDatabase.OpenAsync(kind, databases, "edge_again");
        await using var before = LanesAt(database.Database, s_edge.AddDays(-3), node: 1);
        await using var after = LanesAt(database.Database, s_edge.AddDays(3), node: 2);

        var first = await before.SubmitAsync(new Marking(1, tenant: 1), Cancellation);
        var again = await after.SubmitAsync(new Marking(1, tenant: 1), Cancellation);
        var other = await after.SubmitAsync(new Marking(1, tenant: 2), Cancellation);

        first.ShouldBeOfType<Outcome.Applied>();
        again.ShouldBeOfType<Outcome.Replayed>();
        other.ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe("IDEMPOTENCY_KEY_REUSED");
    }

    private static LaneSet LanesAt(Database database, DateTimeOffset now, int node)
    {
        var clock = new SettableClock();
        clock.Set(now);
        var ids = new IdGenerator(clock, node);
        var events = new EventSink(new EventHub(NullLogger<EventHub>.Instance));
        return new LaneSet(database, new LaneOptions(), () => ids, clock, new Random(node), events, NullLogger<LaneSet>.Instance);
    }

    /// <summary>Writes one row of its own under an idempotency key, and locks nothing.</summary>
    private sealed class Marking : Command
    {
        private readonly int _key;

        public Marking(int key, int tenant)
            : base(new TenantId(tenant))
        {
            _key = key;
            Idempotency = new IdempotencyKey(Hash128.Of(0, "edge", $"{key}"), Hash128.Of(tenant, "edge", $"{key}"));
        }

        public override long FairnessKey => _key;

        public override void NameHandles(HandleResolution handles)
        {
        }

        public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
        {
        }

        public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
        {
        }

        public override void Plan(WorkingSet set, LoadPlan plan)
        {
        }

        public override Decision Decide(Draft draft, LoadPlan plan)
        {
            draft.Insert(s_mark, (_key, Tenant.Value));
            return new Decision.Apply("", 0, 0, 0);
        }

        public override (byte[] Body, long RootId) Freeze(object reply) => ([], 0);
    }
}
