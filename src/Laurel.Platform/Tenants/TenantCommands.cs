using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Platform.Tenants;

/// <summary>Writes what a tenant begins with: its programme, and the API key of its first administrator.</summary>
/// <param name="keyHash">SHA-256 of the key's characters.</param>
public delegate void BeginTenant(Draft draft, TenantId tenant, byte[] keyHash);

/// <summary>A command about the tenants there are, under the lock of all of them. Keeps I26.</summary>
internal abstract class TenantCommand(TenantRegisterKind kind) : Command(Tenants.Tenant.Platform)
{
    public override long FairnessKey => 0;

    protected TenantRegisterKind Kind => kind;

    public override void NameHandles(HandleResolution handles)
    {
        // Tenants are found in their register.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(kind.Root);

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Codes and hosts are compared in the register.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // The register is all there is.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var register = draft.Edit<TenantRegister>(kind.Root);
        Invariant.Require(register is not null, "The register of tenants is always there.");
        return Decide(draft, register);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        (JsonSerializer.SerializeToUtf8Bytes(reply, reply.GetType(), TenantJson.Default), 0);

    protected abstract Decision Decide(Draft draft, TenantRegister register);

    protected static Decision Refuse(string code, params (string Name, object? Value)[] values) => new Decision.Refuse(new Refusal(code, values));

    protected static Decision HostTaken(string host) =>
        new Decision.Refuse(new Refusal(ErrorCode.TenantHostTaken, ("host", host)) { Pointer = "/hosts" });

    protected static Decision Set(TenantRegister register, Tenant tenant, TenantReply? reply = null)
    {
        register.Set(tenant);
        return new Decision.Apply(reply ?? TenantReply.Of(tenant), 0, 0, 0);
    }
}

/// <summary>Adds a tenant with what it begins with. The reply holds its key sealed: what is stored of a call holds no secret in the open.</summary>
/// <remarks>Refusals, first match wins: TENANT_EXISTS, TENANT_HOST_TAKEN.</remarks>
internal sealed class CreateTenant(CreateTenantBody body, TenantRegisterKind kind, SecretVault secrets, BeginTenant begin) : TenantCommand(kind)
{
    // What the tenant begins with is its own, and its number is known only under the lock.
    public override Reach Reach => Reach.Everything;

    protected override Decision Decide(Draft draft, TenantRegister register)
    {
        if (register.Find(body.Code) is not null)
        {
            return Refuse(ErrorCode.TenantExists, ("code", body.Code));
        }

        if (register.TakenOf(body.Hosts, null) is { } taken)
        {
            return HostTaken(taken);
        }

        var tenant = new Tenant { Id = register.NextId, Code = body.Code, Name = body.Name, Hosts = body.Hosts, CreatedAt = draft.Now };
        var secret = secrets.Draw(TenantKey.Length);
        begin(draft, tenant.Id, SHA256.HashData(Encoding.UTF8.GetBytes(TenantKey.Show(secret))));
        var reply = TenantReply.Of(tenant) with { SealedKey = secrets.Seal(tenant.Id, TenantKey.Purpose, tenant.Id.Value, secret) };
        return Set(register, tenant, reply);
    }
}

/// <summary>Puts another name and other hosts in the place of a tenant's.</summary>
/// <remarks>Refusals, first match wins: TENANT_NOT_FOUND, TENANT_HOST_TAKEN.</remarks>
internal sealed class ChangeTenant(string code, TenantBody body, TenantRegisterKind kind) : TenantCommand(kind)
{
    protected override Decision Decide(Draft draft, TenantRegister register)
    {
        if (register.Find(code) is not { } tenant)
        {
            return Refuse(ErrorCode.TenantNotFound);
        }

        return register.TakenOf(body.Hosts, tenant.Id) is { } taken
            ? HostTaken(taken)
            : Set(register, tenant with { Name = body.Name, Hosts = body.Hosts });
    }
}

/// <summary>Suspends a tenant; one that is suspended already stays as it is.</summary>
/// <remarks>Refusals, first match wins: TENANT_NOT_FOUND, TENANT_IS_PLATFORM.</remarks>
internal sealed class SuspendTenant(string code, string reason, TenantRegisterKind kind) : TenantCommand(kind)
{
    protected override Decision Decide(Draft draft, TenantRegister register) => register.Find(code) switch
    {
        null => Refuse(ErrorCode.TenantNotFound),
        { IsPlatform: true } => Refuse(ErrorCode.TenantIsPlatform),
        { IsSuspended: true } tenant => Set(register, tenant),
        { } tenant => Set(register, tenant with { SuspendedAt = draft.Now, SuspendedFor = reason }),
    };
}

/// <summary>Lets a tenant go on.</summary>
/// <remarks>Refused: TENANT_NOT_FOUND.</remarks>
internal sealed class ResumeTenant(string code, TenantRegisterKind kind) : TenantCommand(kind)
{
    protected override Decision Decide(Draft draft, TenantRegister register) => register.Find(code) is { } tenant
        ? Set(register, tenant with { SuspendedAt = null, SuspendedFor = null })
        : Refuse(ErrorCode.TenantNotFound);
}

/// <summary>The API key that a tenant begins with.</summary>
internal static class TenantKey
{
    /// <summary>What the vault binds the key to.</summary>
    public const string Purpose = "tenant key";

    /// <summary>Random bytes of a key.</summary>
    public const int Length = 24;

    public static string Show(byte[] secret) => "lk_" + Convert.ToHexStringLower(secret);
}
