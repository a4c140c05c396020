using System.Data.Common;
using Laurel.Engine.Sql;

namespace Laurel.ContractTests.Simulation;

/// <summary>What a simulated store does to a batch.</summary>
public enum Fault
{
    None,

    /// <summary>The connection breaks before the commit arrives: nothing was committed, and nobody is told.</summary>
    DropBeforeCommit,

    /// <summary>The connection breaks after the commit: everything was committed, and nobody is told.</summary>
    DropAfterCommit,

    /// <summary>The database chose this batch as the victim of a deadlock.</summary>
    Deadlock,

    /// <summary>A lock was not granted in time.</summary>
    LockTimeout,

    /// <summary>Another node took one of the keys.</summary>
    KeyRace,

    /// <summary>The connection breaks while the batch reads.</summary>
    DropWhileReading,

    /// <summary>The new connection cannot be opened at first.</summary>
    RefuseConnection,
}

/// <summary>A failure that a simulated store made up.</summary>
public sealed class SimulatedFailureException(SqlFailure failure) : Exception($"Simulated: {failure}")
{
    public SqlFailure Failure { get; } = failure;
}

/// <summary>A real database whose failures come from a seed: the same seed, the same failures.</summary>
public sealed class FaultyDatabase(Database inner, Random random, double faultRate) : Database
{
    private static readonly Fault[] s_faults = Enum.GetValues<Fault>().Where(fault => fault != Fault.None).ToArray();

    private readonly Dictionary<Fault, int> _injected = [];

    /// <summary>How often each fault happened, so that a test can insist that all of them did.</summary>
    public IReadOnlyDictionary<Fault, int> Injected => _injected;

    /// <summary>What happens at the next occasion, whatever is drawn.</summary>
    public Fault Next { get; set; }

    public override string DialectName => inner.DialectName;

    public override async ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken)
    {
        if (Draw(Fault.RefuseConnection))
        {
            throw new SimulatedFailureException(SqlFailure.Unknown);
        }

        return new FaultySession(await inner.OpenWriterAsync(reach, cancellationToken), this);
    }

    public override ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken) => inner.OpenOwnerAsync(cancellationToken);

    public override ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken) => inner.OpenReaderAsync(reach, cancellationToken);

    public override SqlFailure Classify(Exception exception) =>
        exception is SimulatedFailureException simulated ? simulated.Failure : inner.Classify(exception);

    public override string Choose(string sqlite, string postgres, string mySql) => inner.Choose(sqlite, postgres, mySql);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    private bool Draw(params ReadOnlySpan<Fault> candidates)
    {
        if (candidates.Contains(Next))
        {
            (Last, Next) = (Next, Fault.None);
            return true;
        }

        if (random.NextDouble() >= faultRate)
        {
            return false;
        }

        var fault = s_faults[random.Next(s_faults.Length)];
        if (!candidates.Contains(fault))
        {
            return false;
        }

        _injected[fault] = _injected.GetValueOrDefault(fault) + 1;
        Last = fault;
        return true;
    }

    private Fault Last { get; set; }

    private sealed class FaultySession(SqlSession session, FaultyDatabase owner) : SqlSession
    {
        public override DbConnection Connection => session.Connection;

        public override void Tell(Reach reach) => session.Tell(reach);

        public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken) => session.BeginAsync(reach, cancellationToken);

        public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken) => session.BeginReadAsync(reach, cancellationToken);

        public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken)
        {
            if (owner.Draw(Fault.DropWhileReading, Fault.LockTimeout))
            {
                throw new SimulatedFailureException(owner.Last == Fault.LockTimeout ? SqlFailure.Transient : SqlFailure.Unknown);
            }

            return session.RunAsync(script, cancellationToken);
        }

        public override async ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken)
        {
            if (owner.Draw(Fault.DropBeforeCommit, Fault.DropAfterCommit, Fault.Deadlock, Fault.KeyRace))
            {
                if (owner.Last == Fault.DropAfterCommit)
                {
                    await session.CommitAsync(script, cancellationToken);
                }

                throw new SimulatedFailureException(owner.Last switch
                {
                    Fault.Deadlock => SqlFailure.Transient,
                    Fault.KeyRace => SqlFailure.KeyRace,
                    _ => SqlFailure.Unknown,
                });
            }

            await session.CommitAsync(script, cancellationToken);
        }

        public override ValueTask RollbackAsync() => session.RollbackAsync();

        public override ValueTask DisposeAsync() => session.DisposeAsync();
    }
}
