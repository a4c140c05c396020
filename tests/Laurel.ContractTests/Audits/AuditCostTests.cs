using System.Data.Common;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Audit;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Audits;

/// <summary>What the audit costs a batch of a hundred earnings: no trip more, and two statements of one row.</summary>
public sealed class AuditCostTests : IDisposable
{
    private const int Earnings = 100;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-audit-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task MakesNoTripMore_When_ABatchOfEarningsIsRecorded()
    {
        var without = await RunAsync("without", null);
        var with = await RunAsync("with", new AuditSink(new AuditKey(new byte[32]), "test"));

        with.Trips.ShouldBe(without.Trips);
        without.Rows.ShouldBe(0);
        with.Rows.ShouldBe(1);
        with.Acts.ShouldBe(0);
        (with.Bytes / Earnings).ShouldBeLessThan(60, "bytes of a record in a batch of a hundred");
    }

    private async Task<(int Trips, long Rows, long Acts, long Bytes)> RunAsync(string name, AuditSink? audit)
    {
        var clock = new SettableClock();
        clock.Set(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var inner = new SqliteDatabase(Path.Combine(_folder.FullName, name + ".db"), readOnly: false);
        await new Migrator(inner, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], clock)
            .ApplyAsync(Cancellation);
        var programmes = new ProgrammeKind();
        await new ProgrammeStore(inner, programmes, clock).EnsureAsync(new TenantId(1), "default", "Default", stored => stored, Cancellation);
        var (counted, ids, books) = (new CountedDatabase(inner), new IdGenerator(clock, 0), new MemberBooks(programmes));
        var events = new EventSink(new EventHub(NullLogger<EventHub>.Instance));
        await using (var lanes = new LaneSet(counted, new LaneOptions(), () => ids, clock, new Random(1), events, NullLogger<LaneSet>.Instance, audit: audit))
        {
            using var vault = Vault();
            var members = await Task.WhenAll(Enumerable.Range(0, Earnings).Select(async i =>
            {
                var request = new RegisterRequest { ExternalId = "m" + i, Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(clock) };
                var applied = (Outcome.Applied)await lanes.SubmitAsync(new RegisterMember(new TenantId(1), request, books, vault), Cancellation);
                return new MemberId(long.Parse(((MemberReply)applied.Reply).Id, System.Globalization.CultureInfo.InvariantCulture));
            }));
            var shop = new Origin(OperatorKind.Key, "shop") { Address = "10.0.0.1" };
            counted.Trips = 0;
            clock.Set(clock.GetUtcNow().AddMinutes(1));

            // The commands of one request are one batch.
            var outcomes = await lanes.SubmitAsync([.. members.Select((member, i) => (Command)Earn(member, i, books, shop))], Cancellation);

            outcomes.ShouldAllBe(outcome => outcome is Outcome.Applied);
        }

        await using var session = await inner.OpenReaderAsync(Reach.Everything, Cancellation);
        const string Last = "FROM audit_batches WHERE batch_id = (SELECT MAX(batch_id) FROM audit_batches)";
        return (
            counted.Trips,
            await session.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) " + Last),
            await session.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM audit_acts"),
            await session.Connection.ExecuteScalarAsync<long?>("SELECT length(body) " + Last) ?? 0);
    }

    private static EarnPoints Earn(MemberId member, int number, MemberBooks books, Origin shop)
    {
        var request = new PointsRequest { Points = 10 + number, Reason = "test", ReferenceType = "test", ReferenceId = "e-" + number };
        return new EarnPoints(new TenantId(1), MemberReference.ById(member), request, books) { CalledFrom = shop };
    }

    private Platform.Vault.PersonalDataVault Vault()
    {
        var random = System.Security.Cryptography.RandomNumberGenerator.Create();
        return new Platform.Vault.PersonalDataVault(Platform.Vault.MasterKeys.Load(_folder.FullName, null, random), random);
    }

    /// <summary>Counts how often a writer goes to the database.</summary>
    private sealed class CountedDatabase(Database inner) : Database
    {
        public int Trips { get; set; }

        public override string DialectName => inner.DialectName;

        public override async ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken) =>
            new CountedSession(await inner.OpenWriterAsync(reach, cancellationToken), this);

        public override ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken) => inner.OpenOwnerAsync(cancellationToken);

        public override ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken) => inner.OpenReaderAsync(reach, cancellationToken);

        public override SqlFailure Classify(Exception exception) => inner.Classify(exception);

        public override string Choose(string sqlite, string postgres, string mySql) => inner.Choose(sqlite, postgres, mySql);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class CountedSession(SqlSession session, CountedDatabase owner) : SqlSession
    {
        public override DbConnection Connection => session.Connection;

        public override void Tell(Reach reach) => session.Tell(reach);

        public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken) => session.BeginAsync(reach, cancellationToken);

        public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken) => session.BeginReadAsync(reach, cancellationToken);

        public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken)
        {
            owner.Trips++;
            return session.RunAsync(script, cancellationToken);
        }

        public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken)
        {
            owner.Trips++;
            return session.CommitAsync(script, cancellationToken);
        }

        public override ValueTask RollbackAsync() => session.RollbackAsync();

        public override ValueTask DisposeAsync() => session.DisposeAsync();
    }
}
