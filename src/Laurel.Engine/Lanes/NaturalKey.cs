using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>A fact that may be recorded once: its key, what exactly it says, and where it led.</summary>
/// <remarks>Permanent. It also serves as the handle that finds a root: the key of an order leads to its member.</remarks>
/// <param name="Key">Hash of (tenant, scope, name).</param>
/// <param name="Content">Hash of what the fact says; the same key with other content is refused.</param>
/// <param name="RootId">The member (or other root) it belongs to.</param>
/// <param name="FirstId">The first entry, or the hold, it made; 0 when it made none.</param>
/// <param name="LastId">The last entry it made.</param>
public sealed record NaturalKey(Hash128 Key, Hash128 Content, long RootId, long FirstId, long LastId);

/// <summary>A natural key that a command would write.</summary>
/// <param name="Refusal">The code under which a different content is refused: <c>CONFLICT</c> unless the fact has its own.</param>
public readonly record struct Claim(Hash128 Key, Hash128 Content, string Refusal = "CONFLICT")
{
    /// <summary>Whether even the same content is refused: a second time is a mistake, not a repetition.</summary>
    public bool NeverRepeats { get; init; }
}

/// <summary>The caller's <c>Idempotency-Key</c>: hash of (tenant, key) and hash of (method, path, body).</summary>
public sealed record IdempotencyKey(Hash128 Key, Hash128 Request);

/// <summary>An outcome frozen under an idempotency key.</summary>
/// <param name="Applied">Whether the call was applied; otherwise <paramref name="Body"/> is a refusal.</param>
/// <param name="RootId">The member whose personal data the answer shows and the body leaves out, or 0.</param>
public sealed record FrozenReply(Hash128 Key, Hash128 Request, bool Applied, long RootId, byte[] Body, Instant CreatedAt);
