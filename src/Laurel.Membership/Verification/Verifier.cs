using System.Data.Common;
using System.Globalization;
using Dapper;
using Laurel.Engine.Audit;
using Laurel.Engine.Sql;
using Laurel.Membership.Openings;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Verification;

/// <summary>Proves the invariants over a whole database of any dialect, in one snapshot and only by reading.</summary>
/// <remarks>Tables are read a page at a time in the order of members, so memory is that of the pages, and of the open
/// lots, the holds and the orders of one member. Works beside a server that writes.</remarks>
public sealed class Verifier(Database database)
{
    private const string CountMembers = "SELECT COUNT(*) FROM members";

    private const string CountReplies = "SELECT COUNT(*) FROM replies";

    private const string CountKeys = "SELECT COUNT(*) FROM natural_keys WHERE first_id <> 0 AND first_id >= @Cut";

    private const string ReadProgrammes = "SELECT tenant_id AS Tenant, document AS Document FROM programmes ORDER BY tenant_id, version";

    private const string BrokenKeys = """
        SELECT k.key_hash, k.root_id, k.first_id, k.last_id
        FROM natural_keys k
        LEFT JOIN entries f ON f.member_id = k.root_id AND f.id = k.first_id AND f.posting_id = f.id
        LEFT JOIN entries l ON l.member_id = k.root_id AND l.id = k.last_id AND l.posting_id = k.first_id
        LEFT JOIN holds h ON h.member_id = k.root_id AND h.id = k.first_id
        LEFT JOIN coupon_changes c ON c.member_id = k.root_id AND c.id = k.first_id
        WHERE k.first_id <> 0 AND k.first_id >= @Cut AND ((f.id IS NULL AND h.id IS NULL AND c.id IS NULL) OR (k.last_id <> k.first_id AND l.id IS NULL))
        """;

    // MySQL finds entries by their tenant or reads all of them for each key. Keys do not tell it, but the member they lead to does.
    private const string BrokenKeysMySql = """
        SELECT k.key_hash, k.root_id, k.first_id, k.last_id
        FROM (
            SELECT n.key_hash, n.root_id, n.first_id, n.last_id,
                (SELECT MIN(m.tenant_id) FROM tenants t JOIN members m ON m.tenant_id = t.id AND m.id = n.root_id) AS tenant_id
            FROM natural_keys n WHERE n.first_id <> 0 AND n.first_id >= @Cut) k
        LEFT JOIN entries f ON f.tenant_id = k.tenant_id AND f.member_id = k.root_id AND f.id = k.first_id AND f.posting_id = f.id
        LEFT JOIN entries l ON l.tenant_id = k.tenant_id AND l.member_id = k.root_id AND l.id = k.last_id AND l.posting_id = k.first_id
        LEFT JOIN holds h ON h.tenant_id = k.tenant_id AND h.member_id = k.root_id AND h.id = k.first_id
        LEFT JOIN coupon_changes c ON c.tenant_id = k.tenant_id AND c.member_id = k.root_id AND c.id = k.first_id
        WHERE (f.id IS NULL AND h.id IS NULL AND c.id IS NULL) OR (k.last_id <> k.first_id AND l.id IS NULL)
        """;

    private const string StrayLots = """
        SELECT o.tenant_id, o.member_id, o.id FROM lots o
        LEFT JOIN entries e ON e.tenant_id = o.tenant_id AND e.member_id = o.member_id AND e.id = o.id
        WHERE e.id IS NULL AND o.id >= @Cut
        """;

    // What is left of a lot can only become less, and the openings have all that had something left.
    private const string LotsAfterTheirEnd = """
        SELECT l.tenant_id, l.member_id, l.id FROM lots l
        WHERE l.id < @Cut
        AND (l.remaining <> 0 OR l.held <> 0 OR l.opening < 0 OR l.opening > l.granted OR l.expired < 0 OR l.expired > l.opening)
        AND NOT EXISTS (
            SELECT 1 FROM opening_lots o
            WHERE o.tenant_id = l.tenant_id AND o.member_id = l.member_id AND o.cut_id = @Cut AND o.lot_id = l.id)
        """;

    private const string StrayHolds = """
        SELECT h.tenant_id, h.member_id, h.id FROM holds h
        WHERE NOT EXISTS (
            SELECT 1 FROM hold_changes c WHERE c.tenant_id = h.tenant_id AND c.member_id = h.member_id AND c.hold_id = h.id)
        """;

    private sealed class ProgrammeRow
    {
        public int Tenant { get; init; }

        public string Document { get; init; } = "";
    }

