using System.Text;
using Laurel.ServerTests.Coupons;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Attacks;

/// <summary>Codes of coupons that somebody guesses (D8).</summary>
public sealed class GuessingCodesTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int GuessCount = 3_000;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/coupons/redeem", "code", "COUPON_CODE_NOT_FOUND")]
    [InlineData("/api/coupons/share/claim", "token", "COUPON_SHARE_NOT_FOUND")]
    [Trait("Attack", "D8")]
    public async Task FindNothingAndAreStopped_When_AMemberGuesses(string path, string field, string notFound)
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var guesser = await server.NewMemberAsync("guesser", 0);
        var other = await server.NewMemberAsync("other", 0);
        var random = new Random(Seed.Draw(output));
        var guesses = Enumerable.Range(0, GuessCount).Select(_ => Guess(random)).ToArray();

        var answers = await AtOnce.RunAsync(GuessCount, i => TryAsync(guesser, guesses[i]));

        var outcomes = answers.GroupBy(answer => answer.Outcome).ToDictionary(group => group.Key, group => group.Count());
        output.WriteLine(string.Join(", ", outcomes.Select(outcome => $"{outcome.Value} {outcome.Key}")));
        outcomes.Keys.ShouldBe([$"404 {notFound}", "429 RATE_LIMITED"], ignoreOrder: true);
        outcomes[$"404 {notFound}"].ShouldBe(10);
        answers.Where(answer => answer.Status == 429).ShouldAllBe(answer => answer.RetryAfter > TimeSpan.Zero);
        (await TryAsync(other, guesses[0])).Outcome.ShouldBe($"404 {notFound}", "who did not guess may go on");

        Task<Answer> TryAsync(string member, string guess) => server.PostAsync(path, new Dictionary<string, object> { ["memberId"] = member, [field] = guess });
    }

    /// <summary>A code of the right form and with the right check character: only whether it exists is not known.</summary>
    private static string Guess(Random random)
    {
        var code = new StringBuilder();
        var number = 0;
        for (var i = 0; i < 16; i++)
        {
            var digit = random.Next(Alphabet.Length);
            number = ((number * Alphabet.Length) + digit) % 37;
            code.Append(Alphabet[digit]).Append(i % 4 == 3 ? "-" : "");
        }

        return code.Append((Alphabet + "*~$=U")[number]).ToString();
    }
}
