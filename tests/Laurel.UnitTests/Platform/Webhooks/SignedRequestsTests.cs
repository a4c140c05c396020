using System.Globalization;
using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Webhooks;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Webhooks;

/// <summary>Signatures that others put on requests to us. The vector is that of the Standard Webhooks libraries.</summary>
public sealed class SignedRequestsTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const long Seconds = 1_614_265_330;
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private const string Body = """{"test": 2432232314}""";
    private const string Other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    [Fact]
    public void AreAdmitted_When_TheVectorIsPresented() => Judge(Headers()).ShouldBeNull();

    [Theory]
    [InlineData("v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v1a,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,BBBB")]
    public void AreAdmitted_When_OneOfSeveralSignaturesIsRight(string signatures) => Judge(Headers(signature: signatures)).ShouldBeNull();

    [Fact]
    public void AreAdmitted_When_EitherSecretSigned() =>
        Judge(Headers(), secrets: $"{Other} {Secret}").ShouldBeNull();

    [Theory]
    [InlineData("msg_p5jXN8AQM9LWM0D4loKWxJel", "1614265330", Signature, Body)]
    [InlineData(Id, "1614265331", Signature, Body)]
    [InlineData(Id, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=", Body)]
    [InlineData(Id, "1614265330", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Body)]
    [InlineData(Id, "1614265330", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Body)]
    [InlineData(Id, "1614265330", "", Body)]
    [InlineData(Id, "1614265330", Signature, "{\"test\": 2432232315}")]
    [InlineData(Id, "", Signature, Body)]
    [InlineData(Id, "-1614265330", Signature, Body)]
    [InlineData(Id, "1614265330 ", Signature, Body)]
    [InlineData("", "1614265330", Signature, Body)]
    [Trait("Attack", "E9")]
    public void AreRefused_When_AnythingDiffers(string id, string timestamp, string signature, string body) =>
        Judge(Headers(id, timestamp, signature), body)!.Code.ShouldBe("SIGNATURE_INVALID");

    /// <summary>A part of the id must not pass for the timestamp, nor a part of the body.</summary>
    [Fact]
    public void AreRefused_When_TheIdHasAFullStop()
    {
        var secrets = SignedRequests.ReadSecrets(Secret)!;
        var signature = SignedRequests.HeadersOf(secrets, "a.b", At(Seconds), Encoding.UTF8.GetBytes(Body)).Single(header => header.Key == "webhook-signature").Value;

        Judge(Headers("a.b", signature: signature))!.Code.ShouldBe("SIGNATURE_INVALID");
    }

    [Fact]
    public void AreRefused_When_NobodyAgreedOnASecret() =>
        SignedRequests.Judge([], Headers(), Encoding.UTF8.GetBytes(Body), At(Seconds))!.Code.ShouldBe("SIGNATURE_INVALID");

    [Fact]
    public void AreRefused_When_AHeaderComesTwice()
    {
        var headers = Headers();
        headers["webhook-signature"] = new[] { Signature, Signature };

        Judge(headers)!.Code.ShouldBe("SIGNATURE_INVALID");
    }

    [Theory]
    [InlineData(300, null)]
    [InlineData(-300, null)]
    [InlineData(301, "SIGNATURE_STALE")]
    [InlineData(-301, "SIGNATURE_STALE")]
    [Trait("Attack", "E9")]
    public void AreRefused_When_TheTimeIsFarOff(int seconds, string? code) =>
        SignedRequests.Judge(SignedRequests.ReadSecrets(Secret)!, Headers(), Encoding.UTF8.GetBytes(Body), At(Seconds + seconds))?.Code.ShouldBe(code);

    [Fact]
    public void AreAdmitted_When_WeSignedThemOurselves()
    {
        var secrets = SignedRequests.ReadSecrets(Other)!;
        var headers = new HeaderDictionary();
        foreach (var (name, value) in SignedRequests.HeadersOf(secrets, "w-1", At(Seconds), Encoding.UTF8.GetBytes(Body)))
        {
            headers[name] = value;
        }

        Judge(headers, secrets: Other).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_AAAA")]
    [InlineData("whsec_not base64")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public void AreNoSecrets_When_TheSettingIsSomethingElse(string text) => SignedRequests.ReadSecrets(text).ShouldBeNull();

    private static Refusal? Judge(HeaderDictionary headers, string body = Body, string secrets = Secret) =>
        SignedRequests.Judge(SignedRequests.ReadSecrets(secrets)!, headers, Encoding.UTF8.GetBytes(body), At(Seconds));

    private static HeaderDictionary Headers(string id = Id, string? timestamp = null, string signature = Signature) => new()
    {
        ["webhook-id"] = id,
        ["webhook-timestamp"] = timestamp ?? Seconds.ToString(CultureInfo.InvariantCulture),
        ["webhook-signature"] = signature,
    };

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
