using System.Collections.Immutable;
using System.Globalization;
using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Tenants;

/// <summary>All tenants of the installation under one lock: ids, codes and host names are one's own among all of them, and they change
/// seldom.</summary>
internal sealed class TenantRegister : Aggregate
{
    public ImmutableSortedDictionary<int, Tenant> Tenants { get; private set; } = ImmutableSortedDictionary<int, Tenant>.Empty;

    public TenantId NextId => new(Tenants.IsEmpty ? Tenant.Platform.Value + 1 : checked(Tenants.Keys.Max() + 1));

    public override Aggregate Copy() => (TenantRegister)MemberwiseClone();

    public Tenant? Find(string code) => Tenants.Values.FirstOrDefault(tenant => tenant.Code == code);

    /// <summary>The first of these hosts that another tenant has; null when all are free.</summary>
    public string? TakenOf(IReadOnlyList<string> hosts, TenantId? but) =>
        hosts.FirstOrDefault(host => Tenants.Values.Any(tenant => tenant.Id != but && tenant.Hosts.Contains(host)));

    public void Set(Tenant tenant) => Tenants = Tenants.SetItem(tenant.Id.Value, tenant);
}

/// <summary>How the register is locked, read and written: its lock is the row of the platform's own tenant.</summary>
internal sealed class TenantRegisterKind : AggregateKind
{
    public override int Rank => 40;

    public override string AuditName => "tenants";

    public override void Describe(Aggregate aggregate, AuditState state)
    {
        foreach (var tenant in ((TenantRegister)aggregate).Tenants.Values)
        {
            state.Add(tenant.Code, string.Create(CultureInfo.InvariantCulture, $"{tenant.Id.Value} {(tenant.IsSuspended ? "suspended" : "active")} {string.Join(' ', tenant.Hosts)}"));
        }
    }

    public RootRef Root => new(this, Tenant.Platform, 0);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set)
    {
        var register = new TenantRegister();
        set.Load(Root, register);

        // Read by a statement after the lock, so that it shows what the last holder of it has committed.
        builder.Add(TenantRows.Lock, [Tenant.Platform.Value], _ => { });
        builder.Add(TenantRows.Page, [(0, int.MaxValue)], row => register.Set(TenantRows.Read(row)));
    }

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed)
    {
        foreach (var root in changed)
        {
            var before = ((TenantRegister)root.Before!).Tenants;
            var after = ((TenantRegister)root.After).Tenants;
            builder.Add(TenantRows.Insert, [.. after.Values.Where(tenant => !before.ContainsKey(tenant.Id.Value))]);
            builder.Add(TenantRows.Update, [.. after.Values.Where(tenant => before.TryGetValue(tenant.Id.Value, out var was) && !ReferenceEquals(was, tenant))]);
        }
    }
}
