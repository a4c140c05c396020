using System.CommandLine;

namespace Laurel.Server.Verbs;

/// <summary><c>health</c>: asks a running server, for containers that have neither a shell nor curl.</summary>
internal static class HealthVerb
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private static readonly Argument<string> s_url = new("URL") { Description = "What to ask, such as http://127.0.0.1:8080/health." };

    public static Command Create()
    {
        var command = new Command("health", "Asks a running server; exit code 0 when it answers 200, otherwise 1.") { s_url };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var trouble = await AskAsync(parsed.GetRequiredValue(s_url), cancellationToken);
            if (trouble is not null)
            {
                await Console.Error.WriteLineAsync("laurel: " + trouble);
            }

            return trouble is null ? 0 : 1;
        });
        return command;
    }

    private static async Task<string?> AskAsync(string url, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return $"URL is an address such as http://127.0.0.1:8080/health, not '{url}'.";
        }

        using var client = new HttpClient { Timeout = s_patience };
        try
        {
            using var answer = await client.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode ? null : $"{address} answers {(int)answer.StatusCode}.";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return $"{address} does not answer: {exception.Message}";
        }
    }
}