    /// <summary>What the audit is sealed with; null proves its links alone.</summary>
    public AuditKey? Audit { get; init; }

    /// <summary>What opens sealed values; null leaves I35 unproved.</summary>
    public SealedValues? Sealed { get; init; }

    /// <summary>Looks at every row once.</summary>
    /// <param name="progress">Told how far it is; null tells nobody.</param>
    public Task<VerificationReport> RunAsync(IProgress<VerificationProgress>? progress, CancellationToken cancellationToken) =>
        RunAsync(progress, null, cancellationToken);

    /// <summary>The same, and hands the opening of each member at a cut to whoever stores it. They are worth nothing unless the report holds.</summary>
    internal async Task<VerificationReport> RunAsync(IProgress<VerificationProgress>? progress, OpeningWriter? writer, CancellationToken cancellationToken)
    {
        await using var snapshot = await ReadSnapshot.OpenAsync(database, Reach.Everything, cancellationToken);
        return await RunAsync(snapshot, progress, writer, cancellationToken);
    }

    private async Task<VerificationReport> RunAsync(
        ReadSnapshot snapshot, IProgress<VerificationProgress>? progress, OpeningWriter? writer, CancellationToken cancellationToken)
    {
        var cut = await OpeningCut.FindAsync(snapshot.Connection, cancellationToken);
        var below = new { Cut = cut?.Id ?? 0 };
        var findings = new Findings();
        var totals = new TrialBalance(findings);
        var programmes = await ReadProgrammesAsync(snapshot.Connection, cancellationToken);
        var members = await CountAsync(snapshot.Connection, CountMembers, null, cancellationToken);
        progress?.Report(new VerificationProgress("tenants", 0, 0));
        await new TenantChecks(snapshot, findings).RunAsync(cancellationToken);
        await new UserChecks(snapshot, findings).RunAsync(cancellationToken);
        await new RealNameChecks(snapshot, findings).RunAsync(cancellationToken);
        progress?.Report(new VerificationProgress("events", 0, 0));
        var events = new EventChecks(snapshot, findings, below.Cut);
        await events.RunAsync(cancellationToken);
        var adjustments = new AdjustmentChecks(snapshot, findings, below.Cut);
        var merges = new MergeChecks(snapshot, findings, below.Cut);
        await merges.ReadAsync(cancellationToken);
        var watch = new WatchChecks(snapshot, findings, programmes, below.Cut);
        var walk = new MemberWalk(
            snapshot.Session, findings, totals, programmes, events, adjustments, merges, watch, ordersByTenant: database.DialectName != "sqlite", cut, writer);
        await walk.RunAsync(done => progress?.Report(new VerificationProgress("members", done, members)), cancellationToken);
        var accounts = totals.Close();
        CountOpenings(findings, cut, walk.Openings);
        progress?.Report(new VerificationProgress("closed days", 0, 0));
        await new FinanceChecks(snapshot, findings, below.Cut).RunAsync(cancellationToken);
        progress?.Report(new VerificationProgress("benefits", 0, 0));
        await new BenefitChecks(snapshot, findings, programmes).RunAsync(cancellationToken);

        progress?.Report(new VerificationProgress("memberships", 0, 0));
        await new CardChecks(snapshot, findings, programmes).RunAsync(cancellationToken);

        progress?.Report(new VerificationProgress("natural keys", 0, 0));
        findings.Look(InvariantCode.I4, await CountAsync(snapshot.Connection, CountKeys, below, cancellationToken));
        await FindBrokenKeysAsync(snapshot, findings, below, cancellationToken);
        await FindStrayAsync(snapshot, findings, new Stray(StrayLots, "lots", InvariantCode.I3, "the entry that granted it", "none"), below, cancellationToken);
        await FindStrayAsync(
            snapshot, findings, new Stray(LotsAfterTheirEnd, "lots", InvariantCode.I3, "nothing left, as at the cut, within its bounds", "something else"), below, cancellationToken);
        await FindStrayAsync(snapshot, findings, new Stray(StrayHolds, "holds", InvariantCode.I11, "the changes that opened it", "none"), below, cancellationToken);

        progress?.Report(new VerificationProgress("coupons", 0, 0));
        await new CouponChecks(snapshot, findings).RunAsync(cancellationToken);
        progress?.Report(new VerificationProgress("checkouts", 0, 0));
        await new CheckoutChecks(snapshot, findings, below.Cut).RunAsync(cancellationToken);

        progress?.Report(new VerificationProgress("merges", 0, 0));
        await merges.RunAsync(cancellationToken);

        progress?.Report(new VerificationProgress("watch cases", 0, 0));
        await watch.RunAsync(cancellationToken);
        progress?.Report(new VerificationProgress("requests of adjustments", 0, 0));
        await adjustments.RunAsync(cancellationToken);

        progress?.Report(new VerificationProgress("persons", 0, 0));
        await new PersonChecks(snapshot, findings).RunAsync(cancellationToken);
        await new FileChecks(snapshot, findings).RunAsync(cancellationToken);
        progress?.Report(new VerificationProgress("search", 0, 0));
        await new SearchChecks(snapshot, findings).RunAsync(cancellationToken);
        progress?.Report(new VerificationProgress("API keys", 0, 0));
        await new ApiKeyChecks(snapshot, findings).RunAsync(cancellationToken);
        if (Sealed is { } values)
        {
            progress?.Report(new VerificationProgress("sealed values", 0, 0));
            await new SealChecks(snapshot, findings, values).RunAsync(cancellationToken);
        }

        progress?.Report(new VerificationProgress("audit", 0, 0));
        await ProveAuditAsync(snapshot, findings, cancellationToken);

        var replies = await CountAsync(snapshot.Connection, CountReplies, null, cancellationToken);
        await new ReplyChecks(snapshot.Session, findings, below.Cut).RunAsync(
            done => progress?.Report(new VerificationProgress("frozen replies", done, replies)), cancellationToken);
        return new VerificationReport
        {
            Invariants = findings.Close(),
            TrialBalance = accounts,
            Members = walk.Members,
            Entries = walk.Entries,
            Since = cut?.Month,
        };
    }

