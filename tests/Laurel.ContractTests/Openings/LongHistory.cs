using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Openings;

/// <summary>Five years of a few members. What happened in 2020 and 2021 is imported in 2022, so that business and recorded time differ.</summary>
internal sealed class LongHistory(DetachableDatabase database)
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    private int _events;

    /// <summary>Opened in 2023, and open for decades.</summary>
    public long OpenHold { get; private set; }

    /// <summary>Opened and captured in 2023.</summary>
    public long CapturedHold { get; private set; }

    public async Task WriteAsync()
    {
        database.At("2022-03-01");
        foreach (var member in (string[])["anna", "bo", "cai", "dora"])
        {
            await AppliedAsync(Register(member, "2020-05-01"));
        }

        await AppliedAsync(Order("anna", "A-1", 60_000, "2020-06-01", ("l1", 20_000), ("l2", 30_000)));
        await AppliedAsync(Order("anna", "A-2", 40_000, "2021-12-05"));
        await AppliedAsync(Refund("A-1", "r1", 7_777, "2021-12-20"));

        // All of it is spent, then taken back: a debt, which the next earning repays.
        await NowAsync("2022-05-01", day => Order("bo", "B-1", 100_000, day));
        await NowAsync("2022-05-02", day => Spend("bo", 1_200, "b-spend", day));
        await NowAsync("2022-05-03", day => Refund("B-1", "r2", 100_000, day));
        await NowAsync("2022-05-04", day => Earn("bo", 400, "b-earn", day));
        await NowAsync("2023-03-01", day => Order("cai", "C-1", 900_000, day));
        await NowAsync("2023-06-01", day => Order("anna", "A-3", 150_000, day));
        CapturedHold = await HoldAsync("cai", 700, "c-hold", "2023-07-02", "2023-07-08");
        await NowAsync("2023-07-03", day => Capture(CapturedHold, 450, "ship", day));
        await NowAsync("2023-09-01", day => Transfer("cai", "anna", 1_500, "gift", day));
        OpenHold = await HoldAsync("cai", 250, "c-open", "2023-11-10", "2049-01-01");
        await NowAsync("2023-11-12", day => Spend("anna", 200, "a-spend", day));
        await NowAsync("2023-12-20", day => Order("bo", "B-2", 80_000, day));
        await NowAsync("2023-12-28", day => Refund("B-2", "r3", 20_000, day));

        await NowAsync("2024-02-01", day => Spend("anna", 300, "a-later", day));
        await NowAsync("2024-02-10", day => Order("cai", "C-2", 50_000, day));

        // Told late: it happened before the year was over.
        database.At("2024-03-05");
        await AppliedAsync(Earn("anna", 40, "a-late", "2023-12-15"));
        await NowAsync("2025-02-01", day => Order("dora", "D-1", 30_000, day));
        await NowAsync("2025-03-01", day => Register("eva", day));
    }

    /// <summary>Carries a command out at a day, by both times.</summary>
    public Task<object> NowAsync(string day, Func<string, Command> command)
    {
        database.At(day);
        return AppliedAsync(command(day));
    }

    public async Task<object> AppliedAsync(Command command)
    {
        var outcome = await SubmitAsync(command);
        return outcome.ShouldBeOfType<Outcome.Applied>(outcome.ToString()).Reply;
    }

    public Task<Outcome> SubmitAsync(Command command) => database.Lanes.SubmitAsync(command, TestContext.Current.CancellationToken);

    public RegisterMember Register(string member, string day) => new(
        s_tenant,
        new RegisterRequest { ExternalId = member, Nickname = null, Phone = null, Email = null, RegisteredAt = DetachableDatabase.NoonOf(day) },
        database.Books,
        database.Vault);

    public CompleteOrder Order(string member, string order, long amount, string day, params (string Line, long Amount)[] lines) => new(
        s_tenant,
        Ref(member),
        new OrderRequest
        {
            OrderId = order,
            Currency = "CNY",
            Amount = amount,
            Lines = [.. lines.Select(line => new OrderLineRequest { LineId = line.Line, Sku = null, Quantity = 1, Amount = line.Amount, Eligible = line.Amount })],
        },
        new EventOrigin("shop", "order.completed", order),
        database.Books)
    {
        Time = DetachableDatabase.NoonOf(day),
    };

    public RefundOrder Refund(string order, string refund, long amount, string day) => new(
        s_tenant,
        new RefundRequest { OrderId = order, RefundId = refund, Amount = amount, Lines = [] },
        new EventOrigin("shop", "order.refunded", $"{order}/{refund}/{++_events}"),
        database.Books)
    {
        Time = DetachableDatabase.NoonOf(day),
    };

    public EarnPoints Earn(string member, long points, string reference, string day) =>
        new(s_tenant, Ref(member), Request(points, reference), database.Books) { Time = DetachableDatabase.NoonOf(day) };

    public SpendPoints Spend(string member, long points, string reference, string day) =>
        new(s_tenant, Ref(member), Request(points, reference), database.Books) { Time = DetachableDatabase.NoonOf(day) };

    public TransferPoints Transfer(string from, string to, long points, string reference, string day) => new(
        s_tenant, Ref(from), Ref(to), new TransferRequest { Points = points, Reason = "gift", Reference = reference }, database.Books)
    {
        Time = DetachableDatabase.NoonOf(day),
    };

    public CaptureHold Capture(long hold, long? points, string reference, string day) =>
        new(s_tenant, new HoldEndRequest { HoldId = hold, Points = points, Reference = reference }, database.Books) { Time = DetachableDatabase.NoonOf(day) };

    public HoldPoints Hold(string member, long points, string reference, string day, string until) =>
        new(s_tenant, Ref(member), Request(points, reference), database.Books) { Time = DetachableDatabase.NoonOf(day), ExpiresAt = DetachableDatabase.NoonOf(until) };

    public static MemberReference Ref(string member) => MemberReference.ByExternalId(s_tenant, member);

    private async Task<long> HoldAsync(string member, long points, string reference, string day, string until)
    {
        var reply = await NowAsync(day, now => Hold(member, points, reference, now, until));
        return long.Parse(((HoldReply)reply).HoldId, CultureInfo.InvariantCulture);
    }

    private static PointsRequest Request(long points, string reference) =>
        new() { Points = points, Reason = "test", ReferenceType = "activity", ReferenceId = reference };
}
