using System.Globalization;
using System.Net.Http.Headers;

namespace Laurel.Bench.Servers;

/// <summary>What a server tells at <c>/metrics</c>.</summary>
internal sealed class NodeFigures
{
    private readonly string[] _lines;

    private NodeFigures(string text) => _lines = text.Split('\n');

    public static async Task<NodeFigures> ReadAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LaurelSettings.ApiKey);
        return new NodeFigures(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), cancellationToken));
    }

    /// <summary>The sum over all labels of one name; 0 when it does not occur.</summary>
    public double Sum(string name) => _lines
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
        .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
