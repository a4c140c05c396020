using System.Security.Cryptography;
using System.Text;
using Laurel.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Access;

/// <summary>The form of docs/reference/signing.md. The vectors were made with openssl, as the page shows.</summary>
public sealed class SignedCallTests
{
    private const string Secret = "ls_0123456789abcdef0123456789abcdef0123456789abcdef";

    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Get = "key=42, timestamp=1790000000, nonce=0123456789abcdef0123456789abcdef, digest=" + Empty
        + ", signature=712729ded8507c8f3ce7ddb6bf5efe7d37c999dd1ee0b9735d0df0e9e95b2ab2";

    [Theory]
    [InlineData(
        "GET", "/api/members?limit=5&externalId=%E5%B0%8F%E6%9E%97", "", 1_790_000_000, "0123456789abcdef0123456789abcdef",
        "712729ded8507c8f3ce7ddb6bf5efe7d37c999dd1ee0b9735d0df0e9e95b2ab2")]
    [InlineData(
        "POST", "/api/points/earn", """{"memberId":"1","points":100,"reason":"gift","referenceType":"order","referenceId":"A-1"}""", 1_790_000_000,
        "fedcba9876543210fedcba9876543210", "2464d9233288a63aa09813bc5cd8179f032271f84796dc728eb52e4284442560")]
    [InlineData(
        "PUT", "/api/keys/42", """{"name":"收银台","scopes":["points:read"]}""", 1_790_000_123, "a_nonce-of-letters",
        "2d53d32ac44e3dee43fd30f0d7c1875769572bab42b0e788e738867ab98e5df2")]
    public void IsSigned_When_OpenSslSignedIt(string method, string target, string body, long timestamp, string nonce, string signature)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var call = SignedCall.Parse($" key=42,timestamp={timestamp},nonce={nonce},digest={digest},signature={signature}")!;

        (call.Key, call.Timestamp, call.Nonce).ShouldBe((42, timestamp, nonce));
        call.IsSignedBy(Encoding.UTF8.GetBytes(Secret), method, target).ShouldBeTrue();
        call.IsSignedBy(Encoding.UTF8.GetBytes(Secret + "0"), method, target).ShouldBeFalse();
        call.IsSignedBy(Encoding.UTF8.GetBytes(Secret), "PATCH", target).ShouldBeFalse();
        call.IsSignedBy(Encoding.UTF8.GetBytes(Secret), method, target + "&a=b").ShouldBeFalse();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("key=42, ", "")]
    [InlineData("key=42", "key=-42")]
    [InlineData("key=42", "key=42.0")]
    [InlineData("key=42", "key=99999999999999999999")]
    [InlineData("key=42", "key=42, key=42")]
    [InlineData("key=42", "key=42, host=a")]
    [InlineData("key=42", "key")]
    [InlineData("key=42", "Key=42")]
    [InlineData("timestamp=1790000000", "timestamp=")]
    [InlineData("nonce=0123456789abcdef0123456789abcdef", "nonce=0123456789abcde")]
    [InlineData("nonce=0123456789abcdef0123456789abcdef", "nonce=0123456789abcdef 0123456789")]
    [InlineData("digest=e3", "digest=e")]
    [InlineData("digest=e3", "digest=zz")]
    [InlineData("signature=71", "signature=7171")]
    public void IsNone_When_ItsFormIsAnother(string part, string instead)
    {
        SignedCall.Parse(" " + Get).ShouldNotBeNull();

        SignedCall.Parse(part.Length == 0 ? instead : " " + Get.Replace(part, instead, StringComparison.Ordinal)).ShouldBeNull();
        SignedCall.Parse(Get).ShouldBeNull("a blank follows the name of the form");
        SignedCall.Parse(" " + Get + new string(' ', 300)).ShouldBeNull();
    }

    [Fact]
    public void ArePlacedApart_When_AnythingThatWasSpentDiffers()
    {
        var call = SignedCall.Parse(" " + Get)!;
        SignedCall[] others = [call with { Key = 43 }, call with { Timestamp = 1 }, call with { Nonce = "0123456789abcdeg" }];

        others.Append(call).Select(SpentNonce.IdOf).Distinct().Count().ShouldBe(4);
        SpentNonce.IdOf(call with { Signature = new byte[32] }).ShouldBe(SpentNonce.IdOf(call));
        SpentNonce.IdOf(call).ShouldBePositive();
    }
}
