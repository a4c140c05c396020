using System.Text;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Identity.ApiKeys;

/// <summary>What the commands about keys decide with; the same for all of them.</summary>
internal sealed record ApiKeyTools(ApiKeyKind Kind, SecretVault Vault, AccessChanges Changes);

/// <summary>A command about one key of a tenant, under its lock.</summary>
/// <param name="held">What the caller itself may do: nobody grants more (D12 of the catalogue).</param>
internal abstract class ApiKeyCommand(TenantId tenant, long id, IReadOnlySet<string> held, ApiKeyTools tools) : Command(tenant)
{
    public override long FairnessKey => id;

    protected ApiKeyTools Tools => tools;

    protected long Id => id;

    public override void NameHandles(HandleResolution handles)
    {
        // Keys are named by their own ids.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(tools.Kind.RootOf(Tenant, id));

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Nothing about a key may be said only once.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // A key has no children that a decision needs.
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (JsonSerializer.SerializeToUtf8Bytes((ApiKeyReply)reply, ApiKeyJson.Default.ApiKeyReply), 0);

    /// <summary>Refuses a list with a permission that the caller has not.</summary>
    protected Refusal? RefusalOf(IEnumerable<string> scopes) => Grants.Expand(scopes).Except(held).Order(StringComparer.Ordinal).FirstOrDefault() is { } permission
        ? new Refusal(ErrorCode.ScopeNotHeld, ("permission", permission))
        : null;

    /// <summary>The reply that shows a secret: sealed, for what is stored of a call holds no secret in the open.</summary>
    protected ApiKeyReply Sealed(ApiKey key, string secret) =>
        ApiKeyReply.Of(key) with { SealedSecret = tools.Vault.Seal(Tenant, ApiKey.SecretPurpose, key.Id, Encoding.UTF8.GetBytes(secret)) };
}

/// <summary>Makes a key.</summary>
internal sealed class CreateApiKey(TenantId tenant, ApiKeyBody body, IReadOnlySet<string> held, ApiKeyTools tools) : ApiKeyCommand(tenant, 0, held, tools)
{
    /// <summary>Whose hand makes it: with the key it approves nothing that it asked for. Null for the command line.</summary>
    public Hands? By { get; init; }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        // What does not exist yet needs no lock.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (RefusalOf(body.Scopes) is { } refusal)
        {
            return new Decision.Refuse(refusal with { Pointer = "/scopes" });
        }

        var id = draft.NextId(0);
        var secret = ApiKeySecret.Draw(body.Signed);
        var key = new ApiKey
        {
            Tenant = Tenant,
            Id = id,
            FirstHash = ApiKeySecret.HashOf(secret),
            Name = body.Name,
            Scopes = string.Join(' ', body.Scopes),
            CreatedAt = draft.Now,
            ExpiresAt = body.Expiry,
            Quota = body.Quota,
            MadeBy = By,
            Secret = body.Signed ? Tools.Vault.Seal(Tenant, ApiKey.SecretPurpose, id, Encoding.UTF8.GetBytes(secret)) : null,
        };
        draft.Create(Tools.Kind.RootOf(Tenant, id), key);
        Tools.Changes.Note(draft, Tenant, AccessSubject.Key, id);
        return new Decision.Apply(Sealed(key, secret), id, 0, 0);
    }
}

/// <summary>A change of a key that exists.</summary>
internal abstract class ApiKeyChange(TenantId tenant, long id, IReadOnlySet<string> held, ApiKeyTools tools) : ApiKeyCommand(tenant, id, held, tools)
{
    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (draft.Edit<ApiKey>(Tools.Kind.RootOf(Tenant, Id)) is not { } key)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.ApiKeyNotFound));
        }

        if (Judge(key) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var reply = Change(key, draft);
        Tools.Changes.Note(draft, Tenant, AccessSubject.Key, Id);
        return new Decision.Apply(reply, Id, 0, 0);
    }

    /// <summary>Why the key is not changed; null when it is. Whoever changes a key or learns its secret may do all that it may.</summary>
    protected virtual Refusal? Judge(ApiKey key) => key.RevokedAt is not null ? new Refusal(ErrorCode.ApiKeyRevoked) : RefusalOf(key.Words);

    protected abstract ApiKeyReply Change(ApiKey key, Draft draft);
}

/// <summary>Says anew what a key is called, what it may do, until when and how often.</summary>
internal sealed class ReplaceApiKey(TenantId tenant, long id, ApiKeyBody body, IReadOnlySet<string> held, ApiKeyTools tools) : ApiKeyChange(tenant, id, held, tools)
{
    protected override Refusal? Judge(ApiKey key) => base.Judge(key) ?? (RefusalOf(body.Scopes) is { } refusal ? refusal with { Pointer = "/scopes" } : null);

    /// <summary>Who changes it: with a key that may do more by its hand it approves nothing that it asked for. Null for the command line.</summary>
    public Hands? By { get; init; }

    protected override ApiKeyReply Change(ApiKey key, Draft draft)
    {
        if (!Grants.Expand(body.Scopes).IsSubsetOf(Grants.Expand(key.Words)))
        {
            key.MadeBy = Hands.Both(key.MadeBy, By);
            key.PreviousMadeBy = key.Rotations == 0 ? null : Hands.Both(key.PreviousMadeBy, By);
        }

        (key.Name, key.Scopes, key.ExpiresAt, key.Quota) = (body.Name, string.Join(' ', body.Scopes), body.Expiry, body.Quota);
        return ApiKeyReply.Of(key);
    }
}

/// <summary>Gives a key a new secret; the one it had counts for a while.</summary>
internal sealed class RotateApiKey(TenantId tenant, long id, TimeSpan grace, IReadOnlySet<string> held, ApiKeyTools tools) : ApiKeyChange(tenant, id, held, tools)
{
    /// <inheritdoc cref="CreateApiKey.By"/>
    public Hands? By { get; init; }

    protected override ApiKeyReply Change(ApiKey key, Draft draft)
    {
        // The secret that goes on for a while is known to whom it was known to.
        (key.PreviousMadeBy, key.MadeBy) = (key.MadeBy, By ?? key.MadeBy);
        var secret = ApiKeySecret.Draw(key.IsSigned);
        var goesOn = grace > TimeSpan.Zero;
        key.Rotations = checked(key.Rotations + 1);
        key.PreviousUntil = goesOn ? draft.Now.Plus(grace) : null;
        if (key.IsSigned)
        {
            key.PreviousSecret = goesOn ? key.Secret : null;
            key.Secret = Tools.Vault.Seal(Tenant, ApiKey.SecretPurpose, key.Id, Encoding.UTF8.GetBytes(secret));
        }

        draft.Insert(RotatedSecret.Insert, new RotatedSecret(ApiKeySecret.HashOf(secret), Tenant.Value, key.Id, key.Rotations, draft.Now));
        return Sealed(key, secret);
    }
}

/// <summary>Ends a key for good, and all its secrets. Asked again it changes nothing.</summary>
/// <remarks>Also a key that may do more than the caller: one that has leaked must not wait for the right person.</remarks>
internal sealed class RevokeApiKey(TenantId tenant, long id, ApiKeyTools tools) : ApiKeyChange(tenant, id, s_nothing, tools)
{
    private static readonly IReadOnlySet<string> s_nothing = new HashSet<string>();

    protected override Refusal? Judge(ApiKey key) => null;

    protected override ApiKeyReply Change(ApiKey key, Draft draft)
    {
        key.RevokedAt ??= draft.Now;
        (key.PreviousUntil, key.PreviousSecret) = (null, null);
        return ApiKeyReply.Of(key);
    }
}
