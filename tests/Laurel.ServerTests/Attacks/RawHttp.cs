using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Laurel.ServerTests.Hosting;

namespace Laurel.ServerTests.Attacks;

/// <summary>Requests as bytes, which no client library would send.</summary>
internal static partial class RawHttp
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Sends the bytes over a connection of their own and reads until the server hangs up, or for five seconds.</summary>
    /// <param name="bytes">Has to ask for the connection to be closed, or be so wrong that the server does it.</param>
    /// <returns>All that was answered, headers and bodies.</returns>
    public static async Task<string> SendAsync(Uri address, byte[] bytes, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, patience.Token);
        await using var stream = client.GetStream();
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(bytes, patience.Token);
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException)
        {
            // Who hangs up on a bad request may do so before all of it was sent.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It waits for more, and what it has answered so far is what counts.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>One request for a path as it is.</summary>
    /// <param name="headers">Each with its name.</param>
    public static Task<string> GetAsync(LaurelServer server, string method, string target, CancellationToken cancellationToken, params string[] headers)
    {
        var request = new StringBuilder().Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        foreach (var header in headers)
        {
            request.Append(header).Append("\r\n");
        }

        return SendAsync(server.Process.Address, Encoding.Latin1.GetBytes(request.Append("\r\n").ToString()), cancellationToken);
    }

    /// <summary>The statuses of the answers, in order; empty when the server only hung up.</summary>
    public static IReadOnlyList<int> StatusesOf(string answers) =>
        [.. StatusLine().Matches(answers).Select(line => int.Parse(line.Groups["status"].Value, System.Globalization.CultureInfo.InvariantCulture))];

    [GeneratedRegex("""HTTP/1\.1 (?<status>[0-9]{3}) """, RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex StatusLine();
}
