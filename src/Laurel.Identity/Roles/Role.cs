using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Identity.Roles;

/// <summary>A role that a tenant has made.</summary>
public sealed class Role : RowAggregate
{
    public const int CodeLengthMax = 32;
    public const int NameLengthMax = 64;

    public required string Code { get; init; }

    public required string Name { get; set; }

    /// <summary>In the words of <see cref="Platform.Access.Grants"/>.</summary>
    public required IReadOnlyList<string> Grants { get; set; }

    /// <summary>Whether nobody may be given it any more; who has it may do nothing.</summary>
    public bool Removed { get; set; }

    public required Instant ChangedAt { get; set; }

    internal static RowKind<Role> Kind { get; } = new(28, "roles", Read,
        Column<Role>.OpenText("code", r => r.Code),
        Column<Role>.OpenText("name", r => r.Name),
        Column<Role>.OpenText("grants", r => string.Join(' ', r.Grants)),
        Column<Role>.Flag("removed", r => r.Removed),
        Column<Role>.Instant("changed_at", r => r.ChangedAt));

    internal static long IdOf(TenantId tenant, string code) => (long)(Hash128.Of(tenant.Value, "role", code).Low >> 1);

    internal static IReadOnlyList<string> GrantsOf(string stored) => stored.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Role Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Code = row.Text(2),
        Name = row.Text(3),
        Grants = GrantsOf(row.Text(4)),
        Removed = row.Flag(5),
        ChangedAt = row.Instant(6),
    };
}
