using System.Collections.Concurrent;
using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Benefits;

namespace Laurel.Membership.Programmes;

/// <summary>Reads the programme of each tenant of a batch: not locked, but always the newest version committed.</summary>
/// <remarks>The document travels only when the version is newer than the one this node knows, so a batch costs one look
/// at an index and no decision rests on a stale cache.</remarks>
public sealed class ProgrammeKind : AggregateKind
{
    private static readonly SetStatement<(int Tenant, int Known)> s_readNewer = new(
        sqlite: """
            SELECT tenant_id, document FROM programmes
            WHERE tenant_id = $1 AND version > $2 ORDER BY version DESC LIMIT 1
            """,
        postgres: """
            SELECT wanted.tenant_id, newest.document
            FROM unnest($1, $2) wanted (tenant_id, known)
            CROSS JOIN LATERAL (
                SELECT p.document FROM programmes p
                WHERE p.tenant_id = wanted.tenant_id AND p.version > wanted.known ORDER BY p.version DESC LIMIT 1) newest
            """,
        Column<(int Tenant, int Known)>.Int32("tenant_id", r => r.Tenant),
        Column<(int Tenant, int Known)>.Int32("known", r => r.Known));

    private readonly ConcurrentDictionary<TenantId, ActiveProgramme> _known = [];

    private readonly ConcurrentDictionary<TenantId, Func<Programme, Programme>> _settings = [];

    public override int Rank => 0;

    public override string AuditName => "programme";

    public override void Describe(Aggregate aggregate, AuditState state) => state.Add("version", ((ActiveProgramme)aggregate).Programme.Version);

    /// <summary>The kinds of benefits that this process knows.</summary>
    public BenefitKinds Benefits { get; init; } = BenefitKinds.OfTheHouse;

    /// <summary>Gives a tenant's programme as the settings of this node want it: what they name cannot be changed otherwise. They lie over
    /// the programme of the tenant that the process was started with, and leave those of others as they are.</summary>
    public Func<Programme, Programme> SettingsOf(TenantId tenant) => _settings.GetValueOrDefault(tenant) ?? (stored => stored);

    public RootRef RootOf(TenantId tenant) => new(this, tenant, 0);

    /// <summary>The newest programme this node has seen; for answers, not for decisions. Null before the first read.</summary>
    public ActiveProgramme? Latest(TenantId tenant) => _known.GetValueOrDefault(tenant);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set)
    {
        var wanted = new List<(int, int)>(roots.Count);
        foreach (var root in roots)
        {
            var known = Latest(root.Tenant);
            wanted.Add((root.Tenant.Value, known?.Programme.Version ?? 0));
            if (known is not null)
            {
                set.Load(root, known);
            }
        }

        builder.Add(s_readNewer, wanted, row =>
        {
            var tenant = new TenantId(row.Int32(0));
            var active = new ActiveProgramme(ProgrammeDocument.Read(row.Text(1)), Benefits);
            _known[tenant] = active;
            set.Load(RootOf(tenant), active);
        });
    }

    /// <remarks>Every version that a batch makes is a row of its own, inserted by the command that makes it. Nothing is locked: of two batches
    /// that make the same version, the second breaks on its key, is tried again and finds the first one's.</remarks>
    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed)
    {
    }

    internal void Settle(TenantId tenant, Func<Programme, Programme> settings) => _settings[tenant] = settings;

    /// <summary>Takes note of a programme read elsewhere, unless a newer one is known.</summary>
    internal void Learn(TenantId tenant, Programme programme) => _known.AddOrUpdate(
        tenant,
        _ => new ActiveProgramme(programme, Benefits),
        (_, known) => known.Programme.Version >= programme.Version ? known : new ActiveProgramme(programme, Benefits));
}
