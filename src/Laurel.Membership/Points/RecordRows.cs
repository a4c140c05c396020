using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;

namespace Laurel.Membership.Points;

/// <summary>The rows that the lists of movements read, and what they are answered as.</summary>
internal static class RecordRows
{
    private static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);

    internal sealed class Record
    {
        public long Id { get; init; }

        public long MemberId { get; init; }

        public long PostingId { get; init; }

        public required string Unit { get; init; }

        public required string Kind { get; init; }

        public long Amount { get; init; }

        public long BalanceAfter { get; init; }

        public long OccurredAt { get; init; }

        public long RecordedAt { get; init; }

        public long? ExpiresAt { get; init; }

        public required string Rule { get; init; }

        public int RuleVersion { get; init; }

        public long? Base { get; init; }

        public int? Multiplier { get; init; }

        public long? Cut { get; init; }

        public required string Reason { get; init; }

        public required string ReferenceType { get; init; }

        public required string ReferenceId { get; init; }

        public string? OrderId { get; init; }

        public long? RelatedId { get; init; }

        public string? Detail { get; init; }

        public EntryReply ToEntry() => new()
        {
            Id = RecordRows.Id(Id),
            Unit = Unit,
            Amount = Amount,
            BalanceAfter = BalanceAfter,
            Kind = Kind,
            Rule = Rule,
            ExpiresAt = Expiry,
            Cut = Cut,
        };

        public PointsRecord ToRecord(IEnumerable<LotTakeReply> lots) => new()
        {
            Id = RecordRows.Id(Id),
            MemberId = RecordRows.Id(MemberId),
            Unit = Unit,
            Kind = Kind,
            Type = EntryNames.TypeOf(Kind, Rule, ReferenceType),
            Status = "completed",
            Points = Amount,
            BalanceAfter = BalanceAfter,
            Reason = Reason,
            ReferenceType = ReferenceType,
            ReferenceId = ReferenceId,
            OrderId = OrderId,
            RelatedId = RelatedId is { } related ? RecordRows.Id(related) : null,
            ExpireTime = Expiry,
            ByInactivity = ExpiresAt is { } at && new Instant(at).IsWhenInactive,
            Time = new Instant(OccurredAt).ToDateTimeOffset(),
            RecordedAt = new Instant(RecordedAt).ToDateTimeOffset(),
            Lots = [.. lots],
            Explanation = new EntryExplanation
            {
                Rule = Rule,
                Version = RuleVersion,
                Base = Base,
                Multiplier = Multiplier / 10_000m,
                Cut = Cut,
                Detail = Detail is null ? null : JsonElement.Parse(Detail),
            },
        };

        private DateTimeOffset? Expiry => ExpiresAt is { } expiry ? new Instant(expiry).ToNullable() : null;
    }

    internal sealed class Take
    {
        public long EntryId { get; init; }

        public long LotId { get; init; }

        public long Points { get; init; }
    }

    internal sealed class LevelMove
    {
        public required string FromCode { get; init; }

        public required string ToCode { get; init; }
    }

    internal sealed class Lot
    {
        public long Id { get; init; }

        public long Granted { get; init; }

        public long Remaining { get; init; }

        public long Held { get; init; }

        public long ActiveAt { get; init; }

        public long ExpiresAt { get; init; }

        public string? PendingEvent { get; init; }

        public long? CancelsAt { get; init; }

        public long? InactiveAt { get; init; }

        public LotReply ToReply() => new()
        {
            Id = RecordRows.Id(Id),
            Granted = Granted,
            Remaining = Remaining,
            Held = Held,
            ActiveAt = new Instant(ActiveAt).ToNullable(),
            ExpiresAt = new Instant(InactiveAt ?? ExpiresAt).ToNullable(),
            ByInactivity = InactiveAt is not null,
            PendingEvent = PendingEvent,
            CancelAt = CancelsAt is { } cancelsAt ? new Instant(cancelsAt).ToNullable() : null,
        };
    }

    internal sealed class Extended
    {
        public long LotId { get; init; }

        public long Points { get; init; }

        public long ExpiresBefore { get; init; }

        public long ExpiresAfter { get; init; }
    }

    internal sealed class OpenHold
    {
        public long Id { get; init; }

        public long Points { get; init; }

        public long ExpiresAt { get; init; }

        public required string Reason { get; init; }

        public required string ReferenceType { get; init; }

        public required string ReferenceId { get; init; }

        public OpenHoldReply ToReply() => new()
        {
            HoldId = RecordRows.Id(Id),
            Points = Points,
            ExpiresAt = new Instant(ExpiresAt).ToDateTimeOffset(),
            Reason = Reason,
            ReferenceType = ReferenceType,
            ReferenceId = ReferenceId,
        };
    }

    internal sealed class Hold
    {
        public long Id { get; init; }

        public long Points { get; init; }

        public long Captured { get; init; }

        public long Released { get; init; }

        public required string Status { get; init; }

        public long ExpiresAt { get; init; }

        public HoldReply ToReply(long member, IReadOnlyList<EntryReply> entries) => new()
        {
            HoldId = RecordRows.Id(Id),
            MemberId = RecordRows.Id(member),
            Status = Status,
            Points = Points,
            Captured = Captured,
            Released = Released,
            ExpiresAt = new Instant(ExpiresAt).ToDateTimeOffset(),
            Entries = entries,
        };
    }

    internal sealed class Summary
    {
        public long Earned { get; init; }

        public long Used { get; init; }

        public long Count { get; init; }

        public long? Last { get; init; }

        public PointsSummary ToReply() => new()
        {
            TotalEarned = Earned,
            TotalUsed = Used,
            TransactionCount = Count,
            LastTransaction = Last is { } last ? new Instant(last).ToDateTimeOffset() : null,
        };
    }
}
