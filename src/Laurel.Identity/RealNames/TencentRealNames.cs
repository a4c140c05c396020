using System.Text.Json;
using Laurel.Identity.Sms;
using Laurel.Identity.Wire;
using Laurel.Membership.RealNames;

namespace Laurel.Identity.RealNames;

/// <summary>Where Tencent Cloud is asked, and as whom. No record: its text would show the secret.</summary>
public sealed class TencentRealNameOptions
{
    /// <summary>The SecretId.</summary>
    public required string KeyId { get; init; }

    public required string Secret { get; init; }

    public required Uri BaseAddress { get; init; }
}

/// <summary>Asks Tencent Cloud's <c>faceid</c> of 2018-03-01: <c>IdCardVerification</c>, or <c>BankCardVerification</c> where a bank card is told.</summary>
internal sealed class TencentRealNames(TencentRealNameOptions options, ProviderClient client, ProviderFaults faults, TimeProvider clock) : IRealNameProvider
{
    public const string ProviderName = "tencent_real_name";

    private const string ContentType = "application/json; charset=utf-8";

    public string Name => ProviderName;

    public async Task<RealNameAnswer> AskAsync(RealNameQuestion question, CancellationToken cancellationToken)
    {
        var (action, body, now) = (question.BankCard is null ? "IdCardVerification" : "BankCardVerification", BodyOf(question), clock.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.BaseAddress, "/")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        (string Name, string Value)[] signed =
        [
            ("content-type", ContentType),
            ("host", request.RequestUri!.Authority),
            ("x-tc-action", action.ToLowerInvariant()),
        ];
        request.Headers.TryAddWithoutValidation("X-TC-Action", action);
        request.Headers.TryAddWithoutValidation("X-TC-Version", "2018-03-01");
        request.Headers.TryAddWithoutValidation("X-TC-Timestamp", $"{now.ToUnixTimeSeconds()}");
        request.Headers.TryAddWithoutValidation(
            "Authorization", TencentSignature.Authorization(options.KeyId, options.Secret, "faceid", now, signed, body));
        return Read(await client.SendAsync(Name, request, cancellationToken), ofBank: question.BankCard is not null);
    }

    private static byte[] BodyOf(RealNameQuestion question)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("IdCard", question.Card.Number);
            writer.WriteString("Name", question.RealName);
            if (question.BankCard is { } bankCard)
            {
                writer.WriteString("BankCard", bankCard);
            }

            writer.WriteEndObject();
        }

        return json.ToArray();
    }

    private RealNameAnswer Read(WireAnswer answer, bool ofBank)
    {
        if (LooseJson.Parse(answer.Body)?.Object("Response") is not { } response)
        {
            faults.Unreadable(answer);
            return RealNameAnswer.Unknown;
        }

        if (response.Object("Error")?.Text("Code") is { } error)
        {
            _ = error.StartsWith("RequestLimitExceeded", StringComparison.Ordinal) || error.StartsWith("LimitExceeded", StringComparison.Ordinal)
                || error.StartsWith("InternalError", StringComparison.Ordinal)
                ? faults.Busy(error)
                : faults.Misconfigured(error);
            return RealNameAnswer.Unknown;
        }

        // Of cards that are lost, closed or asleep the registry says nothing about the person; what it could not find may be found by staff.
        switch (response.Text("Result"), ofBank)
        {
            case ("0", _):
                return RealNameAnswer.Matched;
            case ("-1", _) or ("-2", _) or ("-3", _) or ("-4", true):
                return RealNameAnswer.Mismatched;
            case ("-5", false):
                return RealNameAnswer.Unknown;
            case var (result, _):
                faults.Unavailable("result_" + (result ?? "missing"));
                return RealNameAnswer.Unknown;
        }
    }
}
