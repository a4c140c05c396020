using Laurel.Engine.Sql;

namespace Laurel.Engine.Replicas;

/// <summary>What an answer has to show at the least. The default takes whatever there is.</summary>
public readonly record struct ReadDemand
{
    /// <summary>The version of a write; null names none.</summary>
    public long? Version { get; init; }

    /// <summary>Whether nobody but the primary will do: the caller named a version that is none of ours.</summary>
    public bool PrimaryOnly { get; init; }

    /// <summary>A timestamp of this node: what it had heard of by then is shown, for as long as the primary is there. Null asks for
    /// nothing of the kind.</summary>
    public long? Since { get; init; }

    /// <summary>Whether the caller named a version.</summary>
    public bool NamesVersion => PrimaryOnly || Version is not null;
}

/// <summary>A database that answers a read.</summary>
/// <param name="StalenessMax">How old its answer is at the most; zero for the primary.</param>
/// <param name="ShownUntil">A timestamp of this node: what was committed before it is shown. <see cref="long.MaxValue"/> for the primary,
/// which shows all there is when it is asked; <see cref="long.MinValue"/> where nothing is known.</param>
public sealed record ReadSource(Database Database, bool IsReplica, TimeSpan StalenessMax, long ShownUntil)
{
    public static ReadSource Primary(Database database) => new(database, IsReplica: false, TimeSpan.Zero, long.MaxValue);
}

/// <summary>What was read, and from where.</summary>
public readonly record struct ReadAnswer<T>(T Value, ReadSource Source);
