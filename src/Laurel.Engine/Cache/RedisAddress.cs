using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Laurel.Engine.Cache;

/// <summary>Where Redis is (<c>REDIS_URL</c>).</summary>
public sealed class RedisAddress
{
    private const int PortDefault = 6379;

    private readonly ConfigurationOptions _options;

    private readonly X509Certificate2Collection? _authorities;

    private RedisAddress(ConfigurationOptions options, X509Certificate2Collection? authorities) => (_options, _authorities) = (options, authorities);

    /// <summary>The servers without any secret, for logs and findings.</summary>
    public string Servers => string.Join(", ", _options.EndPoints.Select(server => server is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : server.ToString()));

    /// <summary>Reads <c>redis://:password@host:6379/0</c>, <c>rediss://</c> for TLS, or StackExchange.Redis's own form
    /// <c>host:6379,password=…</c>.</summary>
    /// <param name="authorities">Who must have signed the server's certificate; null is whom this machine trusts.</param>
    /// <returns>The address, or a sentence that says what is wrong with it.</returns>
    public static (RedisAddress? Address, string? Mistake) Read(string text, X509Certificate2Collection? authorities = null)
    {
        var (options, mistake) = text.Contains("://", StringComparison.Ordinal) ? ReadUrl(text) : ReadWords(text);
        return options is null ? (null, mistake)
            : authorities is not null && !options.Ssl ? (null, "authorities are named, and it does not ask for TLS (rediss://)")
            : (With(options, authorities), null);
    }

    /// <summary>Connects. The connection mends itself; what happens to it is told by its events.</summary>
    /// <exception cref="RedisRefusedException">When the server's certificate is not accepted, or the server is of no use.</exception>
    internal async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = _options.Clone();
        string? mistake = null;
        if (options.Ssl)
        {
            var host = options.SslHost ?? (options.EndPoints[0] as DnsEndPoint)?.Host ?? Servers;
            options.CertificateValidation += (_, certificate, chain, errors) =>
                (mistake = RedisCertificate.MistakeOf(certificate, chain, errors, host, _authorities)) is null;
        }

        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        if (connection.IsConnected)
        {
            mistake = IsCluster(connection) && options.DefaultDatabase > 0
                ? $"it is a Redis Cluster, which has database 0 alone, and number {options.DefaultDatabase} is asked for"
                : null;
        }

        if (mistake is null)
        {
            return connection;
        }

        connection.Dispose();
        throw new RedisRefusedException(mistake);
    }

    /// <summary>Whether keys of one command must lie on one server.</summary>
    internal static bool IsCluster(ConnectionMultiplexer connection) =>
        connection.GetEndPoints().Any(server => connection.GetServer(server).ServerType == ServerType.Cluster);

    private static (ConfigurationOptions? Options, string? Mistake) ReadWords(string text)
    {
        try
        {
            var options = ConfigurationOptions.Parse(text);
            return options.EndPoints.Count > 0 ? (options, null) : (null, "it names no server");
        }
        catch (ArgumentException exception)
        {
            return (null, exception.Message);
        }
    }

    private static (ConfigurationOptions? Options, string? Mistake) ReadUrl(string text)
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

        return (options, null);
    }

    private static RedisAddress With(ConfigurationOptions options, X509Certificate2Collection? authorities)
    {
        options.AbortOnConnectFail = false;
        options.ClientName = "laurel";
        options.ConnectTimeout = 2_000;
        options.ConnectRetry = 1;
        options.KeepAlive = 5;
        options.ReconnectRetryPolicy = new LinearRetry(1_000);
        return new RedisAddress(options, authorities);
    }
}

/// <summary>Asks Redis once whether it answers, for <c>doctor</c>.</summary>
public static class RedisInquiry
{
    /// <summary>How long it took to answer, and whether it is a cluster.</summary>
    /// <exception cref="RedisRefusedException">When it must not be used.</exception>
    /// <exception cref="Exception">When it does not answer in time, or refuses.</exception>
    public static async Task<(TimeSpan Took, bool IsCluster)> PingAsync(
        RedisAddress address, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var connection = await address.ConnectAsync().WaitAsync(patience, clock, cancellationToken);

        // The first call pays for the start of the program.
        await connection.GetDatabase().PingAsync().WaitAsync(patience, clock, cancellationToken);
        var took = await connection.GetDatabase().PingAsync().WaitAsync(patience, clock, cancellationToken);
        return (took, RedisAddress.IsCluster(connection));
    }
}
