using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Http;

namespace Laurel.Membership.Benefits;

/// <summary>What benefits of a member are judged by.</summary>
/// <param name="Status">Of the member: who is not <c>active</c> has nothing.</param>
/// <param name="LevelState">With the cards that the member holds.</param>
/// <param name="Counters">How much of each counter of today is used.</param>
internal sealed record BenefitStanding(
    MemberId Member, string Status, string LevelCode, LevelState LevelState, IReadOnlyList<BenefitGrant> Grants, IReadOnlyDictionary<LimitKey, long> Counters)
{
    public bool IsActive => Status == MemberKind.NameOf(MemberStatus.Active);

    public Refusal Inactive => new("MEMBER_INACTIVE", ("status", Status));

    public long Used(LimitKey key) => Counters.GetValueOrDefault(key);
}

/// <summary>Reads grants, uses and counters.</summary>
internal static class BenefitQueries
{
    private const string FindMember = "SELECT root_id FROM natural_keys WHERE key_hash = @Key";

    private const string ReadMember = "SELECT status AS Status, level_code AS Level, level_state AS State FROM members WHERE tenant_id = @Tenant AND id = @Member";

    private const string GrantColumns = """
        SELECT g.reference AS Reference, g.id AS Id, g.benefit_code AS Benefit, g.source AS Source, g.start_time AS StartTime, g.end_time AS EndTime,
            g.reason AS Reason, g.operator AS Operator, g.granted_at AS GrantedAt, g.revoked_at AS RevokedAt
        FROM member_benefits g WHERE g.tenant_id = @Tenant AND g.member_id = @Member
        """;

    private const string ReadGrants = GrantColumns + " AND g.end_time > @Time ORDER BY g.id";

    private const string OneGrant = GrantColumns + " AND g.reference = @Reference";

    private const string ManyGrants = GrantColumns + " AND g.id < @Before ORDER BY g.id DESC LIMIT @Limit";

    private const string ReadCounters = """
        SELECT limit_code AS Code, period AS Period, used AS Used FROM limit_counters
        WHERE tenant_id = @Tenant AND member_id = @Member AND limit_code LIKE 'benefit%' AND period IN (@First, @Second, @Third, @Fourth)
        """;

    private const string ReadOver = """
        SELECT benefit_code AS Benefit, day AS Day, quantity AS Quantity FROM benefit_uses
        WHERE tenant_id = @Tenant AND member_id = @Member AND held_until <= @Time
        """;

    private const string UseColumns = """
        SELECT u.member_id AS Member, u.biz_no AS BizNo, u.id AS Id, u.benefit_code AS Benefit, u.quantity AS Quantity, u.source AS Source, u.day AS Day,
            u.consumed_at AS ConsumedAt, u.discount_amount AS DiscountAmount, u.free_shipping AS FreeShipping, u.gift AS Gift, u.order_id AS OrderId,
            u.returned_at AS ReturnedAt, u.checkout_id AS CheckoutId, u.held_until AS HeldUntil
        FROM benefit_uses u WHERE u.tenant_id = @Tenant AND u.member_id = @Member
        """;

    private const string OneUse = UseColumns + " AND u.biz_no = @BizNo";

    private const string ManyUses =
        UseColumns + " AND u.id < @Before AND u.benefit_code = COALESCE(@Benefit, u.benefit_code) ORDER BY u.id DESC LIMIT @Limit";

    private const string ReadUsage = """
        SELECT day AS Day, COUNT(*) AS Uses, SUM(quantity) AS Quantity, SUM(CASE WHEN returned_at IS NULL THEN 0 ELSE quantity END) AS Returned,
            SUM(CASE WHEN held_until IS NULL THEN 0 ELSE quantity END) AS Reserved, COUNT(DISTINCT member_id) AS Members, SUM(CASE WHEN returned_at IS NULL THEN discount_amount ELSE 0 END) AS DiscountAmount
        FROM benefit_uses WHERE tenant_id = @Tenant AND benefit_code = @Benefit AND day BETWEEN @From AND @To GROUP BY day ORDER BY day
        """;

    private sealed class MemberRow
    {
        public required string Status { get; init; }

        public required string Level { get; init; }

        public string? State { get; init; }
    }

    private sealed class GrantRow
    {
        public required string Reference { get; init; }

