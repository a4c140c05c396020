using Laurel.Kernel;
using Laurel.Platform.Access;

namespace Laurel.UnitTests.Platform.Access;

/// <summary>People who have signed in: a member who may read what is its own, a clerk who is no member, and staff that has shown more or less.</summary>
internal sealed class KnownPeople(TimeProvider clock) : IAccessTokens
{
    public ValueTask<Actor?> FindAsync(ReadOnlySpan<char> token, TenantId? named, CancellationToken cancellationToken) => ValueTask.FromResult(token switch
    {
        "a.member" => Person(new MemberId(42)),
        "a.clerk" => Person(null),
        "a.new" => Staff(hasTotp: false, null),
        "a.proved" => Staff(hasTotp: true, TimeSpan.FromMinutes(14)),
        "a.stale" => Staff(hasTotp: true, TimeSpan.FromMinutes(15)),
        "a.never" => Staff(hasTotp: true, null),
        "a.puppet" => Staff(hasTotp: true, TimeSpan.Zero) with { Makers = Hands.Of(new Hash128(1, 2)) },
        _ => null,
    });

    private Actor Staff(bool hasTotp, TimeSpan? provedBefore) =>
        ApiKeys.ActorWith(Permission.PointsRead, Permission.PointsApprove, Permission.MembersReveal) with
        {
            Person = new SignedIn(43, null, "FINANCE", 8)
            {
                IsStaff = true,
                HasTotp = hasTotp,
                ProvedAt = provedBefore is { } before ? Instant.Now(clock).Plus(-before) : null,
            },
        };

    private static Actor? Person(MemberId? member) => ApiKeys.ActorWith(Permission.ReadSelf) with { Person = new SignedIn(42, member, "MEMBER", 7) };
}
