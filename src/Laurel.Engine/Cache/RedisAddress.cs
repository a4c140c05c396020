using System.Globalization;
using StackExchange.Redis;

namespace Laurel.Engine.Cache;

/// <summary>Where Redis is (<c>REDIS_URL</c>).</summary>
public sealed class RedisAddress
{
    private const int PortDefault = 6379;

    private readonly ConfigurationOptions _options;

    private RedisAddress(ConfigurationOptions options) => _options = options;

    /// <summary>The servers without any secret, for logs and findings.</summary>
    public string Servers => string.Join(", ", _options.EndPoints.Select(server => server is System.Net.DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : server.ToString()));

    /// <summary>Reads <c>redis://:password@host:6379/0</c>, <c>rediss://</c> for TLS, or StackExchange.Redis's own form
    /// <c>host:6379,password=…</c>.</summary>
    /// <returns>The address, or a sentence that says what is wrong with it.</returns>
    public static (RedisAddress? Address, string? Mistake) Read(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return ReadUrl(text);
        }

        try
        {
            var options = ConfigurationOptions.Parse(text);
            return options.EndPoints.Count > 0 ? (With(options), null) : (null, "it names no server");
        }
        catch (ArgumentException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>Connects. The connection mends itself; what happens to it is told by its events.</summary>
    internal Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(_options.Clone());

    private static (RedisAddress? Address, string? Mistake) ReadUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("redis" or "rediss") || url.Host.Length == 0)
        {
            return (null, "it is not of the form redis://:password@host:6379/0");
        }

        var user = url.UserInfo.Split(':', 2);
        if (user[0].Length > 0 && Uri.UnescapeDataString(user[0]) != "default")
        {
            return (null, "this client signs in as the user 'default' only; leave the user out");
        }

        var path = url.AbsolutePath.Trim('/');
        if (path.Length > 0 && !int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return (null, "what follows the host is the number of a database");
        }

        var options = new ConfigurationOptions
        {
            EndPoints = { { url.Host, url.Port > 0 ? url.Port : PortDefault } },
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Ssl = url.Scheme == "rediss",
            DefaultDatabase = path.Length > 0 ? int.Parse(path, CultureInfo.InvariantCulture) : null,
        };
        if (options.Ssl)
        {
            options.SslHost = url.Host;
        }

        return (With(options), null);
    }

    private static RedisAddress With(ConfigurationOptions options)
    {
        options.AbortOnConnectFail = false;
        options.ClientName = "laurel";
        options.ConnectTimeout = 2_000;
        options.ConnectRetry = 1;
        options.KeepAlive = 5;
        options.ReconnectRetryPolicy = new LinearRetry(1_000);
        return new RedisAddress(options);
    }
}

/// <summary>Asks Redis once whether it answers, for <c>doctor</c>.</summary>
public static class RedisInquiry
{
    /// <summary>How long it took to answer.</summary>
    /// <exception cref="Exception">When it does not answer in time, or refuses.</exception>
    public static async Task<TimeSpan> PingAsync(RedisAddress address, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var connection = await address.ConnectAsync().WaitAsync(patience, clock, cancellationToken);

        // The first call pays for the start of the program.
        await connection.GetDatabase().PingAsync().WaitAsync(patience, clock, cancellationToken);
        return await connection.GetDatabase().PingAsync().WaitAsync(patience, clock, cancellationToken);
    }
}