        public long Id { get; init; }

        public required string Benefit { get; init; }

        public required string Source { get; init; }

        public long StartTime { get; init; }

        public long EndTime { get; init; }

        public required string Reason { get; init; }

        public string? Operator { get; init; }

        public long GrantedAt { get; init; }

        public long? RevokedAt { get; init; }

        public BenefitGrant ToGrant() => new()
        {
            Reference = Reference,
            Id = Id,
            Benefit = Benefit,
            Source = Source,
            StartTime = new Instant(StartTime),
            EndTime = new Instant(EndTime),
            Reason = Reason,
            Operator = Operator,
            GrantedAt = new Instant(GrantedAt),
            RevokedAt = RevokedAt is { } revoked ? new Instant(revoked) : null,
        };
    }

    private sealed class UseRow
    {
        public long Member { get; init; }

        public required string BizNo { get; init; }

        public long Id { get; init; }

        public required string Benefit { get; init; }

        public long Quantity { get; init; }

        public required string Source { get; init; }

        public int Day { get; init; }

        public long ConsumedAt { get; init; }

        public long DiscountAmount { get; init; }

        public int FreeShipping { get; init; }

        public string? Gift { get; init; }

        public string? OrderId { get; init; }

        public long? ReturnedAt { get; init; }

        public string? CheckoutId { get; init; }

        public long? HeldUntil { get; init; }

        public BenefitUseReply ToReply() => BenefitUseReply.Of(Member, new BenefitUse
        {
            BizNo = BizNo,
            Id = Id,
            Benefit = Benefit,
            Quantity = Quantity,
            Source = Source,
            Day = BenefitStatements.DayOf(Day),
            ConsumedAt = new Instant(ConsumedAt),
            DiscountAmount = DiscountAmount,
            FreeShipping = FreeShipping != 0,
            Gift = Gift,
            OrderId = OrderId,
            ReturnedAt = ReturnedAt is { } returned ? new Instant(returned) : null,
            CheckoutId = CheckoutId,
            HeldUntil = HeldUntil is { } until ? new Instant(until) : null,
        });
    }

    private sealed class CounterRow
    {
        public required string Code { get; init; }

        public long Period { get; init; }

        public long Used { get; init; }
    }

    private sealed class OverRow
    {
        public required string Benefit { get; init; }

        public int Day { get; init; }

        public long Quantity { get; init; }
    }

    private sealed class UsageRow
    {
        public int Day { get; init; }

        public long Uses { get; init; }

        public decimal Quantity { get; init; }

        public decimal Returned { get; init; }

        public decimal Reserved { get; init; }

        public long Members { get; init; }

        public decimal DiscountAmount { get; init; }
    }

    /// <summary>What a member's benefits are judged by on a business day; null when there is no such member.</summary>
    public static async Task<BenefitStanding?> StandingAsync(
        Database from, TenantId tenant, MemberId member, Instant time, DateOnly day, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("benefits.standing");
        var periods = BenefitCounters.Of("", day).Select(key => key.Period).ToArray();
        var arguments = new
        {
            Tenant = tenant.Value,
            Member = member.Value,
            Time = time.UnixMicroseconds,
            First = periods[0],
            Second = periods[1],
            Third = periods[2],
            Fourth = periods[3],
        };
        CommandDefinition Command(string text) => new(text, arguments, cancellationToken: cancellationToken);
        if (await session.Connection.QuerySingleOrDefaultAsync<MemberRow>(Command(ReadMember)) is not { } found)
        {
            return null;
        }

        var grants = await session.Connection.QueryAsync<GrantRow>(Command(ReadGrants));
        var counters = (await session.Connection.QueryAsync<CounterRow>(Command(ReadCounters))).ToDictionary(row => new LimitKey(row.Code, (int)row.Period), row => row.Used);
        if (counters.GetValueOrDefault(BenefitCounters.Held) > 0)
        {
            // What a checkout held that was not paid in time counts no longer, though nobody has ended it yet.
            foreach (var over in await session.Connection.QueryAsync<OverRow>(Command(ReadOver)))
            {
                foreach (var key in BenefitCounters.Of(over.Benefit, BenefitStatements.DayOf(over.Day)).Where(counters.ContainsKey))
                {
                    counters[key] -= over.Quantity;
                }
            }
        }

        return new BenefitStanding(
            member,
            found.Status,
            found.Level,
            LevelState.Parse(found.State),
            [.. grants.Select(row => row.ToGrant())],
            counters);
    }

