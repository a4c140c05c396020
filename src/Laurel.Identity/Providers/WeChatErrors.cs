using Laurel.Identity.Wire;
using Laurel.Kernel;

namespace Laurel.Identity.Providers;

/// <summary>The error numbers of <c>api.weixin.qq.com</c>, which come with HTTP 200.</summary>
internal static class WeChatErrors
{
    /// <summary>The scope does not cover what was asked for.</summary>
    public const long ApiUnauthorized = 48_001;

    /// <summary>The number of an answer; 0 where it is absent, which is how most answers say that all is well.</summary>
    public static long NumberOf(LooseJson body) => body.Integer("errcode") ?? 0;

    /// <summary>Whether an access token is no longer good, though it seemed so.</summary>
    public static bool IsTokenRejected(long number) => number is 40_001 or 40_014 or 42_001;

    public static Refusal RefusalOf(long number, ProviderFaults faults) => number switch
    {
        // 41008: no code; 42003: too old; the token that belongs to a code lives as long as its sign-in.
        40_029 or 40_163 or 41_008 or 42_003 or 40_001 or 40_014 or 42_001 => faults.CodeInvalid(),
        40_226 => faults.Refused("blocked"),
        -1 or 45_009 or 45_011 => faults.Busy($"{number}"),

        // The app or its secret is wrong, missing or frozen, an address is not on its list, or it may not do this.
        40_002 or 40_013 or 40_125 or 40_164 or 40_243 or 41_002 or 41_004 or ApiUnauthorized or 50_002 => faults.Misconfigured($"{number}"),
        _ => faults.Unavailable($"{number}"),
    };
}
