using Laurel.Identity.Apps;
using Laurel.Identity.Providers;

namespace Laurel.Identity.Sms;

public enum SmsProvider
{
    /// <summary>Nothing is sent: codes are written into the log, for development.</summary>
    Log,
    Aliyun,
    Tencent,
}

/// <summary>What templates may name, by the order in which they do.</summary>
public enum SmsTemplateParameter
{
    Code,
    Minutes,
}

/// <summary>Who carries short messages, and what they say. No record: its text would show the secret.</summary>
public sealed class SmsOptions
{
    /// <summary>Of Tencent, where none is told.</summary>
    public const string RegionDefault = "ap-guangzhou";

    public required SmsProvider Provider { get; init; }

    /// <summary>The AccessKey ID of Aliyun, the SecretId of Tencent; empty with <see cref="SmsProvider.Log"/>, as are the others.</summary>
    public string KeyId { get; init; } = "";

    public string Secret { get; init; } = "";

    /// <summary>The number of the SMS application; with Tencent alone.</summary>
    public string AppId { get; init; } = "";

    /// <summary>With Tencent alone.</summary>
    public string Region { get; init; } = "";

    public Uri? BaseAddress { get; init; }

    /// <summary>The signature that a message begins with, without its brackets.</summary>
    public IReadOnlyDictionary<SmsPurpose, string> SignNames { get; init; } = new Dictionary<SmsPurpose, string>();

    public IReadOnlyDictionary<SmsPurpose, string> Templates { get; init; } = new Dictionary<SmsPurpose, string>();

    public IReadOnlyList<SmsTemplateParameter> TemplateParameters { get; init; } = [SmsTemplateParameter.Code];

    /// <summary>A tenant's own account.</summary>
    internal static SmsOptions Of(SignInAppSettings settings, string secret, SignInAddresses at)
    {
        var (provider, address) = settings.Carrier == "tencent" ? (SmsProvider.Tencent, at.TencentSms) : (SmsProvider.Aliyun, at.AliyunSms);
        return new SmsOptions
        {
            Provider = provider,
            KeyId = settings.KeyId!,
            Secret = secret,
            AppId = settings.AppId ?? "",
            Region = settings.Region ?? "",
            BaseAddress = address,
            SignNames = settings.Messages!.ToDictionary(message => PurposeOf(message.Key), message => message.Value.SignName),
            Templates = settings.Messages!.ToDictionary(message => PurposeOf(message.Key), message => message.Value.Template),
            TemplateParameters = [.. settings.TemplateParameters!.Select(name => name == "minutes" ? SmsTemplateParameter.Minutes : SmsTemplateParameter.Code)],
        };
    }

    /// <summary>What the template is told, in its order.</summary>
    internal IEnumerable<(string Name, string Value)> ValuesOf(SmsCode code) => TemplateParameters.Select(parameter => parameter switch
    {
        SmsTemplateParameter.Code => ("code", code.Code),
        SmsTemplateParameter.Minutes => ("minutes", $"{(long)code.Validity.TotalMinutes}"),
    });

    private static SmsPurpose PurposeOf(string name) => Enum.Parse<SmsPurpose>(name, ignoreCase: true);
}
