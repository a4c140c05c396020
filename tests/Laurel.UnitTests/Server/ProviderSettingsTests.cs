using System.Security.Cryptography;
using Laurel.Identity.Host;
using Laurel.Identity.Mail;
using Laurel.Identity.Sms;
using Laurel.Server.Hosting;
using Laurel.UnitTests.Architecture;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

public sealed class ProviderSettingsTests
{
    [Fact]
    public void HoldNobody_When_NothingIsSet()
    {
        var (settings, mistakes) = Read();

        mistakes.ShouldBeEmpty();
        (settings.SignIn.WeChatMini, settings.SignIn.WeChat, settings.SignIn.WeChatWeb, settings.SignIn.Alipay, settings.SignIn.Qq, settings.SignIn.Weibo)
            .ShouldBe((null, null, null, null, null, null));
        (settings.Sms, settings.Mail).ShouldBe((null, null));
    }

    [Fact]
    public void HoldEveryone_When_AllIsSet()
    {
        using var ours = RSA.Create(2_048);
        using var theirs = RSA.Create(2_048);

        var (settings, mistakes) = Read(
            ("SignIn:WeChatMini:AppId", "wx1"), ("SignIn:WeChatMini:Secret", "s1"),
            ("signin:wechat:appid", "wx2"), ("SignIn:WeChat:Secret", "s2"),
            ("SignIn:WeChatWeb:AppId", "wx3"), ("SignIn:WeChatWeb:Secret", "s3"), ("SignIn:WeChatWeb:AuthorizeAddress", "http://127.0.0.1:9000"),
            ("SignIn:Alipay:AppId", "2021"), ("SignIn:Alipay:PrivateKey", ours.ExportPkcs8PrivateKeyPem()),
            ("SignIn:Alipay:AlipayPublicKey", Convert.ToBase64String(theirs.ExportSubjectPublicKeyInfo())),
            ("SignIn:Qq:AppId", "1"), ("SignIn:Qq:Secret", "s"), ("SignIn:Weibo:AppId", "2"), ("SignIn:Weibo:Secret", "s"),
            ("SignIn:TimeoutSeconds", "3"));

        mistakes.ShouldBeEmpty();
        var mini = settings.SignIn.WeChatMini.ShouldNotBeNull();
        (mini.AppId, mini.Secret, mini.BaseAddress).ShouldBe(("wx1", "s1", new Uri("https://api.weixin.qq.com")));
        (settings.SignIn.WeChat!.AppId, settings.SignIn.WeChat.AuthorizeAddress).ShouldBe(("wx2", new Uri("https://open.weixin.qq.com")));
        settings.SignIn.WeChatWeb!.AuthorizeAddress.ShouldBe(new Uri("http://127.0.0.1:9000"));
        settings.SignIn.Alipay!.BaseAddress.ShouldBe(new Uri("https://openapi.alipay.com"));
        (settings.SignIn.Qq!.BaseAddress, settings.SignIn.Weibo!.BaseAddress).ShouldBe((new Uri("https://graph.qq.com"), new Uri("https://api.weibo.com")));
        settings.SignIn.Timeout.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void SetUpNobody_When_TheySayOnlyWhereToAsk()
    {
        var (settings, mistakes) = Read(
            ("SignIn:WeChatMini:BaseAddress", "http://127.0.0.1:9001"), ("SignIn:WeChat:AuthorizeAddress", "http://127.0.0.1:9002"),
            ("SignIn:Alipay:BaseAddress", "http://127.0.0.1:9003"), ("Sms:AliyunAddress", "http://127.0.0.1:9004"));

        mistakes.ShouldBeEmpty();
        (settings.SignIn.WeChatMini, settings.SignIn.WeChat, settings.SignIn.Alipay, settings.Sms).ShouldBe((null, null, null, null));
        var at = settings.Addresses;
        new[] { at.WeChatMini, at.WeChatAuthorize, at.Alipay, at.AliyunSms }.Select(address => address.Port).ShouldBe([9001, 9002, 9003, 9004]);
        (at.WeChat, at.TencentSms).ShouldBe((new Uri("https://api.weixin.qq.com"), new Uri("https://sms.tencentcloudapi.com")));
        Read(("Sms:BaseAddress", "http://127.0.0.1:9004")).Mistakes.ShouldHaveSingleItem().ShouldStartWith("Sms:Provider is missing");
    }

    [Fact]
    public void NameEveryMistakeAtOnce_When_ThereAreSeveral()
    {
        using var key = RSA.Create(2_048);

        var (_, mistakes) = Read(
            ("SignIn:WeChatMini:AppId", "wx1"),
            ("SignIn:WeChatMini:Sercet", "secret-4711"),
            ("SignIn:Wechat:BaseAddress", "http://api.weixin.qq.com"),
            ("SignIn:Alipay:AppId", "2021"), ("SignIn:Alipay:PrivateKey", "secret-4711"),
            ("SignIn:Alipay:AlipayPublicKey", Convert.ToBase64String(key.ExportPkcs8PrivateKey())),
            ("SignIn:TimeoutSeconds", "0"),
            ("SignIn:Douyin:AppId", "1"),
            ("Sms:Provider", "pigeon"),
            ("Mail:Host", "smtp.example.com"), ("Mail:Security", "none"), ("Mail:From", "nobody"), ("Mail:Password", "secret-4711"),
            ("Mail:CaFile", "/no/such/file"));

        string[] names =
        [
            "SignIn:WeChatMini:Secret is missing", "SignIn:WeChatMini:Sercet is not a setting",
            "SignIn:WeChat:BaseAddress is an absolute https address", "SignIn:Alipay:PrivateKey is a private RSA key",
            "SignIn:Alipay:AlipayPublicKey is a public RSA key", "SignIn:TimeoutSeconds is", "SignIn:Douyin is not a setting", "Sms:Provider is one of log, aliyun, tencent", "Mail:Security is none only",
            "Mail:From is an address", "Mail:UserName and Mail:Password", "Mail:CaFile is a file",
        ];
        names.ShouldAllBe(name => mistakes.Any(mistake => mistake.StartsWith(name, StringComparison.Ordinal)), string.Join('\n', mistakes));
        mistakes.Count.ShouldBe(names.Length, string.Join('\n', mistakes));
        mistakes.ShouldNotContain(mistake => mistake.Contains("secret-4711", StringComparison.Ordinal));
    }

    [Fact]
    public void AreRefused_When_AlipaysKeyIsTheAppsOwn()
    {
        using var key = RSA.Create(2_048);

        Read(
            ("SignIn:Alipay:AppId", "2021"), ("SignIn:Alipay:PrivateKey", Convert.ToBase64String(key.ExportRSAPrivateKey())),
            ("SignIn:Alipay:AlipayPublicKey", Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()))).Mistakes
            .ShouldHaveSingleItem().ShouldStartWith("SignIn:Alipay:AlipayPublicKey is the public key that Alipay shows");
    }

