using System.Text.Json;
using System.Text.Json.Serialization;

namespace Laurel.ContractTests.Model;

/// <summary>One thing asked of an <see cref="ILoyalty"/>.</summary>
public abstract partial record Operation
{
    private static readonly JsonSerializerOptions Format = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private Operation()
    {
    }

    /// <summary>Business time: when it happened in the shop.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What the engine's clock says when the operation arrives; null means the business time.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    [JsonIgnore]
    public DateTimeOffset Clock => RecordedAt ?? Time;

    /// <summary>The external id of the member acted on, or null when the operation names none.</summary>
    [JsonIgnore]
    public abstract string? Subject { get; }

    public abstract Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken);

    /// <summary>The same operation with every id prefixed, so that scripts can share one database.</summary>
    public abstract Operation WithIdPrefix(string prefix);

    /// <summary>Everything in it, lines too, so that a failure shows what to repeat.</summary>
    public sealed override string ToString() => GetType().Name + " " + JsonSerializer.Serialize<object>(this, Format);

    public sealed record Register : Operation
    {
        public required string Member { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.RegisterAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Member = prefix + Member };
    }

    public sealed record Order : Operation
    {
        public required string Member { get; init; }

        public required string OrderId { get; init; }

        /// <summary>Minor units, 0 or more.</summary>
        public required long Amount { get; init; }

        /// <summary>Null: the order has no lines. Never empty.</summary>
        public IReadOnlyList<OrderLine>? Lines { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.CompleteOrderAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) =>
            this with { Member = prefix + Member, OrderId = prefix + OrderId };
    }

    /// <summary>A refund names an amount or lines, never both.</summary>
    public sealed record Refund : Operation
    {
        public required string OrderId { get; init; }

        public required string RefundId { get; init; }

        /// <summary>Minor units, 1 or more; null when lines are named.</summary>
        public long? Amount { get; init; }

        /// <summary>Null when an amount is named.</summary>
        public IReadOnlyList<RefundLine>? Lines { get; init; }

        /// <summary>The return that it ends; null when the shop names none.</summary>
        public string? ReturnId { get; init; }

        [JsonIgnore]
        public override string? Subject => null;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.RefundAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with
        {
            OrderId = prefix + OrderId,
            RefundId = prefix + RefundId,
            ReturnId = ReturnId is null ? null : prefix + ReturnId,
        };
    }

    public sealed record Earn : Operation
    {
        public required string Member { get; init; }

        /// <summary>1 to 10,000, also after the multiplier.</summary>
        public required long Points { get; init; }

        public bool ApplyMultiplier { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.EarnAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Member = prefix + Member };
    }

    public sealed record Adjust : Operation
    {
        public required string Member { get; init; }

        /// <summary>Signed, never 0.</summary>
        public required long Points { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.AdjustAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Member = prefix + Member };
    }

    public sealed record Spend : Operation
    {
        public required string Member { get; init; }

        /// <summary>1 or more.</summary>
        public required long Points { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.SpendAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Member = prefix + Member };
    }

    public sealed record Hold : Operation
    {
        public required string Member { get; init; }

        /// <summary>The caller's name for the hold, used once.</summary>
        public required string Reference { get; init; }

        /// <summary>1 or more.</summary>
        public required long Points { get; init; }

        /// <summary>Exclusive, after the operation's time; null means seven days after it.</summary>
        public DateTimeOffset? ExpiresAt { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.HoldAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) =>
            this with { Member = prefix + Member, Reference = prefix + Reference };
    }

    public sealed record Capture : Operation
    {
        /// <summary>The hold's reference.</summary>
        public required string HoldReference { get; init; }

        /// <summary>1 or more; null means all that is held.</summary>
        public long? Points { get; init; }

        [JsonIgnore]
        public override string? Subject => null;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.CaptureAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { HoldReference = prefix + HoldReference };
    }

    public sealed record Release : Operation
    {
        /// <summary>The hold's reference.</summary>
        public required string HoldReference { get; init; }

        /// <summary>1 or more; null means all that is held.</summary>
        public long? Points { get; init; }

        [JsonIgnore]
        public override string? Subject => null;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.ReleaseAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { HoldReference = prefix + HoldReference };
    }

    public sealed record Transfer : Operation
    {
        public required string From { get; init; }

        /// <summary>Another member than <see cref="From"/>.</summary>
        public required string To { get; init; }

        /// <summary>1 or more.</summary>
        public required long Points { get; init; }

        [JsonIgnore]
        public override string Subject => From;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.TransferAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { From = prefix + From, To = prefix + To };
    }

    public sealed record Sweep : Operation
    {
        [JsonIgnore]
        public override string? Subject => null;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.SweepAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this;
    }
}

/// <summary>A line of an order.</summary>
/// <param name="LineId">Unique in its order.</param>
/// <param name="Amount">Minor units, 0 or more.</param>
/// <param name="Eligible">The earning part, 0 to the amount; null means the amount.</param>
public sealed record OrderLine(string LineId, long Amount, long? Eligible);

/// <summary>The refunded part of a line.</summary>
/// <param name="LineId">A line of the order.</param>
/// <param name="Amount">Minor units, 1 or more.</param>
public sealed record RefundLine(string LineId, long Amount);
