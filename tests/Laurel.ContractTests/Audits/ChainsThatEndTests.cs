using Dapper;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Simulation;
using Laurel.Engine.Audit;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Webhooks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Audits;

/// <summary>Whoever cuts a connection and then removes the chain that ended with it, rows, index and end, is found by the chain that follows.</summary>
public sealed class ChainsThatEndTests : IAsyncLifetime
{
    private const string FileName = "laurel.db";

    private const string Sealed = "the row that a later seal names";

    private static readonly AuditKey s_key = new(new byte[32]);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-chains-");
    private readonly SettableClock _clock = new();
    private SqliteDatabase _inner = null!;
    private FaultyDatabase _faulty = null!;
    private LaneSet _lanes = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _clock.Set(new DateTimeOffset(2026, 1, 10, 0, 0, 0, TimeSpan.Zero));
        _inner = new SqliteDatabase(Path.Combine(_folder.FullName, FileName), readOnly: false);
        await new Migrator(_inner, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], _clock)
            .ApplyAsync(Cancellation);
        _faulty = new FaultyDatabase(_inner, new Random(1), faultRate: 0);
        var ids = new IdGenerator(_clock, 0);
        var events = new EventSink(new EventHub(NullLogger<EventHub>.Instance));
        _lanes = new LaneSet(_faulty, new LaneOptions(), () => ids, _clock, new Random(1), events, NullLogger<LaneSet>.Instance, audit: new AuditSink(s_key, "test"));
    }

    public async ValueTask DisposeAsync()
    {
        await _lanes.DisposeAsync();
        await _inner.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(Fault.DropWhileReading)]
    [InlineData(Fault.DropBeforeCommit)]
    [InlineData(Fault.DropAfterCommit)]
    [Trait("Attack", "E10")]
    public async Task AreMissed_When_TheirConnectionWasLost(Fault fault)
    {
        await WriteAsync(3);
        _faulty.Next = fault;
        await WriteAsync(2);
        (await FaultsAsync()).ShouldBeEmpty();
        (await ChainsAsync()).ShouldBe(2);

        await RemoveFirstChainAsync();

        (await FaultsAsync()).ShouldHaveSingleItem().Expected.ShouldBe(Sealed);
    }

    [Fact]
    public async Task AreMissed_When_TheirMonthHasEnded()
    {
        await WriteAsync(3);
        _clock.Set(_clock.GetUtcNow().AddMonths(1));
        await WriteAsync(1);
        (await FaultsAsync()).ShouldBeEmpty();

        await RemoveFirstChainAsync();

        (await FaultsAsync()).ShouldHaveSingleItem().Expected.ShouldBe(Sealed);
    }

    [Fact]
    public async Task AreNamedOneByOne_When_ConnectionsAreLostAgainAndAgain()
    {
        for (var i = 0; i < 20; i++)
        {
            await WriteAsync(i % 3);
            _faulty.Next = (i % 4) switch
            {
                0 => Fault.DropWhileReading,
                1 => Fault.DropBeforeCommit,
                2 => Fault.DropAfterCommit,
                _ => Fault.Deadlock,
            };
        }

        await WriteAsync(1);
        (await FaultsAsync()).ShouldBeEmpty();
        for (var chains = await ChainsAsync(); chains > 1; chains--)
        {
            await RemoveFirstChainAsync();
            (await FaultsAsync()).ShouldHaveSingleItem().Expected.ShouldBe(Sealed, $"{chains} chains");
        }
    }

    /// <summary>A failover that loses commits leaves the same behind: it is no fault, and the record says what was lost.</summary>
    [Fact]
    public async Task AreRecordedAsLost_When_TheLaneComesBackAndTheirEndIsGone()
    {
        await WriteAsync(3);
        await RemoveFirstChainAsync();
        _faulty.Next = Fault.DropWhileReading;

        await WriteAsync(2);

        (await FaultsAsync()).ShouldBeEmpty();
        var records = await new AuditStore(_inner).ReadAllAsync(new AuditQuery(new TenantId(0)) { All = true }, Cancellation).ToListAsync(Cancellation);
        records.Select(record => record.Operation).ShouldBe(["Test", "AuditLost", "Test"]);
    }

    private async Task WriteAsync(int batches)
    {
        for (var i = 0; i < batches; i++)
        {
            (await _lanes.SubmitAsync(new LaneWrite("test", Reach.Nothing) { AuditedAs = "Test" }, Cancellation)).ShouldBeOfType<Outcome.Applied>();
        }
    }

    /// <summary>As somebody does who has the database and not the key.</summary>
    private async Task RemoveFirstChainAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, FileName)};Pooling=False");
        const string First = "(SELECT MIN(chain_id) FROM audit_batches)";
        (await connection.ExecuteAsync($"""
            DELETE FROM audit_chains WHERE chain_id = {First};
            DELETE FROM audit_acts WHERE batch_id IN (SELECT batch_id FROM audit_batches WHERE chain_id = {First});
            DELETE FROM audit_batches WHERE chain_id = {First};
            """)).ShouldBeGreaterThan(0);
    }

    private async Task<long> ChainsAsync()
    {
        await using var session = await _inner.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>("SELECT COUNT(DISTINCT chain_id) FROM audit_batches");
    }

    private async Task<IReadOnlyList<AuditFault>> FaultsAsync()
    {
        await using var snapshot = await ReadSnapshot.OpenAsync(_inner, Reach.Everything, Cancellation);
        var faults = new List<AuditFault>();
        await new AuditProof(snapshot, s_key, faults.Add).RunAsync(Cancellation);
        return faults;
    }
}