    /// <summary>The member that the host names; null when there is none.</summary>
    public static async Task<MemberId?> MemberAsync(Database from, TenantId tenant, Hash128 handle, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("benefits.member");
        var command = new CommandDefinition(FindMember, new { Key = handle.ToBytes() }, cancellationToken: cancellationToken);
        return await session.Connection.QuerySingleOrDefaultAsync<long?>(command) is { } id ? new MemberId(id) : null;
    }

    /// <summary>One use of a member.</summary>
    public static async Task<BenefitUseReply> UseAsync(
        Database from, TenantId tenant, MemberId member, string bizNo, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("benefits.use");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, BizNo = bizNo };
        var command = new CommandDefinition(OneUse, arguments, cancellationToken: cancellationToken);
        return (await session.Connection.QuerySingleAsync<UseRow>(command)).ToReply();
    }

    /// <summary>One grant to a member.</summary>
    public static async Task<BenefitGrantReply> GrantAsync(
        Database from, TenantId tenant, MemberId member, string reference, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("benefits.grant");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Reference = reference };
        var row = await session.Connection.QuerySingleAsync<GrantRow>(new CommandDefinition(OneGrant, arguments, cancellationToken: cancellationToken));
        return BenefitGrantReply.Of(member.Value, row.ToGrant());
    }

    /// <summary>Grants to a member, newest first.</summary>
    public static async Task<BenefitGrantPage> GrantsAsync(
        Database from, TenantId tenant, MemberId member, long before, int limit, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("benefits.grants");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Before = before, Limit = limit + 1 };
        var command = new CommandDefinition(ManyGrants, arguments, cancellationToken: cancellationToken);
        var rows = (await session.Connection.QueryAsync<GrantRow>(command)).AsList();
        return new BenefitGrantPage
        {
            Items = [.. rows.Take(limit).Select(row => BenefitGrantReply.Of(member.Value, row.ToGrant()))],
            NextCursor = rows.Count > limit ? Cursor.Write(rows[limit - 1].Id) : null,
        };
    }

    /// <summary>Uses of a member, newest first.</summary>
    /// <param name="benefit">Null is of every benefit.</param>
    public static async Task<BenefitUsePage> UsesAsync(
        Database from, TenantId tenant, MemberId member, string? benefit, long before, int limit, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("benefits.uses");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Benefit = benefit, Before = before, Limit = limit + 1 };
        var command = new CommandDefinition(ManyUses, arguments, cancellationToken: cancellationToken);
        var rows = (await session.Connection.QueryAsync<UseRow>(command)).AsList();
        return new BenefitUsePage
        {
            Items = [.. rows.Take(limit).Select(row => row.ToReply())],
            NextCursor = rows.Count > limit ? Cursor.Write(rows[limit - 1].Id) : null,
        };
    }

    /// <summary>How a benefit was used, by business day.</summary>
    /// <param name="fromDay">Inclusive, as <paramref name="toDay"/>.</param>
    public static async Task<BenefitUsage> UsageAsync(
        Database from, TenantId tenant, string benefit, DateOnly fromDay, DateOnly toDay, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("benefits.usage");
        var arguments = new { Tenant = tenant.Value, Benefit = benefit, From = NumberOf(fromDay), To = NumberOf(toDay) };
        var rows = await session.Connection.QueryAsync<UsageRow>(new CommandDefinition(ReadUsage, arguments, cancellationToken: cancellationToken));
        return new BenefitUsage
        {
            Code = benefit,
            From = fromDay,
            To = toDay,
            Days =
            [
                .. rows.Select(row => new BenefitUsageDay
                {
                    Day = BenefitStatements.DayOf(row.Day),
                    Uses = row.Uses,
                    Quantity = (long)row.Quantity,
                    Returned = (long)row.Returned,
                    Reserved = (long)row.Reserved,
                    Members = row.Members,
                    DiscountAmount = (long)row.DiscountAmount,
                }),
            ],
        };
    }

    private static int NumberOf(DateOnly day) => Rules.CapPeriods.NumberOf(Rules.CapPeriod.Day, day);
}
