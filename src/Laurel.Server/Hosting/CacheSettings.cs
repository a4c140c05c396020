using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Laurel.Engine.Cache;
using Laurel.Membership.Members;

namespace Laurel.Server.Hosting;

/// <summary>The cache: memory, Redis, lifetimes. All of it is in <c>docs/operate/settings.md</c>.</summary>
public sealed record CacheSettings
{
    public CacheOptions Options { get; init; } = new();

    public MemberCacheLifetimes Lifetimes { get; init; } = new();

    /// <summary>Members read into the cache at the start, those changed last; 0 reads none.</summary>
    public int WarmMembers { get; init; }

    internal static CacheSettings Read(SettingsReader reader)
    {
        const int SecondsMax = 30 * 86_400;
        var options = new CacheOptions();
        var lifetimes = new MemberCacheLifetimes();
        TimeSpan Seconds(string name, TimeSpan byDefault, int min) => TimeSpan.FromSeconds(reader.Integer(name, (int)byDefault.TotalSeconds, min, SecondsMax));
        return new()
        {
            Options = options with
            {
                Enabled = reader.Choice("LAUREL_CACHE", Switch.On) == Switch.On,
                Entries = reader.Integer("LAUREL_CACHE_ENTRIES", options.Entries, CacheOptions.EntriesMin, CacheOptions.EntriesMax),
                MemoryLifetime = Seconds("LAUREL_CACHE_MEMORY_SECONDS", options.MemoryLifetime, 1),
                StaleMax = Seconds("LAUREL_CACHE_STALE_SECONDS", options.StaleMax, 0),
                Redis = RedisOf(reader),
                RedisPatience = TimeSpan.FromMilliseconds(reader.Integer("LAUREL_REDIS_TIMEOUT_MS", (int)options.RedisPatience.TotalMilliseconds, 1, 60_000)),
            },
            Lifetimes = new MemberCacheLifetimes
            {
                Member = Seconds("LAUREL_CACHE_MEMBER_SECONDS", lifetimes.Member, 1),
                Points = Seconds("LAUREL_CACHE_POINTS_SECONDS", lifetimes.Points, 1),
                Level = Seconds("LAUREL_CACHE_LEVEL_SECONDS", lifetimes.Level, 1),
            },
            WarmMembers = reader.Integer("LAUREL_CACHE_WARM_MEMBERS", 0, 0, MemberWarmUp.MembersMax),
        };
    }

    private static RedisAddress? RedisOf(SettingsReader reader)
    {
        if (reader.Text("REDIS_URL") is not { } text)
        {
            return null;
        }

        // The mistake is told without the address, which may hold a password.
        var (address, mistake) = RedisAddress.Read(text, AuthoritiesOf(reader));
        reader.Require(mistake is null, $"REDIS_URL cannot be used: {mistake}.");
        return address;
    }

    private static X509Certificate2Collection? AuthoritiesOf(SettingsReader reader)
    {
        if (reader.Text("LAUREL_REDIS_CA_FILE") is not { } file)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // Told below: it holds none that can be read.
        }

        reader.Require(authorities.Count > 0, $"LAUREL_REDIS_CA_FILE names {file}, which holds no certificate in PEM that can be read.");
        return authorities;
    }

    private enum Switch
    {
        Off,
        On,
    }
}
