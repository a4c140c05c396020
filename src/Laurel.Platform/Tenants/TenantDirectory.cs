using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Laurel.Platform.Tenants;

/// <summary>Reads every tenant there is.</summary>
public delegate Task<IReadOnlyList<Tenant>> ReadTenants(CancellationToken cancellationToken);

/// <summary>Loads what this node must know of a tenant before it answers for it; false when the tenant has none of it.</summary>
public delegate Task<bool> PrepareTenant(TenantId tenant, CancellationToken cancellationToken);

/// <summary>The tenants of the installation as this node remembers them: whose a call is, and whether it may be made.</summary>
/// <remarks>A call asks memory alone. <see cref="TenantWatch"/> reads all of them anew every few seconds, whoever changes one on this node at
/// once. A tenant that memory does not know, and whose credentials are right, was made on another node a moment ago: then it is read. A node
/// prepares a tenant when it is first called for it. Thread-safe.</remarks>
public sealed class TenantDirectory(ReadTenants read, PrepareTenant prepare) : IDisposable
{
    /// <summary>In which a call may say for which tenant it is, by its code.</summary>
    public const string Header = "Laurel-Tenant";

    private readonly ConcurrentDictionary<TenantId, bool> _ready = [];
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Snapshot? _known;

    /// <summary>Reads all tenants anew. Whoever waited sees at least what was there when it asked.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // One after the other: what was read earlier must not overwrite what was read later.
        await _reading.WaitAsync(cancellationToken);
        try
        {
            _known = new Snapshot(await read(cancellationToken));
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Why a call with credentials of a tenant is refused; null when it is not.</summary>
    /// <remarks>First match wins: UNAUTHORIZED when the tenant is not there, TENANT_MISMATCH, TENANT_SUSPENDED.</remarks>
    public ValueTask<Refusal?> JudgeAsync(HttpContext context, TenantId tenant) =>
        _known is { } known && known.ById.TryGetValue(tenant, out var own) && _ready.ContainsKey(tenant)
            ? ValueTask.FromResult(Judge(known, own, context.Request))
            : JudgeNewAsync(context, tenant);

    /// <summary>Whether the tenants were read: soon after the start.</summary>
    public bool IsRead => _known is not null;

    /// <summary>The tenant that a request would be for without credentials, suspended or not; null where it names none that this node knows.</summary>
    public TenantId? NamedBy(HttpRequest request) => _known is { } known ? known.NamedBy(request)?.Id : null;

    /// <summary>The tenant with this id, or this code, ready to be worked for, suspended or not; null when there is none.</summary>
    public async ValueTask<Tenant?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var isId = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        var known = await KnownAsync(cancellationToken);
        return await ReadyAsync(isId ? known.ById.GetValueOrDefault(new TenantId(id)) : known.ByCode.GetValueOrDefault(name), cancellationToken);
    }

    /// <summary>The tenant that a call without credentials is for: that of the header, else of the host name, else the platform's own; or why there is
    /// none: TENANT_NOT_FOUND, TENANT_SUSPENDED.</summary>
    public async ValueTask<(Tenant? Tenant, Refusal? Refusal)> FindNamedAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(cancellationToken);
        return await ReadyAsync(known.NamedBy(request), cancellationToken) switch
        {
            null => (null, new Refusal(ErrorCode.TenantNotFound)),
            { IsSuspended: true } => (null, new Refusal(ErrorCode.TenantSuspended)),
            var tenant => (tenant, null),
        };
    }

    /// <returns>Null when there is no such tenant, or it is suspended: the problem is answered already.</returns>
    internal async ValueTask<Tenant?> OfAsync(HttpContext context)
    {
        var (tenant, refusal) = await FindNamedAsync(context.Request, context.RequestAborted);
        if (refusal is not null)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
        }

        return tenant;
    }

    public void Dispose() => _reading.Dispose();

    private static Refusal? Judge(Snapshot known, Tenant own, HttpRequest request)
    {
        var isNamedOtherwise = request.Headers.TryGetValue(Header, out var codes) && (codes.Count != 1 || codes[0] != own.Code);
        if (isNamedOtherwise || (known.ByHostOf(request) is { } host && host.Id != own.Id))
        {
            return new Refusal(ErrorCode.TenantMismatch);
        }

        return own.IsSuspended ? new Refusal(ErrorCode.TenantSuspended) : null;
    }

    private async ValueTask<Refusal?> JudgeNewAsync(HttpContext context, TenantId tenant)
    {
        if (_known?.ById.ContainsKey(tenant) != true)
        {
            await RefreshAsync(context.RequestAborted);
        }

        var known = _known!;
        return await ReadyAsync(known.ById.GetValueOrDefault(tenant), context.RequestAborted) is { } own
            ? Judge(known, own, context.Request)
            : new Refusal(ErrorCode.Unauthorized);
    }

    private async ValueTask<Snapshot> KnownAsync(CancellationToken cancellationToken)
    {
        if (_known is null)
        {
            await RefreshAsync(cancellationToken);
        }

        return _known!;
    }

    private async ValueTask<Tenant?> ReadyAsync(Tenant? tenant, CancellationToken cancellationToken)
    {
        if (tenant is null || _ready.ContainsKey(tenant.Id))
        {
            return tenant;
        }

        if (!await prepare(tenant.Id, cancellationToken))
        {
            return null;
        }

        _ready[tenant.Id] = true;
        return tenant;
    }

    private sealed class Snapshot(IReadOnlyList<Tenant> tenants)
    {
        private readonly FrozenDictionary<string, Tenant> _byHost = tenants
            .SelectMany(tenant => tenant.Hosts, (tenant, host) => (tenant, host))
            .DistinctBy(pair => pair.host)
            .ToFrozenDictionary(pair => pair.host, pair => pair.tenant, StringComparer.OrdinalIgnoreCase);

        public FrozenDictionary<TenantId, Tenant> ById { get; } = tenants.ToFrozenDictionary(tenant => tenant.Id);

        public FrozenDictionary<string, Tenant> ByCode { get; } = tenants.ToFrozenDictionary(tenant => tenant.Code, StringComparer.Ordinal);

        /// <summary>The tenant of the header, else of the host name, else the platform's own; null where the header names none.</summary>
        public Tenant? NamedBy(HttpRequest request) => request.Headers.TryGetValue(Header, out var codes)
            ? codes is [{ } code] ? ByCode.GetValueOrDefault(code) : null
            : ByHostOf(request) ?? ById.GetValueOrDefault(Tenant.Platform);

        /// <summary>Whose the host of a request is; null when it is nobody's. Costs nothing where no tenant has a host.</summary>
        public Tenant? ByHostOf(HttpRequest request) => _byHost.Count == 0 ? null : _byHost.GetValueOrDefault(request.Host.Host);
    }
}

/// <summary>Finds the tenant of a call that has no credentials.</summary>
public static class TenantOfContext
{
    /// <summary>The tenant that a call without credentials is for, by its header <see cref="TenantDirectory.Header"/>, else by its host name,
    /// else the platform's own.</summary>
    /// <returns>Null when there is no such tenant, or it is suspended: the problem is answered already.</returns>
    public static ValueTask<Tenant?> TenantAsync(this HttpContext context) =>
        context.RequestServices.GetRequiredService<TenantDirectory>().OfAsync(context);
}
