using Laurel.Identity.Apps;

namespace Laurel.Identity.Host;

/// <summary>Ways of signing, by their names in RFC 7518.</summary>
public enum HostAlgorithm
{
    RS256,
    PS256,
    ES256,
}

/// <summary>Whose tokens are trusted, and what in them says who a member is.</summary>
public sealed record HostTokenOptions
{
    /// <summary>What <c>iss</c> says, to the letter.</summary>
    public required string Issuer { get; init; }

    /// <summary>What <c>aud</c> says, alone or among others.</summary>
    public required string Audience { get; init; }

    /// <summary>Where the issuer publishes its keys as a JWK set.</summary>
    public required Uri KeysAddress { get; init; }

    /// <summary>The claim that is the member's external id.</summary>
    public string Claim { get; init; } = "sub";

    /// <summary>What <c>typ</c> must say, such as <c>at+jwt</c>; null takes what names no other kind of token. An id token often says no more
    /// than <c>JWT</c>: where the issuer gives out both to the same audience, this keeps them apart.</summary>
    public string? Type { get; init; }

    public IReadOnlyList<HostAlgorithm> Algorithms { get; init; } = [HostAlgorithm.RS256, HostAlgorithm.PS256, HostAlgorithm.ES256];

    /// <summary>A tenant's own sign-in.</summary>
    internal static HostTokenOptions Of(SignInAppSettings settings) => new()
    {
        Issuer = settings.Issuer!,
        Audience = settings.Audience!,
        KeysAddress = new Uri(settings.KeysAddress!),
        Claim = settings.Claim!,
        Type = settings.Type,
        Algorithms = [.. settings.Algorithms!.Select(Enum.Parse<HostAlgorithm>)],
    };
}
