using Laurel.Kernel;
using Laurel.Membership.Programmes;

namespace Laurel.Identity.Roles;

/// <summary>Gives the role VIP to members of high levels, as their programme says. It is in no row: it comes and goes with the level.</summary>
/// <param name="programmes">As this node knows them: no question is asked.</param>
public sealed class VipRole(ProgrammeKind programmes, TimeProvider clock)
{
    /// <summary>The level that a member holds now: one that rests on a card has ended with it, whatever is stored still.</summary>
    /// <param name="level">The code as it is stored; null for staff.</param>
    /// <param name="state">What it rests on, as it is stored.</param>
    public string? LevelOf(TenantId tenant, string? level, string? state) =>
        level is not null && state is not null && programmes.Latest(tenant) is { } active ? active.LevelAt(level, state, Instant.Now(clock)) : level;

    /// <summary>The role that a user acts in.</summary>
    /// <param name="role">The code of the user's own role.</param>
    /// <param name="level">The code of the level that the member holds now; null for staff.</param>
    public string Of(TenantId tenant, string role, string? level) =>
        role == BuiltInRole.Member && level is not null && programmes.Latest(tenant) is { } active && active.Programme.IsVip(level) ? BuiltInRole.Vip : role;
}
