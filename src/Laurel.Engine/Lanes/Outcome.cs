using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>What became of a command. Only <see cref="Applied"/> changed what was asked to be changed; a refusal may have kept a note of the
/// request, see <see cref="Decision.Apply.Answer"/>.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The id of the batch that decided it: a replica that has its row in <c>commits</c> shows all that the outcome speaks
    /// of, an earlier write that it repeats included. 0 when no batch was committed.</summary>
    public long Version { get; init; }

    /// <summary>Committed. <paramref name="Reply"/> is the command's own answer.</summary>
    public sealed record Applied(object Reply) : Outcome;

    /// <summary>Understood and not carried out.</summary>
    public sealed record Refused(Refusal Refusal) : Outcome;

    /// <summary>The same fact was recorded before; <paramref name="Earlier"/> says where.</summary>
    public sealed record Duplicate(NaturalKey Earlier) : Outcome;

    /// <summary>The same idempotency key and request: the first outcome again.</summary>
    public sealed record Replayed(FrozenReply Reply) : Outcome;

    /// <summary>Not carried out because something is broken or busy, not because of what was asked.</summary>
    /// <param name="Retryable">Whether the same call may succeed later.</param>
    public sealed record Failed(Refusal Refusal, bool Retryable) : Outcome;
}

/// <summary>What a command decides on its draft.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <param name="RootId">Whose fact it is: the root its natural keys lead to.</param>
    /// <param name="FirstId">First entry (or hold) made, 0 for none.</param>
    /// <param name="LastId">Last entry made.</param>
    public sealed record Apply(object Reply, long RootId, long FirstId, long LastId) : Decision
    {
        /// <summary>Keys of things the command made and only now can name, such as the id of a hold.</summary>
        public IReadOnlyList<NaturalKey> Handles { get; init; } = [];

        /// <summary>What the caller is answered in place of the reply, where the request was kept and waits for somebody else; null where
        /// it was carried out.</summary>
        public Refusal? Answer { get; init; }

        /// <summary>Whether what the command claims stays free, its idempotency key too: it was not done, only noted, and the same may be asked
        /// for again. Set with <see cref="Answer"/>.</summary>
        public bool LeavesKeys { get; init; }

        /// <summary>Whether it is nothing that somebody may ask about later, such as a try that is counted: the audit leaves it out.</summary>
        public bool IsRoutine { get; init; }
    }

    public sealed record Refuse(Refusal Refusal) : Decision;

    /// <summary>More of a locked root has to be read first; the need was added to the plan the command was given.</summary>
    public sealed record NeedMore : Decision
    {
        public static readonly NeedMore Instance = new();
    }

    /// <summary>A root that <see cref="Command.NameRoots"/> did not name has to be locked first: what it went by has changed meanwhile.
    /// The batch begins again, and the command names it then.</summary>
    public sealed record NeedRoots : Decision
    {
        public static readonly NeedRoots Instance = new();
    }
}
