using System.Net;
using System.Net.Mail;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Laurel.Identity.Apps;
using Laurel.Identity.Host;
using Laurel.Identity.Mail;
using Laurel.Identity.Providers;
using Laurel.Identity.RealNames;
using Laurel.Identity.Sms;
using Laurel.Membership.RealNames;

namespace Laurel.Server.Hosting;

/// <summary>The sections <c>SignIn</c>, <c>HostSignIn</c>, <c>Sms</c>, <c>Mail</c> and <c>RealName</c>: who signs people in, carries
/// messages to them and knows their names. All of it is in
/// <c>docs/operate/sign-in.md</c>.</summary>
/// <remarks>A provider whose section is absent, or says no more than where it is asked, is there for the apps of tenants alone. What is wrong with a secret is not repeated.</remarks>
internal sealed record ProviderSettings
{
    private static readonly string[] s_app = ["AppId", "Secret", "BaseAddress"];
    private static readonly string[] s_purposes = Enum.GetNames<SmsPurpose>();

    /// <summary>Every section there is, with what may stand in it.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Sections = new Dictionary<string, string[]>
    {
        ["SignIn"] = ["TimeoutSeconds", "WeChatMini", "WeChat", "WeChatWeb", "Alipay", "Qq", "Weibo"],
        ["SignIn:WeChatMini"] = s_app,
        ["SignIn:WeChat"] = [.. s_app, "AuthorizeAddress"],
        ["SignIn:WeChatWeb"] = [.. s_app, "AuthorizeAddress"],
        ["SignIn:Alipay"] = ["AppId", "PrivateKey", "AlipayPublicKey", "BaseAddress", "AuthorizeAddress"],
        ["SignIn:Qq"] = s_app,
        ["SignIn:Weibo"] = s_app,
        ["Sms"] = ["Provider", "KeyId", "Secret", "AppId", "Region", "BaseAddress", "AliyunAddress", "TencentAddress", "SignName", "Template", "TemplateParameters", .. s_purposes],
        ["Sms:Login"] = ["SignName", "Template"],
        ["Sms:Register"] = ["SignName", "Template"],
        ["Sms:Reset"] = ["SignName", "Template"],
        ["Sms:Bind"] = ["SignName", "Template"],
        ["HostSignIn"] = ["Issuer", "Audience", "KeysAddress", "Claim", "Type", "Algorithms"],
        ["RealName"] = ["Provider", "KeyId", "Secret", "BaseAddress", "MembersPerCard", "AttemptsPerDay"],
        ["Mail"] = ["Host", "Port", "Security", "UserName", "Password", "From", "CaFile"],
    };

    public SignInOptions SignIn { get; init; } = new();

    /// <summary>Where providers and carriers are asked, for the apps of tenants too.</summary>
    public SignInAddresses Addresses { get; init; } = new();

    /// <summary>Null where no short messages are sent.</summary>
    public SmsOptions? Sms { get; init; }

    /// <summary>Null where no mail is sent.</summary>
    public MailOptions? Mail { get; init; }

    /// <summary>Null where the shop's own sign-in is not trusted.</summary>
    public HostTokenOptions? Host { get; init; }

    /// <summary>What the platform's own tenant falls back on.</summary>
    public InstallationSignIn Installation => new(SignIn, Sms, Host, Addresses);

    public RealNameLimits RealNames { get; init; } = new();

    /// <summary>Null where staff looks at real names.</summary>
    public TencentRealNameOptions? TencentRealNames { get; init; }

    public static ProviderSettings Read(SettingsReader reader)
    {
        foreach (var (section, known) in Sections)
        {
            foreach (var name in reader.Names(section).Except(known, StringComparer.OrdinalIgnoreCase))
            {
                reader.Require(false, $"{section}:{name} is not a setting: {section} has {string.Join(", ", known)}.");
            }
        }

        var addresses = ReadAddresses(reader);
        return new ProviderSettings
        {
            Addresses = addresses,
            SignIn = ReadSignIn(reader, addresses),
            Sms = ReadSms(reader, addresses),
            Mail = ReadMail(reader),
            Host = ReadHost(reader),
            TencentRealNames = ReadTencentRealNames(reader),
            RealNames = new RealNameLimits
            {
                MembersPerCard = reader.Integer("RealName:MembersPerCard", 1, 1, 10),
                AttemptsPerDay = reader.Integer("RealName:AttemptsPerDay", 3, 1, 20),
            },
        };
    }

