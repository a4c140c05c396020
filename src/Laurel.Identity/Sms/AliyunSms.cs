using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Laurel.Identity.Wire;
using Laurel.Kernel;

namespace Laurel.Identity.Sms;

/// <summary>Sends by Aliyun's <c>SendSms</c> of 2017-05-25.</summary>
internal sealed class AliyunSms(SmsOptions options, ProviderClient client, ProviderFaults faults, TimeProvider clock) : ISmsSender
{
    public const string Name = "aliyun_sms";

    private const string ChinaPrefix = "+86";

    private const string Method = "POST";

    public async Task<SendOutcome> SendAsync(SmsCode code, CancellationToken cancellationToken)
    {
        var query = AliyunSignature.QueryOf(
        [
            ("PhoneNumbers", code.Phone.StartsWith(ChinaPrefix, StringComparison.Ordinal) ? code.Phone[ChinaPrefix.Length..] : code.Phone[1..]),
            ("SignName", options.SignNames[code.Purpose]),
            ("TemplateCode", options.Templates[code.Purpose]),
            ("TemplateParam", ParametersOf(code)),
        ]);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.BaseAddress!, $"/?{query}"));
        (string Name, string Value)[] headers =
        [
            ("host", request.RequestUri!.Authority),
            ("x-acs-action", "SendSms"),
            ("x-acs-content-sha256", AliyunSignature.EmptyHash),
            ("x-acs-date", clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
            ("x-acs-signature-nonce", RandomNumberGenerator.GetHexString(32, lowercase: true)),
            ("x-acs-version", "2017-05-25"),
        ];
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation(
            "Authorization", AliyunSignature.Authorization(options.KeyId, options.Secret, Method, query, headers, AliyunSignature.EmptyHash));
        return Read(await client.SendAsync("aliyun_sms", request, cancellationToken));
    }

    private string ParametersOf(SmsCode code)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in options.ValuesOf(code))
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(json.ToArray());
    }

    private SendOutcome Read(WireAnswer answer)
    {
        if (answer.Fault == WireFault.NotSent)
        {
            return new SendOutcome.Failed(faults.Unavailable("no_connection"));
        }

        if (LooseJson.Parse(answer.Body) is not { } body || body.Text("Code") is not { } word)
        {
            return answer.Status is >= 300 and < 500
                ? new SendOutcome.Failed(faults.Unreadable(answer))
                : faults.Unknown(answer.Fault == WireFault.None ? $"http_{answer.Status}" : "no_answer");
        }

        return word == "OK" ? new SendOutcome.Sent(body.Text("BizId")) : Failure(word);
    }

    private SendOutcome Failure(string word) => word switch
    {
        "isv.BUSINESS_LIMIT_CONTROL" or "isv.DAY_LIMIT_CONTROL" => Failed(faults.SmsLimit(word)),
        "isv.MOBILE_NUMBER_ILLEGAL" or "isv.NOT_SUPPORTED_COUNTRY" => Failed(faults.SmsNumber(word)),
        "isp.RAM_PERMISSION_DENY" => Failed(faults.Misconfigured(word)),

        // Their own faults: the message may be on its way.
        "InternalError" => faults.Unknown(word),
        _ when word.StartsWith("isp.", StringComparison.Ordinal) => faults.Unknown(word),
        _ when word.StartsWith("Throttling", StringComparison.Ordinal) || word.StartsWith("ServiceUnavailable", StringComparison.Ordinal) => Failed(faults.Busy(word)),
        _ => Failed(faults.Misconfigured(word)),
    };

    private static SendOutcome.Failed Failed(Refusal refusal) => new(refusal);
}
