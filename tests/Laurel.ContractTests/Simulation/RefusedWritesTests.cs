using System.Data.Common;
using System.Diagnostics;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Webhooks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Simulation;

/// <summary>A5, A6: a SQLite that is full or read-only. Writes are refused, and come back by themselves.</summary>
public sealed class RefusedWritesTests : IDisposable
{
    private const int ReadOnly = 8;
    private const int Full = 13;

    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-refused-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ReadOnly)]
    [InlineData(Full)]
    public async Task AreToldAtOnceAndComeBack_When_TheFileTakesNoneForAWhile(int errorCode)
    {
        await using var database = new RefusingDatabase(new SqliteDatabase(Path.Combine(_folder, "laurel.db"), readOnly: false));
        await new Migrator(database, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], TimeProvider.System).ApplyAsync(Cancellation);
        var ids = new IdGenerator(TimeProvider.System, 0);
        using var gate = new WriteGate(NullLogger<WriteGate>.Instance);
        var events = new EventSink(new EventHub(NullLogger<EventHub>.Instance));
        await using var lanes = new LaneSet(database, new LaneOptions(), () => ids, TimeProvider.System, new Random(1), events, NullLogger<LaneSet>.Instance, gate);
        await using var router = ReadRouter.Of(database);
        await using var watch = new PrimaryWatch(router, gate, lanes, TimeProvider.System, new Random(1), NullLogger<PrimaryWatch>.Instance);
        await watch.StartAsync(Cancellation);
        (await WriteAsync(lanes)).ShouldBeOfType<Outcome.Applied>().Version.ShouldBeGreaterThan(0);

        database.Refusing = errorCode;

        // The first finds out, the next is told by the gate.
        (await WriteAsync(lanes)).ShouldBeOfType<Outcome.Failed>().Refusal.Code.ShouldBe("READ_ONLY");
        gate.Reasons.ShouldBe(ReadOnlyReasons.Database);
        (await WriteAsync(lanes)).ShouldBeOfType<Outcome.Failed>().Refusal.Values["reason"].ShouldBe("database");
        (await watch.AnswersAsync(Cancellation)).ShouldBeTrue("reads go on");

        database.Refusing = null;
        var startedAt = Stopwatch.GetTimestamp();
        while (await WriteAsync(lanes) is not Outcome.Applied)
        {
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        gate.Reasons.ShouldBe(ReadOnlyReasons.None);
    }

    private static Task<Outcome> WriteAsync(LaneSet lanes) => lanes.SubmitAsync(new LaneWrite("test", Reach.Everything), Cancellation);

    /// <summary>Refuses commits as SQLite does, while it is told to.</summary>
    private sealed class RefusingDatabase(Database inner) : Database
    {
        public int? Refusing { get; set; }

        public override string DialectName => inner.DialectName;

        public override async ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken) =>
            new Session(await inner.OpenWriterAsync(reach, cancellationToken), this);

        public override ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken) => inner.OpenOwnerAsync(cancellationToken);

        public override ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken) => inner.OpenReaderAsync(reach, cancellationToken);

        public override SqlFailure Classify(Exception exception) => inner.Classify(exception);

        public override string Choose(string sqlite, string postgres, string mySql) => inner.Choose(sqlite, postgres, mySql);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();

        private sealed class Session(SqlSession session, RefusingDatabase owner) : SqlSession
        {
            public override DbConnection Connection => session.Connection;

            public override void Tell(Reach reach) => session.Tell(reach);

            public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken) => session.BeginAsync(reach, cancellationToken);

            public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken) => session.BeginReadAsync(reach, cancellationToken);

            public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken) => session.RunAsync(script, cancellationToken);

            public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken) =>
                owner.Refusing is { } code ? throw new SqliteException("refused", code) : session.CommitAsync(script, cancellationToken);

            public override ValueTask RollbackAsync() => session.RollbackAsync();

            public override ValueTask DisposeAsync() => session.DisposeAsync();
        }
    }
}
