using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Laurel.Identity.Tokens;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity;

/// <summary>Tokens that we did not sign as we sign them are none (D5; RFC 8725).</summary>
public sealed class ForgingTokensTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccessClaims s_claims = new()
    {
        User = 42,
        Username = "ann",
        Role = "member",
        Level = "gold",
        Tenant = new TenantId(1),
        Issuer = "laurel",
        Audience = "laurel",
        Name = new TokenName(7, 3),
        IssuedAt = s_now,
        ExpiresAt = s_now.AddHours(24),
    };

    private readonly OwnTokenKey _own = OwnTokenKey.Read("own-1", OwnTokenKey.Draw());
    private readonly SharedTokenKey _shared = new(Secret) { OnlyFor = new TenantId(1) };

    [Fact]
    public void AreReadAsTheyWereWritten_When_EitherKeySigns()
    {
        new TokenRing([_own]).Read(new TokenRing([_own]).Sign(s_claims)).ShouldBe(s_claims);
        new TokenRing([_shared, _own]).Read(new TokenRing([_shared]).Sign(s_claims)).ShouldBe(s_claims);
        new TokenRing([_own, _shared]).Read(new TokenRing([_shared]).Sign(s_claims with { Level = null })).ShouldBe(s_claims with { Level = null });
    }

    /// <summary>The claims in the order and under the names of the shop's own documents, and nothing personal.</summary>
    [Fact]
    public void SayWhatTheDocumentsSay_When_TheyAreDecoded()
    {
        var token = new TokenRing([_shared]).Sign(s_claims);

        PartOf(token, 0).ShouldBe($$"""{"alg":"HS256","typ":"JWT","kid":"{{_shared.Id}}"}""");
        PartOf(token, 1).ShouldBe(
            """{"user_id":"42","username":"ann","role":"member","level":"gold","tenant":1,"iss":"laurel","aud":"laurel","jti":"7-3","iat":1795348800,"exp":1795435200}""");
    }

    public static TheoryData<string> Forgeries => [.. Made(new ForgingTokensTests()).Select(forgery => forgery.Name)];

    [Theory]
    [MemberData(nameof(Forgeries))]
    [Trait("Attack", "D5")]
    public void AreNone_When_TheyAreForged(string name)
    {
        var token = Made(this).Single(forgery => forgery.Name == name).Token;

        new TokenRing([_own, _shared]).Read(token).ShouldBeNull();
    }

    [Fact]
    [Trait("Attack", "D5")]
    public void AreTwentyFiveAtLeast_When_ForgeriesAreCounted() => Forgeries.Count().ShouldBeGreaterThanOrEqualTo(25);

    [Fact]
    public void SpeakForOneTenant_When_TheSecretIsShared()
    {
        var other = new SharedTokenKey(Secret);

        new TokenRing([_own, _shared]).Read(new TokenRing([other]).Sign(s_claims with { Tenant = new TenantId(2) })).ShouldBeNull();
        new TokenRing([_shared, _own]).Read(new TokenRing([_shared, _own]).Sign(s_claims with { Tenant = new TenantId(2) })).ShouldNotBeNull();
    }

    private static IEnumerable<(string Name, string Token)> Made(ForgingTokensTests test)
    {
        var good = new TokenRing([test._own]).Sign(s_claims);
        var body = good.Split('.')[1];
        var json = PartOf(good, 1);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (x, y) = test._own.PublicPoint;
        var spki = Encoding.ASCII.GetBytes($"{Base64Url.EncodeToString(x)}.{Base64Url.EncodeToString(y)}");
        string Ours(string header, string claims) => Signed(header, claims, message => test._own.Sign(message));
        string Shared(string header, string claims) => Signed(header, claims, message => test._shared.Sign(message));
        const string header = """{"alg":"ES256","typ":"JWT","kid":"own-1"}""";
        yield return ("no algorithm", Signed("""{"alg":"none","typ":"JWT","kid":"own-1"}""", json, _ => []));
        yield return ("no algorithm, other spelling", Signed("""{"alg":"nOnE","typ":"JWT","kid":"own-1"}""", json, _ => []));
        yield return ("no algorithm with the signature", Ours("""{"alg":"none","typ":"JWT","kid":"own-1"}""", json));
        yield return ("empty signature", good[..(good.LastIndexOf('.') + 1)]);
        yield return ("no third part", good[..good.LastIndexOf('.')]);
        yield return ("four parts", good + ".AAAA");
        yield return ("public key as a secret", Signed("""{"alg":"HS256","typ":"JWT","kid":"own-1"}""", json, message => HMACSHA256.HashData(spki, message)));
        yield return ("another algorithm with our key", Ours("""{"alg":"HS256","typ":"JWT","kid":"own-1"}""", json));
        yield return ("ES256 with the shared secret", Shared($$"""{"alg":"ES256","typ":"JWT","kid":"{{test._shared.Id}}"}""", json));
        yield return ("HS512", Shared($$"""{"alg":"HS512","typ":"JWT","kid":"{{test._shared.Id}}"}""", json));
        yield return ("unknown kid", Ours("""{"alg":"ES256","typ":"JWT","kid":"own-9"}""", json));
        yield return ("no kid", Ours("""{"alg":"ES256","typ":"JWT"}""", json));
        yield return ("kid as a path", Ours("""{"alg":"ES256","typ":"JWT","kid":"../../own-1"}""", json));
        yield return ("kid as SQL", Ours("""{"alg":"ES256","typ":"JWT","kid":"own-1' OR '1'='1"}""", json));
        yield return ("kid is a number", Ours("""{"alg":"ES256","typ":"JWT","kid":1}""", json));
        yield return ("brings a jwk", Signed("""{"alg":"ES256","typ":"JWT","kid":"own-1","jwk":{"kty":"EC"}}""", json, message => stranger.SignData(message, HashAlgorithmName.SHA256)));
        yield return ("brings a jku", Ours("""{"alg":"ES256","typ":"JWT","kid":"own-1","jku":"https://thief.example/keys"}""", json));
        yield return ("brings an x5u", Ours("""{"alg":"ES256","typ":"JWT","kid":"own-1","x5u":"https://thief.example/cert"}""", json));
        yield return ("critical header", Ours("""{"alg":"ES256","typ":"JWT","kid":"own-1","crit":["exp"]}""", json));
        yield return ("wrong type", Ours("""{"alg":"ES256","typ":"at+jwt","kid":"own-1"}""", json));
        yield return ("algorithm twice", Ours("""{"alg":"none","alg":"ES256","typ":"JWT","kid":"own-1"}""", json));
        yield return ("a stranger's key", Signed(header, json, message => stranger.SignData(message, HashAlgorithmName.SHA256)));
        yield return ("claims changed", $"{good.Split('.')[0]}.{Encode(json.Replace("member", "super_admin", StringComparison.Ordinal))}.{good.Split('.')[2]}");
        yield return ("claim twice", Ours(header, json.Replace("\"role\":\"member\"", "\"role\":\"member\",\"role\":\"admin\"", StringComparison.Ordinal)));
        yield return ("no expiry", Ours(header, json[..json.LastIndexOf(',')] + "}"));
        yield return ("expiry as text", Ours(header, json.Replace("\"exp\":1795435200", "\"exp\":\"1795435200\"", StringComparison.Ordinal)));
        yield return ("expiry beyond time", Ours(header, json.Replace("1795435200", "9223372036854775807", StringComparison.Ordinal)));
        yield return ("no tenant", Ours(header, json.Replace("\"tenant\":1,", "", StringComparison.Ordinal)));
        yield return ("audience as a list", Ours(header, json.Replace("\"aud\":\"laurel\"", "\"aud\":[\"laurel\"]", StringComparison.Ordinal)));
        yield return ("signature in DER", Signed(header, json, message => stranger.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
        yield return ("zero signature", Signed(header, json, _ => new byte[64]));
        yield return ("padded", good + "=");
        yield return ("blank before", " " + good);
        yield return ("other spelling of the last character", good[..^1] + NextOf(good[^1]));
        yield return ("longer than any of ours", good[..good.LastIndexOf('.')] + "." + new string('A', 4_000));
        yield return ("empty", "");
        yield return ("dots", "..");
        yield return ("an ID token", Ours(header, """{"iss":"laurel","sub":"42","aud":"laurel","exp":1795435200,"iat":1795348800,"nonce":"x"}"""));
        yield return ("not JSON", Ours(header, "hello"));
        yield return ("body alone", $".{body}.");
    }

    // Of the last character of 64 bytes only two bits count: its neighbour decodes to the same bytes.
    private static char NextOf(char last)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return alphabet[alphabet.IndexOf(last, StringComparison.Ordinal) ^ 1];
    }

    private static string Signed(string header, string claims, Func<byte[], byte[]> sign)
    {
        var message = $"{Encode(header)}.{Encode(claims)}";
        return $"{message}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(message)))}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string PartOf(string token, int part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[part]));
}
