using System.Globalization;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Vault;

namespace Laurel.Identity.Tokens;

/// <summary>The keys that this installation signs access tokens with: the secret that is shared with the shop's programs, or pairs of its own, kept sealed
/// in the database.</summary>
/// <remarks>The newest pair signs. The ones before it are known for as long as a token that they signed may live, so a rotation turns nobody out; a
/// node that meets a key it does not know looks again, once a second at the most.</remarks>
public sealed class TokenKeys(Database database, LaneSet lanes, SecretVault vault, IdentityOptions options, TimeProvider clock) : IDisposable
{
    internal const string Purpose = "token key";
    private const string All = "SELECT id AS Id, secret AS Secret, created_at AS CreatedAt FROM token_keys ORDER BY id";

    /// <summary>Keys are the installation's: every tenant's tokens are signed with them.</summary>
    private static readonly TenantId s_installation = new(0);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _loading = new(1, 1);
    private TokenRing? _ring;
    private long _loadedAt;

    private sealed record KeyRow(long Id, byte[] Secret, long CreatedAt);

    private static readonly SetStatement<KeyRow> s_insert = Statements.InsertMissing("token_keys",
        Column<KeyRow>.Int64("id", k => k.Id),
        Column<KeyRow>.Bytes("secret", k => k.Secret),
        Column<KeyRow>.Int64("created_at", k => k.CreatedAt));

    /// <summary>The keys as this node knows them; makes the first one where there is none.</summary>
    /// <exception cref="TokenKeysUnavailableException">When there is none and none can be kept.</exception>
    public ValueTask<TokenRing> RingAsync(CancellationToken cancellationToken) =>
        _ring is { } ring ? ValueTask.FromResult(ring) : new ValueTask<TokenRing>(LoadAsync(options.SharedSecrets.Count == 0, cancellationToken));

    /// <summary>Keys of which one signs for a tenant: a pair of Laurel's own is made for those for whom a shared secret does not speak.</summary>
    /// <exception cref="TokenKeysUnavailableException">When there is none and none can be kept.</exception>
    public async ValueTask<TokenRing> RingSigningForAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var ring = await RingAsync(cancellationToken);
        return ring.SignsFor(tenant) ? ring : await LoadAsync(needsOwn: true, cancellationToken);
    }

    /// <summary>The keys, read again where this node may have missed the newest.</summary>
    public async ValueTask<TokenRing> RingForAsync(string token, CancellationToken cancellationToken)
    {
        var ring = await RingAsync(cancellationToken);
        return ring.NamesUnknownKey(token) && clock.GetElapsedTime(_loadedAt) > s_pause ? await LoadAsync(needsOwn: false, cancellationToken) : ring;
    }

    /// <summary>Makes a new pair, which signs from now on.</summary>
    /// <returns>Its <c>kid</c>; null where all tokens are signed with a shared secret, which is changed where it is set.</returns>
    public async Task<string?> RotateAsync(CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(cancellationToken);
        if (rows.Count == 0 && options.SharedSecrets.Count > 0)
        {
            return null;
        }

        await AddAsync(rows.Count == 0 ? 1 : rows[^1].Id + 1, cancellationToken);
        return (await LoadAsync(needsOwn: true, cancellationToken)).Keys.OfType<OwnTokenKey>().First().Id;
    }

    public void Dispose()
    {
        _loading.Dispose();
        foreach (var key in _ring?.Keys ?? [])
        {
            key.Dispose();
        }
    }

    private async Task<TokenRing> LoadAsync(bool needsOwn, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var rows = await ReadAsync(cancellationToken);
            if (rows.Count == 0 && needsOwn)
            {
                await AddAsync(1, cancellationToken);
                rows = await ReadAsync(cancellationToken);
            }

            _loadedAt = clock.GetTimestamp();
            return _ring = new TokenRing([.. options.SharedSecrets.Select(SharedKeyOf), .. OwnKeysOf(rows)]);
        }
        finally
        {
            _loading.Release();
        }
    }

    // Whoever has the secret can make tokens with it, so they speak for the installation's own tenant alone.
    private static SharedTokenKey SharedKeyOf(string secret) => new(secret) { OnlyFor = new TenantId(1) };

    private IEnumerable<OwnTokenKey> OwnKeysOf(IReadOnlyList<KeyRow> rows)
    {
        var now = Instant.Now(clock);
        for (var i = rows.Count - 1; i >= 0; i--)
        {
            var followedAt = i == rows.Count - 1 ? Instant.Never : new Instant(rows[i + 1].CreatedAt);
            if (followedAt.IsNever || followedAt.Plus(options.TokenLife) > now)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"own-{rows[i].Id}");
                yield return OwnTokenKey.Read(id, vault.Open(s_installation, Purpose, rows[i].Id, rows[i].Secret));
            }
        }
    }

    private async Task<IReadOnlyList<KeyRow>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("tokens.keys");
        return [.. await session.Connection.QueryAsync<KeyRow>(new CommandDefinition(All, cancellationToken: cancellationToken))];
    }

    // Of two nodes that make the same number, one's key is kept, and both read it.
    private async Task AddAsync(long id, CancellationToken cancellationToken)
    {
        var row = new KeyRow(id, vault.Seal(s_installation, Purpose, id, OwnTokenKey.Draw()), Instant.Now(clock).UnixMicroseconds);
        var outcome = await lanes.SubmitAsync(new LaneWrite("token keys", Reach.Nothing) { AuditedAs = "RotateTokenKey" }.Add(s_insert, row), cancellationToken);
        if (outcome is not Outcome.Applied)
        {
            throw new TokenKeysUnavailableException();
        }
    }
}

/// <summary>There is no key to sign with, and none can be kept now.</summary>
public sealed class TokenKeysUnavailableException() : Exception("There is no key to sign access tokens with, and the database takes none now.");
