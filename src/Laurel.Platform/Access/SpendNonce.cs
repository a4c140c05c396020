using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Access;

/// <summary>Admits a signed call, once: two nodes that are sent the same call meet in the row of its nonce.</summary>
internal sealed class SpendNonce(TenantId tenant, SignedCall call, NonceKind kind) : Command(tenant)
{
    // A note of the node that says nothing but that a call was made.
    public override bool IsAudited => false;

    private readonly long _id = SpentNonce.IdOf(call);

    public override long FairnessKey => call.Key;

    public override void NameHandles(HandleResolution handles)
    {
        // Its row is named by what the call says.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(kind.RootOf(_id));

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // The row itself is what may be there only once, and it goes after some minutes.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // There is nothing below the row.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var root = kind.RootOf(_id);
        if (draft.Find<SpentNonce>(root) is not null)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.SignatureReplayed));
        }

        var nonce = new SpentNonce { Id = _id, Key = call.Key, SeenAt = draft.Now };
        draft.Create(root, nonce);
        return new Decision.Apply(nonce, _id, 0, 0);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        throw new InvariantBrokenException("A signature carries no idempotency key.");
}

/// <summary>A signed call that was admitted.</summary>
internal sealed class SpentNonce : Aggregate
{
    public required long Id { get; init; }

    public required long Key { get; init; }

    public required Instant SeenAt { get; init; }

    /// <summary>63 bits that tell a signed call apart from all others that are remembered with it: two of a million meet by chance once in ten
    /// million times, and the one that comes second is then signed again.</summary>
    public static long IdOf(SignedCall call)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{call.Key}\n{call.Timestamp}\n{call.Nonce}")), hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash) & long.MaxValue;
    }

    public override Aggregate Copy() => (SpentNonce)MemberwiseClone();
}

/// <summary>How spent nonces are found and written. What is not there cannot be locked: of two that write one, the second is refused by its key and
/// decides again.</summary>
internal sealed class NonceKind : AggregateKind
{
    /// <summary>Keys have ids of their own over all tenants, and so have their nonces.</summary>
    private static readonly TenantId s_noTenant = new(0);

    private static readonly SetStatement<long> s_find = Statements.Find("n.id, n.key_id, n.seen_at", "signature_nonces n", "",
        Column<long>.Int64("id", id => id));

    private static readonly SetStatement<SpentNonce> s_insert = Statements.Insert("signature_nonces",
        Column<SpentNonce>.Int64("id", n => n.Id),
        Column<SpentNonce>.Int64("key_id", n => n.Key),
        Column<SpentNonce>.Instant("seen_at", n => n.SeenAt));

    public override int Rank => 61;

    public RootRef RootOf(long id) => new(this, s_noTenant, id);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        builder.Add(s_find, [.. roots.Select(root => root.Id)], row =>
            set.Load(RootOf(row.Int64(0)), new SpentNonce { Id = row.Int64(0), Key = row.Int64(1), SeenAt = row.Instant(2) }));

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed) =>
        builder.Add(s_insert, [.. changed.Select(root => (SpentNonce)root.After)]);
}
