using System.Globalization;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Verification;
using Laurel.Membership.Watch;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Watch;

/// <summary>The watch in few words.</summary>
internal static class WatchDesk
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static WatchRule Rule(
        WatchTrigger trigger, WatchMeasure measure, long threshold, WatchAction action, WatchUnit unit = WatchUnit.Day, int length = 1) => new()
        {
            Code = "watched",
            NameEnglish = "Watched",
            NameChinese = "监控",
            Trigger = trigger,
            Measure = measure,
            Window = new WatchWindow { Unit = unit, Length = length },
            Threshold = threshold,
            Action = action,
        };

    public static Task<MoneyDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name, params WatchRule[] rules) =>
        MoneyDatabase.OpenAsync(kind, databases, "watch_" + name, programme: new Programme { Watch = [.. rules], AdjustPointsAloneMax = 50_000 });

    public static EarnPoints Earn(this MoneyDesk desk, MemberId member, long points, string reference, IdempotencyKey? idempotency = null) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), Request(points, reference), desk.Books) { Idempotency = idempotency };

    public static SpendPoints Use(this MoneyDesk desk, MemberId member, long points, string reference, IdempotencyKey? idempotency = null) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), Request(points, reference), desk.Books) { Idempotency = idempotency };

    public static AdjustPoints Correct(this MoneyDesk desk, MemberId member, long points, string reference) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), Request(points, reference), desk.Books);

    public static TransferPoints Give(this MoneyDesk desk, MemberId from, MemberId to, long points, string reference) => new(
        MoneyDesk.Tenant,
        MemberReference.ById(from),
        MemberReference.ById(to),
        new TransferRequest { Points = points, Reason = "test", Reference = reference },
        desk.Books);

    public static CompleteOrder Order(this MoneyDesk desk, MemberId member, string id, long amount, string? device = null, string? address = null) => new(
        MoneyDesk.Tenant,
        MemberReference.ById(member),
        new OrderRequest { OrderId = id, Currency = "CNY", Amount = amount, Lines = [], DeviceId = device, Address = address },
        new EventOrigin("shop", "order.completed", id),
        desk.Books);

    public static RefundOrder RefundOf(this MoneyDesk desk, string order, long amount) => new(
        MoneyDesk.Tenant,
        new RefundRequest { OrderId = order, RefundId = "refund of " + order, Amount = amount, Lines = [] },
        new EventOrigin("shop", "order.refunded", "refund of " + order),
        desk.Books);

    /// <summary>A member invited another, who signed up with a device.</summary>
    public static ReceiveEvent Invite(this MoneyDesk desk, MemberId member, string id, Dictionary<string, object?> data) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), new EventFacts(EventTypes.ReferralCompleted, "shop", id, data), desk.Books);

    public static DecideWatchCase Decide(this MoneyDesk desk, long caseId, WatchCaseStatus to, string by = "ann") =>
        new(MoneyDesk.Tenant, caseId, new WatchVerdict(to, "looked at", by, to == WatchCaseStatus.Assigned ? "bob" : null), desk.Books);

    /// <summary>The code that a call was stopped with, and the case that it names.</summary>
    public static async Task<(string Code, long CaseId)> StoppedAsync(this MoneyDesk desk, Command command)
    {
        var refused = (await desk.SubmitAsync(command)).ShouldBeOfType<Outcome.Refused>();
        return (refused.Refusal.Code, long.Parse((string)refused.Refusal.Values["caseId"]!, CultureInfo.InvariantCulture));
    }

    /// <summary>The cases: rule, status, hits, value.</summary>
    public static async Task<List<(long Id, string Status, long Hits, long Value)>> CasesAsync(this MoneyDesk desk) =>
        [.. await QueryAsync<(long, string, long, long)>(desk, "SELECT id, status, hits, value FROM watch_cases ORDER BY id")];

    /// <summary>Points that a member has in all, and of them those that wait.</summary>
    public static async Task<(long Balance, long Waiting, string Status)> MemberAsync(this MoneyDesk desk, MemberId member) =>
        (await QueryAsync<(long, long, string)>(desk, $"""
            SELECT m.points, (SELECT COALESCE(SUM(l.remaining), 0) FROM pending_lots p JOIN lots l ON l.member_id = p.member_id AND l.id = p.lot_id
                WHERE p.member_id = m.id), m.status
            FROM members m WHERE m.id = {member.Value}
            """)).Single();

    public static async Task<IReadOnlyList<T>> QueryAsync<T>(this MoneyDesk desk, string sql)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return (await session.Connection.QueryAsync<T>(sql)).AsList();
    }

    /// <summary>Every invariant holds, and the watch was among what was looked at.</summary>
    public static async Task VerifyWatchAsync(this MoneyDesk desk)
    {
        var report = await new Verifier(desk.Database).RunAsync(null, Cancellation);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I21).Checked.ShouldBeGreaterThan(0);
    }

    private static PointsRequest Request(long points, string reference) => new() { Points = points, Reason = "test", ReferenceType = "test", ReferenceId = reference };
}
