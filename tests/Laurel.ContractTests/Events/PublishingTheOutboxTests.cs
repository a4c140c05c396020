using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using Dapper;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Events;

/// <summary>The publisher on each database, with a transport that does what the test wants.</summary>
public sealed class PublishingTheOutboxTests(DatabaseServers servers) : IClassFixture<DatabaseServers>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task ComesAgainInOrder_When_TheTransportFailsAtFirst(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        var transport = new RecordingTransport();
        var failures = 3;
        transport.Before = _ => Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("not now") : Task.CompletedTask;
        for (var i = 0; i < 30; i++)
        {
            await database.RegisterAsync($"m{i}");
        }

        await using var running = Run(database.PublisherOf(transport, database.LeasesOf("one")));
        await UntilAsync(async () => (await WaitingAsync(database)).Count == 0);
        await database.RegisterAsync("later");
        await UntilAsync(async () => (await WaitingAsync(database)).Count == 0);

        transport.Taken.ShouldBe((await database.EventsAsync()).Select(e => e.Id));
        transport.Taken.Count.ShouldBe(62);
    }

    /// <summary>C4: a batch that is committed late, under a lower position than others that are published already.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsPublished_When_ItIsCommittedLateUnderALowerPosition(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        var transport = new RecordingTransport();
        await using var running = Run(database.PublisherOf(transport, database.LeasesOf("one")));
        await database.RegisterAsync("first");
        await UntilAsync(() => Task.FromResult(transport.Taken.Count == 2));
        await using var late = await database.Database.OpenOwnerAsync(Cancellation);
        await late.Connection.ExecuteAsync("BEGIN;");
        await InsertBatchAsync(late.Connection);

        await database.RegisterAsync("second");
        await UntilAsync(() => Task.FromResult(transport.Taken.Count == 4));
        await UntilAsync(async () => (await WaitingAsync(database)).Count == 0);
        await late.Connection.ExecuteAsync("COMMIT;");

        // The late batch is a copy of the first, so its events say the first one's ids.
        await UntilAsync(() => Task.FromResult(transport.Taken.Count == 6));
        transport.Taken.TakeLast(2).ShouldBe(transport.Taken.Take(2));
        await UntilAsync(async () => (await WaitingAsync(database)).Count == 0);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task PublishesOnlyTheseTypes_When_AReplayNamesThem(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        var transport = new RecordingTransport();
        await using var running = Run(database.PublisherOf(transport, database.LeasesOf("one")));
        await database.RegisterAsync("a");
        await database.RegisterAsync("b");
        await UntilAsync(async () => (await WaitingAsync(database)).Count == 0);
        var replay = new EventReplay(database.Database, database.Node.Lanes);

        (await replay.RunAsync("rabbitmq", Instant.Earliest, Instant.Never, ["points.earned", "points.spent"], Cancellation)).ShouldBe((2, 2));
        (await replay.RunAsync("rabbitmq", Instant.Earliest, Instant.Never, ["level.upgraded"], Cancellation)).ShouldBe((0, 0));
        await UntilAsync(async () => (await WaitingAsync(database)).Count == 0);

        var earned = (await database.EventsAsync()).Where(e => e.Type == "points.earned").Select(e => e.Id).ToList();
        earned.Count.ShouldBe(2);
        transport.Taken.Skip(4).ShouldBe(earned);
    }

    /// <summary>B12: a holder that was stopped, replaced and goes on removes nothing.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task RemovesNothing_When_AnotherTookTheLeaseMeanwhile(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        var stale = new RecordingTransport();
        var taken = new TaskCompletionSource<long>();
        var others = database.LeasesOf("two");
        stale.Before = async call =>
        {
            if (call == 1)
            {
                await ExpireAsync(database);
                taken.SetResult((await others.TryTakeAsync("outbox/rabbitmq", Cancellation))!.Token);
            }
        };
        await database.RegisterAsync("a");
        await using (Run(database.PublisherOf(stale, database.LeasesOf("one"))))
        {
            // It thinks that it has removed them, reads again, and finds them where they were.
            await UntilAsync(() => Task.FromResult(stale.Calls >= 2));
            (await taken.Task).ShouldBe(2);
            (await WaitingAsync(database)).Count.ShouldBe(1);
        }

        var transport = new RecordingTransport();
        await using var running = Run(database.PublisherOf(transport, others));
        await UntilAsync(async () => (await WaitingAsync(database)).Count == 0);
        transport.Taken.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsOneHoldersAtATime_When_TwoWantTheSameLease(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        var (one, two) = (database.LeasesOf("one"), database.LeasesOf("two"));
        var first = (await one.TryTakeAsync("work", Cancellation))!;
        first.Token.ShouldBe(1);
        first.IsHeld.ShouldBeTrue();
        if (kind != DatabaseUnderTest.Sqlite)
        {
            (await two.TryTakeAsync("work", Cancellation)).ShouldBeNull();
        }

        await first.DisposeAsync();
        await using (var second = (await two.TryTakeAsync("work", Cancellation))!)
        {
            second.Token.ShouldBe(2);
            first.Lost.IsCancellationRequested.ShouldBeTrue();
            await using var other = (await one.TryTakeAsync("other work", Cancellation))!;
            other.Token.ShouldBe(1);
        }

        await using var third = (await two.TryTakeAsync("work", Cancellation))!;
        third.Token.ShouldBe(2);
    }

    private static Task<IReadOnlyList<long>> WaitingAsync(EventsDatabase database) => database.QueryAsync<long>("SELECT position FROM outbox");

    private static Task ExpireAsync(EventsDatabase database) => database.Node.Lanes.SubmitAsync(
        new LaneWrite("test", Reach.Everything).Add(new SetStatement<int>(
            "UPDATE leases SET lease_until = $1 WHERE name = 'outbox/rabbitmq'",
            "UPDATE leases SET lease_until = k.lease_until FROM unnest($1) k (lease_until) WHERE name = 'outbox/rabbitmq'",
            Column<int>.Int32("lease_until", until => until)), 0),
        Cancellation);

    /// <summary>A batch with a small id and the events of the first one.</summary>
    private static async Task InsertBatchAsync(DbConnection connection)
    {
        await connection.ExecuteAsync("INSERT INTO event_batches (batch_id, recorded_at, events, body) SELECT 17, recorded_at, events, body FROM event_batches ORDER BY batch_id LIMIT 1");
        await connection.ExecuteAsync("INSERT INTO outbox (transport, batch_id) VALUES ('rabbitmq', 17)");
    }

    private static Running Run(OutboxPublisher publisher) => new(publisher);

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(s_patience);
            await Task.Delay(20, Cancellation);
        }
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _task;

        public Running(OutboxPublisher publisher) => _task = Task.Run(() => publisher.RunAsync(_stop.Token));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }
    }

    private sealed class RecordingTransport : IEventTransport
    {
        private readonly ConcurrentQueue<string> _taken = [];
        private int _calls;

        public string Name => "rabbitmq";

        /// <summary>What happens before the events are taken, by the number of the call.</summary>
        public Func<int, Task> Before { get; set; } = _ => Task.CompletedTask;

        public int Calls => Volatile.Read(ref _calls);

        public IReadOnlyList<string> Taken => [.. _taken];

        public async Task PublishAsync(IReadOnlyList<EventRecord> events, CancellationToken cancellationToken)
        {
            await Before(Interlocked.Increment(ref _calls));
            foreach (var record in events)
            {
                _taken.Enqueue(record.Id);
            }
        }
    }
}
