using System.Text.RegularExpressions;
using Laurel.ServerTests.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>Calls of people who come in by codes.</summary>
internal static partial class CodeCalls
{
    public static Task<Answer> AskAsync(LaurelServer server, string phone, string purpose) =>
        server.PostAsAsync(null, "/api/auth/codes", new { phone, purpose });

    public static Task<Answer> CodeLoginAsync(LaurelServer server, string phone, string code) =>
        server.PostAsAsync(null, "/api/auth/code-login", new { phone, code });

    /// <summary>Asks for a code and reads it where a developer would.</summary>
    public static async Task<string> CodeAsync(LaurelServer server, string phone, string purpose)
    {
        var before = CodePattern().Count(server.Process.Output);
        (await AskAsync(server, phone, purpose)).Status.ShouldBe(202);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var found = CodePattern().Matches(server.Process.Output);
            if (found.Skip(before).FirstOrDefault(match => match.Groups["end"].Value == phone[^4..]) is { } match)
            {
                return match.Groups["code"].Value;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }
    }

    [GeneratedRegex(@"nothing was sent: the \w+ code for \S+\*(?<end>\d{4}) is (?<code>\d{6})\.", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex CodePattern();
}
