using System.Globalization;
using Laurel.Kernel;

namespace Laurel.Engine.Sql;

/// <summary>Whose rows a session may see and change: those of no tenant, of some, or of all. PostgreSQL holds a session to it where it has
/// a role for that (docs/adr/0106); elsewhere it is said and not heard. Rows that belong to no tenant are always in reach.</summary>
/// <remarks>The default is <see cref="Nothing"/>: what was not said is not reached.</remarks>
public readonly struct Reach : IEquatable<Reach>
{
    private static readonly int[] s_everything = [];

    // In order and each once. Null is none, and the one empty array all of them.
    private readonly int[]? _tenants;

    private Reach(int[]? tenants) => _tenants = tenants;

    /// <summary>No tenant's rows.</summary>
    public static Reach Nothing => default;

    /// <summary>The rows of all tenants: for jobs that go over all of them, for look-ups that find out whose a call is, for questions about the
    /// installation, and for proofs and copies of everything.</summary>
    public static Reach Everything => new(s_everything);

    /// <summary>Whether the rows of all tenants are in reach.</summary>
    public bool IsEverything => ReferenceEquals(_tenants, s_everything);

    /// <summary>The rows of one tenant.</summary>
    public static Reach Of(TenantId tenant) => new([tenant.Value]);

    /// <summary>The rows of these tenants; of none, nothing.</summary>
    public static Reach Of(IEnumerable<TenantId> tenants)
    {
        int[] values = [.. tenants.Select(tenant => tenant.Value).Distinct().Order()];
        return new Reach(values.Length == 0 ? null : values);
    }

    /// <summary>What either reaches.</summary>
    public Reach And(Reach other)
    {
        if (_tenants is null || other.IsEverything)
        {
            return other;
        }

        if (other._tenants is null || IsEverything || Array.TrueForAll(other._tenants, Has))
        {
            return this;
        }

        return new Reach([.. _tenants.Union(other._tenants).Order()]);
    }

    public bool Equals(Reach other) => IsEverything == other.IsEverything
        && (_tenants is null) == (other._tenants is null)
        && _tenants.AsSpan().SequenceEqual(other._tenants);

    public override bool Equals(object? obj) => obj is Reach other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(IsEverything);
        foreach (var tenant in _tenants ?? [])
        {
            hash.Add(tenant);
        }

        return hash.ToHashCode();
    }

    public static bool operator ==(Reach left, Reach right) => left.Equals(right);

    public static bool operator !=(Reach left, Reach right) => !left.Equals(right);

    /// <summary>As the setting <c>laurel.tenants</c> has it: numbers with commas between, <c>*</c> for all, nothing for none.</summary>
    public override string ToString() => IsEverything
        ? "*"
        : string.Join(',', (_tenants ?? []).Select(tenant => tenant.ToString(CultureInfo.InvariantCulture)));

    private bool Has(int tenant) => Array.BinarySearch(_tenants!, tenant) >= 0;
}
