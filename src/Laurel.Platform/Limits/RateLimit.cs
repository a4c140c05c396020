using Laurel.Kernel;
using Microsoft.AspNetCore.Builder;

namespace Laurel.Platform.Limits;

/// <summary>Which calls a limit counts. Each takes its place before it runs, so that calls at once never come to more; one that does not count gives it
/// back.</summary>
public enum CountWhen
{
    /// <summary>Every call.</summary>
    Called,

    /// <summary>Those that were carried out (a status below 400).</summary>
    Succeeded,

    /// <summary>Those that were refused (a status of 400 to 499).</summary>
    Failed,
}

/// <summary>A limit that endpoints declare with <see cref="RateLimitedEndpoints.LimitRate"/>; how much it allows is a setting.</summary>
/// <param name="Name">Out of a fixed list: the name of its setting and a label.</param>
/// <param name="ByDefault">As a setting writes it: <c>5/15m</c>, <c>1/day</c>, <c>off</c>.</param>
/// <param name="CountWhen">Which calls count.</param>
public sealed record RateLimit(string Name, string ByDefault, CountWhen CountWhen = CountWhen.Called);

/// <summary>The limits there are.</summary>
public static class RateLimits
{
    /// <summary>All calls of a person together.</summary>
    public static readonly RateLimit General = new("General", "600/m");

    /// <summary>Signing in, by what was refused.</summary>
    public static readonly RateLimit Login = new("Login", "5/15m", CountWhen.Failed);

    /// <summary>Registering.</summary>
    public static readonly RateLimit Register = new("Register", "3/h");

    /// <summary>Checking in: a check-in that succeeded is what counts.</summary>
    public static readonly RateLimit CheckIn = new("CheckIn", "1/day", CountWhen.Succeeded);

    /// <summary>Calls about members.</summary>
    public static readonly RateLimit Members = new("Members", "100/m");

    /// <summary>Codes and links that a member tries, whoever brings them: what was refused counts.</summary>
    public static readonly RateLimit Codes = new("Codes", "10/15m", CountWhen.Failed);

    /// <summary>Every limit there is.</summary>
    public static IReadOnlyList<RateLimit> All { get; } = [General, Login, Register, CheckIn, Members, Codes];
}

/// <summary>How much is allowed, and behind whom callers stand. All of it is in <c>docs/operate/settings.md</c>.</summary>
public sealed record RateLimitOptions
{
    /// <summary>By the name of the limit; one that is missing is off.</summary>
    public IReadOnlyDictionary<string, RateQuota> Quotas { get; init; } = Defaults(TimeZoneInfo.Utc);

    /// <summary>Networks of proxies whose <c>X-Forwarded-For</c> is believed.</summary>
    public IReadOnlyList<System.Net.IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Whether keys are held to their quotas.</summary>
    public bool KeyQuotas { get; init; } = true;

    /// <summary>What each limit allows by default.</summary>
    /// <param name="zone">Whose calendar days are meant.</param>
    public static IReadOnlyDictionary<string, RateQuota> Defaults(TimeZoneInfo zone) =>
        RateLimits.All.ToDictionary(limit => limit.Name, limit => RateQuota.Parse(limit.ByDefault, zone)!, StringComparer.Ordinal);
}

/// <summary>Declares limits of endpoints.</summary>
public static class RateLimitedEndpoints
{
    /// <summary>Holds each caller of an endpoint to a limit: persons by their user, others by their address. API keys have quotas of their own
    /// instead.</summary>
    /// <exception cref="InvariantBrokenException">When the limit is not of <see cref="RateLimits.All"/>, so that no setting would reach it.</exception>
    public static TBuilder LimitRate<TBuilder>(this TBuilder builder, RateLimit limit)
        where TBuilder : IEndpointConventionBuilder
    {
        Invariant.Require(RateLimits.All.Contains(limit), "Endpoints declare limits that have a setting.");
        return builder.WithMetadata(limit);
    }
}
