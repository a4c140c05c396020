using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Tenants;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Webhooks;

/// <summary>Requests that prove by a signature who sends them, in the form of Standard Webhooks 1.0.0: payment and payout providers have no
/// key of ours.</summary>
public static class SignedRequests
{
    /// <summary>The largest body of a signed request.</summary>
    public const int BodyBytesMax = 64 * 1_024;

    /// <summary>How far a timestamp may be from our clock, in either direction; the specification asks for a tolerance.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const int IdLengthMax = 255;

    private static readonly HashSet<string> s_nothing = [];

    /// <summary>Reads the secrets of a setting: one, or two with a blank between while they are exchanged. Each is <c>whsec_</c> and base64 of
    /// 24 to 64 bytes.</summary>
    /// <returns>Null when the text is not that.</returns>
    public static IReadOnlyList<byte[]>? ReadSecrets(string text)
    {
        var secrets = new List<byte[]>();
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (WebhookSecret.Parse(part) is not { } secret)
            {
                return null;
            }

            secrets.Add(secret);
        }

        return secrets.Count is 1 or 2 ? secrets : null;
    }

    /// <summary>The secrets under which requests about a tenant are signed: for each tenant but the platform's own they are made from the
    /// shared ones, <c>HMAC-SHA256(secret, code)</c>. So what is signed for one tenant is right for no other, and whoever serves one tenant can
    /// be given its secret alone.</summary>
    /// <param name="tenant">The tenant's code; null is the platform's own.</param>
    public static IReadOnlyList<byte[]> SecretsOf(IReadOnlyList<byte[]> secrets, string? tenant) =>
        tenant is null ? secrets : [.. secrets.Select(secret => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(tenant)))];

    /// <summary>The headers of a request of ours.</summary>
    public static IEnumerable<KeyValuePair<string, string>> HeadersOf(IReadOnlyList<byte[]> secrets, string id, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var seconds = now.ToUnixTimeSeconds();
        return
        [
            new("webhook-id", id),
            new("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture)),
            new("webhook-signature", WebhookSecret.Sign(secrets, id, seconds, body)),
        ];
    }

    /// <summary>Lets a request through whose signature is right: it then has an actor, of the tenant that it names, and its body can be read as
    /// any other. Otherwise the problem is answered already.</summary>
    /// <param name="secrets">Any of them, or what <see cref="SecretsOf"/> makes of it for the tenant, may have signed; none refuses everybody.</param>
    /// <param name="name">Of the actor: what the signature proves it to be.</param>
    public static async Task<bool> AdmitAsync(HttpContext context, IReadOnlyList<byte[]> secrets, string name, TimeProvider clock)
    {
        if (await context.TenantAsync() is not { } tenant)
        {
            return false;
        }

        secrets = SecretsOf(secrets, tenant.IsPlatform ? null : tenant.Code);
        var body = await ReadAsync(context);
        var refusal = body is null
            ? new Refusal(ErrorCode.BodyTooLarge, ("bytesMax", BodyBytesMax))
            : Judge(secrets, context.Request.Headers, body, clock.GetUtcNow());
        if (refusal is not null)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return false;
        }

        context.Request.Body = new MemoryStream(body!, writable: false);
        context.Features.Set(new Actor(tenant.Id, name, s_nothing));
        return true;
    }

    /// <summary>What is wrong with a signature; null when nothing is.</summary>
    internal static Refusal? Judge(IReadOnlyList<byte[]> secrets, IHeaderDictionary headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var (id, timestamp, signatures) = (headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"]);
        if (id is not [{ Length: > 0 and <= IdLengthMax } name]
            || name.Contains('.', StringComparison.Ordinal) // It would pass for the end of the id.
            || timestamp is not [{ } told]
            || signatures is not [{ } given]
            || !long.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || !IsSigned(secrets, name, seconds, body, given))
        {
            return new Refusal(ErrorCode.SignatureInvalid);
        }

        // A signature is right for ever; what was heard before must not be said again by somebody else years later.
        var apart = Math.Abs(now.ToUnixTimeSeconds() - seconds);
        return apart > (long)Tolerance.TotalSeconds
            ? new Refusal(ErrorCode.SignatureStale, ("tolerance", (long)Tolerance.TotalSeconds))
            : null;
    }

    private static bool IsSigned(IReadOnlyList<byte[]> secrets, string id, long seconds, ReadOnlySpan<byte> body, string given)
    {
        var isSigned = false;
        foreach (var secret in secrets)
        {
            var expected = Encoding.UTF8.GetBytes(WebhookSecret.Sign([secret], id, seconds, body));
            foreach (var signature in given.Split(' '))
            {
                // All are compared, in fixed time: how long it takes tells nothing of how near a guess was.
                isSigned |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature));
            }
        }

        return isSigned;
    }

    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        var pipe = context.Request.BodyReader;
        while (true)
        {
            var result = await pipe.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > BodyBytesMax)
            {
                pipe.AdvanceTo(result.Buffer.End);
                return null;
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                pipe.AdvanceTo(result.Buffer.End);
                return body;
            }

            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
