using System.Collections.Specialized;
using System.Web;
using MySql.Data.MySqlClient;
using Npgsql;

namespace Laurel.Engine.Sql;

/// <summary>Reads the address of a database server: a URL, or a connection string of its driver.</summary>
/// <remarks>An option that is not understood is refused: passed over, it might be thought to protect a connection that it does
/// not.</remarks>
public static class ServerAddress
{
    private static readonly string[] s_modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

    /// <param name="address"><c>postgresql://user:password@host:port/database</c> with <c>sslmode</c> and <c>sslrootcert</c> as libpq
    /// knows them (https://www.postgresql.org/docs/current/libpq-connect.html), or a connection string of Npgsql.</param>
    /// <exception cref="FormatException">What is wrong, in a sentence that names no password.</exception>
    public static NpgsqlConnectionStringBuilder Postgres(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("postgres" or "postgresql"))
        {
            return Read(() => new NpgsqlConnectionStringBuilder(address));
        }

        var options = OptionsOf(url, "sslmode", "sslrootcert");
        var (user, password) = UserOf(url);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port > 0 ? url.Port : 5432,
            Username = user,
            Password = password,
            Database = DatabaseOf(url),
            RootCertificate = options["sslrootcert"],
        };
        if (ModeOf(options, s_modes) is { } mode)
        {
            builder.SslMode = mode switch
            {
                "disable" => SslMode.Disable,
                "allow" => SslMode.Allow,
                "prefer" => SslMode.Prefer,
                "require" => SslMode.Require,
                "verify-ca" => SslMode.VerifyCA,
                _ => SslMode.VerifyFull,
            };
        }

        return builder;
    }

    /// <param name="address"><c>mysql://</c> or <c>mariadb://user:password@host:port/database</c> with <c>sslmode</c>, whose values are
    /// those of the driver or of libpq, or a connection string of MySql.Data.</param>
    /// <exception cref="FormatException">What is wrong, in a sentence that names no password.</exception>
    public static MySqlConnectionStringBuilder MySql(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("mysql" or "mariadb"))
        {
            return Read(() => new MySqlConnectionStringBuilder(address));
        }

        var (user, password) = UserOf(url);
        return new MySqlConnectionStringBuilder
        {
            Server = url.Host,
            Port = url.Port > 0 ? (uint)url.Port : 3306,
            UserID = user,
            Password = password ?? "",
            Database = DatabaseOf(url),
            SslMode = ModeOf(OptionsOf(url, "sslmode"), ["none", "preferred", "required", .. s_modes]) switch
            {
                "none" or "disable" => MySqlSslMode.None,
                "required" or "require" => MySqlSslMode.Required,
                "verify-ca" => MySqlSslMode.VerifyCA,
                "verify-full" => MySqlSslMode.VerifyFull,
                _ => MySqlSslMode.Preferred,
            },
        };
    }

    // The driver's own sentence may repeat the whole string, and with it the password.
    private static T Read<T>(Func<T> read)
        where T : class => TryRead(read)
        ?? throw new FormatException("It is neither a URL such as postgresql://user:password@host:5432/laurel nor a connection string that the driver understands.");

    private static T? TryRead<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static NameValueCollection OptionsOf(Uri url, params ReadOnlySpan<string> known)
    {
        var options = HttpUtility.ParseQueryString(url.Query);
        foreach (var name in options.AllKeys)
        {
            if (!known.Contains(name))
            {
                throw new FormatException($"The option '{name}' of its URL is not known; known are {string.Join(", ", known)}. A connection string of the driver takes all of the driver's own.");
            }
        }

        return options;
    }

    private static string? ModeOf(NameValueCollection options, IReadOnlyList<string> modes)
    {
        var mode = options["sslmode"]?.ToLowerInvariant();
        return mode is null || modes.Contains(mode)
            ? mode
            : throw new FormatException($"sslmode is one of {string.Join(", ", modes)}, not '{mode}'.");
    }

    private static (string User, string? Password) UserOf(Uri url)
    {
        var user = url.UserInfo.Split(':', 2);
        return (Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null);
    }

    private static string DatabaseOf(Uri url) => Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
}