    [Fact]
    public void GiveEachPurposeItsTemplate_When_SmsIsSet()
    {
        var (settings, mistakes) = Read(
            ("Sms:Provider", "tencent"), ("Sms:KeyId", "AKID"), ("Sms:Secret", "s"), ("Sms:AppId", "1400"), ("Sms:SignName", "Shop"), ("Sms:Template", "1"),
            ("Sms:Reset:Template", "2"), ("Sms:TemplateParameters", "code, minutes"));

        mistakes.ShouldBeEmpty();
        var sms = settings.Sms!;
        sms.BaseAddress.ShouldBe(new Uri("https://sms.tencentcloudapi.com"));
        sms.Templates.ShouldBe(
            new Dictionary<SmsPurpose, string> { [SmsPurpose.Login] = "1", [SmsPurpose.Register] = "1", [SmsPurpose.Reset] = "2", [SmsPurpose.Bind] = "1" },
            ignoreOrder: true);
        sms.SignNames.Values.ShouldAllBe(name => name == "Shop");
        sms.TemplateParameters.ShouldBe([SmsTemplateParameter.Code, SmsTemplateParameter.Minutes]);
        Read(("Sms:Provider", "Aliyun"), ("Sms:KeyId", "A"), ("Sms:Secret", "s"), ("Sms:Login:Template", "1"), ("Sms:TemplateParameters", "name")).Mistakes.Count
            .ShouldBe(4 + 3 + 1);
        Read(("Sms:Provider", "log")).Settings.Sms!.Provider.ShouldBe(SmsProvider.Log);
        Read(("Sms:KeyId", "A")).Mistakes.ShouldHaveSingleItem().ShouldStartWith("Sms:Provider is missing");
    }

