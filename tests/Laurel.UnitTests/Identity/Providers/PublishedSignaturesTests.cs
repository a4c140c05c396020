using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Laurel.Identity.Providers;
using Laurel.Identity.Sms;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Providers;

/// <summary>Every vector of <c>tests/data/wire/signature-vectors.json</c> comes out as it was published.</summary>
public sealed class PublishedSignaturesTests
{
    public static TheoryData<int> Tc3 => [.. Enumerable.Range(0, WireData.Vectors.GetProperty("tencentTc3").GetArrayLength())];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void IsThatOfAlipay_When_TheParametersAreTheirs(int index)
    {
        var vectors = WireData.Vectors.GetProperty("alipayRsa2");
        var vector = vectors.GetProperty("cases")[index];
        using var key = AlipaySignature.ReadKey(Text(vectors, "privateKeyPkcs1Base64"), isPrivate: true).ShouldNotBeNull();
        var parameters = vector.GetProperty("params").EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!);
        parameters["sign"] = "not a part";
        parameters["empty"] = "";

        var content = AlipaySignature.ContentOf(parameters.Reverse());

        content.ShouldBe(Text(vector, "signContent"));
        AlipaySignature.Sign(key, content).ShouldBe(Text(vector, "sign"));
        AlipaySignature.Verifies(key, Encoding.UTF8.GetBytes(content), Text(vector, "sign")).ShouldBeTrue();
        AlipaySignature.Verifies(key, Encoding.UTF8.GetBytes(content + " "), Text(vector, "sign")).ShouldBeFalse();
    }

    [Fact]
    public void IsThatOfAliyunV3_When_TheRequestIsTheirs()
    {
        var vector = WireData.Vectors.GetProperty("aliyunAcs3HmacSha256")[0];
        var query = AliyunSignature.QueryOf([("RegionId", "cn-shanghai"), ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")]);
        (string, string)[] headers =
        [
            ("x-acs-version", "2014-05-26"),
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-content-sha256", AliyunSignature.EmptyHash),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
        ];

        var request = AliyunSignature.CanonicalRequest("POST", query, headers, AliyunSignature.EmptyHash);

        request.ShouldBe(Text(vector, "canonicalRequest"));
        AliyunSignature.Sign(Text(vector, "secret"), request).ShouldBe(Text(vector, "signature"));
        AliyunSignature.Authorization(Text(vector, "accessKeyId"), Text(vector, "secret"), "POST", query, headers, AliyunSignature.EmptyHash).ShouldBe(
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
            + "Signature=" + Text(vector, "signature"));
    }

    /// <summary>Laurel does not sign by V1; its vector is the one that Aliyun publishes for SendSms, and both escape the same way.</summary>
    [Fact]
    public void EscapesAsAliyunDoes_When_TheParametersAreThoseOfTheirMessage()
    {
        var vector = WireData.Vectors.GetProperty("aliyunRpcHmacSha1")[0];
        var query = AliyunSignature.QueryOf(vector.GetProperty("params").EnumerateObject().Select(field => (field.Name, field.Value.GetString()!)));

        var content = $"GET&%2F&{Uri.EscapeDataString(query)}";

        content.ShouldBe(Text(vector, "stringToSign"));
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Text(vector, "secret") + "&"), Encoding.UTF8.GetBytes(content)))
            .ShouldBe(Text(vector, "signature"));
    }

    [Theory]
    [MemberData(nameof(Tc3))]
    public void IsThatOfTencent_When_TheRequestIsTheirs(int index)
    {
        var vector = WireData.Vectors.GetProperty("tencentTc3")[index];
        var (service, secret) = (Text(vector, "service"), Text(vector, "secretKey"));
        var time = DateTimeOffset.FromUnixTimeSeconds(vector.GetProperty("timestamp").GetInt64());
        var body = Encoding.UTF8.GetBytes(Text(vector, "payload"));
        (string, string)[] headers =
        [
            .. Text(vector, "signedHeaders").Split(';').Select(name => (name, name switch
            {
                "content-type" => Text(vector, "contentType"),
                "host" => Text(vector, "host"),
                _ => Text(vector, "action").ToLowerInvariant(),
            })),
        ];

        var request = TencentSignature.CanonicalRequest(headers, body);
        var content = TencentSignature.StringToSign(service, time, request);

        request.ShouldBe(Text(vector, "canonicalRequest"));
        content.ShouldBe(Text(vector, "stringToSign"));
        TencentSignature.Sign(secret, service, time, content).ShouldBe(Text(vector, "signature"));
        TencentSignature.Authorization("AKID", secret, service, time, headers, body).ShouldBe(
            $"TC3-HMAC-SHA256 Credential=AKID/2019-02-25/{service}/tc3_request, SignedHeaders={Text(vector, "signedHeaders")}, Signature={Text(vector, "signature")}");
    }

    [Fact]
    public void ReadsKeys_When_TheyAreWrittenInAnyOfTheUsualForms()
    {
        using var key = RSA.Create(2_048);
        string[] privates =
        [
            Convert.ToBase64String(key.ExportPkcs8PrivateKey()), Convert.ToBase64String(key.ExportRSAPrivateKey()), key.ExportPkcs8PrivateKeyPem(), key.ExportRSAPrivateKeyPem(),
        ];
        string[] publics = [Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), key.ExportSubjectPublicKeyInfoPem()];

        foreach (var text in privates)
        {
            using var read = AlipaySignature.ReadKey(text, isPrivate: true).ShouldNotBeNull();
            read.ExportSubjectPublicKeyInfo().ShouldBe(key.ExportSubjectPublicKeyInfo());
        }

        foreach (var text in publics)
        {
            using var read = AlipaySignature.ReadKey(text, isPrivate: false).ShouldNotBeNull();
            read.ExportSubjectPublicKeyInfo().ShouldBe(key.ExportSubjectPublicKeyInfo());
            AlipaySignature.ReadKey(text, isPrivate: true).ShouldBeNull();
        }

        using var small = RSA.Create(1_024);
        AlipaySignature.ReadKey(Convert.ToBase64String(small.ExportPkcs8PrivateKey()), isPrivate: true).ShouldBeNull();
        AlipaySignature.ReadKey("not a key", isPrivate: true).ShouldBeNull();
        AlipaySignature.ReadKey("AAAA", isPrivate: false).ShouldBeNull();
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
