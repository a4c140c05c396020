using System.Globalization;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Engine.Cache;

/// <summary>A message between nodes.</summary>
internal abstract record RedisMessage
{
    private RedisMessage()
    {
    }

    /// <summary>Sent by a node to itself.</summary>
    public sealed record Tick(string Sender, long SentAt) : RedisMessage;

    /// <summary>These were committed.</summary>
    public sealed record Dropped(string Sender, IReadOnlyList<CacheKey> Keys) : RedisMessage;

    /// <summary>Values count only with this generation; of one tenant or (null) of all.</summary>
    public sealed record StartedOver(TenantId? Tenant, string Generation) : RedisMessage;
}

/// <summary>How messages are written: words separated by blanks, one commit's keys in one message.</summary>
internal static class RedisMessages
{
    private const string TickWord = "tick";
    private const string DroppedWord = "dropped";
    private const string StartedOverWord = "generation";
    private const string All = "*";

    public static string Tick(string sender, long sentAt) => string.Create(CultureInfo.InvariantCulture, $"{TickWord} {sender} {sentAt}");

    public static string StartedOver(string generation) => $"{StartedOverWord} {All} {generation}";

    public static string TenantStartedOver(TenantId tenant, string generation) => $"{StartedOverWord} {tenant} {generation}";

    public static string Dropped(string sender, IEnumerable<CacheKey> keys)
    {
        var text = new StringBuilder(DroppedWord).Append(' ').Append(sender);
        foreach (var key in keys)
        {
            text.Append(' ').Append(key.Region.Name).Append(' ').Append(key.Tenant.Value).Append(' ').Append(key.Id);
        }

        return text.ToString();
    }

    /// <summary>Null when it cannot be understood.</summary>
    public static RedisMessage? Read(string text, IReadOnlyDictionary<string, CacheRegion> regions)
    {
        var words = text.Split(' ');
        return words switch
        {
            [TickWord, var sender, var sentAt] when long.TryParse(sentAt, CultureInfo.InvariantCulture, out var at) => new RedisMessage.Tick(sender, at),
            [StartedOverWord, All, var generation] => new RedisMessage.StartedOver(null, generation),
            [StartedOverWord, var tenant, var generation] when int.TryParse(tenant, CultureInfo.InvariantCulture, out var id) =>
                new RedisMessage.StartedOver(new TenantId(id), generation),
            [DroppedWord, var sender, .. var keys] => ReadKeys(keys, regions) is { } read ? new RedisMessage.Dropped(sender, read) : null,
            _ => null,
        };
    }

    private static List<CacheKey>? ReadKeys(string[] words, IReadOnlyDictionary<string, CacheRegion> regions)
    {
        const int WordsOfKey = 3;
        var keys = new List<CacheKey>(words.Length / WordsOfKey);
        for (var i = 0; i + WordsOfKey <= words.Length; i += WordsOfKey)
        {
            if (!int.TryParse(words[i + 1], CultureInfo.InvariantCulture, out var tenant) || !long.TryParse(words[i + 2], CultureInfo.InvariantCulture, out var id))
            {
                return null;
            }

            // A region of a newer program is of no interest here: nothing of it is remembered.
            if (regions.TryGetValue(words[i], out var region))
            {
                keys.Add(new CacheKey(region, new TenantId(tenant), id));
            }
        }

        return words.Length % WordsOfKey == 0 ? keys : null;
    }
}
