using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Profiles;
using Laurel.Engine.Audit;
using Laurel.Kernel;
using Laurel.Membership.Verification;
using Laurel.Platform.Audit;
using Laurel.Platform.Limits;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Audits;

/// <summary>Calls that are refused are found later, and cost no write each, on one database.</summary>
public abstract class RefusedCallsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly Origin s_key = new(OperatorKind.Key, "7") { Name = "Till", Address = "192.0.2.7", Agent = "till/1", Request = "first" };
    private static readonly Origin s_nobody = new(OperatorKind.Public, "unknown") { Address = "203.0.113.9", Agent = "MyPhone", Request = "try" };

    private static TenantId Tenant => ProfileDesk.Tenant;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AreOneRecord_When_TheSameIsRefusedAgainAndAgain()
    {
        await using var desk = await OpenAsync("same");
        await using var refused = Gatherer(desk);
        var began = Instant.Now(desk.Clock);
        for (var i = 0; i < 1_000; i++)
        {
            refused.Note(Access("POST /api/points/adjust"), s_key with { Request = i == 0 ? "first" : "later" });
            refused.Note(new RefusedCall(Tenant, RefusedCalls.SignIn, s_nobody.Operator, 42, "POST /api/auth/login", "SIGN_IN_FAILED", s_nobody.Address), s_nobody);
            desk.Advance(TimeSpan.FromSeconds(1));
        }

        await refused.FlushAsync(Cancellation);
        await refused.FlushAsync(Cancellation);

        var query = new AuditQuery(Tenant);
        var access = (await ActsAsync(desk, query with { Operator = "key:7" })).ShouldHaveSingleItem();
        (access.Operation, access.Address, access.Request).ShouldBe((RefusedCalls.Access, "192.0.2.7", "first"));
        (Text(access, "code"), Text(access, "call"), Text(access, "count")).ShouldBe(("FORBIDDEN", "POST /api/points/adjust", "1000"));
        Instant.From(DateTimeOffset.Parse(Text(access, "since")!, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(began);
        Instant.From(DateTimeOffset.Parse(Text(access, "until")!, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(began.Plus(TimeSpan.FromSeconds(999)));

        // Who tries to sign in is nobody yet: found by whom it tried to be, and by an address that does not stand in the open.
        var hidden = desk.Node.Audit.HideAddress(Tenant, "203.0.113.9");
        var tried = (await ActsAsync(desk, query with { Member = 42 })).ShouldHaveSingleItem();
        (tried.Operation, tried.Address, Text(tried, "count")).ShouldBe((RefusedCalls.SignIn, hidden, "1000"));
        tried.Content.TryGetProperty("agent", out _).ShouldBeFalse();
        (await ActsAsync(desk, query with { Operation = RefusedCalls.SignIn, Address = ("203.0.113.9", hidden) })).Count.ShouldBe(1);
        await VerifyAsync(desk);
    }

    [Fact]
    public async Task SayHowManyFoundNoRoom_When_AFloodOfKindsComes()
    {
        await using var desk = await OpenAsync("flood");
        await using var refused = Gatherer(desk);
        for (var i = 0; i < RefusedCalls.KindsOfTenantMax + 8; i++)
        {
            refused.Note(Access("GET /api/" + i), s_key);
            refused.Note(Access("GET /api/" + i), s_key);
        }

        refused.Note(Access("GET /api/other") with { Tenant = new TenantId(2) }, s_key);
        await refused.FlushAsync(Cancellation);

        (await ActsAsync(desk, new AuditQuery(Tenant) { Operation = RefusedCalls.Access })).Count.ShouldBe(RefusedCalls.KindsOfTenantMax);
        var leftOut = (await ActsAsync(desk, new AuditQuery(Tenant) { Operation = RefusedCalls.LeftOut })).ShouldHaveSingleItem();
        Text(leftOut, "count").ShouldBe("16");
        (await ActsAsync(desk, new AuditQuery(new TenantId(2)) { Operation = RefusedCalls.Access })).Count.ShouldBe(1, "a flood takes no room of another tenant");

        // There is room again.
        refused.Note(Access("GET /api/after"), s_key);
        await refused.FlushAsync(Cancellation);
        (await ActsAsync(desk, new AuditQuery(Tenant) { Operation = RefusedCalls.Access })).Count.ShouldBe(RefusedCalls.KindsOfTenantMax + 1);
        await VerifyAsync(desk);
    }

    [Fact]
    public async Task AreGatheredOn_When_NothingCanBeWritten()
    {
        await using var desk = await OpenAsync("closed");
        await using (var refused = Gatherer(desk))
        {
            refused.Note(Access("GET /api/keys"), s_key);
            await Should.ThrowAsync<OperationCanceledException>(() => refused.FlushAsync(new CancellationToken(canceled: true)));
            refused.Note(Access("GET /api/keys"), s_key);

            // It is recorded when the gatherer is closed, at the latest.
        }

        var record = (await ActsAsync(desk, new AuditQuery(Tenant) { Operation = RefusedCalls.Access })).ShouldHaveSingleItem();
        Text(record, "count").ShouldBe("2");
        await VerifyAsync(desk);
    }

    private static RefusedCall Access(string call) => new(Tenant, RefusedCalls.Access, s_key.Operator, 0, call, "FORBIDDEN", s_key.Address);

    private static RefusedCalls Gatherer(MoneyDatabase desk) => new(
        desk.Node.Lanes, new ClientAddresses([], NullLogger<ClientAddresses>.Instance), TimeSpan.FromDays(1), desk.Clock, NullLogger<RefusedCalls>.Instance);

    private static string? Text(AuditRecord record, string name) => record.Content.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static async Task<IReadOnlyList<AuditRecord>> ActsAsync(MoneyDatabase desk, AuditQuery query) =>
        (await new AuditStore(desk.Database).PageAsync(query, null, 200, Cancellation)).Records;

    private static async Task VerifyAsync(MoneyDatabase desk)
    {
        var report = await new Verifier(desk.Database) { Audit = desk.Node.Audit }.RunAsync(null, Cancellation);
        report.Invariants.SelectMany(invariant => invariant.Offences).ShouldBeEmpty();
    }

    private Task<MoneyDatabase> OpenAsync(string name) => ProfileDesk.OpenAsync(kind, databases, "refused_" + name);
}

public sealed class RefusedCallsOnSqliteTests(NamedDatabases databases) : RefusedCallsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class RefusedCallsOnPostgresTests(NamedDatabases databases) : RefusedCallsContract(DatabaseUnderTest.Postgres, databases);

public sealed class RefusedCallsOnMySqlTests(NamedDatabases databases) : RefusedCallsContract(DatabaseUnderTest.MySql, databases);
