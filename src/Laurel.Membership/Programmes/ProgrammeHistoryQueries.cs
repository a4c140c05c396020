using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Coupons;
using Laurel.Membership.Rules;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Programmes;

/// <summary>Reads how the programme came to be as it is.</summary>
public sealed class ProgrammeHistoryQueries(Database database)
{
    /// <summary>Versions that are looked at, the newest: older changes of a rule are not told.</summary>
    public const int VersionsMax = 1_000;

    private const string ReadVersions = """
        SELECT version AS Version, document AS Document, created_at AS CreatedAt, changed_by AS ChangedBy, reason AS Reason
        FROM programmes WHERE tenant_id = @Tenant ORDER BY version DESC LIMIT @Limit
        """;

    private const string ListVersions = """
        SELECT version AS Version, created_at AS CreatedAt, changed_by AS ChangedBy, reason AS Reason
        FROM programmes WHERE tenant_id = @Tenant ORDER BY version DESC LIMIT @Limit
        """;

    private sealed class Row
    {
        public int Version { get; init; }

        public string Document { get; init; } = "";

        public long CreatedAt { get; init; }

        public string? ChangedBy { get; init; }

        public string? Reason { get; init; }
    }

    /// <summary>The versions of the programme.</summary>
    public async Task<ProgrammeVersionList> VersionsAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        var command = new CommandDefinition(ListVersions, new { Tenant = tenant.Value, Limit = VersionsMax }, cancellationToken: cancellationToken);
        return new ProgrammeVersionList
        {
            Items =
            [
                .. (await session.Connection.QueryAsync<Row>(command)).Select(row => new ProgrammeVersionItem
                {
                    Version = row.Version,
                    ChangedAt = new Instant(row.CreatedAt).ToDateTimeOffset(),
                    ChangedBy = row.ChangedBy,
                    Reason = row.Reason,
                }),
            ],
        };
    }

    /// <summary>How one rule came to be as it is; empty when there never was one of that code.</summary>
    public async Task<RuleHistory> OfRuleAsync(TenantId tenant, string code, CancellationToken cancellationToken)
    {
        var versions = await OfAsync(tenant, programme => programme.Rules.FirstOrDefault(rule => rule.Code == code), cancellationToken);
        return new RuleHistory
        {
            Items = versions.ConvertAll(version => new RuleVersion
            {
                Version = version.Row.Version,
                ChangedAt = new Instant(version.Row.CreatedAt).ToDateTimeOffset(),
                ChangedBy = version.Row.ChangedBy,
                Reason = version.Row.Reason,
                Rule = version.Part,
            }),
        };
    }

    /// <summary>How one coupon template came to be as it is; empty when there never was one of that code.</summary>
    public async Task<CouponTemplateHistory> OfCouponAsync(TenantId tenant, string code, CancellationToken cancellationToken)
    {
        var versions = await OfAsync(tenant, programme => programme.FindCoupon(code), cancellationToken);
        return new CouponTemplateHistory
        {
            Items = versions.ConvertAll(version => new CouponTemplateVersion
            {
                Version = version.Row.Version,
                ChangedAt = new Instant(version.Row.CreatedAt).ToDateTimeOffset(),
                ChangedBy = version.Row.ChangedBy,
                Reason = version.Row.Reason,
                Template = version.Part,
            }),
        };
    }

    /// <summary>How one benefit came to be as it is; empty when there never was one of that code.</summary>
    public async Task<BenefitDefinitionHistory> OfBenefitAsync(TenantId tenant, string code, CancellationToken cancellationToken)
    {
        var versions = await OfAsync(tenant, programme => programme.Benefits.FirstOrDefault(benefit => benefit.Code == code), cancellationToken);
        return new BenefitDefinitionHistory
        {
            Items = versions.ConvertAll(version => new BenefitDefinitionVersion
            {
                Version = version.Row.Version,
                ChangedAt = new Instant(version.Row.CreatedAt).ToDateTimeOffset(),
                ChangedBy = version.Row.ChangedBy,
                Reason = version.Row.Reason,
                Benefit = version.Part,
            }),
        };
    }

    /// <summary>How one card came to be as it is; empty when there never was one of that code.</summary>
    public async Task<CardHistory> OfCardAsync(TenantId tenant, string code, CancellationToken cancellationToken)
    {
        var versions = await OfAsync(tenant, programme => programme.Cards.FirstOrDefault(card => card.Code == code), cancellationToken);
        return new CardHistory
        {
            Items = versions.ConvertAll(version => new CardVersion
            {
                Version = version.Row.Version,
                ChangedAt = new Instant(version.Row.CreatedAt).ToDateTimeOffset(),
                ChangedBy = version.Row.ChangedBy,
                Reason = version.Row.Reason,
                Card = version.Part,
            }),
        };
    }

    /// <summary>How one watch rule came to be as it is; empty when there never was one of that code.</summary>
    public async Task<WatchRuleHistory> OfWatchAsync(TenantId tenant, string code, CancellationToken cancellationToken)
    {
        var versions = await OfAsync(tenant, programme => programme.Watch.FirstOrDefault(rule => rule.Code == code), cancellationToken);
        return new WatchRuleHistory
        {
            Items = versions.ConvertAll(version => new WatchRuleVersion
            {
                Version = version.Row.Version,
                ChangedAt = new Instant(version.Row.CreatedAt).ToDateTimeOffset(),
                ChangedBy = version.Row.ChangedBy,
                Reason = version.Row.Reason,
                Rule = version.Part,
            }),
        };
    }

    /// <summary>The versions in which a part of the programme changed, newest first.</summary>
    private async Task<List<(Row Row, T? Part)>> OfAsync<T>(TenantId tenant, Func<Programme, T?> partOf, CancellationToken cancellationToken)
        where T : class
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        var command = new CommandDefinition(ReadVersions, new { Tenant = tenant.Value, Limit = VersionsMax + 1 }, cancellationToken: cancellationToken);
        var rows = (await session.Connection.QueryAsync<Row>(command)).ToList();
        var parts = rows.ConvertAll(row => partOf(ProgrammeDocument.Read(row.Document)));
        var items = new List<(Row, T?)>();
        for (var i = 0; i < Math.Min(rows.Count, VersionsMax); i++)
        {
            var before = i + 1 < rows.Count ? parts[i + 1] : null;
            if (ProgrammeDocument.Write(parts[i]) != ProgrammeDocument.Write(before))
            {
                items.Add((rows[i], parts[i]));
            }
        }

        return items;
    }
}