    private static SignInAddresses ReadAddresses(SettingsReader reader)
    {
        var byDefault = new SignInAddresses();
        return new SignInAddresses
        {
            WeChatMini = ReadAddress(reader, "SignIn:WeChatMini:BaseAddress", byDefault.WeChatMini),
            WeChat = ReadAddress(reader, "SignIn:WeChat:BaseAddress", byDefault.WeChat),
            WeChatAuthorize = ReadAddress(reader, "SignIn:WeChat:AuthorizeAddress", byDefault.WeChatAuthorize),
            WeChatWeb = ReadAddress(reader, "SignIn:WeChatWeb:BaseAddress", byDefault.WeChatWeb),
            WeChatWebAuthorize = ReadAddress(reader, "SignIn:WeChatWeb:AuthorizeAddress", byDefault.WeChatWebAuthorize),
            Alipay = ReadAddress(reader, "SignIn:Alipay:BaseAddress", byDefault.Alipay),
            AlipayAuthorize = ReadAddress(reader, "SignIn:Alipay:AuthorizeAddress", byDefault.AlipayAuthorize),
            Qq = ReadAddress(reader, "SignIn:Qq:BaseAddress", byDefault.Qq),
            Weibo = ReadAddress(reader, "SignIn:Weibo:BaseAddress", byDefault.Weibo),
            AliyunSms = ReadAddress(reader, "Sms:AliyunAddress", byDefault.AliyunSms),
            TencentSms = ReadAddress(reader, "Sms:TencentAddress", byDefault.TencentSms),
        };
    }

    private static SignInOptions ReadSignIn(SettingsReader reader, SignInAddresses at) => new()
    {
        WeChatMini = ReadApp(reader, "SignIn:WeChatMini", at.WeChatMini),
        WeChat = ReadAccount(reader, "SignIn:WeChat", at.WeChat, at.WeChatAuthorize),
        WeChatWeb = ReadAccount(reader, "SignIn:WeChatWeb", at.WeChatWeb, at.WeChatWebAuthorize),
        Alipay = ReadAlipay(reader, "SignIn:Alipay", at),
        Qq = ReadApp(reader, "SignIn:Qq", at.Qq),
        Weibo = ReadApp(reader, "SignIn:Weibo", at.Weibo),
        Timeout = TimeSpan.FromSeconds(reader.Integer("SignIn:TimeoutSeconds", 10, 1, 60)),
    };

    /// <summary>Whether a section says more than where to ask.</summary>
    private static bool IsSetUp(SettingsReader reader, string section) =>
        reader.Names(section).Any(name => !name.EndsWith("Address", StringComparison.OrdinalIgnoreCase));

    private static ProviderAppOptions? ReadApp(SettingsReader reader, string section, Uri baseAddress) =>
        !IsSetUp(reader, section) ? null : new ProviderAppOptions
        {
            AppId = Needed(reader, section, "AppId"),
            Secret = Needed(reader, section, "Secret"),
            BaseAddress = baseAddress,
        };

    private static WeChatAccountOptions? ReadAccount(SettingsReader reader, string section, Uri baseAddress, Uri authorizeAddress) =>
        ReadApp(reader, section, baseAddress) is not { } app ? null : new WeChatAccountOptions
        {
            AppId = app.AppId,
            Secret = app.Secret,
            BaseAddress = app.BaseAddress,
            AuthorizeAddress = authorizeAddress,
        };

