using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Platform.Webhooks;

/// <summary>A command about one endpoint of a tenant, under its lock.</summary>
internal abstract class WebhookCommand(TenantId tenant, long id, WebhookEndpointKind kind) : Command(tenant)
{
    public override long FairnessKey => id;

    protected WebhookEndpointKind Kind => kind;

    public override void NameHandles(HandleResolution handles)
    {
        // Endpoints are named by their own ids.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(kind.RootOf(Tenant, id));

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Nothing about an endpoint may be said only once.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // An endpoint has no children that a decision needs.
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        (JsonSerializer.SerializeToUtf8Bytes(reply, reply.GetType(), WebhookJson.Default), 0);
}

/// <summary>A change of one endpoint that exists.</summary>
internal abstract class WebhookChange(TenantId tenant, long id, WebhookEndpointKind kind) : WebhookCommand(tenant, id, kind)
{
    private readonly long _id = id;

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (draft.Edit<WebhookEndpoint>(Kind.RootOf(Tenant, _id)) is not { } endpoint)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.WebhookNotFound));
        }

        Change(endpoint, draft.Now);
        return new Decision.Apply(ReplyOf(endpoint), _id, 0, 0);
    }

    protected abstract void Change(WebhookEndpoint endpoint, Instant now);

    protected virtual WebhookReply ReplyOf(WebhookEndpoint endpoint) => WebhookReply.Of(endpoint);
}

/// <summary>Registers an endpoint. The reply holds its secret sealed: what is stored of a call holds no secret in the open.</summary>
internal sealed class CreateWebhook(TenantId tenant, WebhookBody body, WebhookEndpointKind kind, SecretVault secrets)
    : WebhookCommand(tenant, 0, kind)
{
    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        // What does not exist yet needs no lock.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var id = draft.NextId(0);
        var endpoint = new WebhookEndpoint
        {
            Tenant = Tenant,
            Id = id,
            Url = body.Url!,
            Description = body.Description,
            Events = body.Events ?? EventFilter.All,
            Secret = secrets.Seal(Tenant, WebhookEndpoint.SecretPurpose, id, secrets.Draw(WebhookSecret.Length)),
            CreatedAt = draft.Now,
        };
        if (body.Enabled is false)
        {
            endpoint.Disable(DisabledReason.Asked, draft.Now);
        }

        draft.Create(Kind.RootOf(Tenant, id), endpoint);
        return new Decision.Apply(WebhookReply.Of(endpoint) with { SealedSecret = endpoint.Secret }, id, 0, 0);
    }
}

/// <summary>Changes what is given of an endpoint and leaves the rest.</summary>
internal sealed class ChangeWebhook(TenantId tenant, long id, WebhookBody body, WebhookEndpointKind kind) : WebhookChange(tenant, id, kind)
{
    protected override void Change(WebhookEndpoint endpoint, Instant now)
    {
        endpoint.Url = body.Url ?? endpoint.Url;
        endpoint.Description = body.Description ?? endpoint.Description;
        endpoint.Events = body.Events ?? endpoint.Events;
        switch (body.Enabled)
        {
            case true:
                endpoint.Enable();
                break;
            case false:
                endpoint.Disable(DisabledReason.Asked, now);
                break;
            case null:
                break;
        }
    }
}

/// <summary>Gives an endpoint a new secret; the one it had signs along for a while.</summary>
internal sealed class RotateWebhookSecret(TenantId tenant, long id, TimeSpan grace, WebhookEndpointKind kind, SecretVault secrets)
    : WebhookChange(tenant, id, kind)
{
    protected override void Change(WebhookEndpoint endpoint, Instant now)
    {
        var signsAlong = grace > TimeSpan.Zero;
        endpoint.PreviousSecret = signsAlong ? endpoint.Secret : null;
        endpoint.PreviousSecretUntil = signsAlong ? now.Plus(grace) : null;
        endpoint.Secret = secrets.Seal(Tenant, WebhookEndpoint.SecretPurpose, endpoint.Id, secrets.Draw(WebhookSecret.Length));
    }

    protected override WebhookReply ReplyOf(WebhookEndpoint endpoint) => WebhookReply.Of(endpoint) with { SealedSecret = endpoint.Secret };
}

/// <summary>Deletes an endpoint: its secrets at once, its deliveries with the next clearing.</summary>
internal sealed class DeleteWebhook(TenantId tenant, long id, WebhookEndpointKind kind) : WebhookChange(tenant, id, kind)
{
    private static readonly byte[] s_wiped = [0];

    protected override void Change(WebhookEndpoint endpoint, Instant now)
    {
        endpoint.Disable(DisabledReason.Asked, now);
        (endpoint.Secret, endpoint.PreviousSecret, endpoint.PreviousSecretUntil, endpoint.DeletedAt) = (s_wiped, null, null, now);
    }
}