    /// <summary>I31.</summary>
    private async Task ProveAuditAsync(ReadSnapshot snapshot, Findings findings, CancellationToken cancellationToken)
    {
        var proof = new AuditProof(snapshot, Audit, fault => findings.Report(InvariantCode.I31, new Offence
        {
            Tenant = fault.Tenant,
            Member = fault.Member,
            Table = fault.Table,
            Id = fault.Id,
            Expected = fault.Expected,
            Found = fault.Found,
        }));
        findings.Look(InvariantCode.I31, await proof.RunAsync(cancellationToken));
    }

    private static void CountOpenings(Findings findings, OpeningCut? cut, long found)
    {
        findings.Look(InvariantCode.I13);
        if (cut is not null && cut.Members != found)
        {
            findings.Report(InvariantCode.I13, new Offence
            {
                Tenant = 0,
                Member = 0,
                Table = "opening_cuts",
                Id = cut.Id.ToString(CultureInfo.InvariantCulture),
                Expected = string.Create(CultureInfo.InvariantCulture, $"opening balances of {cut.Members} members"),
                Found = found.ToString(CultureInfo.InvariantCulture),
            });
        }
    }

    private static async Task<ProgrammeHistory> ReadProgrammesAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var history = new ProgrammeHistory();
        var command = new CommandDefinition(ReadProgrammes, cancellationToken: cancellationToken);
        foreach (var row in await connection.QueryAsync<ProgrammeRow>(command))
        {
            history.Add(row.Tenant, ProgrammeDocument.Read(row.Document));
        }

        return history;
    }

    private async Task FindBrokenKeysAsync(ReadSnapshot snapshot, Findings findings, object below, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(database.Choose(BrokenKeys, BrokenKeys, BrokenKeysMySql), below, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            findings.Report(InvariantCode.I4, new Offence
            {
                Tenant = 0,
                Member = reader.GetInt64(1),
                Table = "natural_keys",
                Id = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0)),
                Expected = string.Create(CultureInfo.InvariantCulture, $"a posting, hold or coupon of the member, {reader.GetInt64(2)} to {reader.GetInt64(3)}"),
                Found = "no such rows",
            });
        }
    }

    private sealed record Stray(string Query, string Table, InvariantCode Code, string Expected, string Found);

    private static async Task FindStrayAsync(ReadSnapshot snapshot, Findings findings, Stray stray, object below, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(stray.Query, below, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            findings.Report(stray.Code, new Offence
            {
                Tenant = reader.GetInt32(0),
                Member = reader.GetInt64(1),
                Table = stray.Table,
                Id = reader.GetInt64(2).ToString(CultureInfo.InvariantCulture),
                Expected = stray.Expected,
                Found = stray.Found,
            });
        }
    }

    private static Task<long> CountAsync(DbConnection connection, string query, object? arguments, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<long>(new CommandDefinition(query, arguments, commandTimeout: 0, cancellationToken: cancellationToken));
}