    private static AlipayOptions? ReadAlipay(SettingsReader reader, string section, SignInAddresses at)
    {
        if (!IsSetUp(reader, section))
        {
            return null;
        }

        var ours = ReadKey(reader, section, "PrivateKey", isPrivate: true);
        var theirs = ReadKey(reader, section, "AlipayPublicKey", isPrivate: false);
        reader.Require(
            ours is null || theirs is null || !ours.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(theirs.ExportSubjectPublicKeyInfo()),
            $"{section}:AlipayPublicKey is the public key that Alipay shows for the app, not the app's own.");
        var appId = Needed(reader, section, "AppId");
        return ours is null || theirs is null ? null : new AlipayOptions
        {
            AppId = appId,
            PrivateKey = ours,
            AlipayPublicKey = theirs,
            BaseAddress = at.Alipay,
            AuthorizeAddress = at.AlipayAuthorize,
        };
    }

    private static RSA? ReadKey(SettingsReader reader, string section, string name, bool isPrivate)
    {
        if (Needed(reader, section, name) is not { Length: > 0 } text)
        {
            return null;
        }

        var key = AlipayKeys.Read(text, isPrivate);
        reader.Require(key is not null, $"{section}:{name} is {(isPrivate ? "a private" : "a public")} RSA key of at least 2048 bits, as Base64 or PEM.");
        return key;
    }

    private static SmsOptions? ReadSms(SettingsReader reader, SignInAddresses at)
    {
        if (!reader.Names("Sms").Except(["AliyunAddress", "TencentAddress"], StringComparer.OrdinalIgnoreCase).Any())
        {
            return null;
        }

        Needed(reader, "Sms", "Provider");
        var provider = reader.Choice("Sms:Provider", SmsProvider.Log);
        if (provider == SmsProvider.Log)
        {
            return new SmsOptions { Provider = provider };
        }

        return new SmsOptions
        {
            Provider = provider,
            KeyId = Needed(reader, "Sms", "KeyId"),
            Secret = Needed(reader, "Sms", "Secret"),
            AppId = provider == SmsProvider.Tencent ? Needed(reader, "Sms", "AppId") : "",
            Region = reader.Text("Sms:Region") ?? SmsOptions.RegionDefault,
            BaseAddress = ReadAddress(reader, "Sms:BaseAddress", provider == SmsProvider.Aliyun ? at.AliyunSms : at.TencentSms),
            SignNames = ReadOfPurposes(reader, "SignName"),
            Templates = ReadOfPurposes(reader, "Template"),
            TemplateParameters = ReadTemplateParameters(reader, "Sms:TemplateParameters"),
        };
    }

    // One for all purposes, or one for each.
    private static Dictionary<SmsPurpose, string> ReadOfPurposes(SettingsReader reader, string name)
    {
        var texts = new Dictionary<SmsPurpose, string>();
        foreach (var purpose in Enum.GetValues<SmsPurpose>())
        {
            var text = reader.Text($"Sms:{purpose}:{name}") ?? reader.Text($"Sms:{name}");
            reader.Require(text is not null, $"Sms:{purpose}:{name} is missing, and so is Sms:{name} for all purposes.");
            texts.Add(purpose, text ?? "");
        }

        return texts;
    }

    private static IReadOnlyList<SmsTemplateParameter> ReadTemplateParameters(SettingsReader reader, string name)
    {
        SmsTemplateParameter[]? parameters = (reader.Text(name) ?? "code").Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant() switch
        {
            "code" => [SmsTemplateParameter.Code],
            "code,minutes" => [SmsTemplateParameter.Code, SmsTemplateParameter.Minutes],
            "minutes,code" => [SmsTemplateParameter.Minutes, SmsTemplateParameter.Code],
            _ => null,
        };
        reader.Require(parameters is not null, $"{name} is code, or code and minutes with a comma between, in the template's order.");
        return parameters ?? [SmsTemplateParameter.Code];
    }

    private enum RealNameProvider
    {
        Staff,
        Tencent,
    }

