using System.Text.Json.Serialization;

namespace Laurel.ContractTests.Model;

/// <content>What moves the life of points: waiting, a longer life, coming back, and returns.</content>
public abstract partial record Operation
{
    /// <summary>An earning that is not active at once. Its level multiplies nothing.</summary>
    public sealed record EarnLater : Operation
    {
        public required string Member { get; init; }

        /// <summary>The caller's name for the lot, used once.</summary>
        public required string Lot { get; init; }

        public required long Points { get; init; }

        /// <summary>At or after the operation's time; null when it waits for an event.</summary>
        public DateTimeOffset? ActiveAt { get; init; }

        /// <summary>When it is cancelled by itself; null when it waits for a time.</summary>
        public DateTimeOffset? CancelAt { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.EarnLaterAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Member = prefix + Member, Lot = prefix + Lot };
    }

    /// <summary>Activates a pending lot, or cancels it.</summary>
    public sealed record EndWaiting : Operation
    {
        public required string Member { get; init; }

        public required string Lot { get; init; }

        public required bool Activates { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.EndWaitingAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Member = prefix + Member, Lot = prefix + Lot };
    }

    /// <summary>Lets every live lot that lapses before an instant lapse later.</summary>
    public sealed record Extend : Operation
    {
        public required string Member { get; init; }

        public required DateTimeOffset ExpiringBefore { get; init; }

        /// <summary>The new end; null when days are added.</summary>
        public DateTimeOffset? ExpiresAt { get; init; }

        public int? Days { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.ExtendAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Member = prefix + Member };
    }

    /// <summary>Brings points back that lapsed not long ago.</summary>
    public sealed record Reinstate : Operation
    {
        public required string Member { get; init; }

        /// <summary>0 to 30.</summary>
        public required int WindowDays { get; init; }

        [JsonIgnore]
        public override string Subject => Member;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.ReinstateAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Member = prefix + Member };
    }

    /// <summary>A return was asked for: the part as a refund would name it, the return in the place of the refund.</summary>
    public sealed record RequestReturn : Operation
    {
        public required Refund Part { get; init; }

        [JsonIgnore]
        public override string? Subject => null;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.RequestReturnAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { Part = (Refund)Part.WithIdPrefix(prefix) };
    }

    public sealed record RejectReturn : Operation
    {
        public required string OrderId { get; init; }

        public required string ReturnId { get; init; }

        [JsonIgnore]
        public override string? Subject => null;

        public override Task<Outcome> ApplyToAsync(ILoyalty loyalty, CancellationToken cancellationToken) =>
            loyalty.RejectReturnAsync(this, cancellationToken);

        public override Operation WithIdPrefix(string prefix) => this with { OrderId = prefix + OrderId, ReturnId = prefix + ReturnId };
    }
}
