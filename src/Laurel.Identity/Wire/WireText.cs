using System.Text;

namespace Laurel.Identity.Wire;

/// <summary>Addresses and queries as the providers read them.</summary>
internal static class WireText
{
    /// <summary>Names and values, escaped as RFC 3986 says (a blank is <c>%20</c>), in the order given.</summary>
    public static string Query(params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            query.Append(query.Length == 0 ? "" : "&").Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }

        return query.ToString();
    }

    /// <summary>A path below the base address, whether or not that ends with a slash.</summary>
    /// <param name="query">Without the question mark; empty for none.</param>
    public static Uri Url(Uri baseAddress, string path, string query) =>
        new($"{baseAddress.AbsoluteUri.TrimEnd('/')}{(path.Length == 0 ? "" : "/")}{path}{(query.Length == 0 ? "" : "?")}{query}");
}
