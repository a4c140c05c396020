using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Laurel.Identity.Host;
using Laurel.Identity.Wire;
using Laurel.UnitTests.Architecture;
using Laurel.UnitTests.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Host;

public sealed class HostTokensTests : IAsyncLifetime
{
    private const string Path = "/jwks.json";

    private static readonly JsonElement s_jose = JsonDocument.Parse(SourceTree.Read("tests/data/jose/tokens.json")).RootElement;

    private readonly ManualClock _clock = new();
    private ProviderServer _server = null!;

    public static TheoryData<string> Jose => [.. s_jose.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("name").GetString()!)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string JoseKeys => $$"""{"keys":{{s_jose.GetProperty("keys").GetRawText()}}}""";

    public async ValueTask InitializeAsync()
    {
        _server = await ProviderServer.StartAsync();
        _server.Answer(Path, JoseKeys);
        _clock.Advance(DateTimeOffset.FromUnixTimeSeconds(s_jose.GetProperty("now").GetInt64()) - _clock.GetUtcNow());
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Jose))]
    public async Task IsJudgedAsItIs_When_JoseMadeIt(string name)
    {
        var made = s_jose.GetProperty("tokens").EnumerateArray().Single(token => token.GetProperty("name").GetString() == name);

        var answer = await Tokens().ReadAsync(made.GetProperty("token").GetString()!, Stop);

        answer.Fault?.ToString().ShouldBe(made.GetProperty("fault").GetString());
        answer.Person?.ExternalId.ShouldBe(name == "number as subject" ? "2002" : "c-2002");
        (answer.Person is null).ShouldBe(answer.Fault is not null);
    }

    [Fact]
    public async Task IsRefused_When_AnyCharacterIsChanged()
    {
        var good = Token("ES256");
        var tokens = Tokens();
        (await tokens.ReadAsync(good, Stop)).Fault.ShouldBeNull();

        for (var i = 0; i < good.Length; i++)
        {
            var changed = good[..i] + (good[i] == 'A' ? 'B' : 'A') + good[(i + 1)..];
            (await tokens.ReadAsync(changed, Stop)).Person.ShouldBeNull($"character {i}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("e30.e30.AAAA")]
    [InlineData("bnVsbA.e30.AAAA")]
    [InlineData("W10.e30.AAAA")]
    public async Task IsRefused_When_ItIsNoToken(string text)
    {
        (await Tokens().ReadAsync(text, Stop)).Fault.ShouldBeOneOf(HostTokenFault.Malformed, HostTokenFault.Algorithm);
        _server.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task IsRefused_When_ItIsSpeltOtherwise()
    {
        var good = Token("RS256");
        var tokens = Tokens();
        string[] spellings =
        [
            good + "=", good + " ", " " + good, good + "\n", good.Replace('-', '+'), good.Replace('_', '/'), good + new string('A', HostTokens.TokenLengthMax),
        ];

        foreach (var spelling in spellings.Where(spelling => spelling != good))
        {
            (await tokens.ReadAsync(spelling, Stop)).Fault.ShouldBe(HostTokenFault.Malformed);
        }
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"at+jwt"}""", HostTokenFault.Algorithm)]
    [InlineData("""{"alg":"es256","kid":"es"}""", HostTokenFault.Algorithm)]
    [InlineData("""{"alg":2,"kid":"es"}""", HostTokenFault.Algorithm)]
    [InlineData("""{"alg":["ES256"],"kid":"es"}""", HostTokenFault.Algorithm)]
    [InlineData("""{"alg":"ES256","alg":"none","kid":"es"}""", HostTokenFault.Malformed)]
    [InlineData("""{"alg":"ES256","kid":"es","crit":["exp"]}""", HostTokenFault.Malformed)]
    [InlineData("""{"alg":"ES256","kid":"es","b64":false,"crit":["b64"]}""", HostTokenFault.Malformed)]
    [InlineData("""{"alg":"ES256","kid":"es","typ":"dpop+jwt"}""", HostTokenFault.Type)]
    [InlineData("""{"alg":"ES256","kid":"../es"}""", HostTokenFault.Key)]
    [InlineData("""{"alg":"ES256","kid":"es","jku":"http://127.0.0.1/own"}""", HostTokenFault.Signature)]
    public async Task IsRefused_When_TheHeaderIsForged(string header, HostTokenFault fault)
    {
        var payload = Token("ES256").Split('.')[1];

        var forged = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{payload}.{Base64Url.EncodeToString(new byte[64])}";

        (await Tokens().ReadAsync(forged, Stop)).Fault.ShouldBe(fault);
    }

    [Fact]
    public async Task IsRefused_When_ItBringsAKeyOfItsOwn()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var header = $$"""{"alg":"ES256","kid":"es","jwk":{{Jwk(own, "es")}}}""";

        (await Tokens().ReadAsync(Sign(own, header, Claims()), Stop)).Fault.ShouldBe(HostTokenFault.Signature);
    }

    [Theory]
    [InlineData("""{"exp":"1790003600"}""", HostTokenFault.Expired)]
    [InlineData("""{"exp":1e300}""", HostTokenFault.Expired)]
    [InlineData("""{"exp":-1}""", HostTokenFault.Expired)]
    [InlineData("""{"exp":1790003600.75}""", null)]
    [InlineData("""{"nbf":"soon"}""", HostTokenFault.NotYetValid)]
    [InlineData("""{"aud":{"laurel":1}}""", HostTokenFault.Audience)]
    [InlineData("""{"aud":[["laurel"]]}""", HostTokenFault.Audience)]
    [InlineData("""{"aud":"laurel2"}""", HostTokenFault.Audience)]
    [InlineData("""{"iss":["https://shop.example/"]}""", HostTokenFault.Issuer)]
    [InlineData("""{"sub":"a\u0000b"}""", HostTokenFault.Subject)]
    [InlineData("""{"sub":"\ud800"}""", HostTokenFault.Subject)]
    [InlineData("""{"sub":1.5}""", HostTokenFault.Subject)]
    [InlineData("""{"sub":{"id":"x"}}""", HostTokenFault.Subject)]
    public async Task IsJudged_When_TheClaimsAreOdd(string changed, HostTokenFault? fault)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _server.Answer(Path, $$"""{"keys":[{{Jwk(key, "k")}}]}""");
        var claims = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Claims())!;
        foreach (var field in JsonDocument.Parse(changed).RootElement.EnumerateObject())
        {
            claims[field.Name] = field.Value;
        }

        // Written field by field: half of a surrogate pair goes through unaltered.
        var body = "{" + string.Join(',', claims.Select(claim => $"\"{claim.Key}\":{claim.Value.GetRawText()}")) + "}";

        (await Tokens().ReadAsync(Sign(key, """{"alg":"ES256","kid":"k"}""", body), Stop)).Fault.ShouldBe(fault);
    }

    [Fact]
    public async Task IsRefused_When_AClaimIsToldTwice()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _server.Answer(Path, $$"""{"keys":[{{Jwk(key, "k")}}]}""");

        (await Tokens().ReadAsync(Sign(key, """{"alg":"ES256","kid":"k"}""", Claims().Insert(1, "\"sub\":\"admin\",")), Stop)).Fault.ShouldBe(HostTokenFault.Malformed);
    }

    [Fact]
    public async Task IsHeldToTheSettings_When_TheyAskForMore()
    {
        var strict = Tokens(Options() with { Type = "AT+JWT", Algorithms = [HostAlgorithm.ES256], Claim = "iss" });

        (await strict.ReadAsync(Token("ES256"), Stop)).Person!.ExternalId.ShouldBe("https://shop.example/");
        (await strict.ReadAsync(Token("no type"), Stop)).Fault.ShouldBe(HostTokenFault.Type);
        (await strict.ReadAsync(Token("RS256"), Stop)).Fault.ShouldBe(HostTokenFault.Algorithm);
    }

    [Fact]
    public async Task NeedsNoName_When_OneKeyAloneFits()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = Sign(key, """{"alg":"ES256"}""", Claims());
        _server.Answer(Path, $$"""{"keys":[{{Jwk(key, "k")}}]}""");
        (await Tokens().ReadAsync(token, Stop)).Fault.ShouldBeNull();

        _server.Answer(Path, $$"""{"keys":[{{Jwk(key, "k")}},{{Jwk(other, "l")}}]}""");
        (await Tokens().ReadAsync(token, Stop)).Fault.ShouldBe(HostTokenFault.Key);
    }

    [Fact]
    public async Task AsksOnceForTheKeys_When_ManyComeAtOnce()
    {
        var tokens = Tokens();
        var token = Token("ES256");

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => tokens.ReadAsync(token, Stop)));

        answers.ShouldAllBe(answer => answer.Fault == null);
        _server.All.ShouldHaveSingleItem().Method.ShouldBe("GET");
    }

    [Fact]
    public async Task AsksForNewKeysOnceAMinute_When_ATokenNamesAnUnknownOne()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = Sign(key, """{"alg":"ES256","kid":"new"}""", Claims());
        var tokens = Tokens();
        for (var i = 0; i < 20; i++)
        {
            (await tokens.ReadAsync(token, Stop)).Fault.ShouldBe(HostTokenFault.Key);
        }

        _server.All.Count.ShouldBe(1);
        _server.Answer(Path, $$"""{"keys":[{{Jwk(key, "new")}}]}""");
        _clock.Advance(TimeSpan.FromSeconds(60));

        (await tokens.ReadAsync(token, Stop)).Fault.ShouldBeNull();
        _server.All.Count.ShouldBe(2);
        (await tokens.ReadAsync(Token("ES256"), Stop)).Fault.ShouldBe(HostTokenFault.Key);
    }

    [Fact]
    public async Task ForgetsAKey_When_TheIssuerTookItBackAnHourAgo()
    {
        var tokens = Tokens();
        var token = Token("ES256");
        (await tokens.ReadAsync(token, Stop)).Fault.ShouldBeNull();
        _server.Answer(Path, JoseKeys.Replace("\"es\"", "\"gone\"", StringComparison.Ordinal));

        _clock.Advance(TimeSpan.FromSeconds(3_599));
        (await tokens.ReadAsync(token, Stop)).Fault.ShouldBeNull();
        _clock.Advance(TimeSpan.FromSeconds(1));

        // The one that finds it stale does not wait; from then on it is gone.
        await tokens.ReadAsync(token, Stop);
        while (_server.All.Count < 2 || (await tokens.ReadAsync(token, Stop)).Fault is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Stop);
        }

        (await tokens.ReadAsync(token, Stop)).Fault.ShouldBe(HostTokenFault.Key);
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("{}", 200)]
    [InlineData("""{"keys":[]}""", 200)]
    [InlineData("""{"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB","e":"AQAB"},7,{"kty":"RSA","n":"!","e":"AQAB"}]}""", 200)]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}""", 200)]
    [InlineData("oops", 500)]
    public async Task SaysThatTheKeysCannotBeHad_When_TheIssuerAnswersBadly(string body, int status)
    {
        _server.Answer(Path, body, status);
        var tokens = Tokens();

        (await tokens.ReadAsync(Token("ES256"), Stop)).Fault.ShouldBe(HostTokenFault.KeysUnavailable);
        (await tokens.ReadAsync(Token("ES256"), Stop)).Fault.ShouldBe(HostTokenFault.KeysUnavailable);
        _server.All.Count.ShouldBe(1);

        _server.Answer(Path, JoseKeys);
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await tokens.ReadAsync(Token("ES256"), Stop)).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task TrustsWhatIsKnownForADay_When_TheIssuerFallsSilent()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _server.Answer(Path, $$"""{"keys":[{{Jwk(key, "k")}}]}""");
        var token = Sign(key, """{"alg":"ES256","kid":"k"}""", Claims());
        var tokens = Tokens();
        (await tokens.ReadAsync(token, Stop)).Fault.ShouldBeNull();
        _server.Answer(Path, "oops", 503);

        _clock.Advance(TimeSpan.FromHours(23));
        (await tokens.ReadAsync(token, Stop)).Fault.ShouldBeNull();
        _clock.Advance(TimeSpan.FromHours(1));

        (await tokens.ReadAsync(token, Stop)).Fault.ShouldBe(HostTokenFault.KeysUnavailable);
    }

    [Theory]
    [InlineData("\"use\":\"sig\"", "\"use\":\"enc\"")]
    [InlineData("\"alg\":\"ES256\"", "\"alg\":\"ES384\"")]
    public async Task IsNotUsed_When_AKeyIsForSomethingElse(string from, string to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _server.Answer(Path, $$"""{"keys":[{{Jwk(key, "k").Replace(from, to, StringComparison.Ordinal)}},{{Jwk(other, "l")}}]}""");

        (await Tokens().ReadAsync(Sign(key, """{"alg":"ES256","kid":"k"}""", Claims()), Stop)).Fault.ShouldBe(HostTokenFault.Key);
    }

    private static string Token(string name) =>
        s_jose.GetProperty("tokens").EnumerateArray().Single(token => token.GetProperty("name").GetString() == name).GetProperty("token").GetString()!;

    private static string Jwk(ECDsa key, string id)
    {
        var point = key.ExportParameters(false).Q;
        var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        return $$"""{"kty":"EC","crv":"P-256","kid":"{{id}}","use":"sig","alg":"ES256","x":"{{x}}","y":"{{y}}"}""";
    }

    private static string Sign(ECDsa key, string header, string claims)
    {
        var content = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Good for two days.</summary>
    private static string Claims() => """{"iss":"https://shop.example/","aud":"laurel","sub":"c-2002","exp":1790200000}""";

    private HostTokenOptions Options() => new() { Issuer = "https://shop.example/", Audience = "laurel", KeysAddress = new Uri(_server.Address, Path) };

    private HostTokens Tokens(HostTokenOptions? options = null) =>
        new(options ?? Options(), new HostKeys(Options().KeysAddress, _server.Client, _server.Faults(HostKeys.Name), _clock), _clock);
}
