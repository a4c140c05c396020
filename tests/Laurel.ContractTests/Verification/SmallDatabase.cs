using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>
/// A few members with a bit of everything, written through the product into a SQLite file of their own.
/// </summary>
/// <remarks>Every kind of entry, hold and key is there, so that every corruption has a row to meet.</remarks>
public sealed class SmallDatabase : SpoilableDatabase
{
    protected override Task WriteAsync(LaurelNode node) => WriteHistoryAsync(node);

    /// <summary>Writes the same history through any node.</summary>
    public static Task WriteHistoryAsync(LaurelNode node) => new History(node).WriteAsync();

    /// <summary>Runs plain SQL against a copy, past every CHECK of the schema.</summary>
    /// <returns>Rows changed.</returns>
    public static async Task<int> SpoilAsync(LaurelSettings settings, string sql)
    {
        var text = new SqliteConnectionStringBuilder { DataSource = settings.SqliteFile, Pooling = false }.ToString();
        await using var connection = new SqliteConnection(text);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA ignore_check_constraints = ON; " + sql;
        return await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <param name="opensSeals">Whether sealed values are opened too: many histories that are spoilt hold values that nobody has sealed.</param>
    public static async Task<VerificationReport> VerifyAsync(LaurelSettings settings, bool opensSeals = false)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        return await new Verifier(node.Database) { Audit = node.Audit, Sealed = opensSeals ? node.Sealed : null }.RunAsync(null, cancellationToken);
    }

    /// <summary>The history itself: business times in 2025, so that part of it has lapsed by now.</summary>
    private sealed class History(LaurelNode node)
    {
        private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;
        private readonly Dictionary<string, MemberId> _ids = [];
        private int _events;
        private int _references;

        public async Task WriteAsync()
        {
            foreach (var member in (string[])["anna", "bo", "cai", "=dora", "eve"])
            {
                await RegisterAsync(member, "2025-01-01");
            }

            await OrderAsync("anna", "A-1", 60_000, "2025-01-05", ("l1", 20_000), ("l2", 30_000));
            await OrderAsync("anna", "A-2", 150_000, "2025-02-05");
            await OrderAsync("bo", "B-1", 100_000, "2025-03-01");
            await OrderAsync("bo", "B-0", 0, "2025-03-02");
            await OrderAsync("cai", "C-1", 900_000, "2025-04-01");
            await RefundAsync("A-1", "r1", 7_777, "2025-02-10");
            await EarnAsync("anna", 300, "2025-05-01", "earn-key");
            await SpendAsync("anna", 650, "2025-06-01", "spend-key");
            await AdjustAsync("anna", -120, "2025-06-02");
            await AdjustAsync("anna", 75, "2025-06-03");
            await HoldsAsync();
            await TransferAsync("cai", "anna", 1_500, "2025-07-20");
            await LivesAsync();

            // Spends everything, then takes back what is gone: debt, which the next earning repays.
            await SpendAsync("bo", 1_300, "2025-08-01", null);
            await RefundAsync("B-1", "r2", 100_000, "2025-08-02");
            await EarnAsync("bo", 400, "2025-08-03", null);
            await RefundAsync("A-1", "r3", 52_223, "2025-08-04");

            // By then the lots of early 2025 have lapsed.
            await SpendAsync("anna", 10, "2026-05-10", null);
            (await SubmitAsync(new SpendPoints(s_tenant, Ref("anna"), Request(9_999_999), node.Books)
            {
                Time = At("2026-05-11"),
                Idempotency = Key("refused-key"),
            })).ShouldBeOfType<Outcome.Refused>();
        }

        // Points that wait, are activated, cancelled and prolonged, come back, and a return.
        private async Task LivesAsync()
        {
            var activated = await LaterAsync("eve", 500, "2025-02-01", null, "2025-06-01");
            await LaterAsync("eve", 40, "2025-02-02", null, "2025-02-20");
            await LaterAsync("eve", 60, "2025-02-03", "2025-03-15", null);
            await LaterAsync("eve", 70, "2025-02-04", null, "2049-01-01");
            var cancelled = await LaterAsync("eve", 80, "2025-02-05", "2026-12-31", null);
            await AppliedAsync(new ActivateLot(s_tenant, Ref("eve"), activated, "shipped", node.Books) { Time = At("2025-04-01") });
            await AppliedAsync(new CancelLot(s_tenant, Ref("eve"), cancelled, "by mistake", node.Books) { Time = At("2025-04-02") });
            await AppliedAsync(new ExtendLots(
                s_tenant,
                Ref("eve"),
                new ExtendRequest
                {
                    LotIds = [activated],
                    ExpiringBefore = null,
                    ExpiresAt = null,
                    Days = 30,
                    Reason = "apology",
                    Operator = "li",
                    Reference = "x-1",
                },
                node.Books)
            {
                Time = At("2025-05-01"),
                Idempotency = Key("extend-key"),
            });
            await OrderAsync("eve", "E-1", 50_000, "2025-06-01");
            await AppliedAsync(new RequestReturn(
                s_tenant,
                new RefundRequest { OrderId = "E-1", RefundId = "rt-1", Amount = 20_000, Lines = [] },
                Origin("order.return_requested"),
                node.Books)
            {
                Time = At("2025-06-02"),
            });
            await AppliedAsync(new RefundOrder(
                s_tenant,
                new RefundRequest { OrderId = "E-1", RefundId = "r-9", Amount = 10_000, Lines = [], ReturnId = "rt-1" },
                Origin("order.refunded"),
                node.Books)
            {
                Time = At("2025-06-03"),
            });
            await AppliedAsync(new RemindMember(s_tenant, _ids["eve"], node.Books) { Time = At("2025-12-20") });
            await AppliedAsync(new ReinstatePoints(
                s_tenant,
                Ref("eve"),
                new ReinstateRequest { WindowDays = 20, ExpiryId = null, ExpiresAt = null, Reason = "apology", Reference = "b-1" },
                node.Books)
            {
                Time = At("2026-01-10"),
            });
        }

