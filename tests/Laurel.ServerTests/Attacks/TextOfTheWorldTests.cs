using System.Text;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Attacks;

/// <summary>Text of every script, and text that looks like other text: stored and told as it is, the same key on each database, and nobody's name twice
/// (E3).</summary>
public sealed class TextOfTheWorldTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    /// <summary>Each in form C, so that it is told as it was given.</summary>
    private static readonly string[] s_texts =
    [
        "王小明", "欧阳娜娜", "𠮷野家", "Zoë", "ÅSTRÖM", "ß und ẞ", "İstanbul ı", "Ελλάδα ς", "Ёлка", "עברית", "العربية", "हिन्दी", "ภาษาไทย", "한국어", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇨🇳", "a\u200Db",
        "Ⅷ ﬁ ①", "\u202Eevil\u202C", "tab\\t and %s %n ${x} {{y}}", "'\"`;--", "<b>&amp;</b>", "=1+1", "NULL", "𝒜𝓁𝒾𝒸𝑒",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "E3")]
    public async Task ComesBackAsItWasGiven_When_ItIsOfAnyScript(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        foreach (var text in s_texts)
        {
            text.IsNormalized().ShouldBeTrue(text);
            var registered = await server.PostAsync("/api/members", new { externalId = text, nickname = text });
            registered.Status.ShouldBe(201, $"{text}: {registered.Text}");
            var id = registered.TextOf("id")!;
            var earned = await server.PostAsync("/api/points/earn", new { externalId = text, points = 5, reason = text, referenceType = "test", referenceId = text });
            earned.Status.ShouldBe(200, earned.Text);

            var member = await server.MemberAsync(id);
            (member.TextOf("nickname"), member.TextOf("externalId")).ShouldBe((text, text));
            var found = await server.GetAsync($"/api/members?externalId={Uri.EscapeDataString(text)}");
            found.Text.ShouldContain(id);
            var record = (await server.GetAsync($"/api/points/records?memberId={id}")).Json.GetProperty("items").EnumerateArray()
                .First(item => item.GetProperty("referenceType").GetString() == "test");
            (record.GetProperty("reason").GetString(), record.GetProperty("referenceId").GetString()).ShouldBe((text, text));
            (await server.PostAsync("/api/members", new { externalId = text.Normalize(NormalizationForm.FormD) })).Outcome.ShouldBe("409 MEMBER_EXISTS", text);
        }

        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    /// <summary>Keys are compared by their code points on each database, whatever its collation thinks alike.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "E3")]
    public async Task IsAnotherKey_When_ItOnlyLooksAlike(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        string[] alike = ["Apple-77", "apple-77", "Аpple-77", "Apple-７７", "Applé-77", "App\u200Dle-77", "ﬀ-77", "ff-77", "ß-77", "ss-77", "ı-77", "i-77", "I-77"];

        foreach (var text in alike)
        {
            (await server.PostAsync("/api/members", new { externalId = text })).Status.ShouldBe(201, text);
        }
    }

    [Theory]
    [InlineData("\"\\u200b\\u200d\"")]
    [InlineData("\"\\u3164\"")]
    [InlineData("\"\\u2800\"")]
    [InlineData("\" a\"")]
    [InlineData("\"a\\u0000b\"")]
    [InlineData("\"a\\r\\nb\"")]
    [InlineData("\"a\\u2028b\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\ufffe\"")]
    [Trait("Attack", "E3")]
    public async Task IsRefused_When_NobodySeesIt(string json)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var answer = await server.PostAsync("/api/members", $$"""{"externalId":"unseen {{Encoding.UTF8.GetByteCount(json)}}","nickname":{{json}}}""");

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.Faults.ShouldHaveSingleItem().ShouldEndWith(" /nickname");
    }

    /// <summary>Who signs in is told apart by eye, so names that look alike are one name or none.</summary>
    [Fact]
    [Trait("Attack", "E3")]
    public async Task IsNoNameToSignInBy_When_ItLooksLikeAnother()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await server.SignUpAsync("paypal");

        foreach (var name in new[] { "PayPal", "ＰＡＹＰＡＬ", "p\u0430ypal", "paypa\u04CF", "pay\u200Dpal", "рауpal", "paypal\u0301" })
        {
            var answer = await server.PostAsAsync(null, "/api/auth/register", new { username = name, password = SignInCalls.Password });
            answer.Outcome.ShouldBeOneOf("409 SIGN_IN_NAME_TAKEN", "400 VALIDATION_FAILED");
        }
    }
}
