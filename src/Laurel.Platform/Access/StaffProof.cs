using Laurel.Kernel;
using Laurel.Platform.Errors;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Access;

/// <summary>What a person who has signed in has to show beside its token: whoever works for the shop that it has one-time passwords, and before what is
/// dangerous one of them, and that a second person knows it.</summary>
/// <remarks>Looks at what is known of the caller already: no question is asked. API keys sign nobody in, and are not asked.</remarks>
/// <param name="totp">Whether staff has to have one-time passwords.</param>
/// <param name="confirmed">Whether staff that one person alone has made, or given its role, is kept from what is dangerous.</param>
/// <param name="life">How long a one-time password opens what is dangerous, to whom has them asked for; null asks for none.</param>
public sealed class StaffProof(bool totp, bool confirmed, TimeSpan? life, TimeProvider clock)
{
    /// <summary>Why a call is refused that the caller's permissions admit; null when it is not.</summary>
    /// <param name="required">What the endpoint asks for.</param>
    internal Refusal? Judge(HttpContext context, IReadOnlyList<RequiredPermission> required, Actor actor)
    {
        if (actor.Person is not { } person)
        {
            return null;
        }

        if (totp && person is { IsStaff: true, HasTotp: false } && context.GetEndpoint()?.Metadata.GetMetadata<BeforeTotpAccess>() is null)
        {
            return new Refusal(ErrorCode.TotpEnrolmentRequired);
        }

        var unconfirmed = confirmed && actor.Makers is not null;
        var unproved = life is not null && person.HasTotp && !(person.ProvedAt?.Plus(life.Value) > Instant.Now(clock));
        if ((!unconfirmed && !unproved) || !IsDangerous(context, required, actor))
        {
            return null;
        }

        return unconfirmed ? new Refusal(ErrorCode.UserUnconfirmed) : new Refusal(ErrorCode.StepUpRequired, ("minutes", (long)life!.Value.TotalMinutes));
    }

    // Who asks for itself is admitted without the permission, and does nothing dangerous.
    private static bool IsDangerous(HttpContext context, IReadOnlyList<RequiredPermission> required, Actor actor)
    {
        foreach (var permission in required)
        {
            if (Permission.Dangerous.Contains(permission.Name) && actor.May(permission.Name))
            {
                return true;
            }
        }

        return context.GetEndpoint()?.Metadata.GetMetadata<DangerousAccess>() is { } dangerous
            && (dangerous.Permission is null || actor.May(dangerous.Permission))
            && (dangerous.Query is null || context.Request.Query[dangerous.Query] == dangerous.Value);
    }
}
