using System.Globalization;

namespace Laurel.ContractTests.Model;

/// <summary>The words golden cases are written in. Times are local (Asia/Shanghai), "2025-01-02 10:00".</summary>
internal static class GoldenWords
{
    private static readonly string[] Formats = ["yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];

    public static DateTimeOffset At(string local) =>
        new(
            DateTime.ParseExact(local, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None),
            TimeSpan.FromHours(8));

    public static Operation Register(string member, string time) =>
        new Operation.Register { Member = member, Time = At(time) };

    public static Operation Order(string member, string orderId, string time, long amount) =>
        new Operation.Order { Member = member, OrderId = orderId, Time = At(time), Amount = amount };

    public static Operation Order(string member, string orderId, string time, long amount, params OrderLine[] lines) =>
        new Operation.Order { Member = member, OrderId = orderId, Time = At(time), Amount = amount, Lines = lines };

    public static OrderLine Line(string lineId, long amount) => new(lineId, amount, null);

    public static OrderLine Line(string lineId, long amount, long eligible) => new(lineId, amount, eligible);

    public static Operation Refund(string orderId, string refundId, string time, long amount) =>
        new Operation.Refund { OrderId = orderId, RefundId = refundId, Time = At(time), Amount = amount };

    public static Operation Refund(string orderId, string refundId, string time, params RefundLine[] lines) =>
        new Operation.Refund { OrderId = orderId, RefundId = refundId, Time = At(time), Lines = lines };

    public static RefundLine Part(string lineId, long amount) => new(lineId, amount);

    public static Operation Earn(string member, string time, long points) =>
        new Operation.Earn { Member = member, Time = At(time), Points = points };

    public static Operation EarnMultiplied(string member, string time, long points) =>
        new Operation.Earn { Member = member, Time = At(time), Points = points, ApplyMultiplier = true };

    public static Operation Adjust(string member, string time, long points) =>
        new Operation.Adjust { Member = member, Time = At(time), Points = points };

    public static Operation Spend(string member, string time, long points) =>
        new Operation.Spend { Member = member, Time = At(time), Points = points };

    public static Operation Hold(string member, string reference, string time, long points) =>
        new Operation.Hold { Member = member, Reference = reference, Time = At(time), Points = points };

    public static Operation Hold(string member, string reference, string time, long points, string expiresAt) =>
        new Operation.Hold
        {
            Member = member,
            Reference = reference,
            Time = At(time),
            Points = points,
            ExpiresAt = At(expiresAt),
        };

    public static Operation Capture(string reference, string time, long? points) =>
        new Operation.Capture { HoldReference = reference, Time = At(time), Points = points };

    public static Operation Release(string reference, string time, long? points) =>
        new Operation.Release { HoldReference = reference, Time = At(time), Points = points };

    public static Operation Transfer(string from, string to, string time, long points) =>
        new Operation.Transfer { From = from, To = to, Time = At(time), Points = points };

    public static Operation Later(string member, string lot, string time, long points, string? activeAt = null, string? cancelAt = null) =>
        new Operation.EarnLater
        {
            Member = member,
            Lot = lot,
            Time = At(time),
            Points = points,
            ActiveAt = activeAt is null ? null : At(activeAt),
            CancelAt = cancelAt is null ? null : At(cancelAt),
        };

    public static Operation Activate(string member, string lot, string time) =>
        new Operation.EndWaiting { Member = member, Lot = lot, Time = At(time), Activates = true };

    public static Operation CancelLot(string member, string lot, string time) =>
        new Operation.EndWaiting { Member = member, Lot = lot, Time = At(time), Activates = false };

    public static Operation Extend(string member, string time, string before, string? expiresAt = null, int? days = null) =>
        new Operation.Extend
        {
            Member = member,
            Time = At(time),
            ExpiringBefore = At(before),
            ExpiresAt = expiresAt is null ? null : At(expiresAt),
            Days = days,
        };

    public static Operation Reinstate(string member, string time, int windowDays) =>
        new Operation.Reinstate { Member = member, Time = At(time), WindowDays = windowDays };

    public static Operation Return(string orderId, string returnId, string time, long amount) =>
        new Operation.RequestReturn
        {
            Time = At(time),
            Part = new Operation.Refund { OrderId = orderId, RefundId = returnId, Time = At(time), Amount = amount },
        };

    public static Operation Reject(string orderId, string returnId, string time) =>
        new Operation.RejectReturn { OrderId = orderId, ReturnId = returnId, Time = At(time) };

    public static Operation RefundOf(string orderId, string refundId, string returnId, string time, long amount) =>
        new Operation.Refund { OrderId = orderId, RefundId = refundId, ReturnId = returnId, Time = At(time), Amount = amount };

    public static Operation Sweep(string time) => new Operation.Sweep { Time = At(time) };

    /// <summary>The operation arrives when the clock says something else than its business time.</summary>
    public static Operation ArrivingAt(this Operation operation, string clock) =>
        operation with { RecordedAt = At(clock) };

    /// <summary>The operation applies and moves the member's points and growth by so much.</summary>
    public static GoldenStep Gives(this Operation operation, string member, long points, long growth) =>
        Applies(operation, null, [new(member, Units.Points, points), new(member, Units.Growth, growth)]);

    /// <summary>As the other, and the level changes.</summary>
    public static GoldenStep Gives(
        this Operation operation,
        string member,
        long points,
        long growth,
        string from,
        string to) =>
        Applies(
            operation,
            new LevelChange(from, to),
            [new(member, Units.Points, points), new(member, Units.Growth, growth)]);

    /// <summary>The transfer applies.</summary>
    public static GoldenStep Moves(this Operation operation, string from, string to, long points) =>
        Applies(operation, null, [new(from, Units.Points, -points), new(to, Units.Points, points)]);

    /// <summary>The operation applies and moves nothing by itself.</summary>
    public static GoldenStep MovesNothing(this Operation operation) => Applies(operation, null, []);

    public static GoldenStep IsRefused(this Operation operation, string code) =>
        new GoldenStep.Does(operation, new Outcome.Refused(code, null, null).Summary);

    public static GoldenStep IsShort(this Operation operation, long required, long available) =>
        new GoldenStep.Does(
            operation,
            new Outcome.Refused(Codes.PointsInsufficient, required, available).Summary);

    public static GoldenStep IsDuplicate(this Operation operation) =>
        new GoldenStep.Does(operation, new Outcome.Duplicate().Summary);

    /// <summary>The member's figures with all that is recorded, seen at an instant.</summary>
    public static GoldenStep State(string member, string at, MemberState state) =>
        new GoldenStep.ShowsAt(member, At(at), $"{state}");

    /// <summary>The member's figures by business time.</summary>
    public static GoldenStep StateAsOf(string member, string at, MemberState state) =>
        new GoldenStep.ShowsAsOf(member, At(at), $"{state}");

    private static GoldenStep.Does Applies(Operation operation, LevelChange? level, Movement[] movements) =>
        new(operation, new Outcome.Applied(movements, level).Summary);
}
