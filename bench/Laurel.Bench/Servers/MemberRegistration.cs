using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Laurel.Bench.Servers;

/// <summary>Registers the members of a benchmark through the API.</summary>
internal static class MemberRegistration
{
    private const int ConnectionsMax = 64;
    private const int AttemptsMax = 50;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Registers <c>bench-000001</c> to the number asked for and writes their ids, one to a line.</summary>
    /// <param name="server">A server without these members.</param>
    /// <param name="count">How many.</param>
    /// <param name="idsFile">Where the ids go, in the order of the numbers.</param>
    /// <param name="progress">Told each time another part, 0 to 1, has been done.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        LaurelProcess server, int count, string idsFile, Action<double> progress, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = ConnectionsMax };
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LaurelSettings.ApiKey);
        var ids = new string[count];
        var done = 0;
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = ConnectionsMax,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, count, options, async (index, token) =>
        {
            ids[index] = await RegisterAsync(client, index + 1, token);
            if (Interlocked.Increment(ref done) % 500 == 0)
            {
                progress(done / (double)count);
            }
        });
        await File.WriteAllLinesAsync(idsFile, ids, cancellationToken);
    }

    private static async Task<string> RegisterAsync(HttpClient client, int number, CancellationToken cancellationToken)
    {
        var body = string.Create(CultureInfo.InvariantCulture, $"{{\"externalId\":\"bench-{number:D6}\"}}");
        for (var attempt = 1; ; attempt++)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(
                new Uri("/api/members", UriKind.Relative), content, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.Created:
                    using (var member = JsonDocument.Parse(text))
                    {
                        return member.RootElement.GetProperty("id").GetString()
                            ?? throw new BenchException($"The new member has no id: {text}");
                    }

                case HttpStatusCode.ServiceUnavailable when attempt < AttemptsMax:
                    await Task.Delay(s_pause, TimeProvider.System, cancellationToken);
                    break;
                default:
                    throw new BenchException($"POST /api/members answered {(int)answer.StatusCode}: {text}");
            }
        }
    }
}
