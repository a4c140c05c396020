using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Vault;

namespace Laurel.Identity.ApiKeys;

/// <summary>Keys as the command line has them: for whoever has the database and lost the administrator's key.</summary>
public sealed class ApiKeyConsole(Database database, LaneSet lanes, SecretVault vault)
{
    private readonly ApiKeyQueries _queries = new(database);
    private readonly ApiKeyTools _tools = new(new ApiKeyKind(), vault, new AccessChanges());

    /// <summary>A key as a table shows it.</summary>
    public sealed record Line(string Id, string Name, string Scopes, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

    /// <summary>All keys of a tenant, revoked ones too.</summary>
    public async Task<IReadOnlyList<Line>> ListAsync(TenantId tenant, CancellationToken cancellationToken) =>
        [.. (await _queries.PageAsync(tenant, 0, int.MaxValue, cancellationToken))
            .Select(key => new Line(key.Id, key.Name, string.Join(' ', key.Scopes), key.ExpiresAt, key.RevokedAt, key.LastUsedAt))];

    /// <summary>Makes a key that is presented as it is and never expires.</summary>
    /// <param name="scopes">Words of <see cref="Grants"/>.</param>
    /// <returns>Its id and its secret, which is told only now; or why there is none.</returns>
    public async Task<(string? Id, string? Secret, Refusal? Refusal)> CreateAsync(
        TenantId tenant, string name, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        var body = new ApiKeyBody { Name = name, Scopes = scopes };
        switch (await lanes.SubmitAsync(new CreateApiKey(tenant, body, Permission.All.ToHashSet(StringComparer.Ordinal), _tools), cancellationToken))
        {
            case Outcome.Applied { Reply: ApiKeyReply reply }:
                var id = long.Parse(reply.Id, CultureInfo.InvariantCulture);
                return (reply.Id, Encoding.UTF8.GetString(vault.Open(tenant, ApiKey.SecretPurpose, id, reply.SealedSecret!)), null);
            case Outcome.Refused refused:
                return (null, null, refused.Refusal);
            case Outcome.Failed failed:
                return (null, null, failed.Refusal);
            case var other:
                throw new InvariantBrokenException($"A {other.GetType().Name} is of calls with keys.");
        }
    }

    /// <summary>Ends a key for good.</summary>
    /// <returns>Null when it has ended; otherwise why it has not.</returns>
    public async Task<Refusal?> RevokeAsync(TenantId tenant, long id, CancellationToken cancellationToken) =>
        await lanes.SubmitAsync(new RevokeApiKey(tenant, id, _tools), cancellationToken) switch
        {
            Outcome.Refused refused => refused.Refusal,
            Outcome.Failed failed => failed.Refusal,
            _ => null,
        };
}
