namespace Laurel.Identity.Providers;

/// <summary>Somebody who vouches for people by a code of theirs. Thread-safe.</summary>
/// <remarks>Secrets, tokens and session keys never leave it: not in answers, not in logs, not in exceptions.</remarks>
public interface ISignInProvider
{
    /// <summary>One of <see cref="ProviderName"/>.</summary>
    string Name { get; }

    /// <summary>Our app with the provider.</summary>
    string AppId { get; }

    /// <summary>Exchanges a code for the one it was given to. A code is good once.</summary>
    /// <param name="redirectUri">Where the provider sent the code: the same as for <see cref="IRedirectProvider.AuthorizeUrl"/>. Null where the
    /// code came from an app.</param>
    Task<ProviderAnswer<ProviderIdentity>> IdentifyAsync(string code, Uri? redirectUri, CancellationToken cancellationToken);
}

/// <summary>A provider with a page of its own, to which a browser is sent and which sends it back with a code.</summary>
public interface IRedirectProvider : ISignInProvider
{
    /// <summary>The parameter in which the code comes back: <c>code</c>, or <c>auth_code</c> with Alipay.</summary>
    string CodeParameter { get; }

    /// <summary>What is asked for when nobody says what.</summary>
    string DefaultScope { get; }

    /// <summary>Where to send the browser.</summary>
    /// <param name="redirectUri">Where the provider shall send it back: an address of ours that is registered there.</param>
    /// <param name="state">Comes back unaltered; 1 to 128 letters, digits, <c>-</c> and <c>_</c>. Whoever makes it checks it.</param>
    /// <param name="scope">The provider's word for what is asked for; null is <see cref="DefaultScope"/>.</param>
    Uri AuthorizeUrl(Uri redirectUri, string state, string? scope);
}
