using System.Text.Json.Serialization;

namespace Laurel.Membership.Balance;

/// <summary>What a payout provider is asked to pay.</summary>
/// <param name="WithdrawalId">The idempotency key: the same id is one payout, however often it is asked for.</param>
/// <param name="Amount">Minor units, 1 or more.</param>
/// <param name="Destination">The provider's own token of the account.</param>
public sealed record PayoutOrder(string WithdrawalId, string MemberId, long Amount, string Currency, string Destination)
{
    /// <summary>The code of the tenant whose money it is, null for the platform's own: withdrawals of two tenants may have the same id, and are
    /// two payouts.</summary>
    public string? Tenant { get; init; }
}

/// <summary>What a provider answered.</summary>
public abstract record PayoutAnswer
{
    private PayoutAnswer()
    {
    }

    /// <summary>It will tell later what became of it.</summary>
    /// <param name="AskAgainAfter">When to ask again if it does not; null never asks again.</param>
    public sealed record Accepted(string? ProviderReference, TimeSpan? AskAgainAfter) : PayoutAnswer;

    public sealed record Paid(string? ProviderReference) : PayoutAnswer;

    /// <summary>It did not pay and never will under this id. Only what says so for certain counts as this.</summary>
    public sealed record Failed(string Reason) : PayoutAnswer;

    /// <summary>Whether it pays is not known: it is asked again.</summary>
    /// <param name="Error">Out of a fixed list of words.</param>
    public sealed record Unknown(string Error) : PayoutAnswer;
}

/// <summary>Pays withdrawals. To be implemented for each way in which money leaves; must be thread-safe.</summary>
public interface IPayoutProvider
{
    /// <summary>Stands in the withdrawal once it was asked: at most 64 characters.</summary>
    string Name { get; }

    /// <summary>Asks for a payout, or asks again. A failure of the provider is an answer; only our own end throws.</summary>
    /// <exception cref="OperationCanceledException">When <paramref name="cancellationToken"/> asked for it.</exception>
    Task<PayoutAnswer> SendAsync(PayoutOrder order, CancellationToken cancellationToken);
}

/// <summary>Which provider pays.</summary>
public enum PayoutProviderKind
{
    /// <summary>A person pays and says so by the API.</summary>
    Manual,

    /// <summary>A server is asked by signed requests.</summary>
    Http,
}

/// <summary>How stored money meets the outside. All of it is in <c>docs/operate/settings.md</c>.</summary>
public sealed record BalanceOptions
{
    public static readonly TimeSpan PayoutRetryDefault = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_retryMax = TimeSpan.FromHours(1);

    /// <summary>Under which payments are signed; none refuses all of them.</summary>
    public IReadOnlyList<byte[]> PaymentSecrets { get; init; } = [];

    public PayoutProviderKind PayoutProvider { get; init; } = PayoutProviderKind.Manual;

    /// <summary>Where the payout provider is asked; null without one.</summary>
    public Uri? PayoutUrl { get; init; }

    /// <summary>Under which payouts are asked for, and their results signed.</summary>
    public IReadOnlyList<byte[]> PayoutSecrets { get; init; } = [];

    /// <summary>How long after a request without a clear answer the provider is asked again; twice as long each time.</summary>
    public TimeSpan PayoutRetry { get; init; } = PayoutRetryDefault;

    /// <summary>How long to wait after the request of that number.</summary>
    /// <param name="attempt">1 for the first.</param>
    public TimeSpan RetryAfter(int attempt)
    {
        var doubled = PayoutRetry * Math.Pow(2, Math.Min(attempt - 1, 20));
        return doubled < s_retryMax ? doubled : s_retryMax;
    }

    /// <summary>The provider of these options.</summary>
    public IPayoutProvider OpenProvider(TimeProvider clock) => PayoutProvider switch
    {
        PayoutProviderKind.Manual => new ManualPayouts(),
        PayoutProviderKind.Http => new HttpPayouts(PayoutUrl!, PayoutSecrets, clock),
    };
}

/// <summary>A person looks at the withdrawals that are being sent, pays them, and says so with <c>POST /api/balance/withdrawals/{id}/paid</c>.</summary>
internal sealed class ManualPayouts : IPayoutProvider
{
    public string Name => "manual";

    public Task<PayoutAnswer> SendAsync(PayoutOrder order, CancellationToken cancellationToken) =>
        Task.FromResult<PayoutAnswer>(new PayoutAnswer.Accepted(null, null));
}

/// <summary>The body of a request for a payout.</summary>
internal sealed record PayoutRequestBody(string WithdrawalId, string MemberId, long Amount, string Currency, string Destination)
{
    /// <summary>The code of the tenant; absent for the platform's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tenant { get; init; }
}

/// <summary>What a payout provider answers.</summary>
internal sealed record PayoutResponseBody(string? Status, string? ProviderReference, string? Reason);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PayoutRequestBody))]
[JsonSerializable(typeof(PayoutResponseBody))]
internal sealed partial class PayoutJson : JsonSerializerContext;
