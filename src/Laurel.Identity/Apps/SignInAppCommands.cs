using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Identity.Apps;

/// <summary>Puts what a tenant has of its own in the place of what it had; its secret is sealed, and every node takes it up.</summary>
/// <remarks>Refusals: SIGN_IN_SECRET_REQUIRED.</remarks>
internal sealed class WriteSignInApp(TenantId tenant, string code, SignInAppBody body, SecretVault secrets, AccessChanges changes) : IdentityCommand(tenant)
{
    private RootRef Root => SignInApp.RootOf(Tenant, code);

    public override long FairnessKey => Root.Id;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var found = draft.Edit<SignInApp>(Root);
        var keeps = found?.Secret is not null && found.Settings.Account == body.Settings.Account;
        if (body is { HasSecret: true, Secret: null } && !keeps)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.SignInSecretRequired) { Pointer = "/secret" });
        }

        if (found is null)
        {
            found = new SignInApp { Tenant = Tenant, Id = Root.Id, Code = code, Settings = body.Settings, ChangedAt = draft.Now };
            draft.Create(Root, found);
        }

        (found.Settings, found.ChangedAt) = (body.Settings, draft.Now);
        if (body.Secret is { } secret)
        {
            (found.Secret, found.SecretSetAt) = (secrets.Seal(Tenant, SignInApp.SecretPurpose, found.Id, secret), draft.Now);
        }

        changes.Note(draft, Tenant, AccessSubject.SignIn, found.Id);
        return Done(SignInAppReply.Of(found));
    }
}

/// <summary>Takes away what a tenant has of its own, its secret with it.</summary>
/// <remarks>Refusals: PROVIDER_NOT_FOUND.</remarks>
internal sealed class RemoveSignInApp(TenantId tenant, string code, AccessChanges changes) : IdentityCommand(tenant)
{
    private RootRef Root => SignInApp.RootOf(Tenant, code);

    public override long FairnessKey => Root.Id;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (draft.Find<SignInApp>(Root) is not { } found)
        {
            return Refuse(ErrorCode.ProviderNotFound, ("provider", code));
        }

        draft.Remove(Root);
        changes.Note(draft, Tenant, AccessSubject.SignIn, found.Id);
        return Done(SignInAppReply.Of(found));
    }
}
