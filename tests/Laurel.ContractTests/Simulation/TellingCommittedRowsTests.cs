using System.Globalization;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Simulation;

/// <summary>What is told of committed rows is what is stored, whatever the store does meanwhile: figures may count it.</summary>
public sealed class TellingCommittedRowsTests : IDisposable
{
    private const int CommandCount = 2_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-told-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task TellsEachStoredRowOnce_When_BatchesAreRefusedRetriedAndLost(int seed)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var clock = new SettableClock();
        clock.Set(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var inner = new SqliteDatabase(Path.Combine(_folder.FullName, "laurel.db"), readOnly: false);
        await new Migrator(inner, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], clock).ApplyAsync(cancellationToken);
        await ExecuteAsync(inner, "CREATE TABLE notes (number BIGINT NOT NULL PRIMARY KEY)", cancellationToken);
        var faulty = new FaultyDatabase(inner, new Random(seed), faultRate: 0.5);
        var told = new List<long>();
        var insert = Statements.Insert("notes", Column<long>.Int64("number", number => number)).Telling(told.AddRange);
        var ids = new IdGenerator(clock, 0);
        var sink = new EventSink(new EventHub(NullLogger<EventHub>.Instance)) { Targets = [OutboxTarget.Always("somewhere")] };
        var events = new List<EventRecord>();
        using var subscription = sink.Hub.Subscribe(events.AddRange);
        await using (var lanes = new LaneSet(faulty, new LaneOptions { AttemptsMax = 60 }, () => ids, clock, new Random(seed), sink, NullLogger<LaneSet>.Instance))
        {
            for (var first = 0; first < CommandCount; first += 8)
            {
                await Task.WhenAll(Enumerable.Range(first, 8).Select(number => lanes.SubmitAsync(new Note(number, insert), cancellationToken)));
            }
        }

        var stored = await NumbersAsync(inner, cancellationToken);
        told.Order().ShouldBe(stored);
        stored.Count.ShouldBe(CommandCount - (CommandCount / 4));
        await ShouldBeToldAndStoredOnceAsync(inner, stored, events, cancellationToken);
        faulty.Injected.Keys.ShouldContain(Fault.DropAfterCommit);
        faulty.Injected.Keys.ShouldContain(Fault.DropBeforeCommit);
    }

    /// <summary>An event each row that is there, and none of those that were refused after they had raised theirs.</summary>
    private static async Task ShouldBeToldAndStoredOnceAsync(Database database, IReadOnlyList<long> numbers, List<EventRecord> told, CancellationToken cancellationToken)
    {
        var stored = new List<EventRecord>();
        await foreach (var record in new EventStore(database).ReadAsync(new TenantId(1), Instant.Earliest, Instant.Never, cancellationToken))
        {
            stored.Add(record);
        }

        stored.Select(record => record.MemberId).Order().ShouldBe(numbers);
        for (var waited = 0; told.Count < stored.Count && waited < 100; waited++)
        {
            await Task.Delay(50, cancellationToken);
        }

        told.Select(record => record.Id).Order(StringComparer.Ordinal).ShouldBe(stored.Select(record => record.Id).Order(StringComparer.Ordinal));
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        var waiting = await session.Connection.QueryAsync<long>("SELECT batch_id FROM outbox WHERE transport = 'somewhere' ORDER BY position");
        waiting.ShouldBe(stored.Select(record => long.Parse(record.Id.Split('-')[0], CultureInfo.InvariantCulture)).Distinct());
    }

    private static async Task ExecuteAsync(Database database, string sql, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenOwnerAsync(cancellationToken);
        await session.Connection.ExecuteAsync(new CommandDefinition(sql, cancellationToken: cancellationToken));
    }

    private static async Task<IReadOnlyList<long>> NumbersAsync(Database database, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        return [.. await session.Connection.QueryAsync<long>(new CommandDefinition("SELECT number FROM notes ORDER BY number", cancellationToken: cancellationToken))];
    }

    /// <summary>Writes one row; every fourth thinks better of it after it has drawn the row up.</summary>
    private sealed class Note(long number, SetStatement<long> insert) : Command(new TenantId(1))
    {
        private static readonly EventType<long> s_noted = new("note.written", "A note was written.", EventField<long>.Integer("number", "The number", number => number));

        public override long FairnessKey => number;

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
            draft.Insert(insert, number);
            draft.Raise(s_noted, new EventSubject(Tenant, number, draft.NextId(0), draft.Now), number);
            return number % 4 == 0 ? new Decision.Refuse(new Refusal("NOT_FOUND")) : new Decision.Apply("", 0, 0, 0);
        }

        public override (byte[] Body, long RootId) Freeze(object reply) => ([], 0);
    }
}
