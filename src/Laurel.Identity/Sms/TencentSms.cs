using System.Text.Json;
using Laurel.Identity.Wire;
using Laurel.Kernel;

namespace Laurel.Identity.Sms;

/// <summary>Sends by Tencent Cloud's <c>SendSms</c> of 2021-01-11.</summary>
internal sealed class TencentSms(SmsOptions options, ProviderClient client, ProviderFaults faults, TimeProvider clock) : ISmsSender
{
    public const string Name = "tencent_sms";

    private const string Action = "SendSms";

    private const string ContentType = "application/json; charset=utf-8";

    public async Task<SendOutcome> SendAsync(SmsCode code, CancellationToken cancellationToken)
    {
        var (body, now) = (BodyOf(code), clock.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.BaseAddress!, "/")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        (string Name, string Value)[] signed =
        [
            ("content-type", ContentType),
            ("host", request.RequestUri!.Authority),
            ("x-tc-action", Action.ToLowerInvariant()),
        ];
        request.Headers.TryAddWithoutValidation("X-TC-Action", Action);
        request.Headers.TryAddWithoutValidation("X-TC-Version", "2021-01-11");
        request.Headers.TryAddWithoutValidation("X-TC-Region", options.Region);
        request.Headers.TryAddWithoutValidation("X-TC-Timestamp", $"{now.ToUnixTimeSeconds()}");
        request.Headers.TryAddWithoutValidation(
            "Authorization", TencentSignature.Authorization(options.KeyId, options.Secret, "sms", now, signed, body));
        return Read(await client.SendAsync("tencent_sms", request, cancellationToken));
    }

    private byte[] BodyOf(SmsCode code)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            WriteList(writer, "PhoneNumberSet", [code.Phone]);
            writer.WriteString("SmsSdkAppId", options.AppId);
            writer.WriteString("SignName", options.SignNames[code.Purpose]);
            writer.WriteString("TemplateId", options.Templates[code.Purpose]);
            WriteList(writer, "TemplateParamSet", options.ValuesOf(code).Select(parameter => parameter.Value));
            writer.WriteEndObject();
        }

        return json.ToArray();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private SendOutcome Read(WireAnswer answer)
    {
        if (answer.Fault == WireFault.NotSent)
        {
            return Failed(faults.Unavailable("no_connection"));
        }

        if (LooseJson.Parse(answer.Body)?.Object("Response") is not { } response)
        {
            return answer.Status is >= 300 and < 500
                ? Failed(faults.Unreadable(answer))
                : faults.Unknown(answer.Fault == WireFault.None ? $"http_{answer.Status}" : "no_answer");
        }

        if (response.Object("Error")?.Text("Code") is { } error)
        {
            return Failure(error);
        }

        // The call went well; each number has an outcome of its own.
        return response.First("SendStatusSet") is { } status && status.Text("Code") is { } word
            ? word == "Ok" ? new SendOutcome.Sent(status.Text("SerialNo")) : Failure(word)
            : faults.Unknown("no_status");
    }

    private SendOutcome Failure(string word) => word switch
    {
        "FailedOperation.PhoneNumberInBlacklist" or "InvalidParameterValue.IncorrectPhoneNumber"
            or "UnsupportedOperation.UnsuportedRegion" or "UnsupportedOperation.UnsupportedRegion" => Failed(faults.SmsNumber(word)),
        _ when word.StartsWith("LimitExceeded.PhoneNumber", StringComparison.Ordinal) => Failed(faults.SmsLimit(word)),
        _ when word.StartsWith("LimitExceeded", StringComparison.Ordinal) || word.StartsWith("RequestLimitExceeded", StringComparison.Ordinal)
            => Failed(faults.Busy(word)),
        _ when word.StartsWith("InternalError", StringComparison.Ordinal) => faults.Unknown(word),
        _ => Failed(faults.Misconfigured(word)),
    };

    private static SendOutcome.Failed Failed(Refusal refusal) => new(refusal);
}