    private static TencentRealNameOptions? ReadTencentRealNames(SettingsReader reader)
    {
        if (reader.Choice("RealName:Provider", RealNameProvider.Staff) == RealNameProvider.Staff)
        {
            return null;
        }

        return new TencentRealNameOptions
        {
            KeyId = Needed(reader, "RealName", "KeyId"),
            Secret = Needed(reader, "RealName", "Secret"),
            BaseAddress = ReadAddress(reader, "RealName:BaseAddress", new Uri("https://faceid.tencentcloudapi.com")),
        };
    }

    private static MailOptions? ReadMail(SettingsReader reader)
    {
        if (reader.Names("Mail").Count == 0)
        {
            return null;
        }

        var security = reader.Choice("Mail:Security", MailSecurity.StartTls);
        var host = Needed(reader, "Mail", "Host");
        reader.Require(
            security != MailSecurity.None || host.Length == 0 || host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)),
            "Mail:Security is none only for a server on this machine: others would be told codes and the password in the open.");
        var sender = Needed(reader, "Mail", "From");
        var isSender = MailAddress.TryCreate(sender, out var from) && MailAddress.TryCreate(from.Address, out _) && System.Text.Ascii.IsValid(from.Address);
        reader.Require(sender.Length == 0 || isSender, $"Mail:From is an address such as name@example.com or 'Shop <name@example.com>', not '{sender}'.");
        reader.Require(
            (reader.Text("Mail:UserName") is null) == (reader.Text("Mail:Password") is null), "Mail:UserName and Mail:Password are set together, or neither is.");
        var port = reader.Integer("Mail:Port", security switch { MailSecurity.StartTls => 587, MailSecurity.Tls => 465, MailSecurity.None => 25 }, 1, 65_535);
        var authorities = ReadAuthorities(reader, "Mail:CaFile");
        return !isSender ? null : new MailOptions
        {
            Host = host,
            Port = port,
            Security = security,
            UserName = reader.Text("Mail:UserName"),
            Password = reader.Text("Mail:Password"),
            From = from!,
            Authorities = authorities,
        };
    }

    private static HostTokenOptions? ReadHost(SettingsReader reader)
    {
        if (reader.Names("HostSignIn").Count == 0)
        {
            return null;
        }

        Needed(reader, "HostSignIn", "KeysAddress");
        var names = (reader.Text("HostSignIn:Algorithms") ?? "RS256,PS256,ES256").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var known = Enum.GetNames<HostAlgorithm>();
        reader.Require(names.Length > 0 && names.All(known.Contains), $"HostSignIn:Algorithms is some of {string.Join(", ", known)} with commas between.");
        return new HostTokenOptions
        {
            Issuer = Needed(reader, "HostSignIn", "Issuer"),
            Audience = Needed(reader, "HostSignIn", "Audience"),
            KeysAddress = ReadAddress(reader, "HostSignIn:KeysAddress", new Uri("https://localhost")),
            Claim = reader.Text("HostSignIn:Claim") ?? "sub",
            Type = reader.Text("HostSignIn:Type"),
            Algorithms = [.. names.Intersect(known).Select(Enum.Parse<HostAlgorithm>)],
        };
    }

    private static X509Certificate2Collection? ReadAuthorities(SettingsReader reader, string name)
    {
        if (reader.Text(name) is not { } file)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            certificates.Clear();
        }

        reader.Require(certificates.Count > 0, $"{name} is a file with certificates in PEM, which '{file}' is not.");
        return certificates;
    }

    private static string Needed(SettingsReader reader, string section, string name)
    {
        var text = reader.Text($"{section}:{name}");
        reader.Require(text is not null, $"{section}:{name} is missing: without the whole section {section} it would not be needed.");
        return text ?? "";
    }

    private static Uri ReadAddress(SettingsReader reader, string name, Uri byDefault)
    {
        if (reader.Text(name) is not { } text)
        {
            return byDefault;
        }

        var isAddress = Uri.TryCreate(text, UriKind.Absolute, out var url)
            && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback)) && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;
        reader.Require(isAddress, $"{name} is an absolute https address (http for this machine alone) without user name and query, not '{text}'.");
        return isAddress ? url! : byDefault;
    }
}
