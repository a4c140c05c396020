using System.Security.Cryptography;
using Laurel.Engine.Lanes;
using Laurel.Engine.Telemetry;
using Laurel.Identity.ApiKeys;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Limits;

namespace Laurel.Server.Hosting;

/// <summary>Composes who may call: keys, signatures, limits, and what makes nodes forget them.</summary>
internal static class Callers
{
    public static void AddCallers(this IServiceCollection services, LaurelNode node, LaurelSettings settings, TimeProvider clock)
    {
        services.AddSingleton(node.Access);
        services.AddHostedService<AccessWatch>();
        services.AddSingleton<IApiKeyStore>(new ApiKeyStore(node.Cluster.Router, node.Secrets, clock));
        services.AddSingleton(_ => new CacheFigures("api_keys", clock));
        services.AddSingleton(provider => new WriteBehind<Hash128>(
            "uses of API keys", ApiKeyUses.Add, node.Lanes, ApiKeyUses.FlushEvery, clock, provider.GetRequiredService<ILogger<WriteBehind<Hash128>>>()));
        services.AddSingleton(provider => new ApiKeyCache(provider.GetRequiredService<IApiKeyStore>(), clock, RandomNumberGenerator.Create())
        {
            Figures = provider.GetRequiredService<CacheFigures>(),
            Used = actor => provider.GetRequiredService<WriteBehind<Hash128>>().Note(actor.Key),
        });
        services.AddSingleton(provider => new SignedCalls(provider.GetRequiredService<IApiKeyStore>(), node.Lanes, clock)
        {
            Used = actor => provider.GetRequiredService<WriteBehind<Hash128>>().Note(actor.Key),
        });
        services.AddSingleton(settings.Limits);
        services.AddSingleton(provider => new ClientAddresses(settings.Limits.TrustedProxies, provider.GetRequiredService<ILogger<ClientAddresses>>()));
        services.AddSingleton(new RateLimiter(settings.Limits, clock, node.Cache.Counters));
        services.AddSingleton<RateLimitGate>();
        services.AddSingleton<Credentials>();
        services.AddApiKeys();
    }

    /// <summary>From now on keys are forgotten when they change.</summary>
    public static void BeginCallers(this WebApplication app)
    {
        AccessMeters.Begin();
        var (keys, signatures) = (app.Services.GetRequiredService<ApiKeyCache>(), app.Services.GetRequiredService<SignedCalls>());
        app.Services.GetRequiredService<AccessChanges>().Subscribe(change =>
        {
            if (change.What is AccessSubject.Key or AccessSubject.Tenant or AccessSubject.Everything)
            {
                keys.Forget();
                signatures.Forget();
            }
        });
    }
}
