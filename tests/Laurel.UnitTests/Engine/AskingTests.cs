using System.Data.Common;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.UnitTests.Platform.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

/// <summary>Questions beside the lanes, over a database that breaks.</summary>
public sealed class AskingTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-asking-").FullName;
    private readonly ManualClock _clock = new();
    private readonly BreakingDatabase _database;
    private readonly QuestionSet _questions;

    public AskingTests()
    {
        var file = Path.Combine(_folder, "laurel.db");
        using (File.Create(file))
        {
        }

        _database = new BreakingDatabase(new SqliteDatabase(file, readOnly: false));
        _questions = new QuestionSet(_database, new LaneOptions(), _clock, NullLogger<QuestionSet>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _questions.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AreAnswered_When_AConnectionBrokeSinceItWasLastUsed()
    {
        using var entered = new ManualResetEventSlim();
        var (first, second) = (await HoldAsync(entered), await HoldAsync(entered));
        entered.Set();
        await Task.WhenAll(first, second);

        // Both readers have a connection by now.
        _database.Failures = 1;
        (await AskAsync(() => 2)).ShouldBe(2);
        (await AskAsync(() => 3)).ShouldBe(3);
    }

    [Fact]
    public async Task AreAskedAgain_When_WhatWasReadNamesOthers()
    {
        var asked = 0;

        (await _questions.AskAsync(new Question(() => 1) { NeedsRoots = () => ++asked < 3 }, Cancellation)).ShouldBeOfType<Outcome.Applied>().Reply.ShouldBe(1);

        asked.ShouldBe(3);
        (await _questions.AskAsync(new Question(() => 1) { NeedsRoots = () => true }, Cancellation)).ShouldBe(
            new Outcome.Failed(new Refusal("INTERNAL"), Retryable: false), new ByCode());
    }

    [Fact]
    public async Task AreToldSo_When_TheDatabaseDoesNotAnswer()
    {
        _database.Failures = int.MaxValue;
        (await _questions.AskAsync(new Question(() => 1), Cancellation)).ShouldBe(
            new Outcome.Failed(new Refusal("DATABASE_UNAVAILABLE"), Retryable: true), new ByCode());

        _database.Failures = 0;
        (await AskAsync(() => 2)).ShouldBe(2);
    }

    [Fact]
    public async Task TakeNoOtherAlong_When_OneOfThemThrows()
    {
        using var entered = new ManualResetEventSlim();
        var first = _questions.AskAsync(new Question(() => entered.Wait(Timeout.Infinite, Cancellation)), Cancellation);
        var second = _questions.AskAsync(new Question(() => entered.Wait(Timeout.Infinite, Cancellation)), Cancellation);

        // The readers are at work, so that these wait and are taken together.
        var wrong = _questions.AskAsync(new Question(() => throw new InvalidOperationException("a fault of ours")), Cancellation);
        var tooLarge = _questions.AskAsync(new Question(() => throw new OverflowException()), Cancellation);
        var right = _questions.AskAsync(new Question(() => 5), Cancellation);
        entered.Set();

        (await wrong).ShouldBe(new Outcome.Failed(new Refusal("INTERNAL"), Retryable: false), new ByCode());
        (await tooLarge).ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe("AMOUNT_OVERFLOW");
        (await right).ShouldBeOfType<Outcome.Applied>().Reply.ShouldBe(5);
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task AreTurnedAway_When_TheyHaveWaitedTooLong()
    {
        using var entered = new ManualResetEventSlim();

        // A reader each: the second is asked when the first is at work.
        var (first, second) = (await HoldAsync(entered), await HoldAsync(entered));

        var late = _questions.AskAsync(new Question(() => 1), Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(3));
        entered.Set();

        (await late).ShouldBe(new Outcome.Failed(new Refusal("BUSY"), Retryable: true), new ByCode());
        await Task.WhenAll(first, second);
    }

    /// <summary>Keeps one reader at work until it may go on.</summary>
    private async Task<Task<Outcome>> HoldAsync(ManualResetEventSlim entered)
    {
        var atWork = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = _questions.AskAsync(new Question(() => atWork.TrySetResult() && entered.Wait(Timeout.Infinite, Cancellation)), Cancellation);
        await atWork.Task;
        return held;
    }

    private async Task<object> AskAsync(Func<object> answer) =>
        (await _questions.AskAsync(new Question(answer), Cancellation)).ShouldBeOfType<Outcome.Applied>().Reply;

    private sealed class ByCode : IEqualityComparer<Outcome>
    {
        public bool Equals(Outcome? x, Outcome? y) => x is Outcome.Failed left && y is Outcome.Failed right
            && left.Refusal.Code == right.Refusal.Code && left.Retryable == right.Retryable;

        public int GetHashCode(Outcome outcome) => 0;
    }

    private sealed class Question(Func<object> answer) : Command(new TenantId(1))
    {
        public override long FairnessKey => 0;

        public override void NameHandles(HandleResolution handles) => handles.Want(default);

        public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
        {
        }

        public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
        {
        }

        public override void Plan(WorkingSet set, LoadPlan plan)
        {
        }

        public Func<bool> NeedsRoots { get; init; } = () => false;

        public override Decision Decide(Draft draft, LoadPlan plan) => NeedsRoots() ? Decision.NeedRoots.Instance : new Decision.Apply(answer(), 0, 0, 0);

        public override (byte[] Body, long RootId) Freeze(object reply) => throw new InvalidOperationException("A question has no idempotency key.");
    }

    private sealed class BrokenException() : Exception("The connection broke.");

    /// <summary>Breaks the connections of so many questions.</summary>
    private sealed class BreakingDatabase(Database inner) : Database
    {
        public int Failures { get; set; }

        public override string DialectName => inner.DialectName;

        public override ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken) => inner.OpenWriterAsync(reach, cancellationToken);

        public override ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken) => inner.OpenOwnerAsync(cancellationToken);

        public override ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken) => inner.OpenReaderAsync(reach, cancellationToken);

        public override async ValueTask<SqlSession> OpenQuestionerAsync(Reach reach, CancellationToken cancellationToken) =>
            new Session(await inner.OpenQuestionerAsync(reach, cancellationToken), this);

        public override SqlFailure Classify(Exception exception) => exception is BrokenException ? SqlFailure.Unknown : inner.Classify(exception);

        public override string Choose(string sqlite, string postgres, string mySql) => inner.Choose(sqlite, postgres, mySql);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();

        private sealed class Session(SqlSession session, BreakingDatabase owner) : SqlSession
        {
            public override DbConnection Connection => session.Connection;

            public override void Tell(Reach reach) => session.Tell(reach);

            public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken) => session.BeginAsync(reach, cancellationToken);

            public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken)
            {
                if (owner.Failures > 0)
                {
                    owner.Failures--;
                    throw new BrokenException();
                }

                return session.BeginReadAsync(reach, cancellationToken);
            }

            public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken) => ValueTask.CompletedTask;

            public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken) => session.CommitAsync(script, cancellationToken);

            public override ValueTask RollbackAsync() => session.RollbackAsync();

            public override ValueTask DisposeAsync() => session.DisposeAsync();
        }
    }
}