    [Theory]
    [InlineData("starttls", 587)]
    [InlineData("tls", 465)]
    [InlineData("none", 25)]
    public void HaveThePortOfTheirSecurity_When_MailIsSet(string security, int port)
    {
        var (settings, mistakes) = Read(("Mail:Host", "localhost"), ("Mail:From", "商城 <shop@example.com>"), ("Mail:Security", security));

        mistakes.ShouldBeEmpty();
        (settings.Mail!.Port, settings.Mail.From.Address, settings.Mail.From.DisplayName, settings.Mail.UserName).ShouldBe((port, "shop@example.com", "商城", null));
        settings.Mail.Security.ShouldBe(Enum.Parse<MailSecurity>(security, ignoreCase: true));
    }

    [Fact]
    public void TrustTheHost_When_ItsIssuerIsSet()
    {
        var (settings, mistakes) = Read(
            ("HostSignIn:Issuer", "https://shop.example/"), ("HostSignIn:Audience", "laurel"), ("HostSignIn:KeysAddress", "https://shop.example/jwks"),
            ("HostSignIn:Algorithms", "ES256, PS256"), ("HostSignIn:Claim", "uid"));

        mistakes.ShouldBeEmpty();
        var host = settings.Host.ShouldNotBeNull();
        (host.Issuer, host.Audience, host.Claim, host.Type).ShouldBe(("https://shop.example/", "laurel", "uid", null));
        host.Algorithms.ShouldBe([HostAlgorithm.ES256, HostAlgorithm.PS256]);
        Read().Settings.Host.ShouldBeNull();
        Read(("HostSignIn:KeysAddress", "http://shop.example/jwks"), ("HostSignIn:Algorithms", "HS256")).Mistakes.Select(mistake => mistake.Split(' ')[0])
            .ShouldBe(["HostSignIn:Issuer", "HostSignIn:Audience", "HostSignIn:KeysAddress", "HostSignIn:Algorithms"], ignoreOrder: true);
        Read(("HostSignIn:Audience", "laurel")).Mistakes.Count.ShouldBe(2);
    }

    [Fact]
    public void StandInTheManual_When_TheSectionsAreCompared()
    {
        var page = SourceTree.Read("docs/operate/settings.md");

        ProviderSettings.Sections.Where(section => section.Key != "SignIn" && !section.Key.StartsWith("Sms:", StringComparison.Ordinal))
            .SelectMany(section => section.Value.Except(Enum.GetNames<SmsPurpose>()).Select(name => $"`{section.Key}:{name}`"))
            .Append("`SignIn:TimeoutSeconds`")
            .Where(name => !page.Contains(name, StringComparison.Ordinal))
            .ShouldBeEmpty();
        ProviderSettings.Sections.Keys.Where(key => key.StartsWith("Sms:", StringComparison.Ordinal)).Select(key => key["Sms:".Length..])
            .ShouldBe(Enum.GetNames<SmsPurpose>());
    }

    private static (ProviderSettings Settings, IReadOnlyList<string> Mistakes) Read(params (string Name, string Value)[] values)
    {
        var reader = new SettingsReader(new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => new KeyValuePair<string, string?>(value.Name, value.Value))).Build());
        return (ProviderSettings.Read(reader), reader.Mistakes);
    }
}