        private async Task<long> LaterAsync(string member, long points, string day, string? activeAt, string? cancelAt)
        {
            var reply = await AppliedAsync(new EarnPoints(s_tenant, Ref(member), Request(points), node.Books)
            {
                Time = At(day),
                ActiveAt = activeAt is null ? null : At(activeAt),
                PendingEvent = cancelAt is null ? null : "shipped",
                CancelAt = cancelAt is null ? null : At(cancelAt),
            });
            return long.Parse(((PostingReply)reply).Entries[0].Id, CultureInfo.InvariantCulture);
        }

        private async Task HoldsAsync()
        {
            var captured = await HoldAsync("cai", 700, "2025-07-01", "2025-07-08");
            await EndAsync(new CaptureHold(s_tenant, new HoldEndRequest { HoldId = captured, Points = 450, Reference = "ship" }, node.Books)
            {
                Time = At("2025-07-02"),
                Idempotency = Key("capture-key"),
            });
            var released = await HoldAsync("cai", 300, "2025-07-03", "2025-07-10");
            await EndAsync(new ReleaseHold(s_tenant, new HoldEndRequest { HoldId = released, Points = 100, Reference = "part" }, node.Books) { Time = At("2025-07-04") });
            await EndAsync(new ReleaseHold(s_tenant, new HoldEndRequest { HoldId = released, Points = null, Reference = "rest" }, node.Books) { Time = At("2025-07-05") });
            await HoldAsync("cai", 200, "2025-07-06", "2025-07-09");
            await HoldAsync("cai", 250, "2025-07-12", "2049-01-01");
        }

        private async Task RegisterAsync(string member, string day)
        {
            var reply = await AppliedAsync(new RegisterMember(
                s_tenant,
                new RegisterRequest { ExternalId = member, Nickname = null, Phone = null, Email = null, RegisteredAt = At(day) },
                node.Books,
                node.Vault)
            {
                Idempotency = Key("register-" + member),
            });
            _ids[member] = MemberId.TryParse(((MemberReply)reply).Id, out var id) ? id : default;
        }

        private Task OrderAsync(string member, string order, long amount, string day, params (string Line, long Amount)[] lines) =>
            AppliedAsync(new CompleteOrder(
                s_tenant,
                Ref(member),
                new OrderRequest
                {
                    OrderId = order,
                    Currency = "CNY",
                    Amount = amount,
                    Lines = [.. lines.Select(line => new OrderLineRequest { LineId = line.Line, Sku = null, Quantity = 1, Amount = line.Amount, Eligible = line.Amount })],
                },
                Origin("order.completed"),
                node.Books)
            {
                Time = At(day),
            });

        private Task RefundAsync(string order, string refund, long amount, string day) => AppliedAsync(new RefundOrder(
            s_tenant,
            new RefundRequest { OrderId = order, RefundId = refund, Amount = amount, Lines = [] },
            Origin("order.refunded"),
            node.Books)
        {
            Time = At(day),
        });

        private Task EarnAsync(string member, long points, string day, string? key) =>
            AppliedAsync(new EarnPoints(s_tenant, Ref(member), Request(points), node.Books) { Time = At(day), Idempotency = key is null ? null : Key(key) });

        private Task SpendAsync(string member, long points, string day, string? key) =>
            AppliedAsync(new SpendPoints(s_tenant, Ref(member), Request(points), node.Books) { Time = At(day), Idempotency = key is null ? null : Key(key) });

        private Task AdjustAsync(string member, long points, string day) =>
            AppliedAsync(new AdjustPoints(s_tenant, Ref(member), Request(points), node.Books) { Time = At(day) });

        private Task TransferAsync(string from, string to, long points, string day) => AppliedAsync(new TransferPoints(
            s_tenant, Ref(from), Ref(to), new TransferRequest { Points = points, Reason = "gift", Reference = "gift-1" }, node.Books)
        {
            Time = At(day),
            Idempotency = Key("transfer-key"),
        });

        private async Task<long> HoldAsync(string member, long points, string day, string until)
        {
            var reply = await AppliedAsync(new HoldPoints(s_tenant, Ref(member), Request(points), node.Books) { Time = At(day), ExpiresAt = At(until) });
            return long.Parse(((HoldReply)reply).HoldId, CultureInfo.InvariantCulture);
        }

        private Task EndAsync(Command command) => AppliedAsync(command);

        private async Task<object> AppliedAsync(Command command) => (await SubmitAsync(command)).ShouldBeOfType<Outcome.Applied>().Reply;

        private Task<Outcome> SubmitAsync(Command command) => node.Lanes.SubmitAsync(command, TestContext.Current.CancellationToken);

        private PointsRequest Request(long points) => new()
        {
            Points = points,
            Reason = "test",
            ReferenceType = "activity",
            ReferenceId = (++_references).ToString(CultureInfo.InvariantCulture),
        };

        private EventOrigin Origin(string type) => new("shop", type, (++_events).ToString(CultureInfo.InvariantCulture));

        private static MemberReference Ref(string member) => MemberReference.ByExternalId(s_tenant, member);

        private static IdempotencyKey Key(string key) =>
            new(Hash128.Of(s_tenant.Value, "idempotency", key), Hash128.Of(s_tenant.Value, "request", key));

        private static Instant At(string day) =>
            Instant.From(DateTimeOffset.Parse(day + "T04:00:00Z", CultureInfo.InvariantCulture));
    }
}
